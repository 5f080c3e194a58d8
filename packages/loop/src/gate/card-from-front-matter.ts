import { wilson } from '../stats/proportion.ts';
import type { AggregateComponent } from './aggregate.ts';
import {
  at,
  isFiniteNumber,
  isRecord,
  jsonMapOf,
  numberOr,
  recordsOf,
  textOr,
  textsOf,
  type Values,
} from './card-values.ts';
import type {
  CategoryResult,
  ConfusionMatrix,
  MetricResult,
  RerunSpread,
  Scorecard,
  ScorecardCounts,
  ScoreInterval,
  ScorerIdentity,
} from './scorecard.ts';

/** The card of a front matter whose required fields have been checked. */
export function cardOf(value: unknown): Scorecard {
  const run = numberOr(at(value, 'results.test_cases_run'), 0);
  const name = String(at(value, 'agent.name'));
  return {
    schemaVersion: 1,
    agent: {
      id: textOr(at(value, 'agent.id')) ?? name,
      name,
      version: String(at(value, 'agent.version')),
    },
    generatedAt: textOr(at(value, 'generated_at')),
    inheritedFrom: textOr(at(value, 'inherited_from')),
    recipe: recipeOf(at(value, 'recipe')),
    results: resultsOf(at(value, 'results'), run, at(value, 'recipe.config.acceptance_variance')),
    aggregate: {
      name: String(at(value, 'aggregate.name')),
      formula: String(at(value, 'aggregate.formula')),
      components: recordsOf(at(value, 'aggregate.components')).map(componentOf),
      value: numberOr(at(value, 'aggregate.value'), 0),
    },
    digests: {
      items: textOr(at(value, 'recipe.dataset.items_digest')),
      results: textOr(at(value, 'digests.results')),
      config: textOr(at(value, 'digests.config')),
      declared: textOr(at(value, 'digests.declared')),
    },
    subject: recordsOf(at(value, 'subject')).map((file) => ({
      name: String(file['name']),
      sha256: String(file['sha256']),
    })),
  };
}

function recipeOf(recipe: unknown): Scorecard['recipe'] {
  return {
    dataset: {
      reference: String(at(recipe, 'dataset.reference')),
      description: textOr(at(recipe, 'dataset.description')),
      size: numberOr(at(recipe, 'dataset.size'), 0),
    },
    methodology: String(at(recipe, 'methodology')),
    config: jsonMapOf(at(recipe, 'config')),
    environment: jsonMapOf(at(recipe, 'environment')),
    scorer: scorerOf(at(recipe, 'scorer')),
    reproduction: textsOf(at(recipe, 'reproduction')),
  };
}

function scorerOf(value: unknown): ScorerIdentity | null {
  const id = textOr(at(value, 'id'));
  const version = textOr(at(value, 'version'));
  return id === null || version === null
    ? null
    : { id, version, digest: textOr(at(value, 'digest')) };
}

function resultsOf(results: unknown, run: number, variance: unknown): Scorecard['results'] {
  return {
    counts: countsOf(at(results, 'counts'), run),
    metrics: recordsOf(at(results, 'metrics')).map((one) => metricOf(one, run, variance)),
    perCategory: recordsOf(at(results, 'breakdown.per_category')).flatMap(categoryOf),
    confusion: confusionOf(at(results, 'breakdown.confusion')),
    latencyMs: latencyOf(at(results, 'performance')),
    costUsd: numberOr(at(results, 'performance.cost_usd'), null),
  };
}

function countsOf(value: unknown, run: number): ScorecardCounts {
  const counts: Values = isRecord(value) ? value : {};
  return {
    total: numberOr(counts['total'], run),
    run,
    scored: numberOr(counts['scored'], run),
    failed: numberOr(counts['failed'], 0),
    infrastructure: numberOr(counts['infrastructure'], 0),
    unscored: numberOr(counts['unscored'], 0),
    skipped: numberOr(counts['skipped'], 0),
  };
}

function metricOf(one: Values, run: number, variance: unknown): MetricResult {
  const name = String(one['name']);
  const value = numberOr(one['value'], Number.NaN);
  const n = numberOr(one['n'], run);
  return {
    name,
    weight: numberOr(one['weight'], 1),
    n,
    value,
    interval: intervalOf(one, value, n),
    minimalDetectableEffect: numberOr(one['mde'], 1),
    rerun: rerunOf(one['rerun']) ?? recordedVariance(at(variance, name)),
  };
}

/** The interval that a card states; cards that state none get Wilson's. */
function intervalOf(one: Values, value: number, n: number): ScoreInterval {
  const { ci_method: method, ci_level: level, ci_low: low, ci_high: high } = one;
  const isKnown =
    method === 'wilson' || method === 'wilson-bounded' || method === 'wilson-clustered';
  if (isKnown && isFiniteNumber(level) && isFiniteNumber(low) && isFiniteNumber(high)) {
    return { method, level, low, high };
  }
  const stated = wilson(value * n, n);
  return { method: 'wilson-bounded', level: 0.95, low: stated.low, high: stated.high };
}

function rerunOf(value: unknown): RerunSpread | null {
  const runs = at(value, 'runs');
  const standardDeviation = at(value, 'standardDeviation');
  return isFiniteNumber(runs) && isFiniteNumber(standardDeviation)
    ? { runs, standardDeviation }
    : null;
}

/** Spread of reruns as cards of other writers record it: `{n, stdev}` in their config. */
function recordedVariance(value: unknown): RerunSpread | null {
  const runs = at(value, 'n');
  const standardDeviation = at(value, 'stdev');
  const isMeasured = isFiniteNumber(runs) && runs >= 2 && isFiniteNumber(standardDeviation);
  return isMeasured ? { runs, standardDeviation } : null;
}

function componentOf(one: Values): AggregateComponent {
  return {
    metric: String(one['metric']),
    value: numberOr(one['value'], Number.NaN),
    weight: numberOr(one['weight'], 1),
  };
}

function categoryOf(one: Values): readonly CategoryResult[] {
  const { category } = one;
  if (typeof category !== 'string') return [];
  const n = numberOr(one['total'], 0);
  const value = numberOr(one['accuracy'], null);
  if (value === null || n === 0) return [{ category, n, value: null, interval: null }];
  return [{ category, n, value, interval: intervalOf(one, value, n) }];
}

function confusionOf(value: unknown): ConfusionMatrix | null {
  const labels = textsOf(at(value, 'labels'));
  const rows = at(value, 'rows');
  const isMatrix =
    labels.length > 0 &&
    Array.isArray(rows) &&
    rows.length === labels.length &&
    rows.every(
      (row) => Array.isArray(row) && row.length === labels.length && row.every(isFiniteNumber),
    );
  return isMatrix ? { labels, rows } : null;
}

function latencyOf(value: unknown): { p50: number; p95: number } | null {
  const p50 = at(value, 'latency_p50_ms');
  const p95 = at(value, 'latency_p95_ms');
  return isFiniteNumber(p50) && isFiniteNumber(p95) ? { p50, p95 } : null;
}
