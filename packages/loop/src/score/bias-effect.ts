import { sortedQuantile } from '../stats/bootstrap.ts';
import {
  type ClusteredFit,
  contrastInterval,
  contrastOf,
  fitClustered,
  sumClusters,
} from '../stats/clustered-regression.ts';
import { sequenceHalfWidth } from '../stats/confidence-sequence.ts';
import type { Interval } from '../stats/proportion.ts';
import { isReasoning, type ScoreWithTruth } from './anchored-score.ts';
import type { BiasPolicy } from './bias-policy.ts';

/**
 * gamma and its interval from a fit of s on [1, y, reasoning]. With a reliability r below 1 the
 * slope on the truth is too flat by r and gamma takes up the rest of a real gap of truth d:
 * gamma - b (1 - r) / r d is what remains (errors in variables; d is taken as known).
 */
export function effectOfFit(fit: ClusteredFit, truthGap: number, policy: BiasPolicy): Interval {
  const share = policy.truthReliability;
  const weights = lastOf(fit);
  if (weights.length === 3) weights[1] = (-(1 - share) / share) * truthGap;
  return intervalOf(fit, weights, policy);
}

/** Weights that pick the last coefficient, the one of the type. */
function lastOf(fit: ClusteredFit): number[] {
  return fit.coefficients.map((_, i) => Number(i === fit.coefficients.length - 1));
}

/** For any number of looks, tightest at about the number of answers that the policy asks for. */
function intervalOf(fit: ClusteredFit, weights: readonly number[], policy: BiasPolicy): Interval {
  const { level, looks, minimumPerType } = policy;
  if (looks === 'one') return contrastInterval(fit, weights, level);
  const { value, standardError } = contrastOf(fit, weights);
  const options = { alpha: 1 - level, tightestAt: 2 * minimumPerType };
  const half = standardError * Math.sqrt(fit.n) * sequenceHalfWidth(fit.n, options);
  return { mean: value, low: value - half, high: value + half, n: fit.n };
}

/** gamma of the plain regression. Without any difference in truth the slope is left out. */
export function plainEffect(
  anchored: readonly ScoreWithTruth[],
  policy: BiasPolicy,
  truthGap: number,
): Interval | null {
  const isFlat = new Set(anchored.map((item) => item.truth)).size < 2;
  const fit = regress(anchored, (truth) => (isFlat ? [] : [truth]));
  return fit === null ? null : effectOfFit(fit, truthGap, policy);
}

/** gamma when the score follows the truth along a line with bends at the quintiles of the truth. */
export function bentEffect(
  anchored: readonly ScoreWithTruth[],
  policy: BiasPolicy,
): Interval | null {
  const truths = anchored.map((item) => item.truth).sort((p, q) => p - q);
  const lowest = truths[0] ?? 0;
  const highest = truths.at(-1) ?? 0;
  const bends = [...new Set([0.2, 0.4, 0.6, 0.8].map((q) => sortedQuantile(truths, q)))].filter(
    (bend) => bend > lowest && bend < highest,
  );
  if (bends.length === 0) return null;
  const fit = regress(anchored, (truth) => [
    truth,
    ...bends.map((bend) => Math.max(0, truth - bend)),
  ]);
  return fit === null ? null : intervalOf(fit, lastOf(fit), policy);
}

function regress(
  anchored: readonly ScoreWithTruth[],
  ofTruth: (truth: number) => readonly number[],
): ClusteredFit | null {
  const rows = anchored.map((item) => ({
    x: [1, ...ofTruth(item.truth), isReasoning(item)],
    y: item.score,
    cluster: item.group,
  }));
  return fitClustered(sumClusters(rows).values());
}
