import type { Leaf, ValueGraph, ValueNode } from './value-graph.ts';

/** A node that stands for an object of one of the two sides. */
export type ReferenceNode = Extract<ValueNode, { k: 'ref' }>;

/** A value with the object that each node became. */
export interface Decoded {
  readonly value: unknown;
  readonly objects: readonly object[];
}

/**
 * Makes a graph a value again. Nodes that name an origin change the object that was sent, in place,
 * when it is of the same kind.
 *
 * @throws TypeError when the graph is not one: the other side may send anything
 */
export function decodeValue(
  graph: ValueGraph,
  resolve: (reference: ReferenceNode) => object,
  sent: readonly object[] = [],
): Decoded {
  const objects = graph.g.map((node) => shellOf(node, resolve, sent));
  const read = (leaf: Leaf | undefined): unknown => {
    if (leaf === undefined) throw new TypeError('the value is incomplete');
    if (typeof leaf !== 'object' || leaf === null) return leaf;
    return taggedValue(leaf, objects);
  };
  graph.g.forEach((node, index) => {
    const object = objects[index];
    if (object !== undefined) fill(object, node, read);
  });
  return { value: read(graph.r), objects };
}

function taggedValue(
  leaf: Exclude<Leaf, null | boolean | number | string>,
  objects: readonly object[],
): unknown {
  switch (leaf[0]) {
    case 'u':
      return undefined;
    case 'n':
      return Number(leaf[1]);
    case 'b':
      return BigInt(leaf[1]);
    case 'y':
      return Reflect.get(Symbol, leaf[1]);
    default: {
      const object = objects[leaf[1]];
      if (object === undefined) throw new TypeError('the value names a part that it does not have');
      return object;
    }
  }
}

/** The object of a node, still without contents. */
function shellOf(
  node: ValueNode,
  resolve: (reference: ReferenceNode) => object,
  sent: readonly object[],
): object {
  const own = 'o' in node && node.o !== undefined ? sent[node.o] : undefined;
  switch (node.k) {
    case 'list':
    case 'tuple':
      return Array.isArray(own) ? own : [];
    case 'set':
    case 'frozenset':
      return own instanceof Set ? own : new Set();
    case 'map':
      return own instanceof Map ? own : new Map();
    case 'object':
      return own !== undefined && isPlain(own) ? own : {};
    case 'date':
      return new Date(node.v);
    case 'regexp':
      return new RegExp(node.v[0], node.v[1]);
    case 'bytes':
      return bytesFrom(node.v, node.c);
    case 'error':
      return errorFrom(node.v[0], node.v[1]);
    case 'ref':
      return resolve(node);
    default:
      throw new TypeError('the value has a part of an unknown kind');
  }
}

function fill(object: object, node: ValueNode, read: (leaf: Leaf | undefined) => unknown): void {
  if (Object.isFrozen(object)) return;
  if (node.k === 'list' || node.k === 'tuple') {
    const list = object as unknown[];
    list.length = 0;
    for (const leaf of node.v) list.push(read(leaf));
  } else if (node.k === 'set' || node.k === 'frozenset') {
    const set = object as Set<unknown>;
    set.clear();
    for (const leaf of node.v) set.add(read(leaf));
  } else if (node.k === 'map') {
    const map = object as Map<unknown, unknown>;
    map.clear();
    for (const [key, value] of node.v) map.set(read(key), read(value));
  } else if (node.k === 'object') {
    for (const key of Object.keys(object)) Reflect.deleteProperty(object, key);
    // Not by assignment: a key __proto__ must stay a key.
    for (const [key, leaf] of node.v) {
      const value = read(leaf);
      Object.defineProperty(object, key, {
        value,
        writable: true,
        enumerable: true,
        configurable: true,
      });
    }
  }
}

/** Whether an object is a record of values: made by `{}` or without a prototype. */
export function isPlain(value: object): boolean {
  if (typeof value !== 'object') return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** Classes of errors that both interpreters have. */
export const ERROR_CLASSES: ReadonlyMap<string, new (message: string) => Error> = new Map(
  [Error, TypeError, RangeError, SyntaxError, ReferenceError, EvalError, URIError].map(
    (known) => [known.name, known] as const,
  ),
);

function errorFrom(name: string, message: string): Error {
  const known = ERROR_CLASSES.get(name);
  if (known !== undefined) return new known(message);
  return Object.defineProperty(new Error(message), 'name', { value: name, configurable: true });
}

const VIEWS = [
  Uint8Array,
  Int8Array,
  Uint8ClampedArray,
  Uint16Array,
  Int16Array,
  Uint32Array,
  Int32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
];

function bytesFrom(hex: string, className: string): object {
  const bytes = Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  if (className === 'ArrayBuffer') return bytes.buffer;
  const View = VIEWS.find((view) => view.name === className) ?? Uint8Array;
  return new View(bytes.buffer);
}
