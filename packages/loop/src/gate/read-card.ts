import { canonicalJson, type Json } from '../record/canonical-json.ts';
import { cardOf } from './card-from-front-matter.ts';
import { at, isFiniteNumber, isRecord } from './card-values.ts';
import { frontMatterOf } from './front-matter.ts';
import type { Scorecard } from './scorecard.ts';

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

/** The text of scorecard.json: canonical JSON, so that equal cards are equal bytes. */
export function scorecardJson(card: Scorecard): string {
  return `${canonicalJson(JSON.parse(JSON.stringify(card)) as Json)}\n`;
}

/**
 * Reads the value of a scorecard.json. It must say nothing that SCORECARD.md could not say: a field
 * that is missing, mistyped or not known makes it invalid.
 */
export function readScorecardJson(value: unknown): CardReading {
  try {
    const reading = readFrontMatter(frontMatterOf(value as Scorecard));
    if (reading.kind === 'invalid') return reading;
    const isSame = scorecardJson(reading.card) === scorecardJson(value as Scorecard);
    return isSame
      ? reading
      : { kind: 'invalid', errors: ['fields are missing, mistyped or not those of a scorecard'] };
  } catch {
    return { kind: 'invalid', errors: ['not a scorecard'] };
  }
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null;
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
