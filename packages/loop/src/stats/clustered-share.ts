import { studentQuantile } from './distributions.ts';
import { pairedDifference } from './paired.ts';
import { type Interval, wilson } from './proportion.ts';

/** A success, a failure or something between, with the family that it belongs to. */
export interface ClusteredOutcome {
  /** 0..1 */
  readonly value: number;
  readonly cluster: string;
}

/** A share whose observations come in families. */
export interface ClusteredShare extends Interval {
  readonly clusters: number;
}

/**
 * Share of successes with an interval that allows for dependence within families: Wilson's, on as
 * many observations as would have the clustered standard error if they were independent (effective
 * sample size), with Student's quantile for clusters - 1. It stays within [0, 1]. Fewer than two
 * families give the whole range.
 */
export function clusteredShare(
  items: readonly ClusteredOutcome[],
  level: number = 0.95,
): ClusteredShare {
  const clusters = new Set(items.map((item) => item.cluster)).size;
  const n = items.length;
  const mean = items.reduce((sum, item) => sum + item.value, 0) / n;
  if (clusters < 2) return { mean, low: 0, high: 1, n, clusters };
  const { standardError } = pairedDifference(
    items.map(({ value, cluster }) => ({ difference: value, cluster })),
  );
  return shareInterval(mean, standardError, n, clusters, level);
}

/**
 * Interval of a share from its standard error, as in `clusteredShare`. Without any spread every
 * family counts as one observation.
 */
export function shareInterval(
  mean: number,
  standardError: number,
  n: number,
  clusters: number,
  level: number = 0.95,
): ClusteredShare {
  const spread = (mean * (1 - mean)) / (standardError * standardError);
  const effective = Math.min(n, spread > 0 && Number.isFinite(spread) ? spread : clusters);
  const z = studentQuantile((1 + level) / 2, clusters - 1);
  const { low, high } = wilson(mean * effective, effective, z);
  return { mean, low, high, n, clusters };
}
