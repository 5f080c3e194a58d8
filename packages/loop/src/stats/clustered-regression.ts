import { studentQuantile } from './distributions.ts';
import { dot, invertMatrix, type Matrix, multiply } from './matrix.ts';
import type { Interval } from './proportion.ts';

/**
 * What a least-squares regression needs to know of one cluster of rows: sums of products. Sums of
 * two parts of a cluster add up to those of the whole, whatever the order.
 */
export interface ClusterSums {
  readonly n: number;
  /** Sums of products of the regressors, the constant included. */
  readonly xx: Matrix;
  /** Sums of products of the regressors with the response. */
  readonly xy: readonly number[];
}

/** A row of a regression. */
export interface RegressionRow {
  /** Regressors, the constant included if there is one; as many in every row. */
  readonly x: readonly number[];
  readonly y: number;
  /** Rows of one cluster may depend on each other. */
  readonly cluster: string;
}

/** Coefficients with a covariance that allows for dependence within clusters. */
export interface ClusteredFit {
  readonly coefficients: readonly number[];
  readonly covariance: Matrix;
  readonly n: number;
  readonly clusters: number;
}

/** Sums of the rows of each cluster. */
export function sumClusters(rows: readonly RegressionRow[]): Map<string, ClusterSums> {
  const clusters = new Map<string, { n: number; xx: number[][]; xy: number[] }>();
  for (const { x, y, cluster } of rows) {
    const sums = clusters.get(cluster) ?? {
      n: 0,
      xx: x.map(() => x.map(() => 0)),
      xy: x.map(() => 0),
    };
    clusters.set(cluster, sums);
    sums.n += 1;
    x.forEach((left, i) => {
      sums.xy[i] = (sums.xy[i] ?? 0) + left * y;
      const row = sums.xx[i] ?? [];
      x.forEach((right, j) => {
        row[j] = (row[j] ?? 0) + left * right;
      });
    });
  }
  return clusters;
}

/** Sums of two parts of a cluster together. */
export function addClusterSums(p: ClusterSums, q: ClusterSums): ClusterSums {
  return {
    n: p.n + q.n,
    xx: p.xx.map((row, i) => row.map((value, j) => value + (q.xx[i]?.[j] ?? 0))),
    xy: p.xy.map((value, i) => value + (q.xy[i] ?? 0)),
  };
}

/**
 * Least squares with the cluster-robust covariance (X'X)^-1 (sum of u u') (X'X)^-1, u = X'e of one
 * cluster, times C/(C-1) (N-1)/(N-K) (Liang and Zeger 1986, with the usual correction for few
 * clusters, "CR1"). For a constant alone this is the clustered standard error of a mean. null when
 * the regressors are collinear, with fewer than two clusters or without spare rows.
 */
export function fitClustered(sums: Iterable<ClusterSums>): ClusteredFit | null {
  const all = [...sums].filter((cluster) => cluster.n > 0);
  const [first, ...rest] = all;
  if (first === undefined || rest.length === 0) return null;
  const total = rest.reduce(addClusterSums, first);
  const size = total.xy.length;
  const bread = total.n > size ? invertMatrix(total.xx) : null;
  if (bread === null) return null;
  const coefficients = multiply(bread, total.xy);
  const meat = Array.from({ length: size }, () => new Array<number>(size).fill(0));
  for (const cluster of all) {
    const fitted = multiply(cluster.xx, coefficients);
    const residual = cluster.xy.map((value, i) => value - (fitted[i] ?? 0));
    residual.forEach((left, i) => {
      const row = meat[i] ?? [];
      residual.forEach((right, j) => {
        row[j] = (row[j] ?? 0) + left * right;
      });
    });
  }
  const few = (all.length / (all.length - 1)) * ((total.n - 1) / (total.n - size));
  const half = bread.map((row) => multiply(meat, row));
  const covariance = half.map((row) => multiply(bread, row).map((value) => few * value));
  return { coefficients, covariance, n: total.n, clusters: all.length };
}

/** A weighted sum of coefficients with its standard error. */
export interface Contrast {
  readonly value: number;
  readonly standardError: number;
}

/** Weighted sum of the coefficients of a fit. */
export function contrastOf(fit: ClusteredFit, weights: readonly number[]): Contrast {
  const variance = dot(weights, multiply(fit.covariance, weights));
  return {
    value: dot(weights, fit.coefficients),
    standardError: Math.sqrt(Math.max(0, variance)),
  };
}

/** Interval of a contrast by Student's t with one degree of freedom less than clusters. */
export function contrastInterval(
  fit: ClusteredFit,
  weights: readonly number[],
  level: number = 0.95,
): Interval {
  const { value, standardError } = contrastOf(fit, weights);
  const half = studentQuantile((1 + level) / 2, fit.clusters - 1) * standardError;
  return { mean: value, low: value - half, high: value + half, n: fit.n };
}
