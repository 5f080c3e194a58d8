import { normalQuantile } from '../stats/distributions.ts';
import { holm } from '../stats/multiplicity.ts';
import { metricValue } from './build-scorecard.ts';
import type { GatePolicy } from './gate-policy.ts';
import type { MetricComparison, ScoredCard } from './gate-verdict.ts';
import { comparePairs, type Pair } from './paired-test.ts';
import type { MetricResult, ScorecardItem } from './scorecard.ts';

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
    const compared = metrics.map((metric, index) =>
      comparisonOf(
        metric.name,
        metric.weight,
        pairsOf(items, old, metric.name, index === 0),
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
  const categories = [...new Set(items.map((item) => item.category))]
    .filter((category): category is string => category !== undefined)
    .sort();
  const compared = categories.map((category) => {
    const within = items.filter((item) => item.category === category);
    return comparisonOf(category, 1, pairsOf(within, old, '', true), policy);
  });
  return adjusted(compared.filter(isPresent), policy);
}

function isPresent<T>(value: T | null): value is T {
  return value !== null;
}

function pairsOf(
  items: readonly ScorecardItem[],
  baseline: readonly ScorecardItem[],
  metric: string,
  isFirst: boolean,
): readonly Pair[] {
  const before = new Map(baseline.map((item) => [item.id, item]));
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
  const gating = compared.filter((one) => one.weight > 0);
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
  const variance = (metric: MetricResult): number => {
    const half = (metric.interval.high - metric.interval.low) / 2 / normalQuantile(0.975);
    return half * half;
  };
  const standardError = Math.sqrt(variance(now) + variance(then));
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
    verdict: now.weight === 0 ? 'reported' : judgeUnpaired(difference, low, high, policy),
  };
}

function judgeUnpaired(
  difference: number,
  low: number,
  high: number,
  policy: GatePolicy,
): PairedVerdict {
  if (policy.withoutItems === 'point') {
    // A tenth of a rounding digit: 0.83 - 0.8 must not miss the margin 0.03 by a binary digit.
    return difference < -policy.margin - 1e-12 ? 'regressed' : 'passed';
  }
  if (low > -policy.margin) return 'passed';
  return high < 0 ? 'regressed' : 'inconclusive';
}

type PairedVerdict = 'passed' | 'regressed' | 'inconclusive';
