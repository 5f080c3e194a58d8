import { sortedQuantile } from '../stats/bootstrap.ts';
import {
  type ClusteredFit,
  contrastInterval,
  fitClustered,
  sumClusters,
} from '../stats/clustered-regression.ts';
import type { Interval } from '../stats/proportion.ts';
import { isReasoning, type ScoreWithTruth } from './anchored-score.ts';
import type { BiasPolicy } from './bias-policy.ts';

/**
 * gamma and its interval from a fit of s on [1, y, reasoning]. With a reliability r below 1 the
 * slope on the truth is too flat by r and gamma takes up the rest of a real gap of truth d:
 * gamma - b (1 - r) / r d is what remains (errors in variables; d is taken as known).
 */
export function effectOfFit(
  fit: ClusteredFit,
  truthGap: number,
  policy: BiasPolicy,
): { readonly weights: readonly number[]; readonly interval: Interval } {
  const { truthReliability: share, level } = policy;
  const weights = fit.coefficients.map((_, i) => {
    if (i === fit.coefficients.length - 1) return 1;
    return i === 1 ? (-(1 - share) / share) * truthGap : 0;
  });
  return { weights, interval: contrastInterval(fit, weights, level) };
}

/** gamma of the plain regression. Without any difference in truth the slope is left out. */
export function plainEffect(
  anchored: readonly ScoreWithTruth[],
  policy: BiasPolicy,
  truthGap: number,
): Interval | null {
  const isFlat = new Set(anchored.map((item) => item.truth)).size < 2;
  const fit = regress(anchored, (truth) => (isFlat ? [] : [truth]));
  if (fit === null) return null;
  return isFlat
    ? contrastInterval(fit, [0, 1], policy.level)
    : effectOfFit(fit, truthGap, policy).interval;
}

/** gamma when the score follows the truth along a line with bends at the quintiles of the truth. */
export function bentEffect(anchored: readonly ScoreWithTruth[], level: number): Interval | null {
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
  if (fit === null) return null;
  const last = fit.coefficients.length - 1;
  const weights = fit.coefficients.map((_, i) => Number(i === last));
  return contrastInterval(fit, weights, level);
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
