import { canonicalJson } from '../record/canonical-json.ts';
import { type HashText, merkleRoot } from '../record/merkle.ts';
import type { ScorecardItem } from './scorecard.ts';

/** Digest of what the items are, not of what they scored. Items must be sorted by id. */
export function itemsDigest(sorted: readonly ScorecardItem[], hash: HashText): string {
  return merkleRoot(
    sorted.map(({ id, category, cluster, expected, digest }) =>
      canonicalJson({ id, category, cluster, expected, digest }),
    ),
    hash,
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
