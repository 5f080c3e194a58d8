import { type ClusteredShare, clusteredShare } from '../../stats/clustered-share.ts';
import type { NoVerdict } from './no-verdict.ts';
import type { PairVerdict } from './pair-judge.ts';

/** Reasons why items are unscored, with how many each. */
export type UnscoredReasons = Readonly<Record<string, number>>;

/** A score, or why there is none, with the family of items that it belongs to. */
export interface SummedScore {
  readonly verdict: { readonly kind: 'scored'; readonly score: number } | NoVerdict;
  readonly cluster: string;
}

/** Scores of many items in one line. */
export interface ScoreSummary {
  readonly n: number;
  readonly scored: number;
  /** Mean of what is scored, 0..1; null when nothing is. The unscored are not in it: look at them. */
  readonly mean: ClusteredShare | null;
  readonly unscored: UnscoredReasons;
}

/** Sums scores up. */
export function summariseScores(items: readonly SummedScore[]): ScoreSummary {
  const values = items.flatMap(({ verdict, cluster }) =>
    verdict.kind === 'scored' ? [{ value: verdict.score, cluster }] : [],
  );
  return {
    n: items.length,
    scored: values.length,
    mean: values.length === 0 ? null : clusteredShare(values),
    unscored: reasonsOf(items.map(({ verdict }) => verdict)),
  };
}

/** Comparisons of many pairs in one line. */
export interface PairSummary {
  readonly n: number;
  readonly scored: number;
  readonly wins: { readonly a: number; readonly b: number; readonly tie: number };
  /** Share of the scored pairs that a wins, ties by half; null when nothing is scored. */
  readonly shareOfA: ClusteredShare | null;
  /** `unclear` while the interval contains one half. */
  readonly better: 'a' | 'b' | 'unclear';
  /** What the order did: verdicts that turned round with it, by the place that won. */
  readonly flips: { readonly toFirst: number; readonly toSecond: number };
  readonly unscored: UnscoredReasons;
}

/** Sums comparisons up. */
export function summarisePairs(
  items: readonly { readonly verdict: PairVerdict; readonly cluster: string }[],
): PairSummary {
  const wins = { a: 0, b: 0, tie: 0 };
  const flips = { toFirst: 0, toSecond: 0 };
  const values: { value: number; cluster: string }[] = [];
  for (const { verdict, cluster } of items) {
    if (verdict.kind === 'unscored') continue;
    wins[verdict.winner] += 1;
    values.push({ value: SHARE[verdict.winner], cluster });
    if (verdict.likedPlace !== null) {
      flips[verdict.likedPlace === 'first' ? 'toFirst' : 'toSecond'] += 1;
    }
  }
  const shareOfA = values.length === 0 ? null : clusteredShare(values);
  return {
    n: items.length,
    scored: values.length,
    wins,
    shareOfA,
    better: betterOf(shareOfA),
    flips,
    unscored: reasonsOf(items.map(({ verdict }) => verdict)),
  };
}

const SHARE = { a: 1, tie: 0.5, b: 0 } as const;

function betterOf(share: ClusteredShare | null): PairSummary['better'] {
  if (share === null || (share.low <= 0.5 && share.high >= 0.5)) return 'unclear';
  return share.low > 0.5 ? 'a' : 'b';
}

function reasonsOf(
  verdicts: readonly ({ readonly kind: 'scored' } | NoVerdict)[],
): UnscoredReasons {
  const counts = new Map<string, number>();
  for (const verdict of verdicts) {
    if (verdict.kind === 'unscored') {
      counts.set(verdict.reason, (counts.get(verdict.reason) ?? 0) + 1);
    }
  }
  return Object.fromEntries([...counts].sort(([, one], [, other]) => other - one));
}
