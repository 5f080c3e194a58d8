import { betaIncomplete, erfc } from './special.ts';

/** Distribution of the standard normal at z, exact also in the tails. */
export function normalCdf(z: number): number {
  return 0.5 * erfc(-z / Math.SQRT2);
}

/** Quantile of the standard normal, 0 < p < 1, to about 1e-14. */
export function normalQuantile(p: number): number {
  if (p <= 0) return Number.NEGATIVE_INFINITY;
  if (p >= 1) return Number.POSITIVE_INFINITY;
  if (p > 0.5) return -normalQuantile(1 - p);
  // A rough start (Abramowitz and Stegun 26.2.23), then Halley's steps.
  const t = Math.sqrt(-2 * Math.log(p));
  const top = 2.515517 + t * (0.802853 + t * 0.010328);
  let z = top / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308))) - t;
  for (let i = 0; i < 4; i++) {
    const slope = Math.exp(-0.5 * z * z) / Math.sqrt(2 * Math.PI);
    const error = (normalCdf(z) - p) / slope;
    z -= error / (1 + (z * error) / 2);
  }
  return z;
}

/** Distribution of Student's t with `degrees` degrees of freedom. */
export function studentCdf(t: number, degrees: number): number {
  if (degrees === Number.POSITIVE_INFINITY) return normalCdf(t);
  const tail = 0.5 * betaIncomplete(degrees / 2, 0.5, degrees / (degrees + t * t));
  return t >= 0 ? 1 - tail : tail;
}

/** Quantile of Student's t, 0 < p < 1, to about 1e-12. */
export function studentQuantile(p: number, degrees: number): number {
  if (degrees === Number.POSITIVE_INFINITY) return normalQuantile(p);
  if (p === 0.5) return 0;
  if (p < 0.5) return -studentQuantile(1 - p, degrees);
  let high = 1;
  while (studentCdf(high, degrees) < p && high < 1e300) high *= 2;
  return bisect((t) => studentCdf(t, degrees) - p, 0, high);
}

/** Quantile of Beta(a, b), 0 <= p <= 1. */
export function betaQuantile(p: number, a: number, b: number): number {
  if (p <= 0) return 0;
  if (p >= 1) return 1;
  return bisect((x) => betaIncomplete(a, b, x) - p, 0, 1);
}

/** Upper tail of the chi-squared distribution with one degree of freedom. */
export function chiSquared1Tail(x: number): number {
  return x <= 0 ? 1 : erfc(Math.sqrt(x / 2));
}

/** Root of an increasing function on [low, high], to the last bit. */
function bisect(f: (x: number) => number, low: number, high: number): number {
  let left = low;
  let right = high;
  for (let i = 0; i < 200; i++) {
    const middle = (left + right) / 2;
    if (middle === left || middle === right) break;
    if (f(middle) < 0) left = middle;
    else right = middle;
  }
  return (left + right) / 2;
}
