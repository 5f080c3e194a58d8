import { type Decoded, decodeValue, type ReferenceNode } from './decode.ts';
import { type Encoded, encodeValue, referenceKindOf } from './encode.ts';
import type { Side, ValueGraph, ValueNode } from './value-graph.ts';

/** Where values leave one interpreter for another and come back. */
export interface Border {
  encode(value: unknown, origins?: ReadonlyMap<object, number>): Encoded;
  decode(graph: ValueGraph, sent?: readonly object[]): Decoded;
  /**
   * The own object that the other side holds under this number.
   * @throws TypeError when it holds none
   */
  ownObject(id: number): object;
}

/** What differs between the two sides. */
export interface BorderRules {
  readonly side: Side;
  /** Whether an own object crosses as a reference instead of a copy. */
  crossesByReference(value: object): boolean;
  /** Stands here for an object of the other side. */
  standInFor(reference: ReferenceNode): object;
}

/** Keeps track of the objects that were lent to the other side, and of those borrowed from it. */
export function createBorder(rules: BorderRules): Border {
  const lent = new Map<number, object>();
  const lentIds = new Map<object, number>();
  const borrowed = new Map<number, object>();
  const borrowedNodes = new Map<object, ReferenceNode>();

  const referenceOf = (value: object): ValueNode | null => {
    const foreign = borrowedNodes.get(value);
    if (foreign !== undefined) return foreign;
    if (!rules.crossesByReference(value)) return null;
    let id = lentIds.get(value);
    if (id === undefined) {
      id = lent.size;
      lent.set(id, value);
      lentIds.set(value, id);
    }
    const n = typeof value === 'function' ? String(value.name) : '';
    const node = { k: 'ref', s: rules.side, i: id, w: referenceKindOf(value), n } as const;
    return value instanceof Error
      ? { ...node, e: [String(value.name), String(value.message)] }
      : node;
  };

  const ownObject = (id: number): object => {
    const object = lent.get(id);
    if (object === undefined) throw new TypeError('there is no such object');
    return object;
  };

  const resolve = (reference: ReferenceNode): object => {
    if (reference.s === rules.side) return ownObject(reference.i);
    const known = borrowed.get(reference.i);
    if (known !== undefined) return known;
    const standIn = rules.standInFor(reference);
    borrowed.set(reference.i, standIn);
    borrowedNodes.set(standIn, reference);
    return standIn;
  };

  return {
    encode: (value, origins) => encodeValue(value, { referenceOf }, origins),
    decode: (graph, sent) => decodeValue(graph, resolve, sent),
    ownObject,
  };
}
