/**
 * A histogram as one decimal number: twelve digits per bucket, bucket 0 last. Adding such numbers
 * merges histograms, which the database does in C; counts stay below 10^12.
 */
export const PACK_DIGITS = 12;

/** Growth of the latency buckets: (1 + alpha) / (1 - alpha) with alpha = 0.01. */
export const GAMMA = 1.0202;

/** Count of a bucket of a packed histogram, given as its decimal text. */
export function countInBucket(pack: string, bucket: number): number {
  const end = pack.length - bucket * PACK_DIGITS;
  return end <= 0 ? 0 : Number(pack.slice(Math.max(0, end - PACK_DIGITS), end));
}
