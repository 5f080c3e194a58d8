import { equalDeeply } from './equal-deeply.ts';

/** Counts assertions and remembers the first that failed, whoever catches its exception. */
export interface AssertionLog {
  count(): number;
  /** Text of the first failure, null = none. */
  failure(): string | null;
}

/** Thrown by a failed assertion. */
class AssertionError extends Error {
  override readonly name = 'AssertionError';
}

type Check = (...args: readonly never[]) => unknown;

/**
 * Gives the test `assert` in the shape of `node:assert` and a `console.assert` that throws. Lives in
 * the interpreter of the test: the candidate cannot reach it.
 */
export function installAssertions(target: object): AssertionLog {
  let count = 0;
  let failure: string | null = null;
  const check = (holds: boolean, message: unknown, otherwise: () => string): void => {
    count += 1;
    if (holds) return;
    const text = message instanceof Error ? message.message : String(message ?? otherwise());
    failure ??= text;
    throw message instanceof Error ? message : new AssertionError(text);
  };
  const assert = Object.assign(
    (value: unknown, message?: unknown) => check(Boolean(value), message, () => 'not true'),
    { ...comparisons(check), ...throwing(check), AssertionError },
  );
  Object.assign(assert, { strict: assert, default: assert });
  const console = silentConsole((value: unknown, ...message: readonly unknown[]) => {
    check(
      Boolean(value),
      message.length === 0 ? undefined : message.map(String).join(' '),
      () => `assertion ${count + 1} failed`,
    );
  });
  for (const [name, value] of Object.entries({ assert, console })) {
    Object.defineProperty(target, name, { value, writable: true, configurable: true });
  }
  return { count: () => count, failure: () => failure };
}

type Verify = (holds: boolean, message: unknown, otherwise: () => string) => void;

function comparisons(check: Verify): Readonly<Record<string, Check>> {
  const compare =
    (word: string, holds: (actual: unknown, expected: unknown) => boolean) =>
    (actual: unknown, expected: unknown, message?: unknown): void =>
      check(holds(actual, expected), message, () => `${show(actual)} ${word} ${show(expected)}`);
  const matches = (text: unknown, pattern: unknown): boolean =>
    typeof text === 'string' && pattern instanceof RegExp && pattern.test(text);
  return {
    ok: (value: unknown, message?: unknown) =>
      check(Boolean(value), message, () => `${show(value)} is not truthy`),
    // biome-ignore lint/suspicious/noDoubleEquals: that is what assert.equal does
    equal: compare('is not equal to', (actual, expected) => actual == expected),
    // biome-ignore lint/suspicious/noDoubleEquals: that is what assert.notEqual does
    notEqual: compare('is equal to', (actual, expected) => actual != expected),
    strictEqual: compare('is not', Object.is),
    notStrictEqual: compare('is', (actual, expected) => !Object.is(actual, expected)),
    deepEqual: compare('is not deeply equal to', (a, b) => equalDeeply(a, b, 'loose')),
    deepStrictEqual: compare('is not deeply equal to', (a, b) => equalDeeply(a, b, 'strict')),
    notDeepEqual: compare('is deeply equal to', (a, b) => !equalDeeply(a, b, 'loose')),
    notDeepStrictEqual: compare('is deeply equal to', (a, b) => !equalDeeply(a, b, 'strict')),
    match: compare('does not match', matches),
    doesNotMatch: compare('matches', (text, pattern) => !matches(text, pattern)),
    ifError: (value: unknown) => check(value === null || value === undefined, value, () => 'error'),
    fail: (message?: unknown) => check(false, message, () => 'failed'),
  };
}

type Thunk = () => unknown;

function throwing(check: Verify): Readonly<Record<string, Check>> {
  const thrownBy = (run: Thunk): { readonly error: unknown } | null => {
    try {
      run();
      return null;
    } catch (error) {
      return { error };
    }
  };
  const rejectionOf = async (run: Thunk | Promise<unknown>): Promise<{ error: unknown } | null> => {
    try {
      await (typeof run === 'function' ? run() : run);
      return null;
    } catch (error) {
      return { error };
    }
  };
  return {
    throws: (run: Thunk, expected?: unknown, message?: unknown) => {
      const thrown = thrownBy(run);
      check(thrown !== null && isExpected(thrown.error, expected), message, () =>
        thrown === null ? 'nothing was thrown' : `${show(thrown.error)} was thrown`,
      );
    },
    doesNotThrow: (run: Thunk, message?: unknown) => {
      const thrown = thrownBy(run);
      check(thrown === null, message, () => `${show(thrown?.error)} was thrown`);
    },
    rejects: async (run: Thunk | Promise<unknown>, expected?: unknown, message?: unknown) => {
      const thrown = await rejectionOf(run);
      check(thrown !== null && isExpected(thrown.error, expected), message, () =>
        thrown === null ? 'nothing was thrown' : `${show(thrown.error)} was thrown`,
      );
    },
    doesNotReject: async (run: Thunk | Promise<unknown>, message?: unknown) => {
      const thrown = await rejectionOf(run);
      check(thrown === null, message, () => `${show(thrown?.error)} was thrown`);
    },
  };
}

/** Whether a thrown value is what `assert.throws` was told to expect. */
function isExpected(error: unknown, expected: unknown): boolean {
  if (expected === undefined || typeof expected === 'string') return true;
  if (expected instanceof RegExp) return expected.test(String(error));
  if (typeof expected === 'function') {
    if (expected.prototype !== undefined && error instanceof expected) return true;
    return isArrow(expected) && Reflect.apply(expected, undefined, [error]) === true;
  }
  return Object.entries(Object(expected)).every(([key, value]) => {
    const actual: unknown = Reflect.get(Object(error), key);
    return value instanceof RegExp
      ? value.test(String(actual))
      : equalDeeply(actual, value, 'strict');
  });
}

/** A function that validates, rather than a class of errors. */
function isArrow(value: object): boolean {
  return !Object.hasOwn(value, 'prototype');
}

function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  try {
    return JSON.stringify(value)?.slice(0, 200) ?? String(value);
  } catch {
    return String(value);
  }
}

/** A console that prints nothing: what a test prints is of no use to anybody. */
function silentConsole(assert: Check): Readonly<Record<string, Check>> {
  const silent = (): void => {};
  const names = ['log', 'info', 'warn', 'error', 'debug', 'trace', 'table', 'dir', 'group'];
  return { ...Object.fromEntries(names.map((name) => [name, silent])), groupEnd: silent, assert };
}
