import { fnv1a } from '../../stats/fnv.ts';

/** A text of somebody else, with the name of its frame. */
export interface TextToFrame {
  readonly name: string;
  readonly text: string;
}

/** Texts in frames that none of them can close. */
export interface FramedTexts {
  /** The frames, one below the other. */
  readonly text: string;
  /** Occurs in no framed text; it is part of every mark. Letters and digits. */
  readonly ticket: string;
}

/**
 * Puts texts between marks `<name-ticket>` and `</name-ticket>`. The ticket is a hash of the texts,
 * with a number where a text contains it, in whatever spelling; so a text can imitate a mark but never
 * write one. Equal texts give equal frames. Hidden characters are made visible first.
 *
 * @param hash spreads texts over short tickets of lower-case letters and digits; need not be secret.
 */
export function frameTexts(
  texts: readonly TextToFrame[],
  hash: (text: string) => string = shortHash,
): FramedTexts {
  const shown = texts.map(({ name, text }) => ({ name, text: showHidden(text) }));
  const folded = texts.map(({ text }) => fold(text));
  const start = hash(shown.map(({ name, text }) => `${name}\0${text}`).join('\0'));
  const ticket = freeTicket(start, folded);
  const text = shown
    .map(({ name, text: body }) => `<${name}-${ticket}>\n${body}\n</${name}-${ticket}>`)
    .join('\n\n');
  return { text, ticket };
}

/** The start alone, or with the lowest number that no text has; one pass, whatever the texts. */
function freeTicket(start: string, texts: readonly string[]): string {
  if (!texts.some((text) => text.includes(start))) return start;
  const numbered = new RegExp(`${start}x(\\d+)x`, 'g');
  const taken = new Set(
    texts.flatMap((text) => [...text.matchAll(numbered)].map((found) => found[1])),
  );
  let number = 0;
  while (taken.has(String(number))) number += 1;
  return `${start}x${number}x`;
}

/** Marks with which model servers tell turns and thinking apart: text must not contain them. */
const CONTROL_MARKS =
  /<[|｜][^<>\n]{1,60}[|｜]>|<\/?(?:s|bos|eos|think|thinking|start_of_turn|end_of_turn)>|\[\/?(?:INST|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_RESULTS)\]|<<\/?SYS>>/gi;

/** Controls, bidirectional marks, zero-width and tag characters, halves of pairs. Joiners stay: scripts need them. */
const HIDDEN =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not stay hidden
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}\p{Cs}]/gu;

/**
 * Makes visible what a reader would not see and a model would: hidden characters become escapes
 * such as `\u{200b}`, and control marks of model servers get a backslash so that they are text.
 */
export function showHidden(text: string): string {
  return text
    .replaceAll('\r\n', '\n')
    .replace(HIDDEN, (found) => `\\u{${(found.codePointAt(0) ?? 0).toString(16)}}`)
    .replace(CONTROL_MARKS, (found) => `${found[0]}\\${found.slice(1)}`);
}

/** The same text without what makes spellings differ: case, width, hidden characters, spaces. */
function fold(text: string): string {
  const seen = text.normalize('NFKC').replace(HIDDEN, '');
  return seen.replace(/[\s\u200c\u200d]+/g, '').toLowerCase();
}

function shortHash(text: string): string {
  return fnv1a(text).toString(16).padStart(8, '0');
}
