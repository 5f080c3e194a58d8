import { roundHalfEven } from '../stats/rounding.ts';

/** A metric as it enters the aggregate. */
export interface AggregateComponent {
  readonly metric: string;
  /** 0..1 */
  readonly value: number;
  /** Not negative; 0 = reported, not counted. */
  readonly weight: number;
}

/** The formula that a reader needs to redo the aggregate by hand. */
export const AGGREGATE_FORMULA =
  'round(100 * sum(weight_i * value_i) / sum(weight_i), 2), ties to even';

/**
 * Aggregate score of a card, 0..100 with two decimals; `null` when the weights sum to 0.
 *
 * Evaluated as (100 * sum) / weights, in this order, and rounded half to even on the binary value,
 * which is what Python's `round` does: other orders differ in the last digit.
 */
export function aggregateOf(components: readonly AggregateComponent[]): number | null {
  let sum = 0;
  let weights = 0;
  for (const { value, weight } of components) {
    sum += weight * value;
    weights += weight;
  }
  return weights > 0 && Number.isFinite(sum) ? roundHalfEven((100 * sum) / weights, 2) : null;
}
