import type { Leaf, ReferenceKind, ValueGraph, ValueNode } from './value-graph.ts';

/** What encoding needs to know of the side that it runs on. */
export interface Encoding {
  /** The node of an object that must not be copied; null when it is to be copied. */
  referenceOf(value: object): ValueNode | null;
}

/** A graph with the object behind each node. */
export interface Encoded {
  readonly graph: ValueGraph;
  readonly objects: readonly object[];
}

/** More parts than this do not leave the sandbox. */
const MAX_NODES = 500_000;

/** Names of the symbols that are the same in every interpreter. */
export const WELL_KNOWN_SYMBOLS: readonly string[] = [
  'iterator',
  'asyncIterator',
  'toPrimitive',
  'toStringTag',
];

/**
 * Copies a value and everything that it reaches. Shared objects and cycles stay what they are.
 * `origins` gives the index that an object had in the request; those objects are always part of the
 * graph, so that their changes are seen.
 *
 * @throws TypeError for a symbol, RangeError for more than 500,000 parts
 */
export function encodeValue(
  root: unknown,
  encoding: Encoding,
  origins: ReadonlyMap<object, number> = new Map(),
): Encoded {
  const objects: object[] = [];
  const indexes = new Map<object, number>();
  const leafOf = (value: unknown): Leaf => {
    if (typeof value !== 'object' && typeof value !== 'function') return plainLeafOf(value);
    if (value === null) return null;
    const known = indexes.get(value);
    if (known !== undefined) return ['#', known];
    if (objects.length >= MAX_NODES) throw new RangeError('the value has too many parts');
    indexes.set(value, objects.length);
    objects.push(value);
    return ['#', objects.length - 1];
  };
  const r = leafOf(root);
  for (const object of origins.keys()) leafOf(object);
  const g: ValueNode[] = [];
  // Encoding a node finds further objects: the list grows while it is walked.
  for (let index = 0; index < objects.length; index++) {
    const object = objects[index];
    if (object === undefined) break;
    const origin = origins.get(object);
    g.push(encoding.referenceOf(object) ?? copyOf(object, origin, leafOf));
  }
  return { graph: { r, g }, objects };
}

function plainLeafOf(value: unknown): Leaf {
  switch (typeof value) {
    case 'undefined':
      return ['u'];
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0)
        ? value
        : ['n', Object.is(value, -0) ? '-0' : String(value)];
    case 'bigint':
      return ['b', String(value)];
    case 'symbol': {
      const name = WELL_KNOWN_SYMBOLS.find((known) => Reflect.get(Symbol, known) === value);
      if (name === undefined) throw new TypeError('a symbol cannot leave the sandbox');
      return ['y', name];
    }
    default:
      return value as string | boolean;
  }
}

function copyOf(
  object: object,
  origin: number | undefined,
  leafOf: (value: unknown) => Leaf,
): ValueNode {
  const o = origin === undefined ? {} : { o: origin };
  if (Array.isArray(object)) return { k: 'list', ...o, v: Array.from(object, leafOf) };
  if (object instanceof Set) return { k: 'set', ...o, v: Array.from(object, leafOf) };
  if (object instanceof Map) {
    return {
      k: 'map',
      ...o,
      v: Array.from(object, ([key, value]) => [leafOf(key), leafOf(value)]),
    };
  }
  if (object instanceof Date) return { k: 'date', v: object.getTime() };
  if (object instanceof RegExp) return { k: 'regexp', v: [object.source, object.flags] };
  if (object instanceof Error) {
    return { k: 'error', v: [String(object.name), String(object.message)] };
  }
  if (object instanceof ArrayBuffer || ArrayBuffer.isView(object)) return bytesOf(object);
  return {
    k: 'object',
    ...o,
    v: Object.keys(object).map((key) => [key, leafOf(Reflect.get(object, key))]),
  };
}

function bytesOf(object: ArrayBuffer | ArrayBufferView): ValueNode {
  const bytes =
    object instanceof ArrayBuffer
      ? new Uint8Array(object)
      : new Uint8Array(object.buffer, object.byteOffset, object.byteLength);
  const v = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return { k: 'bytes', v, c: object.constructor.name };
}

/** What a foreign object can do, by its type. */
export function referenceKindOf(value: object): ReferenceKind {
  return typeof value === 'function' ? 'function' : 'object';
}
