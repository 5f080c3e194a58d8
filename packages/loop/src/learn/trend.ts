import type { Trend } from '../record/facts.ts';
import { mannKendall, senSlope, type TrendPoint } from '../stats/trend-test.ts';

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

/**
 * Whether a series improves, degrades or does neither. Both a small p-value and a change worth
 * the name are needed; with fewer than 8 periods the answer is "stable" with p-value null.
 */
export function trendOf(points: readonly TrendPoint[], options: TrendOptions = {}): TrendResult {
  const ordered = [...points].sort((p, q) => p.timeMs - q.timeMs);
  const n = ordered.length;
  const sen = senSlope(ordered);
  const span = (ordered[n - 1]?.timeMs ?? 0) - (ordered[0]?.timeMs ?? 0);
  const change = sen === null ? null : sen.slope * span;
  if (n < LEAST_PERIODS || change === null) return { trend: 'stable', n, change, pValue: null };
  const { pValue } = mannKendall(ordered.map((point) => point.value));
  const isReal =
    pValue < (options.alpha ?? 0.05) && Math.abs(change) >= (options.minimumEffect ?? 0.02);
  const isUp = options.isLowerBetter === true ? change < 0 : change > 0;
  return { trend: isReal ? (isUp ? 'improving' : 'degrading') : 'stable', n, change, pValue };
}
