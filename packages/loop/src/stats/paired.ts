/** A difference with the family of items that it belongs to. */
export interface ClusteredDifference {
  /** candidate - baseline on one item */
  readonly difference: number;
  readonly cluster: string;
}

/** Mean of the differences and how sure it is. */
export interface PairedDifference {
  readonly n: number;
  readonly clusters: number;
  readonly mean: number;
  readonly standardError: number;
  /** Degrees of freedom of Student's t: clusters - 1. */
  readonly degreesOfFreedom: number;
}

/**
 * Mean paired difference with its clustered standard error:
 * sqrt(sum over families of (sum of residuals)^2) / n, times sqrt(C / (C - 1)) for C families
 * (Miller 2024, appendix A, with the finite-cluster correction). With every item its own family
 * this is the ordinary standard error. Throws RangeError on fewer than two families.
 */
export function pairedDifference(items: readonly ClusteredDifference[]): PairedDifference {
  const n = items.length;
  const mean = items.reduce((sum, item) => sum + item.difference, 0) / n;
  const residuals = new Map<string, number>();
  for (const { cluster, difference } of items) {
    residuals.set(cluster, (residuals.get(cluster) ?? 0) + difference - mean);
  }
  const clusters = residuals.size;
  if (clusters < 2) throw new RangeError(`too few families of items: ${clusters}`);
  let squares = 0;
  for (const residual of residuals.values()) squares += residual * residual;
  const standardError = (Math.sqrt(squares) / n) * Math.sqrt(clusters / (clusters - 1));
  return { n, clusters, mean, standardError, degreesOfFreedom: clusters - 1 };
}
