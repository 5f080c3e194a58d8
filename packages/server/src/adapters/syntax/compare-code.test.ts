import { type CodeComparison, compareCode, type ParseCode } from '@assay/loop';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  COUNTER,
  type CompareFiles,
  type Files,
  openComparer,
} from '../../../test/code-comparer.ts';

const parse: ParseCode = () => ({ kind: 'not-parsed', reason: 'no grammar for this file' });

let compare: CompareFiles;
beforeAll(async () => {
  compare = await openComparer();
});

const compareWhole = (before: Files, after: Files): CodeComparison =>
  compare(before, after, { isWholeChange: true });

describe('metrics of a change', () => {
  test('no change is similar in full', () => {
    expect(compare({ 'a.ts': COUNTER }, { 'a.ts': COUNTER })).toMatchObject({
      metrics: {
        astSimilarity: 1,
        fileTouchCount: 0,
        lineChangeRatio: 0,
        scaffoldingPenalty: 0,
        rewardMultiplier: 1,
      },
      label: 'minimal',
      files: [],
      notes: [],
    });
  });

  test('another literal, by hand', () => {
    const { metrics, files, lines } = compare(
      { 'a.ts': 'const a = [1, 2];\n' },
      { 'a.ts': 'const a = [1, 3];\n' },
    );
    // program > lexical_declaration > const, variable_declarator > a, =, array > [ 1 , 2 ]
    // 12 nodes each, the semicolon apart; the number and the four above it differ.
    expect(metrics.astSimilarity).toBeCloseTo(7 / 12, 12);
    expect(files[0]?.similarity?.shape).toBe(1);
    expect(lines).toEqual({ added: 1, removed: 1, same: 0 });
    expect(metrics.lineChangeRatio).toBe(1);
    expect(metrics.rewardMultiplier).toBeCloseTo(0.7 * (7 / 12) + 0.3, 12);
  });

  test('the form of line breaks and a byte order mark change no line and no tree', () => {
    const { metrics, lines } = compare(
      { 'a.ts': COUNTER },
      { 'a.ts': `\ufeff${COUNTER.replaceAll('\n', '\r\n')}` },
    );
    expect(metrics).toMatchObject({ astSimilarity: 1, fileTouchCount: 1, lineChangeRatio: 0 });
    expect(lines.same).toBe(9);
  });

  test('a renamed file costs nothing', () => {
    const { metrics, files } = compare({ 'a.ts': COUNTER }, { 'lib/counter.ts': COUNTER });
    expect(metrics).toMatchObject({ astSimilarity: 1, fileTouchCount: 1, rewardMultiplier: 1 });
    expect(files[0]).toMatchObject({ change: 'renamed', renamedFrom: 'a.ts' });
  });

  test('means are weighted by size: 1 and 0 of it', () => {
    const moved = `${COUNTER}// again\n`;
    const added = 'export const one = 1;\n';
    const { metrics } = compare({ 'a.ts': COUNTER }, { 'a.ts': moved, 'b.ts': added });
    const weight = COUNTER.length + moved.length;
    expect(metrics.astSimilarity).toBeCloseTo(weight / (weight + added.length), 12);
  });

  test('what has no tree counts by its lines, and is named', () => {
    const before = Array.from({ length: 300 }, (_, place) => `let a${place} = ${place};`).join(
      '\n',
    );
    const after = `${before.replaceAll('let', 'const')}\nlet (`;
    const { metrics, overallSimilarity, label, notes } = compare(
      { 'a.ts': before },
      { 'a.ts': after },
    );
    expect(metrics.astSimilarity).toBeNull();
    expect(metrics.scaffoldingPenalty).toBeNull();
    expect(overallSimilarity).toBe(0);
    // A rewrite is not made minimal by an error in it.
    expect(label).toBe('extensive');
    expect(notes).toEqual([
      'a.ts: counted by lines only, after the change not valid typescript',
      'scaffolding: not judged, no added code could be read',
    ]);
  });

  test('files that are not code or not text count as touched', () => {
    const { metrics, notes } = compareCode(
      [
        { path: 'logo.png', text: null, digest: '1' },
        { path: 'a.json', text: '{}\n' },
      ],
      [
        { path: 'logo.png', text: null, digest: '2' },
        { path: 'a.json', text: '{ }\n' },
      ],
      parse,
    );
    expect(metrics).toMatchObject({
      fileTouchCount: 2,
      astSimilarity: null,
      scaffoldingPenalty: 0,
    });
    expect(notes).toEqual([
      'a.json: counted by lines only, before the change no grammar for this file; after the change no grammar for this file',
      'logo.png: counted by lines only, not text',
    ]);
  });

  test('a change of which nothing can be read has no multiplier', () => {
    const { metrics, label, notes } = compareCode(
      [{ path: 'a.ts', text: null, digest: '1' }],
      [{ path: 'a.ts', text: null, digest: '2', withoutText: 'longer than 16 MiB' }],
      parse,
    );
    expect(metrics).toEqual({
      astSimilarity: null,
      fileTouchCount: 1,
      lineChangeRatio: null,
      scaffoldingPenalty: null,
      rewardMultiplier: null,
    });
    expect(label).toBeNull();
    expect(notes[1]).toBe('scaffolding: not judged, no added code could be read');
  });

  test('a large file is compared by its lines', () => {
    const before = 'const a = 1; // a line of code that is repeated\n'.repeat(110_000);
    const { metrics, lines } = compare({ 'a.ts': before }, { 'a.ts': `${before}const b = 2;\n` });
    expect(lines).toEqual({ added: 1, removed: 0, same: 110_000 });
    expect(metrics.astSimilarity).toBeNull();
    expect(metrics.rewardMultiplier).toBeGreaterThan(0.99);
  });

  test('the other way round is as similar, and every number is in its range', () => {
    const pieces = [
      'let a = 1;',
      'function f() {}',
      'f(a, b);',
      'class C { m() { return 1; } }',
      '// TODO',
      '(',
      '',
    ];
    const text = fc
      .array(fc.constantFrom(...pieces), { maxLength: 8 })
      .map((all) => all.join('\n'));
    const state = fc.dictionary(fc.constantFrom('a.ts', 'b.js', 'c.json'), text);
    fc.assert(
      fc.property(state, state, (before, after) => {
        const there = compareWhole(before, after);
        const back = compareWhole(after, before);
        expect(back.similarity).toEqual(there.similarity);
        expect(back.lines).toEqual({
          added: there.lines.removed,
          removed: there.lines.added,
          same: there.lines.same,
        });
        const { astSimilarity, lineChangeRatio, scaffoldingPenalty, rewardMultiplier } =
          there.metrics;
        for (const share of [astSimilarity, lineChangeRatio, scaffoldingPenalty]) {
          expect(share === null || share === undefined || (share >= 0 && share <= 1)).toBe(true);
        }
        expect(rewardMultiplier).toBeGreaterThanOrEqual(0.1);
        expect(rewardMultiplier).toBeLessThanOrEqual(1);
      }),
      { numRuns: 60 },
    );
  });
});

describe('hostile code', () => {
  const idle = (place: number): string => `function f${place}() { f${place + 1}(); }\n`;
  test.each<[string, Files]>([
    ['thousands of functions of one name', { 'a.ts': 'function a() { a; b; }\n'.repeat(5000) }],
    [
      'a long chain of calls',
      { 'a.ts': Array.from({ length: 5000 }, (_, at) => idle(at)).join('') },
    ],
    ['deep functions', { 'a.ts': 'function a() { a;'.repeat(2000) + '}'.repeat(2000) }],
    ['a comment of digits', { 'a.ts': `//${'1'.repeat(900_000)}\n` }],
    ['a comment of blanks', { 'a.ts': `/*${' '.repeat(900_000)}*/\n` }],
    ['blanks between elements', { 'a.tsx': `let a = <b>${' '.repeat(900_000)}</b>;\n` }],
    ['one line thousands of times', { 'a.ts': 'const same = 1;\n'.repeat(20_000) }],
    [
      'thousands of files',
      Object.fromEntries(Array.from({ length: 500 }, (_, at) => [`${at}.ts`, idle(at)])),
    ],
  ])('%s come to an end', (_what, after) => {
    const { metrics, notes } = compareWhole({}, after);
    expect(notes).toEqual([]);
    expect(metrics.astSimilarity).toBe(0);
    expect(compareWhole(after, after).files).toEqual([]);
  });
});
