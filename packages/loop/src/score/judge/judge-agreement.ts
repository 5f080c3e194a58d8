import { type ClusteredShare, clusteredShare } from '../../stats/clustered-share.ts';
import { studentQuantile } from '../../stats/distributions.ts';
import { krippendorffAlpha } from '../../stats/krippendorff.ts';
import { type Correlation, correlate } from '../../stats/moments.ts';
import { pairedDifference } from '../../stats/paired.ts';
import type { Interval } from '../../stats/proportion.ts';

/** A judge's class for one item beside the label that a person or a test gave it. */
export interface ClassPair {
  readonly judge: string;
  readonly label: string;
  /** Items of one cluster (a task, a query) are not independent of each other. */
  readonly cluster: string;
}

/** How well classes agree. */
export interface ClassAgreement {
  /** Share of items with the same class. */
  readonly agreement: ClusteredShare;
  /** Agreement beyond chance (Cohen); null when chance alone would agree always. */
  readonly kappa: number | null;
  /** 95 % interval of kappa by leaving out one cluster at a time; null with too few clusters. */
  readonly kappaInterval: readonly [number, number] | null;
  /** How often the judge said `judge` where the label says `label`. */
  readonly confusion: readonly {
    readonly judge: string;
    readonly label: string;
    readonly count: number;
  }[];
}

/** A judge's score beside the label of the same item, both 0..1. */
export interface ScorePair {
  readonly judge: number;
  readonly label: number;
  readonly cluster: string;
}

/** How far scores are from labels, and to which side. */
export interface ScoreAgreement {
  readonly n: number;
  /** judge - label, mean with its clustered 95 % interval; unbounded below two clusters. */
  readonly error: Interval;
  /** `unclear` while the interval of the error contains 0. */
  readonly direction: 'too generous' | 'too strict' | 'unclear';
  /** Items on which the judge is above, on, below the label. */
  readonly counts: { readonly above: number; readonly equal: number; readonly below: number };
  /** Mean size of the error, 0..1. */
  readonly meanAbsoluteError: number;
  readonly correlation: Correlation;
  /** Krippendorff's alpha for scores; null when nothing varies. */
  readonly alpha: number | null;
}

/** Agreement of a judge's classes with labels. Throws RangeError without items. */
export function measureClassAgreement(pairs: readonly ClassPair[]): ClassAgreement {
  if (pairs.length === 0) throw new RangeError('no agreement of nothing');
  const total = newTally();
  const clusters = new Map<string, Tally>();
  const table = new Map<string, number>();
  for (const pair of pairs) {
    const cluster = clusters.get(pair.cluster) ?? newTally();
    clusters.set(pair.cluster, cluster);
    for (const tally of [total, cluster]) addPair(tally, pair);
    const cell = JSON.stringify([pair.judge, pair.label]);
    table.set(cell, (table.get(cell) ?? 0) + 1);
  }
  const kappa = kappaOf(total, null);
  return {
    agreement: clusteredShare(
      pairs.map(({ judge, label, cluster }) => ({ value: Number(judge === label), cluster })),
    ),
    kappa,
    kappaInterval: kappa === null ? null : kappaInterval(total, [...clusters.values()], kappa),
    confusion: [...table].sort().map(([cell, count]) => {
      const [judge, label] = JSON.parse(cell) as [string, string];
      return { judge, label, count };
    }),
  };
}

/** Agreement of a judge's scores with labels. Throws RangeError without items. */
export function measureScoreAgreement(pairs: readonly ScorePair[]): ScoreAgreement {
  if (pairs.length === 0) throw new RangeError('no agreement of nothing');
  const n = pairs.length;
  const errors = pairs.map(({ judge, label }) => judge - label);
  const error = errorInterval(pairs);
  return {
    n,
    error,
    direction: error.low > 0 ? 'too generous' : error.high < 0 ? 'too strict' : 'unclear',
    counts: {
      above: errors.filter((one) => one > 0).length,
      equal: errors.filter((one) => one === 0).length,
      below: errors.filter((one) => one < 0).length,
    },
    meanAbsoluteError: errors.reduce((sum, one) => sum + Math.abs(one), 0) / n,
    correlation: correlate(pairs.map(({ judge, label }) => [judge, label] as const)),
    alpha: krippendorffAlpha(
      pairs.map(({ judge, label }) => [judge, label]),
      'interval',
    ),
  };
}

function errorInterval(pairs: readonly ScorePair[]): Interval {
  const items = pairs.map(({ judge, label, cluster }) => ({ difference: judge - label, cluster }));
  const n = items.length;
  if (new Set(items.map(({ cluster }) => cluster)).size < 2) {
    const mean = items.reduce((sum, { difference }) => sum + difference, 0) / n;
    return { mean, low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY, n };
  }
  const { mean, standardError, degreesOfFreedom } = pairedDifference(items);
  const half = studentQuantile(0.975, degreesOfFreedom) * standardError;
  return { mean, low: mean - half, high: mean + half, n };
}

/** What kappa needs to know of some items. */
interface Tally {
  n: number;
  agreed: number;
  readonly judged: Map<string, number>;
  readonly labelled: Map<string, number>;
}

function newTally(): Tally {
  return { n: 0, agreed: 0, judged: new Map(), labelled: new Map() };
}

function addPair(tally: Tally, { judge, label }: ClassPair): void {
  tally.n += 1;
  tally.agreed += Number(judge === label);
  tally.judged.set(judge, (tally.judged.get(judge) ?? 0) + 1);
  tally.labelled.set(label, (tally.labelled.get(label) ?? 0) + 1);
}

/** Kappa of all items but those of one part; null when chance alone agrees always. */
function kappaOf(total: Tally, without: Tally | null): number | null {
  const n = total.n - (without?.n ?? 0);
  let chance = 0;
  for (const [name, count] of total.judged) {
    const judged = count - (without?.judged.get(name) ?? 0);
    const labelled = (total.labelled.get(name) ?? 0) - (without?.labelled.get(name) ?? 0);
    chance += (judged * labelled) / (n * n);
  }
  const agreed = (total.agreed - (without?.agreed ?? 0)) / n;
  return chance < 1 ? (agreed - chance) / (1 - chance) : null;
}

/** Delete-one-cluster jackknife; Student's t with one degree less than clusters. */
function kappaInterval(
  total: Tally,
  clusters: readonly Tally[],
  kappa: number,
): readonly [number, number] | null {
  const count = clusters.length;
  if (count < 3) return null;
  const without: number[] = [];
  for (const cluster of clusters) {
    const one = kappaOf(total, cluster);
    if (one === null) return null;
    without.push(one);
  }
  const mean = without.reduce((sum, one) => sum + one, 0) / count;
  const squares = without.reduce((sum, one) => sum + (one - mean) ** 2, 0);
  const half = studentQuantile(0.975, count - 1) * Math.sqrt(((count - 1) / count) * squares);
  return [Math.max(-1, kappa - half), Math.min(1, kappa + half)];
}
