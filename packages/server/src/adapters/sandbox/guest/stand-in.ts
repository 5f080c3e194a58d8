import type { ReferenceNode } from './decode.ts';
import type { Ask } from './message.ts';

/** Sends an ask with its values to the candidate; returns or throws what comes back. */
export type Request = (ask: Omit<Ask, 'g'>, values: readonly unknown[]) => unknown;

/**
 * Stands in the test for a function or an object of the candidate: every use is an ask. What comes
 * back is a copy or another stand-in, so that code of the candidate never runs on this side.
 */
export function standInFor(reference: ReferenceNode, request: Request): object {
  const ref = reference.i;
  const isFunction = reference.w === 'function';
  // A bound function can be called and constructed, and has no property that would have to show.
  const target: object = isFunction ? function target() {}.bind(null) : {};
  const get = (key: PropertyKey): unknown => {
    if (isFunction && key === Symbol.hasInstance) {
      return (value: unknown) => request({ op: 'instanceof', ref }, [value]);
    }
    if (typeof key === 'symbol' && !CROSSING_SYMBOLS.has(key)) return undefined;
    return request({ op: 'get', ref }, [key]);
  };
  const keys = (): string[] => request({ op: 'keys', ref }, []) as string[];
  return new Proxy(target, {
    apply: (_, self, args) => request({ op: 'call', ref }, [self, ...args]),
    construct: (_, args) => request({ op: 'construct', ref }, args) as object,
    get: (_, key) => get(key),
    set: (_, key, value) => request({ op: 'set', ref }, [key, value]) === true,
    has: (_, key) => typeof key === 'string' && request({ op: 'has', ref }, [key]) === true,
    deleteProperty: () => false,
    defineProperty: () => false,
    ownKeys: keys,
    getOwnPropertyDescriptor: (_, key) =>
      typeof key === 'string' && keys().includes(key)
        ? { value: get(key), writable: true, enumerable: true, configurable: true }
        : undefined,
  });
}

const CROSSING_SYMBOLS: ReadonlySet<symbol> = new Set([
  Symbol.iterator,
  Symbol.asyncIterator,
  Symbol.toPrimitive,
]);
