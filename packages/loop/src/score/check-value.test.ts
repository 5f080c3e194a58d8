import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CheckValue, describeCheckValue, equalCheckValues } from './check-value.ts';

const tagged = (tag: string, rest: Record<string, CheckValue> = {}): CheckValue => ({
  $: tag,
  ...rest,
});
const NAN = tagged('number', { value: 'NaN' });

/** JSON without the key that marks what is not JSON. */
const json = fc
  .jsonValue({ maxDepth: 4 })
  .map((value) => JSON.parse(JSON.stringify(value)) as CheckValue)
  .filter((value) => !JSON.stringify(value).includes('"$"'));

describe('equality of values from the sandbox', () => {
  it('finds a copy of JSON equal', () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(equalCheckValues(value, structuredClone(value))).toBe(true);
      }),
    );
  });

  it('agrees with the canonical text of JSON values', () => {
    const canonical = (value: CheckValue): string =>
      Array.isArray(value)
        ? `[${value.map(canonical).join()}]`
        : typeof value === 'object' && value !== null
          ? `{${Object.entries(value)
              .sort(([a], [b]) => (a < b ? -1 : 1))
              .map(([key, inner]) => `${JSON.stringify(key)}:${canonical(inner)}`)
              .join()}}`
          : JSON.stringify(value === 0 ? 0 : value);
    fc.assert(
      fc.property(json, json, (one, other) => {
        expect(equalCheckValues(one, other)).toBe(canonical(one) === canonical(other));
      }),
    );
  });

  it.each<[string, CheckValue, CheckValue, boolean]>([
    ['true is not 1', true, 1, false],
    ['"1" is not 1', '1', 1, false],
    ['null is not undefined', null, tagged('undefined'), false],
    ['undefined is undefined', tagged('undefined'), tagged('undefined'), true],
    ['NaN is NaN', NAN, NAN, true],
    ['NaN is no infinity', NAN, tagged('number', { value: 'Infinity' }), false],
    ['-0 is 0', -0, 0, true],
    ['a bigint is not the number', tagged('bigint', { value: '1' }), 1, false],
    ['order counts in arrays', [1, 2], [2, 1], false],
    ['a longer array', [1, 2], [1], false],
    ['an object is no array', { 0: 1 }, [1], false],
    ['a missing key', { a: 1 }, { a: 1, b: null }, false],
    ['a further key', { a: 1, b: null }, { a: 1 }, false],
    ['keys in another order', { a: 1, b: 2 }, { b: 2, a: 1 }, true],
    ['a key named __proto__', JSON.parse('{"__proto__":1}'), {}, false],
    [
      'sets have no order',
      tagged('set', { items: [1, 2] }),
      tagged('set', { items: [2, 1] }),
      true,
    ],
    [
      'a set does not hold twice what it holds once',
      tagged('set', { items: [1, 1] }),
      tagged('set', { items: [1, 2] }),
      false,
    ],
    [
      'sets in sets',
      tagged('set', { items: [tagged('set', { items: [1, 2] }), 3] }),
      tagged('set', { items: [3, tagged('set', { items: [2, 1] })] }),
      true,
    ],
    ['a set is no array', tagged('set', { items: [1] }), [1], false],
    [
      'maps have no order',
      tagged('map', {
        entries: [
          [1, 'a'],
          [2, 'b'],
        ],
      }),
      tagged('map', {
        entries: [
          [2, 'b'],
          [1, 'a'],
        ],
      }),
      true,
    ],
    [
      'an object with a key $ is compared by its entries',
      tagged('object', { entries: [['$', 1]] }),
      tagged('object', { entries: [['$', 1]] }),
      true,
    ],
    [
      'what cannot cross equals nothing',
      tagged('other', { type: 'f' }),
      tagged('other', { type: 'f' }),
      false,
    ],
    ['an unknown tag equals nothing', tagged('always'), tagged('always'), false],
  ])('%s', (_, actual, expected, isEqual) => {
    expect(equalCheckValues(actual, expected)).toBe(isEqual);
    expect(equalCheckValues(expected, actual)).toBe(isEqual);
  });

  it('tolerates as much as it is told, at any depth', () => {
    expect(equalCheckValues([0.1 + 0.2], [0.3])).toBe(false);
    expect(equalCheckValues([0.1 + 0.2], [0.3], { absolute: 1e-9 })).toBe(true);
    expect(equalCheckValues({ a: 1001 }, { a: 1000 }, { relative: 1e-3 })).toBe(true);
    expect(equalCheckValues({ a: 1002 }, { a: 1000 }, { relative: 1e-3 })).toBe(false);
    const [one, other] = [0.3000001, 0.2999999].map((value) => tagged('set', { items: [value] }));
    expect(equalCheckValues(one ?? null, other ?? null, { absolute: 1e-3 })).toBe(true);
    expect(equalCheckValues(Number.MAX_VALUE, -Number.MAX_VALUE, { relative: 0.5 })).toBe(false);
  });

  it('compares two large sets in good time', () => {
    const items = Array.from({ length: 20_000 }, (_, index) => index);
    const set = (values: readonly number[]): CheckValue => tagged('set', { items: values });
    expect(equalCheckValues(set(items), set(items.toReversed()))).toBe(true);
  });

  it('describes a value in one line', () => {
    expect(describeCheckValue([1, { a: 'x' }])).toBe('[1,{"a":"x"}]');
    expect(describeCheckValue('x'.repeat(500), 10)).toBe('"xxxxxxxx…');
  });
});
