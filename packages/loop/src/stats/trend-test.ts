import { normalCdf, normalQuantile } from './distributions.ts';

/** Value of one period. */
export interface TrendPoint {
  readonly timeMs: number;
  readonly value: number;
}

/** Mann-Kendall test of a series against no trend. */
export interface MannKendall {
  readonly s: number;
  readonly variance: number;
  readonly z: number;
  /** Two-sided. */
  readonly pValue: number;
}

/** Sen's slope, in units of the value per ms, with its interval. */
export interface SenSlope {
  readonly slope: number;
  readonly low: number;
  readonly high: number;
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

/**
 * Median of the slopes between all pairs of points (Sen 1968); the interval is cut out of the
 * ordered slopes at the ranks (N -+ z sqrt(Var)) / 2, Var being that of Mann-Kendall. With few
 * points the ends are the extreme slopes. null below two different times.
 */
export function senSlope(points: readonly TrendPoint[], level: number = 0.95): SenSlope | null {
  const ordered = [...points].sort((p, q) => p.timeMs - q.timeMs);
  const slopes: number[] = [];
  ordered.forEach((late, j) => {
    for (let i = 0; i < j; i++) {
      const early = ordered[i] ?? late;
      const span = late.timeMs - early.timeMs;
      if (span !== 0) slopes.push((late.value - early.value) / span);
    }
  });
  const count = slopes.length;
  if (count === 0) return null;
  slopes.sort((p, q) => p - q);
  const at = (rank: number): number => slopes[Math.min(count, Math.max(1, rank)) - 1] ?? Number.NaN;
  const { variance } = mannKendall(ordered.map((point) => point.value));
  const reach = normalQuantile((1 + level) / 2) * Math.sqrt(variance);
  return {
    slope: (at(Math.floor((count + 1) / 2)) + at(Math.ceil((count + 1) / 2))) / 2,
    low: at(Math.ceil((count - reach) / 2)),
    high: at(Math.floor((count + reach) / 2 + 1)),
  };
}
