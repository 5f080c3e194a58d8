import type { Interval } from './proportion.ts';

/** How a confidence sequence is tuned. */
export interface SequenceOptions {
  /** Chance that the sequence ever misses the truth; 0.05 when absent. */
  readonly alpha?: number;
  /** Number of observations at which it is tightest; 100 when absent. */
  readonly tightestAt?: number;
}

/**
 * rho^2 of the asymptotic confidence sequence that is tightest at the wanted size:
 * (-2 ln alpha + ln(-2 ln alpha + 1)) / t*.
 */
export function sequenceScale({ alpha = 0.05, tightestAt = 100 }: SequenceOptions = {}): number {
  const log = -2 * Math.log(alpha);
  return (log + Math.log(log + 1)) / tightestAt;
}

/**
 * Half-width of the asymptotic confidence sequence after t observations, in standard deviations of
 * one observation: sqrt(2 (t rho^2 + 1) / (t^2 rho^2) ln(sqrt(t rho^2 + 1) / alpha))
 * (Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas, time-uniform central limit theory). It holds at
 * all sizes at once, so it may be looked at as often as wanted. Infinite at t = 0.
 */
export function sequenceHalfWidth(t: number, options: SequenceOptions = {}): number {
  if (!(t > 0)) return Number.POSITIVE_INFINITY;
  const scale = sequenceScale(options);
  const grown = t * scale + 1;
  return Math.sqrt(
    ((2 * grown) / (t * t * scale)) * Math.log(Math.sqrt(grown) / (options.alpha ?? 0.05)),
  );
}

/** A mean of values in [0, 1] seen one after another. Change it only by `addToSequence`. */
export interface BoundedSequence {
  readonly n: number;
  readonly sum: number;
  /** Sum of squared distances from the running mean. */
  readonly squares: number;
  readonly sumLambda: number;
  readonly sumLambdaX: number;
  readonly sumPenalty: number;
}

/** A sequence that has seen nothing. */
export const EMPTY_SEQUENCE: BoundedSequence = {
  n: 0,
  sum: 0,
  squares: 0,
  sumLambda: 0,
  sumLambdaX: 0,
  sumPenalty: 0,
};

/**
 * Takes the next value in [0, 1] into a predictable plug-in empirical-Bernstein confidence sequence
 * (Waudby-Smith and Ramdas 2024). Valid at every size, small ones too, but it depends on the order;
 * `alpha` must be the same throughout.
 */
export function addToSequence(
  state: BoundedSequence,
  x: number,
  alpha: number = 0.05,
): BoundedSequence {
  const n = state.n + 1;
  const before = (0.5 + state.sum) / n;
  const variance = (0.25 + state.squares) / n;
  const log = 2 * Math.log(2 / alpha);
  const lambda = Math.min(0.5, Math.sqrt(log / (variance * n * Math.log(1 + n))));
  const psi = (-Math.log(1 - lambda) - lambda) / 4;
  const sum = state.sum + x;
  const after = (0.5 + sum) / (n + 1);
  return {
    n,
    sum,
    squares: state.squares + (x - after) ** 2,
    sumLambda: state.sumLambda + lambda,
    sumLambdaX: state.sumLambdaX + lambda * x,
    sumPenalty: state.sumPenalty + 4 * (x - before) ** 2 * psi,
  };
}

/** Interval of a bounded sequence now, cut to [0, 1]; the whole range before the first value. */
export function boundedSequenceInterval(state: BoundedSequence, alpha: number = 0.05): Interval {
  if (state.n === 0) return { mean: Number.NaN, low: 0, high: 1, n: 0 };
  const mean = state.sumLambdaX / state.sumLambda;
  const half = (Math.log(2 / alpha) + state.sumPenalty) / state.sumLambda;
  return { mean, low: Math.max(0, mean - half), high: Math.min(1, mean + half), n: state.n };
}
