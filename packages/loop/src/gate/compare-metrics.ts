import { normalQuantile } from '../stats/distributions.ts';
import { holm } from '../stats/multiplicity.ts';
import { metricValue } from './build-scorecard.ts';
import type { GatePolicy } from './gate-policy.ts';
import type { MetricComparison, ScoredCard } from './gate-verdict.ts';
import { comparePairs, type Pair } from './paired-test.ts';
import type { MetricResult, RerunSpread, ScorecardItem } from './scorecard.ts';

/** z of the one-sided bound plus z of 80 % power. */
const Z_POWER = 0.841621234;

/** Compares every metric of two cards; paired when the items of both are known. */
export function compareMetrics(
  candidate: ScoredCard,
  baseline: ScoredCard,
  policy: GatePolicy,
): readonly MetricComparison[] {
  const metrics = candidate.card.results.metrics;
  const { items } = candidate;
  const old = baseline.items;
  if (items !== undefined && old !== undefined) {
    const before = byId(old);
    const compared = metrics.map((metric, index) =>
      comparisonOf(
        metric.name,
        metric.weight,
        pairsOf(items, before, metric.name, index === 0),
        policy,
      ),
    );
    return adjusted(compared.filter(isPresent), policy);
  }
  const before = new Map(baseline.card.results.metrics.map((metric) => [metric.name, metric]));
  return metrics.flatMap((metric) => {
    const then = before.get(metric.name);
    return then === undefined ? [] : [unpaired(metric, then, policy)];
  });
}

/** Compares the first metric by category, when the items of both cards are known. */
export function compareCategories(
  candidate: ScoredCard,
  baseline: ScoredCard,
  policy: GatePolicy,
): readonly MetricComparison[] {
  const { items } = candidate;
  const old = baseline.items;
  if (items === undefined || old === undefined) return [];
  const before = byId(old);
  const groups = new Map<string, ScorecardItem[]>();
  for (const item of items) {
    if (item.category === undefined) continue;
    const group = groups.get(item.category);
    if (group === undefined) groups.set(item.category, [item]);
    else group.push(item);
  }
  const compared = [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([category, within]) =>
      comparisonOf(category, 1, pairsOf(within, before, '', true), policy),
    );
  return adjusted(compared.filter(isPresent), { ...policy, metrics: null });
}

function isPresent<T>(value: T | null): value is T {
  return value !== null;
}

function byId(items: readonly ScorecardItem[]): ReadonlyMap<string, ScorecardItem> {
  return new Map(items.map((item) => [item.id, item]));
}

function pairsOf(
  items: readonly ScorecardItem[],
  before: ReadonlyMap<string, ScorecardItem>,
  metric: string,
  isFirst: boolean,
): readonly Pair[] {
  const pairs: Pair[] = [];
  for (const item of items) {
    const old = before.get(item.id);
    const now = metricValue(item, metric, isFirst);
    const then = old === undefined ? null : metricValue(old, metric, isFirst);
    if (now === null || then === null) continue;
    pairs.push({ id: item.id, cluster: item.cluster ?? item.id, baseline: then, candidate: now });
  }
  return pairs;
}

function comparisonOf(
  metric: string,
  weight: number,
  pairs: readonly Pair[],
  policy: GatePolicy,
): MetricComparison | null {
  if (new Set(pairs.map((pair) => pair.cluster)).size < 2) return null;
  const outcome = comparePairs(pairs, policy.alpha);
  const mean = (pick: (pair: Pair) => number): number =>
    pairs.reduce((sum, pair) => sum + pick(pair), 0) / pairs.length;
  const { difference, low, high, pDrop, method, discordant, standardError, n } = outcome;
  return {
    metric,
    weight,
    n,
    baseline: mean((pair) => pair.baseline),
    candidate: mean((pair) => pair.candidate),
    difference,
    low,
    high,
    pDrop,
    minimalDetectableEffect: (normalQuantile(1 - policy.alpha) + Z_POWER) * standardError,
    method,
    discordant,
    verdict: 'inconclusive',
  };
}

/** Adjusts the p-values of the counting metrics for their number (Holm 1979) and judges each. */
function adjusted(
  compared: readonly MetricComparison[],
  policy: GatePolicy,
): readonly MetricComparison[] {
  const gating = compared.filter((one) => isGating(one.metric, one.weight, policy));
  const pValues = holm(gating.map((one) => one.pDrop ?? 1));
  const adjustedP = new Map(gating.map((one, index) => [one, pValues[index] ?? 1]));
  return compared.map((one) => {
    const pDrop = adjustedP.get(one);
    if (pDrop === undefined) return { ...one, verdict: 'reported' };
    return { ...one, pDrop, verdict: judge(pDrop, one.low, policy) };
  });
}

/**
 * No drop beyond the margin passes, also when a smaller drop is certain: the margin says that this
 * size is accepted. Every metric must pass on its own bound, so passing needs no adjustment.
 */
function judge(pDrop: number, low: number, policy: GatePolicy): MetricComparison['verdict'] {
  if (low > -policy.margin) return 'passed';
  return pDrop < policy.alpha ? 'regressed' : 'inconclusive';
}

function unpaired(now: MetricResult, then: MetricResult, policy: GatePolicy): MetricComparison {
  const difference = now.value - then.value;
  const standardError = Math.hypot(noiseOf(now), noiseOf(then));
  const z = normalQuantile(1 - policy.alpha);
  const low = difference - z * standardError;
  const high = difference + z * standardError;
  return {
    metric: now.name,
    weight: now.weight,
    n: Math.min(now.n, then.n),
    baseline: then.value,
    candidate: now.value,
    difference,
    low,
    high,
    pDrop: null,
    minimalDetectableEffect: (z + Z_POWER) * standardError,
    method: 'unpaired',
    discordant: null,
    verdict: isGating(now.name, now.weight, policy)
      ? judgeUnpaired(difference, low, high, then.rerun, policy)
      : 'reported',
  };
}

/**
 * Standard error of a metric whose items are not known: the larger of the sampling error and the
 * error of reruns. Reruns of the same items tell nothing of other items, so they can only widen
 * it, and no further than to twice the sampling error: a wild recording must not hide a drop.
 */
function noiseOf({ interval, rerun }: MetricResult): number {
  const z = normalQuantile((1 + interval.level) / 2);
  const sampling = (interval.high - interval.low) / 2 / z;
  if (rerun === null || !(rerun.runs >= 2)) return sampling;
  const repeated = rerun.standardDeviation / Math.sqrt(rerun.runs);
  return Math.min(2 * sampling, Math.max(sampling, repeated));
}

/** Whether a metric can stop a release. */
function isGating(name: string, weight: number, policy: GatePolicy): boolean {
  return policy.metrics === null ? weight > 0 : policy.metrics.includes(name);
}

function judgeUnpaired(
  difference: number,
  low: number,
  high: number,
  rerun: RerunSpread | null,
  policy: GatePolicy,
): PairedVerdict {
  if (policy.withoutItems === 'point') {
    const spread = policy.rerunFactor * (rerun?.standardDeviation ?? 0);
    const band = Math.max(policy.margin, Math.min(policy.maxRerunBand, spread));
    // A tenth of a rounding digit: 0.83 - 0.8 must not miss the margin 0.03 by a binary digit.
    return difference < -band - 1e-12 ? 'regressed' : 'passed';
  }
  if (low > -policy.margin) return 'passed';
  return high < 0 ? 'regressed' : 'inconclusive';
}

type PairedVerdict = 'passed' | 'regressed' | 'inconclusive';
