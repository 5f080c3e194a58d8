/**
 * Deep equality as `node:assert` has it, by structure. `strict` compares leaves by `Object.is`,
 * `loose` by `==`, NaN being equal to itself.
 */
export function equalDeeply(
  actual: unknown,
  expected: unknown,
  mode: 'strict' | 'loose',
  seen: ReadonlyMap<object, object> = new Map(),
): boolean {
  if (typeof actual !== 'object' || typeof expected !== 'object' || !actual || !expected) {
    return equalLeaves(actual, expected, mode);
  }
  if (actual === expected || seen.get(actual) === expected) return true;
  const within = new Map(seen).set(actual, expected);
  const equal = (one: unknown, other: unknown): boolean => equalDeeply(one, other, mode, within);
  if (Array.isArray(actual) || Array.isArray(expected)) {
    return Array.isArray(actual) && Array.isArray(expected) && equalLists(actual, expected, equal);
  }
  if (actual instanceof Date || expected instanceof Date) {
    return actual instanceof Date && expected instanceof Date && +actual === +expected;
  }
  if (actual instanceof Set || expected instanceof Set) {
    return actual instanceof Set && expected instanceof Set && equalBags(actual, expected, equal);
  }
  if (actual instanceof Map || expected instanceof Map) {
    return actual instanceof Map && expected instanceof Map && equalBags(actual, expected, equal);
  }
  if (actual instanceof RegExp && expected instanceof RegExp) {
    return String(actual) === String(expected);
  }
  return equalRecords(actual, expected, equal);
}

type Equal = (one: unknown, other: unknown) => boolean;

function equalLeaves(actual: unknown, expected: unknown, mode: 'strict' | 'loose'): boolean {
  if (Object.is(actual, expected)) return true;
  // biome-ignore lint/suspicious/noDoubleEquals: that is what loose means
  return mode === 'loose' && actual == expected;
}

function equalLists(
  actual: readonly unknown[],
  expected: readonly unknown[],
  equal: Equal,
): boolean {
  return (
    actual.length === expected.length &&
    actual.every((value, index) => equal(value, expected[index]))
  );
}

/** Sets, and maps as sets of pairs: each element has a partner of its own. */
function equalBags(actual: Iterable<unknown>, expected: Iterable<unknown>, equal: Equal): boolean {
  const left = [...expected];
  for (const value of actual) {
    const index = left.findIndex((other) => equal(value, other));
    if (index < 0) return false;
    left.splice(index, 1);
  }
  return left.length === 0;
}

function equalRecords(actual: object, expected: object, equal: Equal): boolean {
  const keys = Object.keys(expected);
  if (Object.keys(actual).length !== keys.length) return false;
  if (actual instanceof Error || expected instanceof Error) {
    if (String(actual) !== String(expected)) return false;
  }
  return keys.every(
    (key) =>
      Object.hasOwn(actual, key) && equal(Reflect.get(actual, key), Reflect.get(expected, key)),
  );
}
