import { findFences } from './fences.ts';

/** What a reader sees of a text, and how much was hidden from him. */
export interface VisibleText {
  readonly text: string;
  /** Words inside comments and invisible elements, plus runs of characters without width. */
  readonly hiddenPieces: number;
  /** True when the text was longer than what is looked at. */
  readonly isCut: boolean;
}

/** No more than this many UTF-16 units are read before hidden parts are taken out. */
const MAX_RAW = 200_000;

const CONTROLS = /(?![\n\t])[\p{Cc}\p{Surrogate}]/gu;
const FLAG_TAGS = /(?<=\u{1F3F4})[\u{E0020}-\u{E007F}]+/gu;
// Hyphens that show at a line's end only, and in right-to-left texts the marks of direction, are ordinary.
const SOFT_HYPHENS = /\u00ad/g;
const DIRECTION_MARKS = /[\u202a-\u202e\u2066-\u2069]/g;
const RIGHT_TO_LEFT = /[\p{Script=Arabic}\p{Script=Hebrew}]/u;
const WITHOUT_WIDTH =
  /(?:[\u200b\u2060-\u2064\ufeff\u180e\u202a-\u202e\u2066-\u2069\u{E0000}-\u{E007F}]|[\u{E0100}-\u{E01EF}])+|(?<=[a-z])[\u200c\u200d]+(?=[a-z])/giu;
const HIDING_TAG =
  /^<(\w{1,12})\b[^<>]{0,200}(?:display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0|\bhidden\b)[^<>]{0,200}>/i;
const NOTE_LINE = /^\[\/\/\]: *# *[("'].*$/gm;

/**
 * Takes out what does not show: HTML comments, elements styled away, Markdown notes, characters
 * without width, control characters. Fenced code is left as it is, save for such characters. At
 * most `maxCharacters` of the rest are kept, from the start or, with `keepsEnd`, from both ends.
 */
export function visibleText(raw: string, maxCharacters: number, keepsEnd = false): VisibleText {
  const read = headAndTail(raw, MAX_RAW, keepsEnd).replace(/\r\n?/g, '\n');
  let hiddenPieces = 0;
  const shown = outsideFences(read, (prose) => {
    const { text, hidden } = withoutHiddenElements(prose);
    for (const piece of hidden) hiddenPieces += countWords(piece);
    return text.replace(NOTE_LINE, (note) => {
      hiddenPieces += countWords(note);
      return '';
    });
  });
  const clean = withoutOrdinaryMarks(shown)
    .replace(WITHOUT_WIDTH, () => {
      hiddenPieces++;
      return '';
    })
    .replace(CONTROLS, '')
    .normalize('NFC')
    .trim();
  const text = headAndTail(clean, maxCharacters, keepsEnd);
  return { text, hiddenPieces, isCut: raw.length > MAX_RAW || text.length < clean.length };
}

function withoutOrdinaryMarks(text: string): string {
  const plain = text
    .replace(FLAG_TAGS, '')
    .replace(/^\ufeff/, '')
    .replace(SOFT_HYPHENS, '');
  return RIGHT_TO_LEFT.test(plain) ? plain.replace(DIRECTION_MARKS, '') : plain;
}

function headAndTail(text: string, max: number, keepsEnd: boolean): string {
  if (text.length <= max) return text;
  const half = Math.floor(max / 2);
  const cut = keepsEnd ? `${text.slice(0, half)}\n\n${text.slice(-half)}` : text.slice(0, max);
  return cut.replace(/\p{Surrogate}/gu, '');
}

function outsideFences(text: string, change: (prose: string) => string): string {
  let from = 0;
  let result = '';
  for (const { start, end } of findFences(text)) {
    result += change(text.slice(from, start)) + text.slice(start, end);
    from = end;
  }
  return result + change(text.slice(from));
}

function withoutHiddenElements(text: string): { text: string; hidden: string[] } {
  const hidden: string[] = [];
  let kept = '';
  let from = 0;
  for (let at = text.indexOf('<'); at >= 0; at = text.indexOf('<', Math.max(at + 1, from))) {
    const end = hiddenUntil(text, at);
    if (end === null) continue;
    hidden.push(text.slice(at, end));
    kept += text.slice(from, at);
    from = end;
  }
  return { text: kept + text.slice(from), hidden };
}

/** Where the comment or invisible element that begins here ends; null when none begins. */
function hiddenUntil(text: string, at: number): number | null {
  if (text.startsWith('<!--', at)) {
    const end = text.indexOf('-->', at + 4);
    return end < 0 ? text.length : end + 3;
  }
  const tag = HIDING_TAG.exec(text.slice(at, at + 420));
  if (tag === null) return null;
  const close = `</${tag[1] ?? ''}>`;
  const end = text.indexOf(close, at);
  return end < 0 ? text.length : end + close.length;
}

/** Words of a hidden piece, without those of its marks. */
function countWords(piece: string): number {
  const text = piece.replace(/<!--|-->/g, ' ').replace(/<\/?\w[^<>]*>/g, ' ');
  return text.match(/\p{L}+/gu)?.length ?? 0;
}
