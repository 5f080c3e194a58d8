import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { pairFiles, pathOfPair } from './pair-files.ts';
import type { SourceFile } from './syntax-tree.ts';

const file = (path: string, text: string): SourceFile => ({ path, text });
const words = (count: number, first = 0): string =>
  Array.from({ length: count }, (_, place) => `line ${first + place}\n`).join('');

const summary = (before: readonly SourceFile[], after: readonly SourceFile[]): string[] =>
  pairFiles(before, after).map((pair) =>
    pair.change === 'renamed'
      ? `renamed ${pair.before.path} ${pair.after.path}`
      : `${pair.change} ${pathOfPair(pair)}`,
  );

describe('pairing of files', () => {
  test('tells added, removed, changed and untouched files apart', () => {
    expect(
      summary(
        [file('same', 'x'), file('gone', 'y'), file('b', '1')],
        [file('same', 'x'), file('new', 'z'), file('b', '2')],
      ),
    ).toEqual(['changed b', 'removed gone', 'added new']);
  });

  test('the same content under another path is one renamed file', () => {
    expect(summary([file('a.ts', words(3))], [file('b/a.ts', words(3))])).toEqual([
      'renamed a.ts b/a.ts',
    ]);
    expect(summary([file('a.ts', '')], [file('b.ts', '')])).toEqual(['removed a.ts', 'added b.ts']);
  });

  test('half of the lines make a renamed file, the most alike first', () => {
    const before = [file('a.ts', words(10)), file('b.ts', words(10, 4))];
    expect(summary(before, [file('c.ts', words(10, 5))])).toEqual([
      'removed a.ts',
      'renamed b.ts c.ts',
    ]);
    expect(summary([file('a.ts', words(10))], [file('c.ts', words(10, 6))])).toEqual([
      'removed a.ts',
      'added c.ts',
    ]);
    expect(summary([file('a.ts', words(10))], [file('c.py', `${words(9)}x y z\n`)])).toEqual([
      'removed a.ts',
      'added c.py',
    ]);
  });

  test('files that are not text are compared by their digest', () => {
    const image = (path: string, digest?: string): SourceFile => ({
      path,
      text: null,
      ...(digest === undefined ? {} : { digest }),
    });
    expect(summary([image('a', '1'), image('b', '1')], [image('a', '1'), image('b', '2')])).toEqual(
      ['changed b'],
    );
    expect(summary([image('a')], [image('a')])).toEqual(['changed a']);
    expect(summary([image('a', '1')], [file('a', 'text')])).toEqual(['changed a']);
  });

  test('every file is in at most one pair, and a state differs from itself in nothing', () => {
    const files = fc.uniqueArray(
      fc.record({
        path: fc.constantFrom('a.ts', 'b.ts', 'c.ts', 'd.py', 'e.ts'),
        text: fc.integer({ min: 0, max: 6 }).map((first) => words(4, first)),
      }),
      { selector: ({ path }) => path },
    );
    fc.assert(
      fc.property(files, files, (before, after) => {
        expect(pairFiles(before, before)).toEqual([]);
        const pairs = pairFiles(before, after);
        const olds = pairs.flatMap((pair) => (pair.before === null ? [] : [pair.before.path]));
        const news = pairs.flatMap((pair) => (pair.after === null ? [] : [pair.after.path]));
        expect(new Set(olds).size).toBe(olds.length);
        expect(new Set(news).size).toBe(news.length);
        const untouched = before.length - olds.length;
        expect(after.length - news.length).toBe(untouched);
      }),
    );
  });
});
