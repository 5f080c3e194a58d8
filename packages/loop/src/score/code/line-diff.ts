import { type EditBox, editSequencesOf, findMiddlePoint } from './middle-snake.ts';

/** Which lines of two texts are the same, by a shortest edit script. */
export interface LineDiff {
  /** Lines in common, in order. */
  readonly same: number;
  readonly added: number;
  readonly removed: number;
  /** 1 for each line of the first text that is not in the second. */
  readonly isRemoved: Uint8Array;
  /** 1 for each line of the second text that is not in the first. */
  readonly isAdded: Uint8Array;
  /** False when the texts were so large and different that the script may not be the shortest. */
  readonly isShortest: boolean;
}

/**
 * Lines of a text without their ends. `\n`, `\r\n` and `\r` end a line; the end of the last line
 * does not begin another.
 */
export function linesOf(text: string): string[] {
  if (text === '') return [];
  const lines = text.split(/\r\n|\n|\r/);
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

/**
 * Share of lines that changed, 0..1: (lines removed + lines added) / (lines before + lines after).
 * 0 for two empty texts.
 */
export function lineChangeRatio(diff: LineDiff): number {
  const changed = diff.added + diff.removed;
  return changed === 0 ? 0 : changed / (changed + 2 * diff.same);
}

/** How far each search goes before it settles for a script that may not be the shortest. */
const SEARCH_LIMIT = 1000;
const LEAST_SEARCH_LIMIT = 32;
/** Bounds lines times search limit, and so the time for texts of a million lines. */
const MOST_STEPS = 100_000_000;

/**
 * Difference of two lists of lines by Myers' algorithm in linear space ("An O(ND) difference
 * algorithm and its variations", 1986, section 4b). Lines that are only on one side are taken out
 * first. A search that has met `searchLimit` differences is split where it got furthest, which
 * bounds the time for large files that have little in common.
 */
export function diffLines(
  before: readonly string[],
  after: readonly string[],
  searchLimit: number = searchLimitFor(before.length + after.length),
): LineDiff {
  const numbers = new Map<string, number>();
  const first = numbersOf(before, numbers);
  const second = numbersOf(after, numbers);
  const isRemoved = new Uint8Array(before.length).fill(1);
  const isAdded = new Uint8Array(after.length).fill(1);
  const kept = shared(first, second, numbers.size);
  const sameLines = matchLines(kept.first.values, kept.second.values, searchLimit, (x, y) => {
    isRemoved[kept.first.places[x] ?? 0] = 0;
    isAdded[kept.second.places[y] ?? 0] = 0;
  });
  return {
    same: sameLines.count,
    removed: before.length - sameLines.count,
    added: after.length - sameLines.count,
    isRemoved,
    isAdded,
    isShortest: sameLines.isShortest,
  };
}

function searchLimitFor(lineCount: number): number {
  return Math.min(SEARCH_LIMIT, Math.max(LEAST_SEARCH_LIMIT, Math.floor(MOST_STEPS / lineCount)));
}

function matchLines(
  first: Int32Array,
  second: Int32Array,
  searchLimit: number,
  match: (x: number, y: number) => void,
): { readonly count: number; readonly isShortest: boolean } {
  const sequences = editSequencesOf(first, second);
  let count = 0;
  let isShortest = true;
  const pending: EditBox[] = [{ left: 0, right: first.length, top: 0, bottom: second.length }];
  for (let box = pending.pop(); box !== undefined; box = pending.pop()) {
    let { left, right, top, bottom } = box;
    for (; left < right && top < bottom && first[left] === second[top]; left++, top++, count++) {
      match(left, top);
    }
    while (left < right && top < bottom && first[right - 1] === second[bottom - 1]) {
      match(--right, --bottom);
      count++;
    }
    if (left === right || top === bottom) continue;
    const middle = findMiddlePoint(sequences, { left, right, top, bottom }, searchLimit);
    if (!middle.isOnShortestPath) isShortest = false;
    pending.push(
      { left, right: middle.x, top, bottom: middle.y },
      { left: middle.x, right, top: middle.y, bottom },
    );
  }
  return { count, isShortest };
}

function numbersOf(lines: readonly string[], numbers: Map<string, number>): Int32Array {
  return Int32Array.from(lines, (line) => {
    const known = numbers.get(line);
    if (known !== undefined) return known;
    numbers.set(line, numbers.size);
    return numbers.size - 1;
  });
}

interface KeptLines {
  readonly values: Int32Array;
  /** Place of each kept line in the text. */
  readonly places: Int32Array;
}

function shared(
  first: Int32Array,
  second: Int32Array,
  distinct: number,
): { readonly first: KeptLines; readonly second: KeptLines } {
  const seen = new Uint8Array(distinct);
  for (const value of first) seen[value] = 1;
  for (const value of second) seen[value] = (seen[value] ?? 0) | 2;
  const kept = (values: Int32Array): KeptLines => {
    const places: number[] = [];
    values.forEach((value, place) => {
      if (seen[value] === 3) places.push(place);
    });
    return {
      places: Int32Array.from(places),
      values: Int32Array.from(places, (place) => values[place] ?? 0),
    };
  };
  return { first: kept(first), second: kept(second) };
}
