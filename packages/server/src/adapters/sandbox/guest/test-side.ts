import { installAssertions } from './assertions.ts';
import { type Border, createBorder } from './border.ts';
import { isPlain, type ReferenceNode } from './decode.ts';
import type { Answer, Ask, TestReport } from './message.ts';
import { standInFor } from './stand-in.ts';
import { installTimers } from './timers.ts';

/** The test's interpreter as the program around it sees it. */
export interface TestGuest {
  /** Names in a source that the candidate might define, as a JSON array. */
  namesIn(source: string): string;
  /** Makes the names that the candidate defines visible to the test; a JSON array. */
  define(names: string): void;
  /** Answers an ask of the candidate: it may call functions that it was given. */
  handle(text: string): string;
  /** Watches what the test evaluated to: a promise has to settle. */
  watch(result: unknown): void;
  isSettled(): boolean;
  tick(): boolean;
  /** The report as JSON, after everything has run. */
  report(): string;
  /** Notes what the test threw. */
  note(error: unknown): void;
}

/** Asks the candidate, JSON in and out. */
export type AskCandidate = (text: string) => string;

const IDENTIFIERS = /[$_\p{ID_Start}][$\p{ID_Continue}]*/gu;
const MAX_NAMES = 5_000;

/** Prepares the global scope for a test program. */
export function createTestSide(ask: AskCandidate): TestGuest {
  const timers = installTimers(globalThis);
  const log = installAssertions(globalThis);
  const border: Border = createBorder({
    side: 'test',
    // Instances of classes go as copies of their values: only functions can be called back.
    crossesByReference: (value) => typeof value === 'function',
    standInFor: (reference: ReferenceNode) => standInFor(reference, request),
  });
  const request = (message: Omit<Ask, 'g'>, values: readonly unknown[]): unknown => {
    const { graph, objects } = border.encode(values);
    const { thrown, g } = JSON.parse(ask(JSON.stringify({ ...message, g: graph }))) as Answer;
    const { value } = border.decode(g, objects);
    if (thrown) throw value;
    return value;
  };
  const defined = new Set<string>();
  installRequire(defined);
  let promise: { isSettled: boolean } | null = null;
  let error: TestReport['error'] = null;

  return {
    namesIn: (source) => {
      const names = new Set(source.match(IDENTIFIERS)?.filter((name) => !(name in globalThis)));
      return JSON.stringify([...names].slice(0, MAX_NAMES));
    },
    define: (names) => {
      for (const name of JSON.parse(names) as string[]) {
        defined.add(name);
        defineName(name, () => request({ op: 'value', name }, []));
      }
    },
    handle: (text) => JSON.stringify(answerCall(JSON.parse(text) as Ask, border)),
    watch: (result) => {
      const isPromise = typeof (result as { then?: unknown } | null)?.then === 'function';
      if (!isPromise) return;
      const watched = { isSettled: false };
      promise = watched;
      Promise.resolve(result).then(
        () => {
          watched.isSettled = true;
        },
        (thrown: unknown) => {
          watched.isSettled = true;
          error ??= describeError(thrown);
        },
      );
    },
    isSettled: () => promise === null || promise.isSettled,
    tick: timers.tick,
    note: (thrown) => {
      error ??= describeError(thrown);
    },
    report: () => {
      const failure = log.failure();
      const report: TestReport = {
        assertions: log.count(),
        failures: failure === null ? 0 : 1,
        failure,
        error,
      };
      return JSON.stringify(report);
    },
  };
}

/** A name of the candidate: read anew each time, because the code may assign to it. */
function defineName(name: string, read: () => unknown): void {
  let known: unknown;
  const get = (): unknown => {
    if (typeof known === 'function') return known;
    known = read();
    return known;
  };
  const set = (value: unknown): void => {
    Object.defineProperty(globalThis, name, { value, writable: true, configurable: true });
  };
  Object.defineProperty(globalThis, name, { get, set, configurable: true });
}

function answerCall(ask: Ask, border: Border): Answer {
  try {
    const target = border.ownObject(ask.ref ?? -1);
    if (ask.op !== 'call' || typeof target !== 'function' || !ask.g) {
      throw new TypeError('only functions that were given can be called');
    }
    const { value, objects } = border.decode(ask.g);
    const [self, ...args] = value as readonly unknown[];
    const result: unknown = Reflect.apply(target, self, args);
    const changed = objects.flatMap((object, index) =>
      Array.isArray(object) || isPlain(object) ? [[object, index] as const] : [],
    );
    return { thrown: false, g: border.encode(result, new Map(changed)).graph };
  } catch (error) {
    return { thrown: true, g: border.encode(error).graph };
  }
}

function describeError(thrown: unknown): { name: string; message: string } {
  if (typeof thrown !== 'object' || thrown === null) return { name: '', message: String(thrown) };
  const { name, message } = thrown as { name?: unknown; message?: unknown };
  return { name: String(name ?? ''), message: String(message ?? '') };
}

/** `require('assert')` gives the assertions, a relative path the names of the candidate. */
function installRequire(defined: ReadonlySet<string>): void {
  const require = (name: string): unknown => {
    const plain = String(name).replace(/^node:/, '');
    if (plain === 'assert' || plain === 'assert/strict') return Reflect.get(globalThis, 'assert');
    if (!plain.startsWith('.')) {
      const message = `there is no module ${JSON.stringify(plain)}`;
      throw Object.assign(new Error(message), { name: 'ModuleNotFoundError' });
    }
    return Object.fromEntries([...defined].map((key) => [key, Reflect.get(globalThis, key)]));
  };
  Object.defineProperty(globalThis, 'require', {
    value: require,
    writable: true,
    configurable: true,
  });
}
