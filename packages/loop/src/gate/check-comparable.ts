import { canonicalJson, type Json } from '../record/canonical-json.ts';
import type { GatePolicy } from './gate-policy.ts';
import type { GateReason, GateReasonCode, ScoredCard } from './gate-verdict.ts';
import type { Scorecard } from './scorecard.ts';

/** Longest list of names in a reason. */
export const MOST_NAMES = 20;

/**
 * Whether two cards measure the same thing: same agent, a later version, the same metrics, weights
 * and formula, the same scorer, the same items of the same data set, and the same settings where
 * the policy asks for them. A stamp that only one card has counts as a difference. Empty when they compare.
 */
export function checkComparable(
  candidate: ScoredCard,
  baseline: ScoredCard,
  policy: GatePolicy,
): readonly GateReason[] {
  return [
    ...checkAgent(candidate.card, baseline.card),
    ...checkMetrics(candidate.card, baseline.card),
    ...checkScorer(candidate.card, baseline.card),
    ...checkDataset(candidate, baseline),
    ...checkSettings(candidate.card, baseline.card, policy),
  ];
}

function stop(code: GateReasonCode, message: string, names?: readonly string[]): GateReason {
  return { code, severity: 'stop', message, ...(names === undefined ? {} : { names }) };
}

function checkAgent(candidate: Scorecard, baseline: Scorecard): readonly GateReason[] {
  if (candidate.agent.id !== baseline.agent.id) {
    return [stop('other-agent', `${candidate.agent.id} against ${baseline.agent.id}`)];
  }
  const order = compareVersions(candidate.agent.version, baseline.agent.version);
  if (order > 0) return [];
  const relation = order === 0 ? 'the same as' : 'older than';
  return [
    stop(
      'version-order',
      `candidate ${candidate.agent.version} is ${relation} the baseline ${baseline.agent.version}`,
    ),
  ];
}

/** Order of two versions; versions that are not numbers with dots only differ or not. */
export function compareVersions(a: string, b: string): number {
  if (a === b) return 0;
  const numbers = /^\d+(\.\d+)*$/;
  if (!numbers.test(a) || !numbers.test(b)) return 1;
  const left = a.split('.').map(Number);
  const right = b.split('.').map(Number);
  for (let at = 0; at < Math.max(left.length, right.length); at += 1) {
    const difference = (left[at] ?? 0) - (right[at] ?? 0);
    if (difference !== 0) return Math.sign(difference);
  }
  return 0;
}

function checkMetrics(candidate: Scorecard, baseline: Scorecard): readonly GateReason[] {
  const describe = (card: Scorecard): string =>
    card.results.metrics
      .filter((metric) => metric.weight > 0)
      .map((metric) => `${metric.name} x ${metric.weight}`)
      .sort()
      .join(', ');
  const now = describe(candidate);
  const then = describe(baseline);
  const reasons = now === then ? [] : [stop('other-metrics', `${now} against ${then}`)];
  const { formula } = candidate.aggregate;
  if (formula !== baseline.aggregate.formula) {
    reasons.push(stop('other-formula', `"${formula}" against "${baseline.aggregate.formula}"`));
  }
  return reasons;
}

function checkScorer(candidate: Scorecard, baseline: Scorecard): readonly GateReason[] {
  const now = canonicalJson(
    candidate.recipe.scorer === null ? null : { ...candidate.recipe.scorer },
  );
  const then = canonicalJson(
    baseline.recipe.scorer === null ? null : { ...baseline.recipe.scorer },
  );
  return now === then ? [] : [stop('other-scorer', `${now} against ${then}`)];
}

function checkDataset(candidate: ScoredCard, baseline: ScoredCard): readonly GateReason[] {
  const now = candidate.card;
  const then = baseline.card;
  const reasons: GateReason[] = [];
  const { dataset } = now.recipe;
  const old = then.recipe.dataset;
  if (dataset.reference !== old.reference || dataset.size !== old.size) {
    reasons.push(
      stop(
        'other-dataset',
        `${dataset.reference} (${dataset.size}) against ${old.reference} (${old.size})`,
      ),
    );
  }
  if (candidate.items !== undefined && baseline.items !== undefined) {
    const changed = changedItems(candidate, baseline);
    if (changed.length > 0) {
      const message = `${changed.length} items are on one card only or have changed`;
      reasons.push(stop('other-items', message, changed.slice(0, MOST_NAMES)));
    }
    return reasons;
  }
  if (now.results.counts.run !== then.results.counts.run) {
    const message = `${now.results.counts.run} items run against ${then.results.counts.run}`;
    reasons.push(stop('other-items', message));
  } else if (now.digests.items !== then.digests.items) {
    reasons.push(stop('other-items', 'the digests of the items differ'));
  }
  return reasons;
}

function changedItems(candidate: ScoredCard, baseline: ScoredCard): readonly string[] {
  const now = definitions(candidate);
  const then = definitions(baseline);
  const ids = new Set([...now.keys(), ...then.keys()]);
  return [...ids].filter((id) => now.get(id) !== then.get(id)).sort();
}

function definitions(scored: ScoredCard): ReadonlyMap<string, string> {
  return new Map(
    (scored.items ?? []).map(({ id, category, cluster, expected, digest }) => [
      id,
      canonicalJson({ category, cluster, expected, digest }),
    ]),
  );
}

function checkSettings(
  candidate: Scorecard,
  baseline: Scorecard,
  policy: GatePolicy,
): readonly GateReason[] {
  const differing: string[] = [];
  for (const key of policy.comparableKeys) {
    const now = settingOf(candidate, key);
    const then = settingOf(baseline, key);
    if (now !== then) differing.push(`${key}: ${now ?? 'absent'} against ${then ?? 'absent'}`);
  }
  return differing.length === 0
    ? []
    : [stop('other-config', 'the settings differ', differing.slice(0, MOST_NAMES))];
}

function settingOf(card: Scorecard, key: string): string | null {
  const value: Json | undefined = card.recipe.config[key] ?? card.recipe.environment[key];
  return value === undefined || value === null ? null : canonicalJson(value);
}
