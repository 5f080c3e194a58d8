import {
  type ClusteredShare,
  clusteredShare,
  type Interval,
  pairedDifference,
  studentQuantile,
} from '@assay/loop';
import type { PreferencePair } from './preference-pairs.ts';
import { type PairScorer, sidesOf } from './preference-scorers.ts';

/** A pair with what each scorer made of it. */
export interface JudgedPair {
  readonly query: string;
  readonly source: string;
  /** Whether the responses differ by at most 20 % in length. */
  readonly isEqualLength: boolean;
  /** By scorer: 1 right, 0 wrong, 0.5 cannot tell, the mean of both orders; null: not meant for it. */
  readonly agreement: Readonly<Record<string, number | null>>;
  /** Scorers that changed their mind when the order was turned round. */
  readonly flips: readonly string[];
}

/** Asks every scorer about a pair in both orders. Ties of the people who judged give null. */
export function judgePair(pair: PreferencePair, scorers: readonly PairScorer[]): JudgedPair | null {
  if (pair.preferred === 'tie') return null;
  const [a, b] = sidesOf(pair);
  const [better, worse] = pair.preferred === 'a' ? [a, b] : [b, a];
  const agreement: Record<string, number | null> = {};
  const flips: string[] = [];
  for (const scorer of scorers) {
    const forth = scorer.compare(pair.query, better, worse);
    const back = scorer.compare(pair.query, worse, better);
    if (forth === null || back === null) agreement[scorer.name] = null;
    else {
      agreement[scorer.name] = (2 + Math.sign(forth) - Math.sign(back)) / 4;
      if (Math.sign(forth) !== -Math.sign(back)) flips.push(scorer.name);
    }
  }
  const lengths = [a.response.length, b.response.length];
  const isEqualLength = Math.min(...lengths) >= 0.8 * Math.max(...lengths);
  return { query: pair.query, source: pair.source, isEqualLength, agreement, flips };
}

/** Share of pairs on which a scorer agrees, clustered by query; null where it is not meant. */
export function agreementOf(pairs: readonly JudgedPair[], scorer: string): ClusteredShare | null {
  const outcomes = pairs.flatMap(({ query, agreement }) => {
    const value = agreement[scorer] ?? null;
    return value === null ? [] : [{ value, cluster: query }];
  });
  return outcomes.length === 0 ? null : clusteredShare(outcomes);
}

/** Agreement of one scorer minus that of another on the same pairs, clustered by query. */
export function differenceOf(
  pairs: readonly JudgedPair[],
  scorer: string,
  other: string,
): Interval | null {
  const items = pairs.flatMap(({ query, agreement }) => {
    const left = agreement[scorer] ?? null;
    const right = agreement[other] ?? null;
    return left === null || right === null ? [] : [{ difference: left - right, cluster: query }];
  });
  if (new Set(items.map((item) => item.cluster)).size < 2) return null;
  const { mean, standardError, degreesOfFreedom, n } = pairedDifference(items);
  const half = studentQuantile(0.975, degreesOfFreedom) * standardError;
  return { mean, low: mean - half, high: mean + half, n };
}
