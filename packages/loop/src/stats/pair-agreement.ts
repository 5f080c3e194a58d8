import { type ClusteredShare, shareInterval } from './clustered-share.ts';
import { fnv1a } from './fnv.ts';

/** A prediction beside the label that it should rank like. */
export interface RankedItem {
  /** Items of one group may depend on each other, for instance answers to one query. */
  readonly group: string;
  readonly predicted: number;
  readonly label: number;
  /** Only items of one fold are compared, for instance those predicted by one fit; 0 when absent. */
  readonly fold?: number;
}

/** How often the item with the higher label has the higher prediction. */
export interface PairAgreement {
  /** Items that take part in at least one pair. */
  readonly n: number;
  /** Pairs with different labels. */
  readonly pairs: number;
  /** Share of those pairs ranked alike, equal predictions counting half. */
  readonly accuracy: ClusteredShare;
  /** Whether only items of one group were compared, or all with all. */
  readonly scope: 'within-groups' | 'across-groups';
}

interface Tally {
  pairs: number;
  agreed: number;
}

/**
 * Pair accuracy with an interval clustered by group. Pairs are formed within groups; when no group
 * holds two different labels, among the items of a fold, of which 2,000 are taken when there are
 * more: groups in the order of their hash, whatever the order of the items. The standard error is that of a jackknife which leaves one group out at a time, so it
 * allows for an item's part in many pairs. null without a pair.
 */
export function pairAgreement(items: readonly RankedItem[]): PairAgreement | null {
  const within = tally(items, (item) => JSON.stringify([item.fold ?? 0, item.group]));
  if (within.total.pairs > 0) return agreementOf(within, 'within-groups');
  const across = tally(thinOut(items), (item) => String(item.fold ?? 0));
  return across.total.pairs > 0 ? agreementOf(across, 'across-groups') : null;
}

/** Comparing all with all takes time in the square of their number. */
const MOST_ITEMS_OF_A_FOLD = 2000;

function thinOut(items: readonly RankedItem[]): RankedItem[] {
  const folds = new Map<number, RankedItem[]>();
  for (const item of items) {
    const fold = folds.get(item.fold ?? 0) ?? [];
    folds.set(item.fold ?? 0, fold);
    fold.push(item);
  }
  return [...folds.values()].flatMap((fold) => {
    if (fold.length <= MOST_ITEMS_OF_A_FOLD) return fold;
    const hashed = fold.map((item) => ({ item, hash: fnv1a(item.group) }));
    hashed.sort((p, q) => p.hash - q.hash || p.item.label - q.item.label);
    return hashed.slice(0, MOST_ITEMS_OF_A_FOLD).map(({ item }) => item);
  });
}

interface Tallies {
  readonly total: Tally;
  readonly groups: readonly Tally[];
  readonly items: number;
}

/** An item with the tally of its group. */
interface Entry {
  readonly item: RankedItem;
  readonly group: Tally;
  isUsed: boolean;
}

/** Counts the pairs with different labels among the items that share a key. */
function tally(items: readonly RankedItem[], keyOf: (item: RankedItem) => string): Tallies {
  const total: Tally = { pairs: 0, agreed: 0 };
  const groups = new Map<string, Tally>();
  const lists = new Map<string, Entry[]>();
  for (const item of items) {
    const group = groups.get(item.group) ?? { pairs: 0, agreed: 0 };
    groups.set(item.group, group);
    const key = keyOf(item);
    const list = lists.get(key) ?? [];
    lists.set(key, list);
    list.push({ item, group, isUsed: false });
  }
  const entries = [...lists.values()];
  for (const list of entries) {
    list.forEach((right, j) => {
      for (let i = 0; i < j; i++) compare(list[i] ?? right, right, total);
    });
  }
  const used = entries.flat().filter((entry) => entry.isUsed);
  const touched = [...groups.values()].filter((group) => group.pairs > 0);
  return { total, groups: touched, items: used.length };
}

function compare(left: Entry, right: Entry, total: Tally): void {
  const difference = left.item.label - right.item.label;
  if (difference === 0) return;
  const sign = Math.sign(difference) * Math.sign(left.item.predicted - right.item.predicted);
  add(total, (1 + sign) / 2);
  add(left.group, (1 + sign) / 2);
  if (left.group !== right.group) add(right.group, (1 + sign) / 2);
  left.isUsed = true;
  right.isUsed = true;
}

function add(tally: Tally, agreed: number): void {
  tally.pairs += 1;
  tally.agreed += agreed;
}

function agreementOf(
  { total, groups, items }: Tallies,
  scope: PairAgreement['scope'],
): PairAgreement {
  const mean = total.agreed / total.pairs;
  const rest = groups.map((group) => (total.agreed - group.agreed) / (total.pairs - group.pairs));
  const clusters = rest.length;
  const isDefined = clusters > 1 && rest.every((share) => Number.isFinite(share));
  if (!isDefined) {
    const accuracy = { mean, low: 0, high: 1, n: total.pairs, clusters };
    return { n: items, pairs: total.pairs, accuracy, scope };
  }
  const centre = rest.reduce((sum, share) => sum + share, 0) / clusters;
  const squares = rest.reduce((sum, share) => sum + (share - centre) ** 2, 0);
  const standardError = Math.sqrt(((clusters - 1) / clusters) * squares);
  const accuracy = shareInterval(mean, standardError, total.pairs, clusters);
  return { n: items, pairs: total.pairs, accuracy, scope };
}
