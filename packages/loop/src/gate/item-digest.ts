import { canonicalJson } from '../record/canonical-json.ts';
import { type HashText, merkleRoot } from '../record/merkle.ts';
import type { Scorecard, ScorecardItem } from './scorecard.ts';

/** Digest of what the items are, not of what they scored. Items must be sorted by id. */
export function itemsDigest(sorted: readonly ScorecardItem[], hash: HashText): string {
  return merkleRoot(
    sorted.map(({ id, category, cluster, expected, digest }) =>
      canonicalJson({ id, category, cluster, expected, digest }),
    ),
    hash,
  );
}

/** Whether items are those that a card was made from, by their digests. Any order. */
export function sameItems(
  card: Scorecard,
  items: readonly ScorecardItem[],
  hash: HashText,
): boolean {
  const sorted = [...items].sort((a, b) => (a.id < b.id ? -1 : 1));
  return (
    new Set(items.map(({ id }) => id)).size === items.length &&
    itemsDigest(sorted, hash) === card.digests.items &&
    resultsDigest(sorted, hash) === card.digests.results
  );
}

/** Digest of what the items scored. Items must be sorted by id. */
export function resultsDigest(sorted: readonly ScorecardItem[], hash: HashText): string {
  return merkleRoot(
    sorted.map(({ id, score, metrics, predicted, status }) =>
      canonicalJson({ id, score, metrics, predicted, status }),
    ),
    hash,
  );
}
