import { type Fence, findFences } from './fences.ts';

/** Markdown of an answer, as far as its form matters. */
export interface Layout {
  /** The text without fenced code and without the marks of Markdown. */
  readonly prose: string;
  readonly fences: readonly Fence[];
  readonly headings: number;
  readonly bolds: number;
  readonly bullets: number;
  /** Numbers of the numbered items, in order: 1, 2, 3. */
  readonly numbers: readonly number[];
  readonly tables: readonly Table[];
}

/** Rows of a table, without the line that separates its head. */
export interface Table {
  readonly rows: number;
  /** Whether there is a separating line and every row has as many cells. */
  readonly isRegular: boolean;
}

const SEPARATOR = /^\s*\|?\s*:?-{2,}:?\s*(?:\|\s*:?-{2,}:?\s*)*\|?\s*$/;
const HEADING = /^ {0,3}#{1,6}\s+/;
const BULLET = /^\s*[-*+•‣◦]\s+/;
const NUMBERED = /^\s*(?:\*\*)?(?:step\s+)?(\d{1,3})\s*[.):](?:\*\*)?(?=\s|$)\s*/i;

const CODE_LINE =
  /[;{}]\s*$|=>|^\s*(?:def|class|function|const|let|var|import|from|return|print|public|private|#include|select|if|for|while|else|elif|try|with|@)\b|^\s*[)\]}]|^\s*<\/?[a-z][^<>]*>|\w\(.*\)\s*:?\s*$|^\s*[\w.]+\s*[-+*/]?=\s*\S/i;
const CODE_PROOF =
  /=>|^\s*(?:async\s+)?(?:def|function)\s+\w+\s*\(|^\s*(?:const|let|var)\s+\w+\s*=|;\s*$|^\s*#include\b|^\s*(?:import|from)\s+[\w.]+\s*(?:$|import\b)|^\s*select\b.+\bfrom\b|^\s*return\s+\S+$|^\s*<(?:!doctype|html|head|body|div|span|p|a|ul|ol|table|form|button|input|img|svg|h[1-6]|nav|section|script|style)\b/im;

/**
 * Reads the layout of a text. Linear in its length. A text without fences that can only be code
 * counts as one fence; where code was asked for, a short text full of signs does too.
 */
export function readLayout(text: string, isCodeExpected = false): Layout {
  const fences = looksLikeCode(text, isCodeExpected) ? [bareCode(text)] : findFences(text);
  const lines: string[] = [];
  const numbers: number[] = [];
  const tables: Table[] = [];
  const table: string[] = [];
  let headings = 0;
  let bullets = 0;
  const endTable = (): void => {
    if (table.length >= 2) tables.push(readTable(table));
    table.length = 0;
  };
  for (const line of withoutFences(text, fences).split('\n')) {
    if (isTableRow(line)) {
      table.push(line);
      if (!SEPARATOR.test(line.slice(0, 2000))) lines.push(`${line.replaceAll('|', ' ; ')}\n`);
      continue;
    }
    endTable();
    const number = NUMBERED.exec(line.slice(0, 100));
    if (HEADING.test(line)) headings++;
    else if (BULLET.test(line)) bullets++;
    else if (number) numbers.push(Number(number[1]));
    lines.push(line);
  }
  endTable();
  const joined = lines.join('\n');
  const bolds = joined.match(/\*\*[^*\n]{1,200}\*\*/g)?.length ?? 0;
  return { prose: plainText(joined), fences, headings, bolds, bullets, numbers, tables };
}

/** Items of all lists. */
export function countItems(layout: Layout): number {
  return layout.bullets + layout.numbers.length;
}

/** Whether numbered items count up by one, each list from its own start. */
export function isConsecutive(numbers: readonly number[]): boolean {
  return numbers.every((number, index) => {
    const previous = numbers[index - 1];
    return previous === undefined || number === previous + 1 || number <= 1;
  });
}

/** Whether a text without fences is code: most lines look like it, and one can be nothing else. */
function looksLikeCode(text: string, isCodeExpected: boolean): boolean {
  if (text.includes('```') || text.includes('~~~')) return false;
  if (isCodeExpected && isTerseCode(text)) return true;
  if (!CODE_PROOF.test(text)) return false;
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return lines.filter((line) => CODE_LINE.test(line.slice(0, 500))).length >= 0.6 * lines.length;
}

function isTerseCode(text: string): boolean {
  if (text.length > 300) return false;
  const signs = text.match(/[[\](){}=<>:;+*/%&|^$\\]/g)?.length ?? 0;
  return signs >= 3 && signs >= 0.12 * text.length;
}

function bareCode(text: string): Fence {
  return { start: 0, end: text.length, language: '', code: text, isClosed: true };
}

function withoutFences(text: string, fences: readonly Fence[]): string {
  let from = 0;
  let rest = '';
  for (const { start, end } of fences) {
    rest += `${text.slice(from, start)}\n`;
    from = end;
  }
  return rest + text.slice(from);
}

function isTableRow(line: string): boolean {
  const first = line.indexOf('|');
  return first >= 0 && (line.trimStart().startsWith('|') || line.indexOf('|', first + 1) >= 0);
}

function readTable(lines: readonly string[]): Table {
  const cells = lines.map(
    (line) =>
      line
        .trim()
        .replace(/^\||\|$/g, '')
        .split('|').length,
  );
  const hasHead = SEPARATOR.test(lines[1]?.slice(0, 2000) ?? '');
  return {
    rows: lines.filter((line) => !SEPARATOR.test(line.slice(0, 2000))).length,
    isRegular: hasHead && cells.every((count) => count === cells[0]),
  };
}

/** Takes marks of Markdown away and keeps what they mark; list items keep their line. */
function plainText(text: string): string {
  return text
    .replace(/^ {0,3}#{1,6}\s+(.*)$/gm, '$1\n')
    .replace(/^(\s*)(?:\*\*)?(?:step\s+)?\d{1,3}\s*[.):](?:\*\*)?(?=\s)/gim, '$1-')
    .replace(/!?\[([^\]\n]{0,300})\]\([^)\n]{0,500}\)/g, '$1')
    .replace(/[*_~`]{1,3}/g, (marks) => (marks === '_' ? '_' : ''))
    .replace(/<\/?[a-z][^<>\n]{0,200}>/gi, ' ');
}
