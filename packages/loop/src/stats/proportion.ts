/** A mean or share with its interval and the number of observations behind it. */
export interface Interval {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
  readonly n: number;
}

/** Two-sided 95 % quantile of the standard normal distribution. */
export const Z95 = 1.959963984540054;

/**
 * Wilson score interval of a share. `successes` may be fractional, which makes the interval wider
 * than needed for scores that vary less than a coin. `n` 0 gives the whole range and mean NaN.
 */
export function wilson(successes: number, n: number, z: number = Z95): Interval {
  if (!(n > 0)) return { mean: Number.NaN, low: 0, high: 1, n: 0 };
  const p = Math.min(1, Math.max(0, successes / n));
  const z2 = z * z;
  const centre = (p + z2 / (2 * n)) / (1 + z2 / n);
  const half = (z * Math.sqrt((p * (1 - p)) / n + z2 / (4 * n * n))) / (1 + z2 / n);
  const low = p === 0 ? 0 : Math.max(0, centre - half);
  const high = p === 1 ? 1 : Math.min(1, centre + half);
  return { mean: p, low, high, n };
}
