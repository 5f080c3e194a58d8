import { canonicalJson } from '../record/canonical-json.ts';
import type { HashText } from '../record/merkle.ts';
import { AGGREGATE_FORMULA, aggregateOf } from './aggregate.ts';
import { itemsDigest, resultsDigest } from './item-digest.ts';
import { intervalOf, minimalDetectableEffect, type ValuedItem } from './metric-interval.ts';
import type {
  CategoryResult,
  ConfusionMatrix,
  ItemStatus,
  MetricResult,
  MetricWeight,
  RerunSpread,
  Scorecard,
  ScorecardCounts,
  ScorecardItem,
  ScorecardMeta,
} from './scorecard.ts';

/** Metric of a card that names none. */
export const DEFAULT_METRICS: readonly MetricWeight[] = [{ name: 'accuracy', weight: 1 }];

/**
 * Makes the scorecard of one evaluation from its items.
 *
 * Same items and meta give the same card in any order of the items. Throws RangeError when an id
 * is repeated, a score is outside 0..1, a weight is negative, no item of a metric is scored, or
 * there are more items than the data set has.
 */
export function buildScorecard(
  items: readonly ScorecardItem[],
  meta: ScorecardMeta,
  hash: HashText,
): Scorecard {
  checkItems(items);
  const sorted = [...items].sort((a, b) => (a.id < b.id ? -1 : 1));
  const weights = meta.metrics ?? DEFAULT_METRICS;
  const metrics = weights.map((weight, index) =>
    metricResult(sorted, weight, index === 0, meta.reruns?.[weight.name] ?? null),
  );
  const components = metrics.map(({ name, value, weight }) => ({ metric: name, value, weight }));
  const value = aggregateOf(components);
  if (value === null) throw new RangeError('aggregate undefined: no metrics or zero total weight');
  const size = meta.dataset.size ?? items.length;
  if (items.length > size) {
    throw new RangeError(`${items.length} items from a data set of ${size}`);
  }
  const config = meta.config ?? {};
  return {
    schemaVersion: 1,
    agent: { id: meta.agentId, name: meta.agentName ?? meta.agentId, version: meta.agentVersion },
    generatedAt: meta.generatedAt,
    inheritedFrom: null,
    recipe: {
      dataset: {
        reference: meta.dataset.reference,
        description: meta.dataset.description || null,
        size,
      },
      methodology: meta.methodology,
      config,
      environment: meta.environment ?? {},
      scorer: meta.scorer ?? null,
      reproduction: meta.reproduction ?? [],
    },
    results: {
      counts: countsOf(sorted),
      metrics,
      perCategory: perCategory(sorted),
      confusion: confusionOf(sorted),
      latencyMs: latencyOf(sorted),
      costUsd: costOf(sorted),
    },
    aggregate: {
      name: meta.aggregateName ?? weights.map((weight) => weight.name).join(' + '),
      formula: AGGREGATE_FORMULA,
      components,
      value,
    },
    digests: {
      items: itemsDigest(sorted, hash),
      results: resultsDigest(sorted, hash),
      config: hash(canonicalJson(config)),
      declared: meta.declaredDigest ?? null,
    },
    subject: meta.subject ?? [],
  };
}

/** What became of an item, said or implied. */
export function statusOf(item: ScorecardItem): ItemStatus {
  return item.status ?? (item.score === null ? 'unscored' : 'scored');
}

/**
 * Value of one metric of an item; null when it does not count. A failed run counts as 0 (the agent
 * had its chance); infrastructure failures and skipped items do not count at all.
 */
export function metricValue(item: ScorecardItem, metric: string, isFirst: boolean): number | null {
  const status = statusOf(item);
  if (status === 'infrastructure' || status === 'skipped') return null;
  const value = isFirst ? item.score : (item.metrics?.[metric] ?? null);
  return value === null && status === 'failed' ? 0 : value;
}

function checkItems(items: readonly ScorecardItem[]): void {
  const seen = new Set<string>();
  for (const item of items) {
    if (seen.has(item.id)) throw new RangeError(`item ${item.id} is there twice`);
    seen.add(item.id);
    for (const value of [item.score, ...Object.values(item.metrics ?? {})]) {
      if (value !== null && !(value >= 0 && value <= 1)) {
        throw new RangeError(`score ${value} of item ${item.id} is not within 0..1`);
      }
    }
  }
}

function metricResult(
  items: readonly ScorecardItem[],
  weight: MetricWeight,
  isFirst: boolean,
  rerun: RerunSpread | null,
): MetricResult {
  if (!(weight.weight >= 0 && Number.isFinite(weight.weight))) {
    throw new RangeError(`weight ${weight.weight} of metric ${weight.name} is negative`);
  }
  const valued = valuedItems(items, weight.name, isFirst);
  if (valued.length === 0) throw new RangeError(`metric ${weight.name} has no scored item`);
  const value = meanOf(valued);
  const interval = intervalOf(valued, 0.95);
  return {
    name: weight.name,
    weight: weight.weight,
    n: valued.length,
    value,
    interval,
    minimalDetectableEffect: minimalDetectableEffect(valued),
    rerun,
  };
}

function valuedItems(
  items: readonly ScorecardItem[],
  metric: string,
  isFirst: boolean,
): readonly ValuedItem[] {
  const valued: ValuedItem[] = [];
  for (const item of items) {
    const value = metricValue(item, metric, isFirst);
    if (value !== null) valued.push({ value, cluster: item.cluster ?? item.id });
  }
  return valued;
}

function meanOf(items: readonly ValuedItem[]): number {
  return items.reduce((sum, item) => sum + item.value, 0) / items.length;
}

function countsOf(items: readonly ScorecardItem[]): ScorecardCounts {
  const counts = { scored: 0, failed: 0, infrastructure: 0, unscored: 0, skipped: 0 };
  for (const item of items) counts[statusOf(item)] += 1;
  const run = counts.scored + counts.failed + counts.unscored;
  return { total: items.length, run, ...counts };
}

function perCategory(items: readonly ScorecardItem[]): readonly CategoryResult[] {
  const groups = new Map<string, ScorecardItem[]>();
  for (const item of items) {
    if (item.category === undefined) continue;
    const group = groups.get(item.category) ?? [];
    group.push(item);
    groups.set(item.category, group);
  }
  return [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([category, group]) => {
      const valued = valuedItems(group, '', true);
      if (valued.length === 0) return { category, n: 0, value: null, interval: null };
      return {
        category,
        n: valued.length,
        value: meanOf(valued),
        interval: intervalOf(valued, 0.95),
      };
    });
}

function confusionOf(items: readonly ScorecardItem[]): ConfusionMatrix | null {
  const pairs: (readonly [string, string])[] = [];
  for (const { expected, predicted } of items) {
    if (expected !== undefined && predicted !== undefined) pairs.push([expected, predicted]);
  }
  if (pairs.length === 0) return null;
  const labels = [...new Set(pairs.flat())].sort();
  const at = new Map(labels.map((label, index) => [label, index]));
  const rows = labels.map(() => labels.map(() => 0));
  for (const [expected, predicted] of pairs) {
    const row = rows[at.get(expected) ?? -1];
    const column = at.get(predicted) ?? -1;
    if (row !== undefined) row[column] = (row[column] ?? 0) + 1;
  }
  return { labels, rows };
}

function latencyOf(items: readonly ScorecardItem[]): { p50: number; p95: number } | null {
  const values = items
    .map((item) => item.latencyMs ?? null)
    .filter((value): value is number => value !== null)
    .sort((a, b) => a - b);
  if (values.length === 0) return null;
  const nearestRank = (share: number): number =>
    values[Math.max(0, Math.ceil(share * values.length) - 1)] ?? 0;
  return { p50: nearestRank(0.5), p95: nearestRank(0.95) };
}

function costOf(items: readonly ScorecardItem[]): number | null {
  const costs = items
    .map((item) => item.costUsd ?? null)
    .filter((value): value is number => value !== null);
  return costs.length === 0 ? null : costs.reduce((sum, cost) => sum + cost, 0);
}
