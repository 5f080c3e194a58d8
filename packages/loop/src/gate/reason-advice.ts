import type { GateReasonCode } from './gate-verdict.ts';

/** What to do about each reason that can stop a release; null for what is only told. */
const ADVICE: Readonly<Record<GateReasonCode, string | null>> = {
  'candidate-missing': 'run the evaluation and make the card with "assay scorecard new"',
  'baseline-missing':
    'name the card of the last release with --baseline-file or --baseline-ref; --first-release when there is none',
  'first-release': null,
  'card-invalid': 'make the card again with "assay scorecard new"; do not edit it by hand',
  'not-recomputable': 'make the card again from its items; do not edit its numbers by hand',
  'too-few-items': 'run more items, or lower minItems in the policy',
  'too-little-coverage': 'run the rest of the data set, or lower minCoverage in the policy',
  'partial-run': null,
  'unexpected-version': 'measure the version that is about to be released',
  'artifact-mismatch':
    'measure these files and make the card with "assay scorecard new --artifact"',
  'other-agent': 'compare two cards of the same agent',
  'version-order': 'raise the version of the candidate, or name the right baseline',
  'other-metrics':
    'run the baseline with the metrics of the candidate, then compare; the two numbers measure different things',
  'other-formula': 'make both cards with the same formula of the aggregate',
  'other-scorer': 'score the baseline with the scorer of the candidate, then compare',
  'other-dataset': 'run the baseline on the data set of the candidate, then compare',
  'other-items': 'run both versions on the same items, then compare',
  'other-config': 'run both versions with the same settings, and record them on both cards',
  contaminated: 'replace these items, or train without them',
  'overlap-unknown': 'keep the items beside the card, so that they can be looked up',
  'floor-missed': 'improve the agent: an override does not cover a floor',
  'category-floor-missed': 'improve the agent on this category: an override does not cover a floor',
  regression:
    'look at the newly failing items; a drop that is meant to ship needs --allow-regression --reason --by',
  'category-regression':
    'look at the newly failing items of this category; a drop that is meant to ship needs --allow-regression --reason --by',
  inconclusive: 'run more items, or accept a wider margin in the policy',
  'inconclusive-allowed': null,
  'drop-within-margin': null,
  'items-missing': 'keep scorecard.items.jsonl beside both cards: paired items see smaller changes',
  overridden: null,
};

/** What a reader can do about a reason; null when there is nothing to do. */
export function adviceFor(code: GateReasonCode): string | null {
  return ADVICE[code];
}
