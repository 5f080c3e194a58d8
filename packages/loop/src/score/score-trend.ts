import { holm } from '../stats/multiplicity.ts';
import type { Interval } from '../stats/proportion.ts';
import { scoreInterval } from '../stats/score-interval.ts';
import { mannKendall, senSlope } from '../stats/trend-test.ts';
import type { ModelType } from './anchored-score.ts';

/** A score with the time of its answer. */
export interface TimedScore {
  readonly timeMs: number;
  readonly modelType: ModelType;
  /** 0..1. Scores of one scorer version only, all raw or all corrected. */
  readonly score: number;
}

/** Sums of the scores of one model type in one period; sums of parts add up. */
export interface ScorePeriodSums {
  readonly modelType: ModelType;
  /** Start of the period. */
  readonly startMs: number;
  readonly n: number;
  readonly sum: number;
  readonly sumOfSquares: number;
}

/** One point of a trend. */
export interface ScorePeriod {
  readonly startMs: number;
  /** Mean score with its 95 % interval and number. */
  readonly score: Interval;
  /** Whether it has enough scores to count in the test. */
  readonly isCounted: boolean;
}

/** How the scores of one model type go. */
export interface ScoreTrend {
  readonly modelType: ModelType;
  readonly trend: 'improving' | 'stable' | 'degrading' | 'not-enough-data';
  /** Every period with a score, in the order of time. */
  readonly periods: readonly ScorePeriod[];
  /** Sen's slope times the time between the first and last counted period, with its interval. */
  readonly change: Interval | null;
  /** Two-sided, Mann-Kendall, adjusted for the number of model types (Holm); null if not tested. */
  readonly pValue: number | null;
}

/** What a trend of scores needs to know. */
export interface ScoreTrendOptions {
  /** Smallest change over the whole time that is worth a word; 0.02 when absent. */
  readonly minimumEffect?: number;
  /** 0.05 when absent. */
  readonly alpha?: number;
  /** Fewest scores of a period that counts; 5 when absent. */
  readonly minimumPerPeriod?: number;
}

/** Fewest periods that the Mann-Kendall test can judge. */
const LEAST_PERIODS = 8;

/** Sums per model type and period of `periodMs`, for scores that come one by one. */
export function sumScorePeriods(
  scores: readonly TimedScore[],
  periodMs: number,
): ScorePeriodSums[] {
  const sums = new Map<string, ScorePeriodSums>();
  for (const { timeMs, modelType, score } of scores) {
    const startMs = Math.floor(timeMs / periodMs) * periodMs;
    const key = `${modelType} ${startMs}`;
    const { n = 0, sum = 0, sumOfSquares = 0 } = sums.get(key) ?? {};
    sums.set(key, {
      modelType,
      startMs,
      n: n + 1,
      sum: sum + score,
      sumOfSquares: sumOfSquares + score * score,
    });
  }
  return [...sums.values()];
}

/**
 * Trend of the scores of each model type that has any. A direction is named when a Mann-Kendall test
 * over the period means and the size of the change agree; below 8 counted periods the answer is
 * `not-enough-data`. Model types are never compared with each other here.
 */
export function scoreTrends(
  sums: readonly ScorePeriodSums[],
  options: ScoreTrendOptions = {},
): ScoreTrend[] {
  const types = [...new Set(sums.map((one) => one.modelType))].sort();
  const series = types.map((modelType) =>
    measureSeries(
      modelType,
      sums.filter((one) => one.modelType === modelType && one.n > 0),
      options.minimumPerPeriod ?? 5,
    ),
  );
  const tested = series.filter((one) => one.pValue !== null);
  const adjusted = holm(tested.map((one) => one.pValue ?? 1));
  return series.map((one) => {
    const pValue = one.pValue === null ? null : (adjusted[tested.indexOf(one)] ?? 1);
    return { ...one, pValue, trend: directionOf(one.change, pValue, options) };
  });
}

function measureSeries(
  modelType: ModelType,
  sums: readonly ScorePeriodSums[],
  minimumPerPeriod: number,
): Omit<ScoreTrend, 'trend'> {
  const periods = [...sums]
    .sort((p, q) => p.startMs - q.startMs)
    .map(({ startMs, n, sum, sumOfSquares }) => ({
      startMs,
      score: scoreInterval(n, sum, sumOfSquares),
      isCounted: n >= minimumPerPeriod,
    }));
  const points = periods
    .filter((period) => period.isCounted)
    .map(({ startMs, score }) => ({ timeMs: startMs, value: score.mean }));
  const sen = senSlope(points);
  if (points.length < LEAST_PERIODS || sen === null) {
    return { modelType, periods, change: null, pValue: null };
  }
  const spanMs = (points.at(-1)?.timeMs ?? 0) - (points[0]?.timeMs ?? 0);
  return {
    modelType,
    periods,
    change: {
      mean: sen.slope * spanMs,
      low: sen.low * spanMs,
      high: sen.high * spanMs,
      n: points.length,
    },
    pValue: mannKendall(points.map((point) => point.value)).pValue,
  };
}

function directionOf(
  change: Interval | null,
  pValue: number | null,
  { alpha = 0.05, minimumEffect = 0.02 }: ScoreTrendOptions,
): ScoreTrend['trend'] {
  if (change === null || pValue === null) return 'not-enough-data';
  if (pValue >= alpha || Math.abs(change.mean) < minimumEffect) return 'stable';
  return change.mean > 0 ? 'improving' : 'degrading';
}
