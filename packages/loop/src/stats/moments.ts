import { normalCdf, normalQuantile, studentQuantile } from './distributions.ts';
import type { Interval } from './proportion.ts';

/** Running count, mean and sum of squared deviations (Welford). */
export interface Moments {
  readonly n: number;
  readonly mean: number;
  /** Sum of squared deviations from the mean. */
  readonly m2: number;
}

/** Moments of nothing. */
export const NO_MOMENTS: Moments = { n: 0, mean: 0, m2: 0 };

/** Moments with one more value. */
export function addMoment(moments: Moments, x: number): Moments {
  const n = moments.n + 1;
  const change = x - moments.mean;
  const mean = moments.mean + change / n;
  return { n, mean, m2: moments.m2 + change * (x - mean) };
}

/** Moments of two sets of values together (Chan). */
export function mergeMoments(p: Moments, q: Moments): Moments {
  if (p.n === 0) return q;
  if (q.n === 0) return p;
  const n = p.n + q.n;
  const change = q.mean - p.mean;
  const m2 = p.m2 + q.m2 + (change * change * p.n * q.n) / n;
  return { n, mean: p.mean + (change * q.n) / n, m2 };
}

/** Moments from a count, a sum and a sum of squares. */
export function momentsOfSums(n: number, sum: number, sumOfSquares: number): Moments {
  if (n === 0) return NO_MOMENTS;
  const mean = sum / n;
  return { n, mean, m2: Math.max(0, sumOfSquares - n * mean * mean) };
}

/** Sample variance (n - 1); NaN below two values. */
export function varianceOf(moments: Moments): number {
  return moments.n < 2 ? Number.NaN : moments.m2 / (moments.n - 1);
}

/**
 * Interval of a mean by Student's t. It is not cut to the range of the scores: an end outside it
 * says that there are too few values. Below two values the interval is unbounded.
 */
export function meanInterval(moments: Moments, level: number = 0.95): Interval {
  const { n, mean } = moments;
  if (n < 2) {
    return { mean: n === 0 ? Number.NaN : mean, low: -Infinity, high: Infinity, n };
  }
  const half = studentQuantile((1 + level) / 2, n - 1) * Math.sqrt(varianceOf(moments) / n);
  return { mean, low: mean - half, high: mean + half, n };
}

/** A correlation with its interval. */
export interface Correlation {
  /** Pearson's r, -1..1; null when a variable does not vary or there are fewer than 3 pairs. */
  readonly r: number | null;
  readonly low: number | null;
  readonly high: number | null;
  /** Two-sided p-value of no correlation (Fisher); null below 4 pairs. */
  readonly pValue: number | null;
  readonly n: number;
}

/** Pearson's correlation of pairs with Fisher's interval. */
export function correlate(
  pairs: readonly (readonly [number, number])[],
  level: number = 0.95,
): Correlation {
  let x = NO_MOMENTS;
  let y = NO_MOMENTS;
  let shared = 0;
  for (const [first, second] of pairs) {
    const before = first - x.mean;
    x = addMoment(x, first);
    y = addMoment(y, second);
    shared += before * (second - y.mean);
  }
  const spread = Math.sqrt(x.m2 * y.m2);
  const r = pairs.length < 3 || !(spread > 0) ? null : Math.max(-1, Math.min(1, shared / spread));
  return fisherInterval(r, pairs.length, level);
}

/** Fisher's interval of a given correlation over n pairs. */
export function fisherInterval(r: number | null, n: number, level: number = 0.95): Correlation {
  if (r === null || n < 4) return { r, low: null, high: null, pValue: null, n };
  if (Math.abs(r) >= 1) return { r, low: r, high: r, pValue: 0, n };
  const z = Math.atanh(r);
  const error = 1 / Math.sqrt(n - 3);
  const half = normalQuantile((1 + level) / 2) * error;
  const pValue = 2 * normalCdf(-Math.abs(z) / error);
  return { r, low: Math.tanh(z - half), high: Math.tanh(z + half), pValue, n };
}
