import type { Interval } from './proportion.ts';

/** Uniform numbers in [0, 1); seed it to make a result repeatable. */
export type RandomSource = () => number;

/**
 * Percentile bootstrap interval of a mean over clusters: whole clusters are drawn with
 * replacement. Each cluster is the list of its values; one value each gives the ordinary bootstrap.
 * `n` is the number of values. Throws RangeError without values.
 */
export function bootstrapMean(
  clusters: readonly (readonly number[])[],
  random: RandomSource,
  draws: number = 10_000,
  level: number = 0.95,
): Interval {
  const sums = clusters.map((cluster) => cluster.reduce((total, x) => total + x, 0));
  const sizes = clusters.map((cluster) => cluster.length);
  const n = sizes.reduce((total, size) => total + size, 0);
  if (n === 0) throw new RangeError('no bootstrap of nothing');
  const means = new Float64Array(draws);
  for (let d = 0; d < draws; d++) {
    let sum = 0;
    let size = 0;
    for (let i = 0; i < clusters.length; i++) {
      const k = Math.floor(random() * clusters.length);
      sum += sums[k] ?? 0;
      size += sizes[k] ?? 0;
    }
    means[d] = size === 0 ? 0 : sum / size;
  }
  means.sort();
  const tail = (1 - level) / 2;
  return {
    mean: sums.reduce((total, x) => total + x, 0) / n,
    low: sortedQuantile(means, tail),
    high: sortedQuantile(means, 1 - tail),
    n,
  };
}

/** Quantile of ascending values with linear interpolation. */
export function sortedQuantile(ascending: ArrayLike<number>, q: number): number {
  const place = q * (ascending.length - 1);
  const below = Math.floor(place);
  const low = ascending[below] ?? Number.NaN;
  const high = ascending[Math.min(ascending.length - 1, below + 1)] ?? low;
  return low + (high - low) * (place - below);
}

/**
 * Small seeded generator of uniform numbers (mulberry32). Good enough to resample and to simulate;
 * not for secrets.
 */
export function seededRandom(seed: number): RandomSource {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
