import { normalQuantile } from '../stats/distributions.ts';
import { wilson } from '../stats/proportion.ts';
import type { ScoreInterval } from './scorecard.ts';

/** One value with the family of items that it belongs to. */
export interface ValuedItem {
  /** 0..1 */
  readonly value: number;
  readonly cluster: string;
}

/** z of a two-sided 5 % test plus z of 80 % power. */
const Z_ALPHA_PLUS_Z_BETA = 1.959963985 + 0.841621234;

/**
 * Interval of the mean of values in 0..1 at the given level.
 *
 * Binary values: Wilson. Graded values: Wilson on their sum, valid because a variable in 0..1 has
 * at most the variance of a binary one with the same mean. Families of items: Wilson with the
 * number of items divided by the design effect. Throws RangeError without values.
 */
export function intervalOf(items: readonly ValuedItem[], level: number): ScoreInterval {
  if (items.length === 0) throw new RangeError('no interval of nothing');
  const n = items.length;
  const sum = items.reduce((total, item) => total + item.value, 0);
  const isBinary = items.every(({ value }) => value === 0 || value === 1);
  const effect = designEffect(items);
  const effective = n / effect;
  const { low, high } = wilson((sum / n) * effective, effective, normalQuantile((1 + level) / 2));
  const method = effect > 1 ? 'wilson-clustered' : isBinary ? 'wilson' : 'wilson-bounded';
  return { method, level, low, high };
}

/**
 * Smallest difference between two independent evaluations like this one that a two-sided 5 % test
 * sees with 80 % power: (z_alpha + z_beta) sqrt(2 var / n). A paired test sees smaller ones.
 */
export function minimalDetectableEffect(items: readonly ValuedItem[]): number {
  const n = items.length;
  if (n < 2) return 1;
  const mean = items.reduce((total, item) => total + item.value, 0) / n;
  const squares = items.reduce((total, item) => total + (item.value - mean) ** 2, 0);
  const variance = (squares / (n - 1)) * designEffect(items);
  // A set that is all right or all wrong has no spread of its own: use the spread of one error.
  const floor = (1 / n) * (1 - 1 / n);
  return Math.min(1, Z_ALPHA_PLUS_Z_BETA * Math.sqrt((2 * Math.max(variance, floor)) / n));
}

/**
 * Variance of the mean with families over the variance without, at least 1 (Miller 2024,
 * appendix A, with the finite-cluster correction C/(C-1)).
 */
export function designEffect(items: readonly ValuedItem[]): number {
  const n = items.length;
  const sums = new Map<string, number>();
  const mean = items.reduce((total, item) => total + item.value, 0) / n;
  let squares = 0;
  for (const { value, cluster } of items) {
    sums.set(cluster, (sums.get(cluster) ?? 0) + value - mean);
    squares += (value - mean) ** 2;
  }
  const clusters = sums.size;
  if (clusters === n || squares === 0) return 1;
  // One family tells nothing of its own spread: it counts as a single item.
  if (clusters < 2) return n;
  let clustered = 0;
  for (const sum of sums.values()) clustered += sum * sum;
  clustered *= clusters / (clusters - 1);
  return Math.min(n, Math.max(1, clustered / squares));
}
