import { type Interval, wilson, Z95 } from './proportion.ts';

/**
 * 95 % interval of a mean score in [0, 1] from its sums. Scores of only 0 and 1, and few scores,
 * get the Wilson interval, which is never too narrow for scores in [0, 1]; many graded scores get
 * mean +- z SE.
 */
export function scoreInterval(n: number, sum: number, sumOfSquares: number): Interval {
  const graded = Math.abs(sum - sumOfSquares) > 1e-9 * Math.max(1, n);
  if (!graded || n < 30) return wilson(sum, n);
  const mean = sum / n;
  const variance = Math.max(0, (sumOfSquares - n * mean * mean) / (n - 1));
  const half = Z95 * Math.sqrt(variance / n);
  if (mean - half < 0 || mean + half > 1) return wilson(sum, n);
  return { mean, low: mean - half, high: mean + half, n };
}
