import { createHash } from 'node:crypto';
import type { GateReasonCode, ScoredCard } from '@assay/loop/gate/gate-verdict';
import { sameItems } from '@assay/loop/gate/item-digest';
import {
  type CardReading,
  readFrontMatter,
  readScorecardJson,
  splitFrontMatter,
} from '@assay/loop/gate/read-card';
import { readItem, readItemLines } from '@assay/loop/gate/read-items';
import type { Scorecard, ScorecardItem } from '@assay/loop/gate/scorecard';
import type { FileText } from '../adapters/files/file-text.ts';
import { yamlOf } from './yaml-value.ts';

/** A card file is small; one above this is refused before it is parsed. */
export const MOST_CARD_BYTES: number = 32 << 20;
/** The front matter above this is refused: reading YAML is slow. */
const MOST_FRONT_MATTER_CHARACTERS = 1 << 20;
/** Items above this are not read. */
export const MOST_ITEM_BYTES: number = 256 << 20;

/** Reads a file of at most so many bytes. */
export type ReadText = (path: string, mostBytes: number) => Promise<FileText>;

/** A card from a file, or why there is none. */
export type CardFile =
  | {
      readonly kind: 'card';
      readonly scored: ScoredCard;
      /** Something that a reader should know of the items, or null. */
      readonly warning: string | null;
    }
  | { readonly kind: 'absent'; readonly message: string }
  | { readonly kind: 'invalid'; readonly message: string };

/**
 * Reads a scorecard: SCORECARD.md, scorecard.json, or `{card, items}` as the server gives it. Items
 * beside the card are taken when their digests are those that the card names.
 */
export async function readScorecard(path: string, read: ReadText): Promise<CardFile> {
  const file = await read(path, MOST_CARD_BYTES);
  if (file.kind === 'absent') return { kind: 'absent', message: `there is no scorecard ${path}` };
  if (file.kind === 'too-large') {
    return invalid(`${path} is larger than ${file.mostBytes >> 20} MiB: it is no scorecard`);
  }
  const text = file.text.replace(/^\ufeff/, '');
  if (text.trimStart().startsWith('{')) return readJson(path, text, read);
  const split = splitFrontMatter(text);
  if (split === null)
    return invalid(`${path} does not start with a front matter between --- lines`);
  if (split.yaml.length > MOST_FRONT_MATTER_CHARACTERS) {
    return invalid(`${path} has a front matter of more than 1 MiB`);
  }
  const value = await yamlOf(split.yaml);
  if (value === undefined) return invalid(`${path} has a front matter that is not valid YAML`);
  return withItems(path, readingOf(readFrontMatter, value), read);
}

/** The reason of a gate for a card that could not be read. */
export function refusalOf(
  file: Exclude<CardFile, { kind: 'card' }>,
  which: 'candidate' | 'baseline',
): { readonly code: GateReasonCode; readonly message: string } {
  if (file.kind === 'invalid') {
    return { code: 'card-invalid', message: `${which}: ${file.message}` };
  }
  const code = which === 'candidate' ? 'candidate-missing' : 'baseline-missing';
  return { code, message: file.message };
}

function invalid(message: string): CardFile {
  return { kind: 'invalid', message };
}

/** A value nested so deep that reading it overflows the stack is no card. */
function readingOf(read: (value: unknown) => CardReading, value: unknown): CardReading {
  try {
    return read(value);
  } catch {
    return { kind: 'invalid', errors: ['not a scorecard'] };
  }
}

async function readJson(path: string, text: string, read: ReadText): Promise<CardFile> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return invalid(`${path} is not valid JSON`);
  }
  if (!isBundle(value)) return withItems(path, readingOf(readScorecardJson, value), read);
  const reading = readingOf(readScorecardJson, value.card);
  if (reading.kind === 'invalid') return invalid(`${path}: ${reading.errors.join('; ')}`);
  const items: ScorecardItem[] = [];
  for (const [index, one] of value.items.entries()) {
    const item = readItem(one);
    if (item.kind === 'invalid') return invalid(`${path}: item ${index + 1}: ${item.message}`);
    items.push(item.item);
  }
  return isOf(reading.card, items)
    ? { kind: 'card', scored: { card: reading.card, items }, warning: null }
    : invalid(`${path} has items that are not those of its card`);
}

function isBundle(value: unknown): value is { card: unknown; items: readonly unknown[] } {
  return (
    typeof value === 'object' &&
    value !== null &&
    'card' in value &&
    'items' in value &&
    Array.isArray(value.items)
  );
}

async function withItems(path: string, reading: CardReading, read: ReadText): Promise<CardFile> {
  if (reading.kind === 'invalid') return invalid(`${path}: ${reading.errors.join('; ')}`);
  const { card } = reading;
  const alone: CardFile = { kind: 'card', scored: { card }, warning: null };
  if (card.digests.items === null) return alone;
  const beside = itemsPathOf(path);
  const file = await read(beside, MOST_ITEM_BYTES);
  if (file.kind === 'absent') return alone;
  if (file.kind === 'too-large') return { ...alone, warning: `${beside} is too large to be read` };
  const items = readItemLines(file.text);
  if (items.kind === 'invalid') {
    return { ...alone, warning: `${beside}, line ${items.line}: ${items.message}` };
  }
  return isOf(card, items.items)
    ? { kind: 'card', scored: { card, items: items.items }, warning: null }
    : { ...alone, warning: `${beside} is left aside: it is not the items of ${path}` };
}

/** `scorecard.items.jsonl` beside SCORECARD.md and scorecard.json; `x.items.jsonl` beside `x.md`. */
export function itemsPathOf(cardPath: string): string {
  const split = /^(.*[\\/])?([^\\/]*?)(\.[^.\\/]*)?$/.exec(cardPath);
  const [, folder = '', stem = ''] = split ?? [];
  return `${folder}${/^scorecard$/i.test(stem) ? 'scorecard' : stem}.items.jsonl`;
}

function isOf(card: Scorecard, items: readonly ScorecardItem[]): boolean {
  return sameItems(card, items, (text) => createHash('sha256').update(text).digest('hex'));
}
