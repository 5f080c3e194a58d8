import type { CheckValue } from '@assay/loop';
import { equalCheckValues } from '@assay/loop';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Border, createBorder } from '../../src/adapters/sandbox/guest/border.ts';
import { equalDeeply } from '../../src/adapters/sandbox/guest/equal-deeply.ts';
import type { ValueGraph } from '../../src/adapters/sandbox/guest/value-graph.ts';
import { isValueGraph } from '../../src/adapters/sandbox/is-value-graph.ts';
import { callGraph, checkValueOf } from '../../src/adapters/sandbox/value-tree.ts';

function border(): Border {
  return createBorder({
    side: 'test',
    crossesByReference: (value) => typeof value === 'function',
    standInFor: () => ({}),
  });
}

const across = (graph: ValueGraph): ValueGraph => JSON.parse(JSON.stringify(graph)) as ValueGraph;

const values = fc.anything({
  withBigInt: true,
  withDate: true,
  withMap: true,
  withSet: true,
  withSparseArray: false,
  withTypedArray: true,
  maxDepth: 4,
});

const checkValues = fc.letrec<{ value: CheckValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constant(null),
    fc.boolean(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.string(),
    fc.bigInt().map((value) => ({ $: 'bigint', value: String(value) })),
    fc.constantFrom('NaN', 'Infinity', '-Infinity').map((value) => ({ $: 'number', value })),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(
      fc.string({ minLength: 1 }).filter((key) => key !== '$'),
      tie('value'),
      { maxKeys: 4 },
    ),
    fc.array(tie('value'), { maxLength: 3 }).map((items) => ({ $: 'set', items })),
  ),
})).value;

describe('values on their way', () => {
  it('come out of a graph as they went in', () => {
    fc.assert(
      fc.property(values, (value) => {
        const { graph } = border().encode(value);
        const { value: copy } = border().decode(across(graph));
        expect(copy).toEqual(value);
        expect(equalDeeply(copy, value, 'strict')).toBe(true);
      }),
    );
  });

  it('keep what is shared, and cycles', () => {
    const shared = { list: [1] };
    const value: unknown[] = [shared, shared, new Map([[shared, shared]])];
    value.push(value);
    const { value: copy } = border().decode(across(border().encode(value).graph));
    const [one, other, map, self] = copy as [object, object, Map<object, object>, unknown];
    expect(one).toBe(other);
    expect(map.get(one)).toBe(one);
    expect(self).toBe(copy);
  });

  it('do not overflow a stack, however deep', () => {
    let value: unknown = [];
    for (let depth = 0; depth < 100_000; depth++) value = [value];
    const { graph } = border().encode(value);
    expect(border().decode(across(graph)).objects).toHaveLength(100_001);
    expect(checkValueOf(graph, 'javascript')).toBeDefined();
  });

  it('change what was sent in place', () => {
    const list = [3, 1];
    const here = border();
    const there = border();
    const sent = here.encode([list]);
    const arrived = there.decode(across(sent.graph));
    const [theirs] = arrived.value as [number[]];
    theirs.sort().push(9);
    const origins = new Map(arrived.objects.map((object, index) => [object, index] as const));
    const answer = there.encode(theirs, origins);
    const { value } = here.decode(across(answer.graph), sent.objects);
    expect(value).toBe(list);
    expect(list).toEqual([1, 3, 9]);
  });

  it('cannot set a prototype', () => {
    const graph: ValueGraph = {
      r: ['#', 0],
      g: [
        { k: 'object', v: [['__proto__', ['#', 1]]] },
        { k: 'object', v: [['polluted', true]] },
      ],
    };
    const { value } = border().decode(graph);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect((value as { polluted?: unknown }).polluted).toBeUndefined();
  });

  it('are recognised as what they are', () => {
    fc.assert(
      fc.property(values, (value) => {
        expect(isValueGraph(across(border().encode(value).graph))).toBe(true);
      }),
    );
  });

  it('refuse what is no graph, and never crash the side that compares', () => {
    const leaf = fc.oneof(
      fc.tuple(fc.constant('#'), fc.integer({ min: -1, max: 6 })),
      fc.tuple(
        fc.constantFrom('b', 'n', 'y'),
        fc.constantFrom('1', '-0x1f', 'NaN', 'x', '9'.repeat(20_000)),
      ),
      fc.jsonValue({ maxDepth: 1 }),
    );
    const kind = fc.constantFrom(
      'list',
      'tuple',
      'set',
      'map',
      'object',
      'ref',
      'py',
      'builtin',
      'x',
    );
    const content = fc.oneof(fc.array(leaf), fc.array(fc.tuple(leaf, leaf)), fc.string());
    const node = fc.record({ k: kind, v: content, n: fc.string(), c: fc.string() });
    const junk = fc.record({ r: leaf, g: fc.array(node, { maxLength: 6 }) });
    fc.assert(
      fc.property(junk, (graph) => {
        if (!isValueGraph(graph)) return;
        for (const dialect of ['javascript', 'python'] as const) {
          const value = checkValueOf(graph, dialect);
          expect(() => equalCheckValues(value, value)).not.toThrow();
        }
      }),
    );
  });

  it.each(['javascript', 'python'] as const)(
    'go to %s and back as the checks write them',
    (dialect) => {
      fc.assert(
        fc.property(checkValues, (value) => {
          const graph = across(callGraph(dialect, [value]));
          const list = checkValueOf(graph, dialect) as readonly CheckValue[];
          const back = dialect === 'python' ? (list[0] as readonly CheckValue[])[0] : list[1];
          expect(equalCheckValues(back ?? null, value)).toBe(true);
        }),
      );
    },
  );
});
