import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { diffLines, lineChangeRatio, linesOf } from './line-diff.ts';

/** Length of the longest common subsequence, by the table that everyone knows. */
function longestCommon(first: readonly string[], second: readonly string[]): number {
  let row = new Array<number>(second.length + 1).fill(0);
  for (const line of first) {
    const next = [0];
    second.forEach((other, place) => {
      next.push(
        line === other ? (row[place] ?? 0) + 1 : Math.max(row[place + 1] ?? 0, next[place] ?? 0),
      );
    });
    row = next;
  }
  return row.at(-1) ?? 0;
}

const lines = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 24 });
const kept = (all: readonly string[], isOut: Uint8Array): string[] =>
  all.filter((_, place) => isOut[place] === 0);

describe('difference of lines', () => {
  test('finds the longest common subsequence, and the lines kept on both sides are the same', () => {
    fc.assert(
      fc.property(lines, lines, (before, after) => {
        const diff = diffLines(before, after);
        expect(diff.same).toBe(longestCommon(before, after));
        expect(kept(before, diff.isRemoved)).toEqual(kept(after, diff.isAdded));
        expect(diff.same + diff.removed).toBe(before.length);
        expect(diff.same + diff.added).toBe(after.length);
        expect(diff.isShortest).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  test('stays a valid script when the search is cut short', () => {
    fc.assert(
      fc.property(lines, lines, fc.integer({ min: 1, max: 3 }), (before, after, limit) => {
        const diff = diffLines(before, after, limit);
        expect(kept(before, diff.isRemoved)).toEqual(kept(after, diff.isAdded));
        expect(diff.same).toBeLessThanOrEqual(longestCommon(before, after));
        if (diff.isShortest) expect(diff.same).toBe(longestCommon(before, after));
      }),
      { numRuns: 2000 },
    );
  });

  test('is as large in the other direction', () => {
    fc.assert(
      fc.property(lines, lines, (before, after) => {
        expect(diffLines(after, before).same).toBe(diffLines(before, after).same);
      }),
    );
  });

  test('large texts that have nothing but single words in common come to an end', () => {
    const before = Array.from({ length: 10_000 }, (_, place) => `w${(place * 7919) % 1009}`);
    const after = Array.from({ length: 10_000 }, (_, place) => `w${(place * 6007) % 1009}`);
    const diff = diffLines(before, after, 100);
    expect(diff.isShortest).toBe(false);
    expect(kept(before, diff.isRemoved)).toEqual(kept(after, diff.isAdded));
  });

  test('the ratio is the changed share of both texts', () => {
    expect(lineChangeRatio(diffLines([], []))).toBe(0);
    expect(lineChangeRatio(diffLines(['a'], ['a']))).toBe(0);
    expect(lineChangeRatio(diffLines(['a'], ['b']))).toBe(1);
    expect(lineChangeRatio(diffLines([], ['b']))).toBe(1);
    // 2 blank lines added to 2: 2 of 6 lines.
    expect(lineChangeRatio(diffLines(['a', 'b'], ['a', '', 'b', '']))).toBeCloseTo(1 / 3, 12);
  });

  test.each([
    ['', []],
    ['a', ['a']],
    ['a\n', ['a']],
    ['a\r\nb\r\n', ['a', 'b']],
    ['a\rb', ['a', 'b']],
    ['\n', ['']],
    ['a\n\nb', ['a', '', 'b']],
  ])('%j has the lines %j', (text, expected) => expect(linesOf(text)).toEqual(expected));
});
