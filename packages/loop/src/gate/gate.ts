import { checkComparable, MOST_NAMES } from './check-comparable.ts';
import { checkFloors } from './check-floors.ts';
import { checkRecompute } from './check-recompute.ts';
import { compareCategories, compareMetrics } from './compare-metrics.ts';
import type { GatePolicy } from './gate-policy.ts';
import type {
  GateReason,
  GateRequest,
  GateResult,
  GateVerdict,
  MetricComparison,
  ScoredCard,
} from './gate-verdict.ts';
import type { ScorecardItem } from './scorecard.ts';

/**
 * Decides whether a version of an agent may be released.
 *
 * In this order: the cards are there; their numbers can be recomputed and lie in their ranges; the
 * card is of what is shipped; there are enough items; the two cards measure the same thing; no item
 * was trained on; the floors hold; no metric and no category fell. The first step that stops decides; floors and regression are reported together.
 */
export function decideGate(request: GateRequest): GateResult {
  const { candidate, policy } = request;
  const baseline = request.baseline ?? null;
  const empty = { metrics: [], categories: [] };
  if (candidate === null) {
    return resultOf(request, 'missing', [reason('candidate-missing', 'no candidate card')], empty);
  }
  if (baseline === null && !request.firstRelease) {
    const message = 'no baseline card; say so explicitly if this is the first release';
    return resultOf(request, 'missing', [reason('baseline-missing', message)], empty);
  }
  const blocking = gateable(candidate, baseline, request);
  if (blocking.length > 0) return resultOf(request, 'not-comparable', blocking, empty);
  const metrics = baseline === null ? [] : compareMetrics(candidate, baseline, policy);
  const categories = baseline === null ? [] : compareCategories(candidate, baseline, policy);
  const failures = [
    ...checkFloors(candidate.card, policy),
    ...metrics.filter((one) => one.verdict === 'regressed').map(regressionReason('regression')),
    ...categories
      .filter((one) => one.verdict === 'regressed')
      .map(regressionReason('category-regression')),
  ];
  const notes = notesOf(request, metrics);
  if (failures.length > 0) {
    return resultOf(request, 'regressed', [...failures, ...notes], { metrics, categories });
  }
  const open = metrics.filter((one) => one.verdict === 'inconclusive');
  if (open.length > 0 && policy.inconclusive === 'warn') {
    notes.push(note('inconclusive-allowed', 'the policy lets an inconclusive comparison pass'));
  }
  const verdict = open.length > 0 ? 'inconclusive' : 'passed';
  const reasons = [...open.map((one) => reason('inconclusive', describe(one))), ...notes];
  return resultOf(request, verdict, reasons, { metrics, categories });
}

function reason(code: GateReason['code'], message: string, names?: readonly string[]): GateReason {
  return { code, severity: 'stop', message, ...(names === undefined ? {} : { names }) };
}

function note(code: GateReason['code'], message: string): GateReason {
  return { code, severity: 'note', message };
}

/** Everything that makes a comparison meaningless, in the order in which it is looked for. */
function gateable(
  candidate: ScoredCard,
  baseline: ScoredCard | null,
  request: GateRequest,
): readonly GateReason[] {
  const { policy } = request;
  const steps: readonly (() => readonly GateReason[])[] = [
    () => checkRecompute(candidate, 'candidate'),
    () => (baseline === null ? [] : checkRecompute(baseline, 'baseline')),
    () => checkRelease(candidate, request),
    () => checkSize(candidate, 'candidate', policy),
    () => (baseline === null ? [] : checkComparable(candidate, baseline, policy)),
    () => (baseline === null ? [] : checkSize(baseline, 'baseline', policy)),
    () => (baseline === null ? [] : checkItemsKnown(candidate, baseline, policy)),
    () => checkOverlap(candidate.items, request.trainedOnItemIds ?? []),
  ];
  for (const step of steps) {
    const reasons = step();
    if (reasons.length > 0) return reasons;
  }
  return [];
}

/** The card must be of what is about to be shipped. */
function checkRelease(candidate: ScoredCard, request: GateRequest): readonly GateReason[] {
  const { agent, subject } = candidate.card;
  const reasons: GateReason[] = [];
  const expected = request.expectedVersion;
  if (expected !== undefined && expected !== agent.version) {
    const message = `the card is of version ${agent.version}, the release is ${expected}`;
    reasons.push(reason('unexpected-version', message));
  }
  const digests = new Map(subject.map((file) => [file.name, file.sha256]));
  for (const { name, sha256 } of request.artifacts ?? []) {
    const measured = digests.get(name);
    if (measured === sha256) continue;
    const message =
      measured === undefined
        ? `the card does not name ${name}: measure what is shipped, then make the card with it`
        : `${name} is ${sha256.slice(0, 12)}…, the card was measured on ${measured.slice(0, 12)}…`;
    reasons.push(reason('artifact-mismatch', message));
  }
  return reasons;
}

function checkSize({ card }: ScoredCard, which: string, policy: GatePolicy): readonly GateReason[] {
  const { run } = card.results.counts;
  const { size } = card.recipe.dataset;
  if (run < policy.minItems) {
    const message = `${which}: ${run} items were run, the policy asks for ${policy.minItems}`;
    return [reason('too-few-items', message)];
  }
  if (run >= policy.minCoverage * size) return [];
  const share = `${run} of ${size} items were run`;
  const message = `${which}: ${share}, the policy asks for ${100 * policy.minCoverage} %`;
  return [reason('too-little-coverage', message)];
}

function checkItemsKnown(
  candidate: ScoredCard,
  baseline: ScoredCard,
  policy: GatePolicy,
): readonly GateReason[] {
  const isPaired = candidate.items !== undefined && baseline.items !== undefined;
  return isPaired || policy.withoutItems !== 'refuse'
    ? []
    : [reason('items-missing', 'the policy compares only cards with their items')];
}

function checkOverlap(
  items: readonly ScorecardItem[] | undefined,
  trainedOn: readonly string[],
): readonly GateReason[] {
  if (trainedOn.length === 0) return [];
  if (items === undefined) {
    return [reason('overlap-unknown', 'training items are named but the card has no items')];
  }
  const trained = new Set(trainedOn);
  const seen = items
    .filter(
      (item) => trained.has(item.id) || (item.taskId !== undefined && trained.has(item.taskId)),
    )
    .map((item) => item.id)
    .sort();
  if (seen.length === 0) return [];
  const message = `${seen.length} of ${items.length} items were in the training data`;
  return [reason('contaminated', message, seen.slice(0, MOST_NAMES))];
}

function regressionReason(
  code: 'regression' | 'category-regression',
): (one: MetricComparison) => GateReason {
  return (one) => reason(code, describe(one));
}

function describe(one: MetricComparison): string {
  const points = (share: number): string => (100 * share).toFixed(2);
  return (
    `${one.metric}: ${points(one.baseline)} -> ${points(one.candidate)}, ` +
    `difference ${points(one.difference)} [${points(one.low)}, ${points(one.high)}] points ` +
    `of ${one.n} items, sees ${points(one.minimalDetectableEffect)}`
  );
}

function notesOf(request: GateRequest, metrics: readonly MetricComparison[]): GateReason[] {
  const notes: GateReason[] = [];
  const counts = request.candidate?.card.results.counts;
  const size = request.candidate?.card.recipe.dataset.size ?? 0;
  if (counts !== undefined && counts.run < size) {
    notes.push(note('partial-run', `${counts.run} of ${size} items of the data set were run`));
  }
  if ((request.baseline ?? null) === null) {
    notes.push(note('first-release', 'nothing to compare with: only the floors were tested'));
  }
  if (metrics.some((one) => one.method === 'unpaired')) {
    notes.push(
      note('items-missing', 'compared by summaries: the noise of the items is not paired'),
    );
  }
  for (const one of metrics) {
    if (one.verdict === 'passed' && one.difference < 0) {
      notes.push(note('drop-within-margin', describe(one)));
    }
  }
  return notes;
}

function resultOf(
  request: GateRequest,
  verdict: GateVerdict,
  reasons: readonly GateReason[],
  compared: Pick<GateResult, 'metrics' | 'categories'>,
): GateResult {
  const isRegressionOnly = reasons
    .filter(({ severity }) => severity === 'stop')
    .every(({ code }) => code === 'regression' || code === 'category-regression');
  const override = request.override ?? null;
  const isOverridden = verdict === 'regressed' && isRegressionOnly && override !== null;
  const changed = changedItems(request);
  return {
    verdict,
    mayRelease:
      verdict === 'passed' ||
      isOverridden ||
      (verdict === 'inconclusive' && request.policy.inconclusive === 'warn'),
    reasons: isOverridden
      ? [...reasons, note('overridden', `let pass by ${override.who}: ${override.why}`)]
      : reasons,
    ...compared,
    ...changed,
    aggregate: {
      baseline: request.baseline?.card.aggregate.value ?? null,
      candidate: request.candidate?.card.aggregate.value ?? null,
    },
    override: isOverridden ? override : null,
    policy: request.policy,
  };
}

function changedItems(request: GateRequest): Pick<GateResult, 'newlyFailing' | 'newlyPassing'> {
  const bar = request.policy.passScore;
  const before = new Map((request.baseline?.items ?? []).map((item) => [item.id, item.score]));
  const newlyFailing: string[] = [];
  const newlyPassing: string[] = [];
  for (const { id, score } of request.candidate?.items ?? []) {
    const then = before.get(id) ?? null;
    if (then === null || score === null) continue;
    if (then >= bar && score < bar) newlyFailing.push(id);
    if (then < bar && score >= bar) newlyPassing.push(id);
  }
  return { newlyFailing: newlyFailing.sort(), newlyPassing: newlyPassing.sort() };
}
