import { type ChangedCode, type CodeFile, forEachComment, linesOfNode } from './changed-code.ts';
import type { ScaffoldingEvidence } from './scaffolding-evidence.ts';

/** Lines that must be the same, one after the other, for a block of code to be a copy. */
const CODE_LINES = 6;
/** The same for comments. */
const COMMENT_LINES = 3;
/** Lists of imports are alike everywhere. */
const IMPORT = /^(import|from|use|package|require|using|export (\*|\{)|const .* = require\()/;

/**
 * Blocks of added lines that stand elsewhere in the changed files too and did not move: 6 lines of
 * code or 3 lines of comment, indentation, brackets alone, blank lines, imports and the comment at
 * the head of a file apart. Where all copies are new, the first one is the original.
 */
export function findCopiedBlocks(
  before: readonly CodeFile[],
  after: readonly ChangedCode[],
): readonly ScaffoldingEvidence[] {
  return [
    ...copiesIn('copied-code', CODE_LINES, before.map(codeLines), after, after.map(codeLines)),
    ...copiesIn(
      'copied-comment',
      COMMENT_LINES,
      before.map(commentLines),
      after,
      after.map(commentLines),
    ),
  ];
}

function codeLines(file: CodeFile): readonly SignificantLine[] {
  const isComment = markCommentLines(file);
  return significant(file.lines, (row, text) => isComment[row] === 0 && !IMPORT.test(text));
}

function commentLines(file: CodeFile): readonly SignificantLine[] {
  const isComment = markCommentLines(file);
  const head = headLength(file, isComment);
  return significant(file.lines, (row) => isComment[row] === 1 && row >= head);
}

/** A line that says something, without its indentation. */
interface SignificantLine {
  readonly row: number;
  readonly text: string;
}

function significant(
  lines: readonly string[],
  isWanted: (row: number, text: string) => boolean,
): readonly SignificantLine[] {
  return lines.flatMap((line, row) => {
    const text = line.trim();
    return text.length > 3 && /[\p{L}\p{N}]/u.test(text) && isWanted(row, text)
      ? [{ row, text }]
      : [];
  });
}

/** 1 for each line that holds nothing but a comment. */
function markCommentLines(file: CodeFile): Uint8Array {
  const isComment = new Uint8Array(file.lines.length);
  forEachComment(file.tree, (node) => {
    const { first, last } = linesOfNode(file, node);
    const start = file.tree.start[node] ?? 0;
    const lineStart = file.tree.text.lastIndexOf('\n', start - 1) + 1;
    const isWholeLine = file.tree.text.slice(lineStart, start).trim() === '';
    isComment.fill(1, isWholeLine ? first : first + 1, last + 1);
  });
  return isComment;
}

/** Lines before the first line of code: licences and the like. */
function headLength(file: CodeFile, isComment: Uint8Array): number {
  const row = file.lines.findIndex((line, at) => isComment[at] !== 1 && line.trim() !== '');
  return row < 0 ? file.lines.length : row;
}

interface Occurrence {
  readonly file: ChangedCode;
  readonly first: number;
  readonly last: number;
  readonly isAdded: boolean;
}

function copiesIn(
  kind: 'copied-code' | 'copied-comment',
  length: number,
  before: readonly (readonly SignificantLine[])[],
  after: readonly ChangedCode[],
  lines: readonly (readonly SignificantLine[])[],
): readonly ScaffoldingEvidence[] {
  const occurrences = new Map<string, Occurrence[]>();
  after.forEach((file, place) => {
    forEachWindow(lines[place] ?? [], length, (key, window) => {
      const found = occurrences.get(key) ?? [];
      occurrences.set(key, found);
      found.push({
        file,
        first: window[0]?.row ?? 0,
        last: window.at(-1)?.row ?? 0,
        isAdded: window.every((line) => file.isAdded[line.row] === 1),
      });
    });
  });
  const earlier = new Map<string, number>();
  for (const file of before) {
    forEachWindow(file, length, (key) => {
      if (occurrences.has(key)) earlier.set(key, (earlier.get(key) ?? 0) + 1);
    });
  }
  const copies: Occurrence[] = [];
  for (const [key, found] of occurrences) {
    // What was there as often before has moved at most; one of several new ones is the original.
    const extra = Math.min(found.length - (earlier.get(key) ?? 0), found.length - 1);
    if (extra > 0) copies.push(...found.filter((one) => one.isAdded).slice(-extra));
  }
  return merged(copies).map(({ file, first, last }) => ({
    kind,
    path: file.path,
    firstLine: first + 1,
    lastLine: last + 1,
    name: null,
  }));
}

function forEachWindow(
  lines: readonly SignificantLine[],
  length: number,
  visit: (key: string, window: readonly SignificantLine[]) => void,
): void {
  for (let start = 0; start + length <= lines.length; start++) {
    const window = lines.slice(start, start + length);
    visit(window.map((line) => line.text).join('\n'), window);
  }
}

/** Windows that overlap are one block. */
function merged(copies: readonly Occurrence[]): readonly Occurrence[] {
  const sorted = copies.toSorted(
    (a, b) =>
      (a.file.path < b.file.path ? -1 : Number(a.file.path > b.file.path)) || a.first - b.first,
  );
  const blocks: Occurrence[] = [];
  for (const copy of sorted) {
    const previous = blocks.at(-1);
    if (previous !== undefined && previous.file === copy.file && copy.first <= previous.last + 1) {
      blocks[blocks.length - 1] = { ...previous, last: Math.max(previous.last, copy.last) };
    } else blocks.push(copy);
  }
  return blocks;
}
