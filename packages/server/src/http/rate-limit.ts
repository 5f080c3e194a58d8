/** Limits how often somebody may do something. */
export interface RateLimit {
  /** Takes one token; false when there is none. */
  take(name: string): boolean;
}

interface Bucket {
  tokens: number;
  atMs: number;
}

const MAX_BUCKETS = 10_000;

/**
 * A token bucket per name that holds one second's worth.
 * @param perSecond tokens per second; 0 = no limit
 * @param now ms since any fixed moment
 */
export function createRateLimit(perSecond: number, now: () => number): RateLimit {
  const buckets = new Map<string, Bucket>();
  if (perSecond <= 0) return { take: () => true };
  return {
    take(name) {
      const atMs = now();
      let bucket = buckets.get(name);
      if (bucket === undefined) {
        if (buckets.size >= MAX_BUCKETS) buckets.clear();
        bucket = { tokens: perSecond, atMs };
        buckets.set(name, bucket);
      }
      const grown = bucket.tokens + (Math.max(0, atMs - bucket.atMs) / 1_000) * perSecond;
      bucket.tokens = Math.min(perSecond, grown);
      bucket.atMs = atMs;
      if (bucket.tokens < 1) return false;
      bucket.tokens -= 1;
      return true;
    },
  };
}
