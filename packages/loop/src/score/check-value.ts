/**
 * A value as it crosses the border of the sandbox. Plain JSON stands for itself; what JSON does not
 * have is an object with the key `$`:
 *
 * - `{"$": "undefined"}`, `{"$": "number", "value": "NaN" | "Infinity" | "-Infinity"}`,
 *   `{"$": "bigint", "value": "123"}`
 * - `{"$": "set", "items": [...]}`, `{"$": "map", "entries": [[key, value], ...]}`
 * - `{"$": "date", "value": milliseconds}`, `{"$": "bytes", "value": hexadecimal}`
 * - `{"$": "object", "entries": [[key, value], ...]}`: a plain object that has a key `$` itself
 * - `{"$": "other", "type": name}`: a function, an instance of a class, a cycle; equal to nothing
 *
 * A tuple of Python is an array. An integer beyond 2^53 is a bigint.
 */
export type CheckValue =
  | null
  | boolean
  | number
  | string
  | readonly CheckValue[]
  | { readonly [key: string]: CheckValue };

/** How far a number may be off: `|actual - expected| <= max(absolute, relative * |expected|)`. */
export interface CheckValueTolerance {
  readonly absolute?: number;
  readonly relative?: number;
}

type CheckObject = { readonly [key: string]: CheckValue };

/**
 * Whether a value that came out of the sandbox is the expected one. Decided by structure alone:
 * code of the candidate has no say. Order counts in arrays, not in sets, maps and objects;
 * true is not 1, null is not undefined, NaN is NaN, -0 is 0.
 */
export function equalCheckValues(
  actual: CheckValue,
  expected: CheckValue,
  tolerance: CheckValueTolerance = {},
): boolean {
  if (typeof actual === 'number' && typeof expected === 'number') {
    return isClose(actual, expected, tolerance);
  }
  if (isList(actual) || isList(expected)) {
    return isList(actual) && isList(expected) && equalLists(actual, expected, tolerance);
  }
  if (!isObject(actual) || !isObject(expected)) return actual === expected;
  if (tagOf(actual) !== tagOf(expected)) return false;
  switch (tagOf(expected)) {
    case null:
    case 'object':
      return equalEntries(entriesOf(actual), entriesOf(expected), tolerance);
    case 'map':
      return equalUnordered(listOf(actual, 'entries'), listOf(expected, 'entries'), tolerance);
    case 'set':
      return equalUnordered(listOf(actual, 'items'), listOf(expected, 'items'), tolerance);
    case 'undefined':
      return true;
    case 'number':
    case 'bigint':
    case 'date':
    case 'bytes':
      return actual['value'] === expected['value'];
    default:
      return false;
  }
}

/** A value in one line of at most `width` characters, for a message. */
export function describeCheckValue(value: CheckValue, width = 120): string {
  const text = JSON.stringify(value);
  return text.length > width ? `${text.slice(0, width - 1)}…` : text;
}

function isList(value: CheckValue): value is readonly CheckValue[] {
  return Array.isArray(value);
}

function isObject(value: CheckValue): value is CheckObject {
  return typeof value === 'object' && value !== null && !isList(value);
}

function tagOf(value: CheckObject): string | null {
  if (!Object.hasOwn(value, '$')) return null;
  return typeof value['$'] === 'string' ? value['$'] : 'unknown';
}

function isClose(actual: number, expected: number, tolerance: CheckValueTolerance): boolean {
  if (actual === expected) return true;
  const { absolute = 0, relative = 0 } = tolerance;
  return Math.abs(actual - expected) <= Math.max(absolute, relative * Math.abs(expected));
}

function equalLists(
  actual: readonly CheckValue[],
  expected: readonly CheckValue[],
  tolerance: CheckValueTolerance,
): boolean {
  return (
    actual.length === expected.length &&
    actual.every((value, index) => equalCheckValues(value, expected[index] ?? null, tolerance))
  );
}

function listOf(value: CheckObject, key: string): readonly CheckValue[] {
  const list = value[key];
  return list !== undefined && isList(list) ? list : [];
}

/** Keys and values of a plain object, tagged or not. */
function entriesOf(value: CheckObject): ReadonlyMap<string, CheckValue> {
  if (tagOf(value) === null) return new Map(Object.entries(value));
  return new Map(
    listOf(value, 'entries').flatMap((entry) =>
      isList(entry) && typeof entry[0] === 'string' ? [[entry[0], entry[1] ?? null] as const] : [],
    ),
  );
}

function equalEntries(
  actual: ReadonlyMap<string, CheckValue>,
  expected: ReadonlyMap<string, CheckValue>,
  tolerance: CheckValueTolerance,
): boolean {
  if (actual.size !== expected.size) return false;
  for (const [key, value] of expected) {
    const other = actual.get(key);
    if (other === undefined || !equalCheckValues(other, value, tolerance)) return false;
  }
  return true;
}

/**
 * Equality of two bags. Exact text first, so that large sets cost n log n; only what is left over
 * (numbers within the tolerance, inner sets in another order) is matched one by one.
 */
function equalUnordered(
  actual: readonly CheckValue[],
  expected: readonly CheckValue[],
  tolerance: CheckValueTolerance,
): boolean {
  if (actual.length !== expected.length) return false;
  const byText = new Map<string, CheckValue[]>();
  for (const value of actual) {
    const text = JSON.stringify(value);
    const same = byText.get(text);
    if (same) same.push(value);
    else byText.set(text, [value]);
  }
  const unmatched = expected.filter(
    (value) => byText.get(JSON.stringify(value))?.pop() === undefined,
  );
  const left = [...byText.values()].flat();
  for (const value of unmatched) {
    const index = left.findIndex((other) => equalCheckValues(other, value, tolerance));
    if (index < 0) return false;
    left.splice(index, 1);
  }
  return true;
}
