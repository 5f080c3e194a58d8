import { dot, invertMatrix, multiply } from './matrix.ts';

/** One observation of a logistic regression. */
export interface LogisticRow {
  /** Features without the constant; as many in every row. Keep them within about -10..10. */
  readonly x: readonly number[];
  /** 0..1: a class, or a share. */
  readonly y: number;
  /** Above 0; 1 when absent. */
  readonly weight?: number;
}

/** A fitted logistic regression. */
export interface LogisticFit {
  /** Constant first, then one per feature. */
  readonly coefficients: readonly number[];
  readonly isConverged: boolean;
}

/**
 * Logistic regression by Newton's method with halved steps. `ridge` times half the squared slopes
 * is added to the negative log-likelihood (the constant is free), which keeps separable data
 * finite. Throws RangeError without rows.
 */
export function fitLogistic(rows: readonly LogisticRow[], ridge: number = 1e-3): LogisticFit {
  const size = 1 + (rows[0]?.x.length ?? -1);
  if (size === 0) throw new RangeError('no logistic regression of nothing');
  let coefficients = new Array<number>(size).fill(0);
  let loss = lossOf(rows, coefficients, ridge);
  for (let round = 0; round < 100; round++) {
    const step = newtonStep(rows, coefficients, ridge);
    if (step === null) return { coefficients, isConverged: false };
    let scale = 1;
    let next = coefficients;
    let nextLoss = Number.POSITIVE_INFINITY;
    for (; scale > 1e-8; scale /= 2) {
      const factor = scale;
      next = coefficients.map((value, i) => value - factor * (step[i] ?? 0));
      nextLoss = lossOf(rows, next, ridge);
      if (nextLoss <= loss) break;
    }
    if (!(nextLoss <= loss)) return { coefficients, isConverged: true };
    coefficients = next;
    loss = nextLoss;
    if (Math.max(...step.map(Math.abs)) * scale < 1e-10) return { coefficients, isConverged: true };
  }
  return { coefficients, isConverged: false };
}

/** 1 / (1 + e^-z), without overflow. */
export function logistic(z: number): number {
  return z >= 0 ? 1 / (1 + Math.exp(-z)) : Math.exp(z) / (1 + Math.exp(z));
}

/** Probability that a fitted logistic regression gives to features. */
export function logisticValue(coefficients: readonly number[], x: readonly number[]): number {
  return logistic(dot(coefficients, [1, ...x]));
}

function lossOf(rows: readonly LogisticRow[], beta: readonly number[], ridge: number): number {
  let loss = 0;
  for (const { x, y, weight = 1 } of rows) {
    const z = dot(beta, [1, ...x]);
    const softplus = Math.max(0, z) + Math.log1p(Math.exp(-Math.abs(z)));
    loss += weight * (softplus - y * z);
  }
  const slopes = beta.slice(1);
  return loss + (ridge / 2) * dot(slopes, slopes);
}

/** Inverse Hessian times gradient; null when nothing identifies the coefficients. */
function newtonStep(
  rows: readonly LogisticRow[],
  beta: readonly number[],
  ridge: number,
): number[] | null {
  const size = beta.length;
  const gradient = beta.map((value, i) => (i === 0 ? 0 : ridge * value));
  const hessian = beta.map((_, i) =>
    Array.from({ length: size }, (__, j) => (i === j && i > 0 ? ridge : 0)),
  );
  for (const { x, y, weight = 1 } of rows) {
    const features = [1, ...x];
    const p = logistic(dot(beta, features));
    features.forEach((left, i) => {
      gradient[i] = (gradient[i] ?? 0) + weight * (p - y) * left;
      const row = hessian[i] ?? [];
      features.forEach((right, j) => {
        row[j] = (row[j] ?? 0) + weight * p * (1 - p) * left * right;
      });
    });
  }
  const inverse = invertMatrix(hessian);
  return inverse === null ? null : multiply(inverse, gradient);
}
