import type { Json } from '../record/canonical-json.ts';
import { wilson } from '../stats/proportion.ts';
import type { AggregateComponent } from './aggregate.ts';
import type { CategoryResult, MetricResult, Scorecard, ScorecardCounts } from './scorecard.ts';

/** A card that was read, or everything that is wrong with it. */
export type CardReading =
  | { readonly kind: 'card'; readonly card: Scorecard }
  | { readonly kind: 'invalid'; readonly errors: readonly string[] };

/** Fields without which a card is not a card, as dotted paths. */
export const REQUIRED_FIELDS: readonly string[] = [
  'schema_version',
  'agent',
  'agent.name',
  'agent.version',
  'recipe',
  'recipe.dataset',
  'recipe.dataset.reference',
  'recipe.dataset.size',
  'recipe.methodology',
  'recipe.config',
  'results',
  'results.test_cases_run',
  'results.metrics',
  'aggregate',
  'aggregate.name',
  'aggregate.formula',
  'aggregate.components',
  'aggregate.value',
];

const VERSION = /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)$/;

/**
 * Splits SCORECARD.md into the text of its front matter and its body; null when it does not start
 * with a closed front matter. A byte order mark and CRLF are accepted.
 */
export function splitFrontMatter(text: string): { yaml: string; body: string } | null {
  const clean = text.replace(/^\ufeff/, '').replace(/\r\n?/g, '\n');
  if (!clean.startsWith('---\n')) return null;
  const end = clean.indexOf('\n---\n', 3);
  const isAtEnd = end < 0 && clean.endsWith('\n---');
  if (end < 0 && !isAtEnd) return null;
  const close = isAtEnd ? clean.length - 4 : end;
  return { yaml: clean.slice(4, close), body: clean.slice(close + 5) };
}

/** Reads parsed front matter of schema_version 1 as a card, with every error that it has. */
export function readFrontMatter(value: unknown): CardReading {
  const missing = REQUIRED_FIELDS.filter((path) => isAbsent(at(value, path)));
  const errors = [
    ...missing
      .filter((path) => !missing.some((other) => path.startsWith(`${other}.`)))
      .map((path) => `Missing required field: '${path}'`),
    ...(missing.length === 0 ? typeErrors(value) : []),
  ];
  if (errors.length > 0) return { kind: 'invalid', errors };
  return { kind: 'card', card: cardOf(value) };
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null;
}

function at(value: unknown, path: string): unknown {
  let current = value;
  for (const key of path.split('.')) {
    if (!isRecord(current) || !Object.hasOwn(current, key)) return undefined;
    current = current[key];
  }
  return current;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isFiniteNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

function typeErrors(value: unknown): readonly string[] {
  const errors: string[] = [];
  const check = (path: string, isRight: (found: unknown) => boolean, what: string): void => {
    if (!isRight(at(value, path))) errors.push(`'${path}' is not ${what}`);
  };
  const isText = (found: unknown): boolean => typeof found === 'string' && found !== '';
  const isCount = (found: unknown): boolean => Number.isSafeInteger(found) && Number(found) >= 0;
  check('schema_version', (found) => found === 1, '1');
  check('agent.name', isText, 'a text');
  check('agent.version', (found) => isText(found) && VERSION.test(String(found)), 'X.Y.Z');
  check('recipe.dataset.reference', isText, 'a text');
  check('recipe.dataset.size', isCount, 'a count');
  check('recipe.methodology', isText, 'a text');
  check('recipe.config', isRecord, 'a map');
  check('results.test_cases_run', isCount, 'a count');
  check('aggregate.name', isText, 'a text');
  check('aggregate.formula', isText, 'a text');
  check('aggregate.value', isFiniteNumber, 'a finite number');
  const isWeighted = (name: string) => (one: unknown) =>
    isRecord(one) &&
    typeof one[name] === 'string' &&
    isFiniteNumber(one['value']) &&
    (one['weight'] === undefined || isFiniteNumber(one['weight']));
  const isListOf = (each: (one: unknown) => boolean) => (found: unknown) =>
    Array.isArray(found) && found.length > 0 && found.every(each);
  check('results.metrics', isListOf(isWeighted('name')), 'a list of names and numbers');
  check('aggregate.components', isListOf(isWeighted('metric')), 'a list of metrics and numbers');
  return errors;
}

function listOf(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

function textOr(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

function numberOr<T>(value: unknown, other: T): number | T {
  return isFiniteNumber(value) ? value : other;
}

function cardOf(value: unknown): Scorecard {
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
    recipe: {
      dataset: {
        reference: String(at(value, 'recipe.dataset.reference')),
        description: textOr(at(value, 'recipe.dataset.description')),
        size: numberOr(at(value, 'recipe.dataset.size'), 0),
      },
      methodology: String(at(value, 'recipe.methodology')),
      config: jsonMap(at(value, 'recipe.config')),
      environment: jsonMap(at(value, 'recipe.environment')),
      reproduction: strings(at(value, 'recipe.reproduction')),
    },
    results: {
      counts: countsOf(at(value, 'results.counts'), run),
      metrics: listOf(at(value, 'results.metrics')).map((one) => metricOf(one, run)),
      perCategory: listOf(at(value, 'results.breakdown.per_category')).flatMap(categoryOf),
      confusion: null,
      latencyMs: null,
      costUsd: numberOr(at(value, 'results.performance.cost_usd'), null),
    },
    aggregate: {
      name: String(at(value, 'aggregate.name')),
      formula: String(at(value, 'aggregate.formula')),
      components: listOf(at(value, 'aggregate.components')).map(componentOf),
      value: numberOr(at(value, 'aggregate.value'), 0),
    },
    digests: {
      items: textOr(at(value, 'recipe.dataset.items_digest')),
      results: textOr(at(value, 'digests.results')),
      config: textOr(at(value, 'digests.config')),
    },
    subject: listOf(at(value, 'subject')).map((file) => ({
      name: String(file['name']),
      sha256: String(file['sha256']),
    })),
  };
}

function jsonMap(value: unknown): Readonly<Record<string, Json>> {
  const map: Record<string, Json> = {};
  if (!isRecord(value)) return map;
  for (const [key, member] of Object.entries(value)) {
    if (isJson(member)) map[key] = member;
  }
  return map;
}

function isJson(value: unknown): value is Json {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return true;
  if (typeof value === 'number') return Number.isFinite(value);
  if (Array.isArray(value)) return value.every(isJson);
  return isRecord(value) && Object.values(value).every(isJson);
}

function strings(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}

function countsOf(value: unknown, run: number): ScorecardCounts {
  const counts = isRecord(value) ? value : {};
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

function metricOf(one: Readonly<Record<string, unknown>>, run: number): MetricResult {
  const value = numberOr(one['value'], Number.NaN);
  const n = numberOr(one['n'], run);
  const { low, high } = wilson(value * n, n);
  return {
    name: String(one['name']),
    weight: numberOr(one['weight'], 1),
    n,
    value,
    interval: { method: 'wilson-bounded', level: 0.95, low, high },
    minimalDetectableEffect: numberOr(one['mde'], 1),
  };
}

function componentOf(one: Readonly<Record<string, unknown>>): AggregateComponent {
  return {
    metric: String(one['metric']),
    value: numberOr(one['value'], Number.NaN),
    weight: numberOr(one['weight'], 1),
  };
}

function categoryOf(one: Readonly<Record<string, unknown>>): readonly CategoryResult[] {
  if (typeof one['category'] !== 'string') return [];
  const n = numberOr(one['total'], 0);
  const value = numberOr(one['accuracy'], null);
  if (value === null || n === 0) {
    return [{ category: one['category'], n, value: null, interval: null }];
  }
  const { low, high } = wilson(value * n, n);
  const interval = { method: 'wilson-bounded', level: 0.95, low, high } as const;
  return [{ category: one['category'], n, value, interval }];
}
