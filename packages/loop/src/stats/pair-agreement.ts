import { type ClusteredShare, shareInterval } from './clustered-share.ts';

/** A prediction beside the label that it should rank like. */
export interface RankedItem {
  /** Items of one group may depend on each other, for instance answers to one query. */
  readonly group: string;
  readonly predicted: number;
  readonly label: number;
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
 * holds two different labels, among all items, which takes time in the square of their number. The
 * standard error is that of a jackknife which leaves one group out at a time, so it allows for an
 * item's part in many pairs. null without a pair. `isComparable` may forbid pairs, for instance of
 * predictions by different fits.
 */
export function pairAgreement<Item extends RankedItem>(
  items: readonly Item[],
  isComparable: (left: Item, right: Item) => boolean = () => true,
): PairAgreement | null {
  const groups = new Map<string, Item[]>();
  for (const item of items) groups.set(item.group, [...(groups.get(item.group) ?? []), item]);
  const within = tally([...groups.values()], isComparable);
  if (within.total.pairs > 0) return agreementOf(within, 'within-groups');
  const across = tally([items], isComparable);
  return across.total.pairs > 0 ? agreementOf(across, 'across-groups') : null;
}

interface Tallies {
  readonly total: Tally;
  readonly groups: ReadonlyMap<string, Tally>;
  readonly items: number;
}

/** Counts the pairs inside each list. */
function tally<Item extends RankedItem>(
  lists: readonly (readonly Item[])[],
  isComparable: (left: Item, right: Item) => boolean,
): Tallies {
  const total: Tally = { pairs: 0, agreed: 0 };
  const groups = new Map<string, Tally>();
  const used = new Set<Item>();
  const groupOf = (name: string): Tally => {
    const found = groups.get(name) ?? { pairs: 0, agreed: 0 };
    groups.set(name, found);
    return found;
  };
  const compare = (left: Item, right: Item): void => {
    if (left.label === right.label || !isComparable(left, right)) return;
    const sign = Math.sign(left.label - right.label) * Math.sign(left.predicted - right.predicted);
    for (const one of new Set([total, groupOf(left.group), groupOf(right.group)])) {
      one.pairs += 1;
      one.agreed += (1 + sign) / 2;
    }
    used.add(left).add(right);
  };
  for (const list of lists) {
    list.forEach((left, i) => {
      for (const right of list.slice(i + 1)) compare(left, right);
    });
  }
  return { total, groups, items: used.size };
}

function agreementOf(
  { total, groups, items }: Tallies,
  scope: PairAgreement['scope'],
): PairAgreement {
  const mean = total.agreed / total.pairs;
  const rest = [...groups.values()].map(
    (group) => (total.agreed - group.agreed) / (total.pairs - group.pairs),
  );
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
