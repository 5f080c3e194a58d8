import type { ModelReply } from '../model-call.ts';
import { type NoVerdict, noVerdict } from './no-verdict.ts';

/** Longest reply that is looked at, characters. */
const LONGEST_REPLY = 100_000;
/** Most characters that are walked over in search of closing braces. */
const MOST_STEPS = 4_000_000;

type JsonObject = Readonly<Record<string, unknown>>;

/** The verdict that a reply holds, still unchecked. */
export type FoundVerdict = { readonly kind: 'found'; readonly verdict: JsonObject } | NoVerdict;

/**
 * Finds the one JSON object in a reply that carries the ticket of its question. Thinking before it,
 * a fence around it and text beside it do no harm. An object without the ticket is not the judge's:
 * the judged text cannot contain it, so a verdict that the judge merely quotes is never taken.
 *
 * Unscored when the reply was cut off or filtered, is empty or too long, has no such object, or has
 * several that differ.
 */
export function findVerdict(
  reply: Pick<ModelReply, 'text' | 'finishReason'>,
  ticket: string,
): FoundVerdict {
  if (reply.finishReason === 'length') return noVerdict('the reply was cut off');
  if (reply.finishReason === 'content-filter') return noVerdict('the reply was filtered');
  if (reply.text.length > LONGEST_REPLY) return noVerdict('the reply is too long');
  if (reply.text.trim() === '') return noVerdict('the reply is empty');
  const objects = answeredObjects(reply.text);
  if (objects === null) return noVerdict('the reply ends while thinking');
  // Spelt as it is: with escapes a judged text could hold a ticket that none of its letters show.
  const own = objects
    .filter(({ value, source }) => value['ticket'] === ticket && source.includes(`"${ticket}"`))
    .map(({ value }) => value);
  const [first] = own;
  if (first === undefined) {
    const reason =
      objects.length === 0 ? 'the reply has no JSON object' : 'the verdict lacks its ticket';
    return noVerdict(reason, excerptOf(reply.text));
  }
  const differing = new Set(own.map((object) => JSON.stringify(object)));
  return differing.size > 1
    ? noVerdict('the reply has several verdicts')
    : { kind: 'found', verdict: first };
}

/** True for an object of JSON, false for a list and for null. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Start of a text on one line, for a reader. */
export function excerptOf(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > 120 ? `${line.slice(0, 120)}…` : line;
}

interface Placed {
  readonly start: number;
  readonly end: number;
  readonly source: string;
  readonly value: JsonObject;
}

const OPENING = /^\s*<(?:think|thinking|thought|reasoning|reflection|scratchpad)>/i;
const CLOSING = /<\/(?:think|thinking|thought|reasoning|reflection|scratchpad)>/gi;

/**
 * The objects of the answer proper, without those of the thinking before it; null when the thinking
 * never ends. Some servers keep the opening tag for themselves, so a closing tag alone ends the
 * thinking too, unless it is quoted inside an object.
 */
function answeredObjects(text: string): readonly Placed[] | null {
  const objects = objectsIn(text);
  const closings = [...text.matchAll(CLOSING)]
    .map((found) => found.index)
    .filter((at) => !objects.some(({ start, end }) => start < at && at < end));
  const last = closings.at(-1);
  if (last === undefined && OPENING.test(text)) return null;
  return objects.filter(({ start }) => last === undefined || start > last);
}

/** Every outermost JSON object of a text, in order. */
function objectsIn(text: string): Placed[] {
  const found: Placed[] = [];
  let steps = 0;
  let start = text.indexOf('{');
  while (start !== -1 && steps < MOST_STEPS) {
    const end = endOfObject(text, start);
    steps += (end === -1 ? text.length : end) - start;
    const source = end === -1 ? '' : text.slice(start, end);
    const value = parsed(source);
    if (value !== undefined) found.push({ start, end, source, value });
    start = text.indexOf('{', value === undefined ? start + 1 : end);
  }
  return found;
}

/** Position after the brace that closes the one at `start`; -1 when there is none. */
function endOfObject(text: string, start: number): number {
  let depth = 0;
  let isInString = false;
  for (let at = start; at < text.length; at += 1) {
    const char = text[at];
    if (isInString) {
      if (char === '\\') at += 1;
      else if (char === '"') isInString = false;
    } else if (char === '"') isInString = true;
    else if (char === '{') depth += 1;
    else if (char === '}') {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  return -1;
}

function parsed(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
