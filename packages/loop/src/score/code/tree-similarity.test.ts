import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ToyNode, toyTree } from '../../../test/toy-tree.ts';
import { createSequenceInterner } from './sequence-interner.ts';
import { treeSimilarity } from './tree-similarity.ts';

const leaf = (text: string): ToyNode => ({ kind: 'identifier', text });
const token = (text: string): ToyNode => ({ kind: `"${text}"` });
const node = (kind: string, ...children: readonly ToyNode[]): ToyNode => ({ kind, children });

const similarity = (before: ToyNode, after: ToyNode): { exact: number; shape: number } => {
  const { exact, shape } = treeSimilarity(toyTree(before), toyTree(after));
  return { exact, shape };
};

const { tree: anyTree } = fc.letrec<{ tree: ToyNode; inner: ToyNode; leaf: ToyNode }>((tie) => ({
  tree: fc.oneof({ maxDepth: 4 }, tie('leaf'), tie('inner')),
  leaf: fc.oneof(
    fc.record({
      kind: fc.constantFrom('identifier', 'number'),
      text: fc.constantFrom('a', 'b', '1'),
    }),
    fc.record({ kind: fc.constantFrom('"+"', '"="') }),
  ),
  inner: fc.record({
    kind: fc.constantFrom('call', 'block'),
    children: fc.array(tie('tree'), { minLength: 1, maxLength: 4 }),
  }),
}));

describe('similarity of trees', () => {
  test('counts the subtrees in common, by hand', () => {
    // sum(a + b) against sum(a + c). Common: a, +, and nothing above: 2 of 5 and 5.
    const before = node('sum', leaf('a'), token('+'), leaf('b'));
    const after = node('sum', leaf('a'), token('+'), leaf('c'));
    expect(similarity(before, after)).toEqual({ exact: 4 / 8, shape: 1 });
    // Repetition counts: a a b against a b b has a and b in common.
    expect(
      similarity(
        node('x', leaf('a'), leaf('a'), leaf('b')),
        node('y', leaf('a'), leaf('b'), leaf('b')),
      ),
    ).toEqual({ exact: 4 / 8, shape: 6 / 8 });
  });

  test('a leaf is not taken for an inner node, nor a word for a kind', () => {
    expect(similarity(leaf('a'), node('identifier', leaf('a'))).exact).toBe(2 / 3);
    expect(similarity(token('identifier'), { kind: 'identifier', text: '' }).exact).toBe(0);
  });

  test('is 1 exactly for the same tree, symmetric, within 0..1, and never above the shape', () => {
    fc.assert(
      fc.property(anyTree, anyTree, (before, after) => {
        const { exact, shape } = similarity(before, after);
        expect(exact === 1).toBe(JSON.stringify(before) === JSON.stringify(after));
        expect(similarity(after, before)).toEqual({ exact, shape });
        expect(exact).toBeGreaterThanOrEqual(0);
        expect(shape).toBeGreaterThanOrEqual(exact);
        expect(shape).toBeLessThanOrEqual(1);
      }),
      { numRuns: 1000 },
    );
  });

  test('comments and a comma before the closing bracket mean nothing, holes do', () => {
    const list = (...inside: readonly ToyNode[]): ToyNode =>
      node('array', token('['), ...inside, token(']'));
    const comment: ToyNode = { kind: 'comment', text: '// x' };
    const plain = list(leaf('a'), token(','), leaf('b'));
    expect(
      similarity(plain, list(leaf('a'), comment, token(','), leaf('b'), token(','))).exact,
    ).toBe(1);
    expect(
      similarity(plain, list(leaf('a'), token(','), leaf('b'), token(','), comment)).exact,
    ).toBe(1);
    expect(similarity(list(leaf('a')), list(token(','), leaf('a'))).exact).toBeLessThan(1);
    expect(similarity(list(token(',')), list()).exact).toBeLessThan(1);
    expect(
      similarity(list(leaf('a'), token(','), token(',')), list(leaf('a'), token(','))).exact,
    ).toBeLessThan(1);
  });
});

describe('interner of sequences', () => {
  test('gives the same number to the same sequence only', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.integer({ min: -3, max: 3 }), { maxLength: 5 }), { maxLength: 300 }),
        (all) => {
          const interner = createSequenceInterner();
          const expected = new Map<string, number>();
          for (const values of all) {
            const key = values.join();
            if (!expected.has(key)) expected.set(key, expected.size);
            expect(interner.intern(Int32Array.from([...values, 99]), values.length)).toBe(
              expected.get(key),
            );
          }
          expect(interner.count()).toBe(expected.size);
        },
      ),
    );
  });

  test('keeps its numbers when it grows', () => {
    const interner = createSequenceInterner();
    for (let n = 0; n < 20_000; n++) expect(interner.intern(Int32Array.of(n, n % 7), 2)).toBe(n);
    for (let n = 0; n < 20_000; n++) expect(interner.intern(Int32Array.of(n, n % 7), 2)).toBe(n);
  });
});
