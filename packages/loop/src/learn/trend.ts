import type { Trend } from '../record/facts.ts';
import { normalCdf } from '../stats/distributions.ts';

/** Value of one period. */
export interface TrendPoint {
  readonly timeMs: number;
  readonly value: number;
}

/** What a trend test needs to know. */
export interface TrendOptions {
  /** Smallest change over the whole time that counts, in units of the value; 0.02 when absent. */
  readonly minimumEffect?: number;
  /** Two-sided level of the test; 0.05 when absent. */
  readonly alpha?: number;
  /** True for latency and cost. */
  readonly isLowerBetter?: boolean;
}

/** Direction of a series of periods, with the test behind it. */
export interface TrendResult {
  readonly trend: Trend;
  /** Periods. */
  readonly n: number;
  /** Sen's slope times the time covered, in units of the value; null below 2 periods. */
  readonly change: number | null;
  /** Two-sided p-value of the Mann-Kendall test; null when there are too few periods to tell. */
  readonly pValue: number | null;
}

/** Fewest periods that the test can judge. */
const LEAST_PERIODS = 8;

/** Mann-Kendall test of a series against no trend. */
export interface MannKendall {
  readonly s: number;
  readonly variance: number;
  readonly z: number;
  /** Two-sided. */
  readonly pValue: number;
}

/** Mann-Kendall test of values in the order of time, with the correction for ties. */
export function mannKendall(values: readonly number[]): MannKendall {
  const n = values.length;
  let s = 0;
  const ties = new Map<number, number>();
  values.forEach((value, j) => {
    for (let i = 0; i < j; i++) s += Math.sign(value - (values[i] ?? 0));
    ties.set(value, (ties.get(value) ?? 0) + 1);
  });
  let total = n * (n - 1) * (2 * n + 5);
  for (const t of ties.values()) total -= t * (t - 1) * (2 * t + 5);
  const variance = total / 18;
  const z = s === 0 || variance === 0 ? 0 : (s - Math.sign(s)) / Math.sqrt(variance);
  return { s, variance, z, pValue: 2 * normalCdf(-Math.abs(z)) };
}

/** Median of the slopes between all pairs of points, per ms; null below two different times. */
export function senSlope(points: readonly TrendPoint[]): number | null {
  const slopes: number[] = [];
  points.forEach((late, j) => {
    for (const early of points.slice(0, j)) {
      const span = late.timeMs - early.timeMs;
      if (span !== 0) slopes.push((late.value - early.value) / span);
    }
  });
  if (slopes.length === 0) return null;
  slopes.sort((p, q) => p - q);
  const middle = slopes.length >> 1;
  const high = slopes[middle] ?? 0;
  return slopes.length % 2 === 1 ? high : (high + (slopes[middle - 1] ?? 0)) / 2;
}

/**
 * Whether a series improves, degrades or does neither. Both a small p-value and a change worth
 * the name are needed; with fewer than 8 periods the answer is "stable" with p-value null.
 */
export function trendOf(points: readonly TrendPoint[], options: TrendOptions = {}): TrendResult {
  const ordered = [...points].sort((p, q) => p.timeMs - q.timeMs);
  const n = ordered.length;
  const slope = senSlope(ordered);
  const span = (ordered[n - 1]?.timeMs ?? 0) - (ordered[0]?.timeMs ?? 0);
  const change = slope === null ? null : slope * span;
  if (n < LEAST_PERIODS || change === null) return { trend: 'stable', n, change, pValue: null };
  const { pValue } = mannKendall(ordered.map((point) => point.value));
  const isReal =
    pValue < (options.alpha ?? 0.05) && Math.abs(change) >= (options.minimumEffect ?? 0.02);
  const isUp = options.isLowerBetter === true ? change < 0 : change > 0;
  return { trend: isReal ? (isUp ? 'improving' : 'degrading') : 'stable', n, change, pValue };
}
