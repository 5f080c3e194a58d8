import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createTransposer, readTransposed } from '../src/transposed.ts';

function textOf(lines: readonly string[]): string {
  const transposer = createTransposer();
  for (const line of lines) transposer.add(line);
  expect(transposer.size()).toBe(lines.length);
  return transposer.text();
}

describe('a transposed block', () => {
  it('has the form that others read', () => {
    const documents = [
      { a: 1, b: [{ x: 'p' }, { x: 'q' }] },
      { b: [], a: 2 },
      { a: 3, b: [{ x: 'r' }, { x: 's' }] },
    ];
    expect(textOf(documents.map((one) => JSON.stringify(one)))).toBe(
      '{"v":1,"shapes":[{"k":[["a",0],["b",[{"k":[["x",0]]},{"k":[["x",0]]}]]]},{"k":[["b",[]],["a",0]]}],' +
        '"ids":[0,1,0],"cols":[[".a",[1,2,3]],[".b#.x",["p","q","r","s"]]]}',
    );
  });

  it('gives every JSON value back, in any order of reading', () => {
    const key = fc.oneof(
      fc.constantFrom(
        'a',
        'b',
        '.',
        '#',
        'a.b',
        'a#',
        '__proto__',
        '1',
        '\\',
        '',
        'k',
        'constructor',
      ),
      fc.string(),
    );
    const value = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: 'medium', withCrossShrink: true },
        fc.constantFrom(null, true, false, 0, 1.5, -3e-7, 1e300, '', 'text', '\ud800', '"\\\n\0'),
        fc.array(tie('value'), { maxLength: 4 }),
        fc.array(fc.tuple(key, tie('value')), { maxLength: 4 }).map((members) => {
          const object = {};
          for (const [name, member] of members) {
            Object.defineProperty(object, name, {
              value: member,
              enumerable: true,
              configurable: true,
              writable: true,
            });
          }
          return object;
        }),
      ),
    })).value;
    fc.assert(
      fc.property(fc.array(value, { maxLength: 12 }), fc.array(fc.nat(13)), (values, order) => {
        const lines = values.map((one) => JSON.stringify(one));
        const block = readTransposed(textOf(lines));
        expect(block.size).toBe(lines.length);
        for (const index of [...lines.keys(), ...order]) {
          expect(block.line(index)).toBe(lines[index]);
        }
      }),
    );
  });

  it('gives the value of a line that is written otherwise', () => {
    const lines = ['{ "b": 1.0, "a" : [ 1e2 ] }', '{"10":1,"9":2}', '{"a":1,"a":2}'];
    const block = readTransposed(textOf(lines));
    expect([0, 1, 2].map((index) => block.line(index))).toEqual(
      lines.map((line) => JSON.stringify(JSON.parse(line))),
    );
  });

  it('keeps a document that cannot be taken apart as it is', () => {
    const deep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;
    const numbers = ['[12345678901234567890]', '[1e400]', '[-0]', '[9007199254740992]'];
    const lines = ['{"a":1}', deep, 'not JSON', '{"a":2}', ...numbers];
    const block = readTransposed(textOf(lines));
    expect([4, 5, 6, 7].map((index) => block.line(index))).toEqual(numbers);
    expect([3, 2, 1, 0, 8].map((index) => block.line(index))).toEqual([
      '{"a":2}',
      'not JSON',
      deep,
      '{"a":1}',
      undefined,
    ]);
  });

  it.each([
    ['{"v":2,"shapes":[],"ids":[],"cols":[]}', 'version 2'],
    ['{"v":1,"shapes":[],"ids":[0],"cols":[]}', 'lacks shape 0'],
    ['{"v":1,"shapes":[0],"ids":[0],"cols":[]}', 'too few values'],
  ])('says what is wrong with %s', (text, message) => {
    expect(() => readTransposed(text).line(0)).toThrow(message);
  });
});
