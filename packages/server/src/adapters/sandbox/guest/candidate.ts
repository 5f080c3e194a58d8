import { type Border, createBorder } from './border.ts';
import { ERROR_CLASSES, isPlain, type ReferenceNode } from './decode.ts';
import type { Answer, Ask } from './message.ts';
import { createScope, type Scope } from './scope.ts';
import { installTimers, type Timers } from './timers.ts';

/** The candidate's interpreter as the program around it sees it. */
export interface CandidateGuest {
  /** Answers an ask, JSON in and out; '' when the answer has to be waited for. */
  handle(text: string): string;
  /** The answer that was waited for; '' when it is still not there. */
  settled(): string;
  /** Runs the next timer; false when there is none. */
  tick(): boolean;
  /** Takes over what an ES module exports. */
  takeExports(namespace: object): void;
}

/** What the interpreter is given by the program around it. */
export interface CandidateHost {
  /** Asks the side of the test, JSON in and out. */
  ask(text: string): string;
  /** Takes what the candidate prints. */
  print(text: string): void;
}

interface Own {
  readonly scope: Scope;
  readonly border: Border;
  readonly timers: Timers;
}

type Origins = ReadonlyMap<object, number>;

/**
 * Prepares the global scope for a candidate and answers asks about what it defines. Whatever the
 * candidate does to its own interpreter changes its own answers only.
 */
export function createCandidate(host: CandidateHost): CandidateGuest {
  const timers = installTimers(globalThis);
  const scope = createScope(host.print);
  const border: Border = createBorder({
    side: 'candidate',
    crossesByReference: hasBehaviour,
    standInFor: (reference) => callOnly(reference, host, border),
  });
  const answer = (value: unknown, thrown: boolean, origins: Origins): string => {
    const encoded = (it: unknown, isThrown: boolean, known?: Origins): string => {
      const reply: Answer = { thrown: isThrown, g: border.encode(it, known).graph };
      return JSON.stringify(reply);
    };
    try {
      return encoded(value, thrown, origins);
    } catch (error) {
      return encoded(error, true);
    }
  };
  let settled = '';
  const settle = (promise: Promise<unknown>, origins: Origins): string => {
    settled = '';
    promise.then(
      (value) => {
        settled = answer(value, false, origins);
      },
      (error) => {
        settled = answer(error, true, origins);
      },
    );
    return '';
  };
  const handle = (text: string): string => {
    const ask = JSON.parse(text) as Ask;
    const { value, objects } = ask.g ? border.decode(ask.g) : { value: [], objects: [] };
    const origins = new Map(
      objects.flatMap((object, index) => (isChangeable(object) ? [[object, index]] : [])),
    );
    try {
      const result = perform(ask, value as readonly unknown[], { scope, border, timers });
      if (ask.settle === true && result instanceof Promise) return settle(result, origins);
      return answer(result, false, origins);
    } catch (error) {
      return answer(error, true, origins);
    }
  };
  return { handle, settled: () => settled, tick: timers.tick, takeExports: scope.takeExports };
}

function perform(ask: Ask, args: readonly unknown[], own: Own): unknown {
  const { scope, border, timers } = own;
  if (ask.op === 'names') return (ask.names ?? []).filter(scope.isDefined);
  if (ask.op === 'tick') return timers.tick();
  const { holder, target } = targetOf(ask, scope, border);
  const [first, second] = args;
  switch (ask.op) {
    case 'value':
      return target;
    case 'call':
      if (typeof target !== 'function') throw new TypeError(`${ask.name} is not a function`);
      return Reflect.apply(target, holder ?? first, args.slice(1));
    case 'construct':
      return Reflect.construct(target as new () => unknown, args);
    case 'get':
      return Reflect.get(target, first as PropertyKey);
    case 'set':
      return Reflect.set(target, first as PropertyKey, second);
    case 'has':
      return Reflect.has(target, first as PropertyKey);
    case 'keys':
      return Object.keys(target);
    case 'instanceof':
      return first instanceof (target as new () => unknown);
    default:
      throw new TypeError(`the operation ${ask.op} does not exist here`);
  }
}

/** The object that an ask is about; for a path such as `Stack.of` also the object that holds it. */
function targetOf(ask: Ask, scope: Scope, border: Border): { holder: unknown; target: object } {
  if (ask.ref !== undefined) return { holder: undefined, target: border.ownObject(ask.ref) };
  const [head = '', ...rest] = (ask.name ?? '').split('.');
  let holder: unknown;
  let target = scope.lookUp(head) as object;
  for (const key of rest) {
    holder = target;
    target = Reflect.get(Object(target), key) as object;
  }
  return { holder, target };
}

/** Functions of the test can be called, and that is all: nothing leads from them to their side. */
function callOnly(reference: ReferenceNode, host: CandidateHost, border: Border): object {
  return function standIn(this: unknown, ...args: unknown[]): unknown {
    const { graph, objects } = border.encode([this, ...args]);
    const ask: Ask = { op: 'call', ref: reference.i, g: graph };
    const { thrown, g } = JSON.parse(host.ask(JSON.stringify(ask))) as Answer;
    const { value } = border.decode(g, objects);
    if (thrown) throw value;
    return value;
  };
}

/** Plain values are copied; anything that can act stays where it is. */
function hasBehaviour(value: object): boolean {
  if (typeof value === 'function') return true;
  if (Array.isArray(value) || isRecordOfBytesOrTime(value)) return false;
  if (value instanceof Map || value instanceof Set) return false;
  if (value instanceof Error) return ERROR_CLASSES.get(value.name) !== value.constructor;
  if (!isPlain(value)) return true;
  return Reflect.ownKeys(value).some((key) => {
    const property = Object.getOwnPropertyDescriptor(value, key);
    return property?.get !== undefined || typeof property?.value === 'function';
  });
}

function isRecordOfBytesOrTime(value: object): boolean {
  return (
    value instanceof Date ||
    value instanceof RegExp ||
    value instanceof ArrayBuffer ||
    ArrayBuffer.isView(value)
  );
}

function isChangeable(value: object): boolean {
  return Array.isArray(value) || value instanceof Map || value instanceof Set || isPlain(value);
}
