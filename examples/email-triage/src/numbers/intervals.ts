/** A number with its 95 % interval. */
export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly n: number;
}

/** Two-sided 95 % quantile of the normal distribution. */
const Z = 1.959963984540054;

/** Share of `hits` among `n` with the Wilson score interval; NaN of nothing. */
export function wilson(hits: number, n: number): Estimate {
  if (n === 0) return { value: Number.NaN, low: 0, high: 1, n };
  const p = hits / n;
  const spread = (Z * Math.sqrt((p * (1 - p)) / n + (Z * Z) / (4 * n * n))) / (1 + (Z * Z) / n);
  const centre = (p + (Z * Z) / (2 * n)) / (1 + (Z * Z) / n);
  return { value: p, low: Math.max(0, centre - spread), high: Math.min(1, centre + spread), n };
}

/** Mean with the normal 95 % interval; NaN of nothing. */
export function meanOf(values: readonly number[]): Estimate {
  const n = values.length;
  let sum = 0;
  for (const value of values) sum += value;
  const mean = sum / n;
  let squares = 0;
  for (const value of values) squares += (value - mean) ** 2;
  const spread = n > 1 ? Z * Math.sqrt(squares / (n - 1) / n) : Number.NaN;
  return { value: mean, low: mean - spread, high: mean + spread, n };
}

/** Mean of `first[i] - second[i]` with its 95 % interval: both lists speak of the same tasks. */
export function pairedDifference(first: readonly number[], second: readonly number[]): Estimate {
  return meanOf(first.map((value, index) => value - (second[index] ?? Number.NaN)));
}
