import { createHash } from 'node:crypto';
import { canonicalJson, type Json } from '@assay/loop';
import { at, isRecord, recordsOf, type Values } from '@assay/loop/gate/card-values';
import type { ScorecardItem } from '@assay/loop/gate/scorecard';
import { checkedItem, invalidEvaluation, jsonOf, withRepeats } from './evaluation-format.ts';

/** Inspect's letters: correct, partly correct, incorrect, no answer. */
const LETTERS: Readonly<Record<string, number>> = { C: 1, P: 0.5, I: 0, N: 0 };
const MOST_LABEL_CHARACTERS = 100;

/**
 * Items of an Inspect log in JSON (`inspect log dump`): one for each sample and epoch; the epochs of
 * a sample are one family. The first scorer, or the one that is named, gives the score; the others
 * become further metrics. A sample that an error ended counts as failed; a sample that was cancelled
 * or has no such score is unscored. Throws AssayError `scorecard.invalid`.
 */
export function readInspect(text: string, scorer?: string): readonly ScorecardItem[] {
  const value = jsonOf(text);
  const samples = recordsOf(at(value, 'samples'));
  if (samples.length === 0) {
    throw invalidEvaluation('there are no samples in the log; convert it with "inspect log dump"');
  }
  const names = new Set(samples.flatMap((sample) => Object.keys(scoresOf(sample))));
  const first = scorer ?? [...names][0];
  if (first !== undefined && !names.has(first)) {
    throw invalidEvaluation(`no scorer ${first}; there are: ${[...names].join(', ')}`);
  }
  return withRepeats(samples.map((sample, index) => itemOf(sample, first, index)));
}

function scoresOf(sample: Values): Values {
  const scores = sample['scores'];
  return isRecord(scores) ? scores : {};
}

function itemOf(sample: Values, first: string | undefined, index: number): ScorecardItem {
  const { id, target, error, total_time: seconds, input } = sample;
  const entries = Object.entries(scoresOf(sample)).map(
    ([name, score]) => [name, numberOf(at(score, 'value'))] as const,
  );
  const score = entries.find(([name]) => name === first)?.[1] ?? null;
  const further = Object.fromEntries(entries.filter(([name]) => name !== first));
  const answer = first === undefined ? undefined : at(scoresOf(sample), `${first}.answer`);
  const labels = isLabel(target) && isLabel(answer) ? { expected: target, predicted: answer } : {};
  const status = isRecord(error) ? 'failed' : score === null ? 'unscored' : 'scored';
  return checkedItem(
    {
      id: String(id ?? `sample ${index + 1}`),
      score,
      status,
      ...labels,
      ...(Object.keys(further).length > 0 ? { metrics: further } : {}),
      ...(typeof seconds === 'number' ? { latencyMs: 1_000 * seconds } : {}),
      ...(input === undefined ? {} : { digest: digestOf({ input, target: target ?? null }) }),
    },
    `sample ${index + 1}`,
  );
}

function numberOf(value: unknown): number | null {
  if (typeof value === 'boolean') return Number(value);
  if (typeof value === 'string')
    return Object.hasOwn(LETTERS, value) ? (LETTERS[value] ?? null) : null;
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

/** A short text on one line: a class, not an answer in prose. */
function isLabel(value: unknown): value is string {
  return (
    typeof value === 'string' && value.length <= MOST_LABEL_CHARACTERS && !/[\r\n]/.test(value)
  );
}

function digestOf(value: unknown): string {
  return createHash('sha256')
    .update(canonicalJson(value as Json))
    .digest('hex');
}
