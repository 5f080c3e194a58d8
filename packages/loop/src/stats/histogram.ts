/** Ratio of neighbouring bounds: values are known to 1 %. */
const GAMMA = 1.0202;
const LOG_GAMMA = Math.log(GAMMA);

/** A histogram with logarithmic bins; bins that are empty are absent. Bin 0 holds values <= 1. */
export type LogHistogram = Map<number, number>;

/** Bin of a value: bin i > 0 holds (gamma^(i-1), gamma^i]; values up to 1 share bin 0. */
export function binOf(value: number): number {
  return Math.ceil(Math.log(Math.max(1, value)) / LOG_GAMMA);
}

/** Value that stands for a bin: at most 1 % from any value above 1 in it. */
export function valueOfBin(bin: number): number {
  return (2 * GAMMA ** bin) / (1 + GAMMA);
}

/** Counts a value `times` times. */
export function addValue(histogram: LogHistogram, value: number, times: number = 1): void {
  const bin = binOf(value);
  histogram.set(bin, (histogram.get(bin) ?? 0) + times);
}

/** Adds all counts of `from` to `into`. */
export function mergeHistogram(into: LogHistogram, from: ReadonlyMap<number, number>): void {
  for (const [bin, count] of from) into.set(bin, (into.get(bin) ?? 0) + count);
}

/** Quantile, 0 <= q <= 1, to 1 %: the bin in which value ceil(q n) lies; null when empty. */
export function quantileOf(histogram: ReadonlyMap<number, number>, q: number): number | null {
  let total = 0;
  for (const count of histogram.values()) total += count;
  if (total === 0) return null;
  const rank = Math.max(1, Math.ceil(q * total));
  let seen = 0;
  for (const bin of [...histogram.keys()].sort((p, r) => p - r)) {
    seen += histogram.get(bin) ?? 0;
    if (seen >= rank) return valueOfBin(bin);
  }
  return null;
}
