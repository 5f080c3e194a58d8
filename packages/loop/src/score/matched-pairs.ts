import { contrastInterval, fitClustered, sumClusters } from '../stats/clustered-regression.ts';
import type { Interval } from '../stats/proportion.ts';
import type { AnchoredScore } from './anchored-score.ts';

/** Answers of one model to one prompt, with and without reasoning. */
export interface MatchedPairs {
  readonly pairs: number;
  readonly prompts: number;
  /** Mean score with reasoning minus without; null below two prompts. */
  readonly rawGap: Interval | null;
  /** Pairs in which the truth of both sides is known. */
  readonly anchoredPairs: number;
  /** The part of the gap that the truth does not explain; null below two prompts with truth. */
  readonly effect: Interval | null;
}

interface MatchedPair {
  readonly group: string;
  /** Score with reasoning minus score without. */
  readonly gap: number;
  /** The same of the truth; null when it is unknown on a side. */
  readonly truthGap: number | null;
}

/**
 * Compares answers of one model to one prompt with and without reasoning; several answers on a side
 * are averaged. The effect is the constant of gap = gamma + b truthGap, clustered by prompt: what
 * differs between models and prompts has gone out.
 */
export function matchPairs(items: readonly AnchoredScore[], level: number): MatchedPairs {
  const pairs = pairsOf(items);
  const anchored = pairs.filter((pair) => pair.truthGap !== null);
  return {
    pairs: pairs.length,
    prompts: new Set(pairs.map((pair) => pair.group)).size,
    rawGap: constantOf(pairs, () => [1], level),
    anchoredPairs: anchored.length,
    effect: constantOf(anchored, anchored.some(isMoved) ? regressors : () => [1], level),
  };
}

const isMoved = (pair: MatchedPair): boolean => pair.truthGap !== 0;
const regressors = (pair: MatchedPair): number[] => [1, pair.truthGap ?? 0];

function pairsOf(items: readonly AnchoredScore[]): MatchedPair[] {
  const cells = new Map<string, AnchoredScore[]>();
  for (const item of items) {
    if (item.model === undefined) continue;
    const key = JSON.stringify([item.model, item.group]);
    cells.set(key, [...(cells.get(key) ?? []), item]);
  }
  return [...cells.values()].flatMap((cell) => {
    const thought = cell.filter((item) => item.modelType === 'reasoning');
    const direct = cell.filter((item) => item.modelType === 'direct');
    const gap = differenceOf(thought, direct, (item) => item.score);
    const group = cell[0]?.group;
    if (gap === null || group === undefined) return [];
    return [{ group, gap, truthGap: differenceOf(thought, direct, (item) => item.truth) }];
  });
}

/** Difference of two means; null when a side is empty or has an unknown value. */
function differenceOf(
  left: readonly AnchoredScore[],
  right: readonly AnchoredScore[],
  read: (item: AnchoredScore) => number | null,
): number | null {
  const meanOf = (items: readonly AnchoredScore[]): number | null => {
    const values = items.map(read).filter((value) => value !== null);
    if (values.length === 0 || values.length < items.length) return null;
    return values.reduce((sum, value) => sum + value, 0) / values.length;
  };
  const minuend = meanOf(left);
  const subtrahend = meanOf(right);
  return minuend === null || subtrahend === null ? null : minuend - subtrahend;
}

function constantOf(
  pairs: readonly MatchedPair[],
  regressorsOf: (pair: MatchedPair) => number[],
  level: number,
): Interval | null {
  const rows = pairs.map((pair) => ({ x: regressorsOf(pair), y: pair.gap, cluster: pair.group }));
  const fit = fitClustered(sumClusters(rows).values());
  if (fit === null) return null;
  const weights = fit.coefficients.map((_, i) => Number(i === 0));
  return contrastInterval(fit, weights, level);
}
