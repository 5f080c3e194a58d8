import { isRecord, type Values } from './card-values.ts';
import type { ItemStatus, ScorecardItem } from './scorecard.ts';

/** Items that were read, or the first thing that is wrong with them. */
export type ItemsReading =
  | { readonly kind: 'items'; readonly items: readonly ScorecardItem[] }
  | { readonly kind: 'invalid'; readonly line: number; readonly message: string };

/** An item that was read, or what is wrong with it. */
export type ItemReading =
  | { readonly kind: 'item'; readonly item: ScorecardItem }
  | { readonly kind: 'invalid'; readonly message: string };

/** Text of `scorecard.items.jsonl`: one item a line. */
export function scorecardItemLines(items: readonly ScorecardItem[]): string {
  return items.map((item) => `${JSON.stringify(item)}\n`).join('');
}

/** Reads `scorecard.items.jsonl`. Empty lines and a byte order mark are passed over. */
export function readItemLines(text: string): ItemsReading {
  const items: ScorecardItem[] = [];
  const lines = text.replace(/^\ufeff/, '').split('\n');
  for (const [index, line] of lines.entries()) {
    if (line.trim() === '') continue;
    const reading = itemOfLine(line);
    if (reading.kind === 'invalid') return { ...reading, line: index + 1 };
    items.push(reading.item);
  }
  return { kind: 'items', items };
}

function itemOfLine(line: string): ItemReading {
  try {
    return readItem(JSON.parse(line));
  } catch {
    return { kind: 'invalid', message: 'not valid JSON' };
  }
}

const STATUSES: ReadonlySet<unknown> = new Set<ItemStatus>([
  'scored',
  'failed',
  'infrastructure',
  'unscored',
  'skipped',
]);

const isShareOrNull = (value: unknown): boolean =>
  value === null || (typeof value === 'number' && value >= 0 && value <= 1);
const isText = (most: number) => (value: unknown) =>
  typeof value === 'string' && value.length <= most;
const isName = (value: unknown): boolean => isText(200)(value) && value !== '';
const isAmountOrNull = (value: unknown): boolean =>
  value === null || (typeof value === 'number' && value >= 0 && Number.isFinite(value));

/** What each member must be; all but `id` and `score` may be absent. */
const MEMBERS: Readonly<Record<keyof ScorecardItem, readonly [(v: unknown) => boolean, string]>> = {
  id: [isName, 'a text of 1 to 200 characters'],
  score: [isShareOrNull, 'a number within 0..1, or null'],
  taskId: [isName, 'a text of 1 to 200 characters'],
  category: [isText(200), 'a text of at most 200 characters'],
  cluster: [isText(200), 'a text of at most 200 characters'],
  expected: [isText(1_000), 'a text of at most 1000 characters'],
  predicted: [isText(1_000), 'a text of at most 1000 characters'],
  digest: [isText(200), 'a text of at most 200 characters'],
  status: [(value) => STATUSES.has(value), 'scored, failed, infrastructure, unscored or skipped'],
  latencyMs: [isAmountOrNull, 'a number that is not negative, or null'],
  costUsd: [isAmountOrNull, 'a number that is not negative, or null'],
  metrics: [
    (value) =>
      isRecord(value) &&
      Object.entries(value).every(([key, one]) => isName(key) && isShareOrNull(one)),
    'a map of numbers within 0..1, or null',
  ],
};

/** Reads one item. Members that are not known are left out. */
export function readItem(value: unknown): ItemReading {
  if (!isRecord(value)) return { kind: 'invalid', message: 'an item is a map' };
  const item: Record<string, unknown> = {};
  for (const [name, [isRight, what]] of Object.entries(MEMBERS)) {
    const isNeeded = name === 'id' || name === 'score';
    const member = ownMember(value, name);
    if (member === undefined && !isNeeded) continue;
    if (!isRight(member)) return { kind: 'invalid', message: `"${name}" is not ${what}` };
    item[name] = member;
  }
  return { kind: 'item', item: item as unknown as ScorecardItem };
}

function ownMember(value: Values, name: string): unknown {
  return Object.hasOwn(value, name) ? value[name] : undefined;
}
