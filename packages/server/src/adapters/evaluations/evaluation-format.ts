import { readItem } from '@assay/loop/gate/read-items';
import type { ScorecardItem } from '@assay/loop/gate/scorecard';
import { AssayError } from '@assay/protocol/errors';

/** What an item may be read from. */
export const EVALUATION_FORMATS = ['jsonl', 'promptfoo', 'inspect', 'junit'] as const;

/** One of the formats that items are read from. */
export type EvaluationFormat = (typeof EVALUATION_FORMATS)[number];

/** A file of results that makes no items. */
export function invalidEvaluation(detail: string): AssayError {
  return new AssayError('scorecard.invalid', { detail });
}

/** Checks an item that was made of a file of others. Throws AssayError `scorecard.invalid`. */
export function checkedItem(item: unknown, place: string): ScorecardItem {
  const reading = readItem(item);
  if (reading.kind === 'item') return reading.item;
  throw invalidEvaluation(`${place}: ${reading.message}`);
}

/** The value of a JSON text. Throws AssayError `scorecard.invalid`. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\ufeff/, ''));
  } catch {
    throw invalidEvaluation('the file is not valid JSON');
  }
}

/** Gives repeated ids a number, and makes the repeats one family. */
export function withRepeats(
  items: readonly (ScorecardItem & { readonly id: string })[],
): readonly ScorecardItem[] {
  const seen = new Map<string, number>();
  for (const { id } of items) seen.set(id, (seen.get(id) ?? 0) + 1);
  const numbers = new Map<string, number>();
  return items.map((item) => {
    if ((seen.get(item.id) ?? 0) < 2) return item;
    const number = (numbers.get(item.id) ?? 0) + 1;
    numbers.set(item.id, number);
    return { ...item, id: `${item.id}#${number}`, cluster: item.cluster ?? item.id };
  });
}
