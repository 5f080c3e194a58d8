import type { CheckValue } from '@assay/loop';
import type { Leaf, ValueGraph, ValueNode } from './guest/value-graph.ts';

/** More parts than this are not compared: shared parts could make a small graph a huge tree. */
const MAX_PARTS = 1_000_000;
/** Deeper values are not compared: comparing is recursive. */
const MAX_DEPTH = 1_000;

/** Kind of interpreter that a graph is for: objects are dictionaries in Python. */
export type Dialect = 'javascript' | 'python';

/** Longer integers are not compared: making them decimal takes quadratic time. */
const MAX_DIGITS = 10_000;

/** The receiver (none) and the arguments of a call, as a graph. Python takes keywords as well. */
export function callGraph(dialect: Dialect, args: readonly CheckValue[]): ValueGraph {
  const nodes: ValueNode[] = [];
  const leaves = args.map((value) => leafOf(value, dialect, nodes));
  if (dialect === 'javascript') return withList([['u'], ...leaves], nodes);
  nodes.push({ k: 'list', v: leaves }, { k: 'map', v: [] });
  return withList(
    [
      ['#', nodes.length - 2],
      ['#', nodes.length - 1],
    ],
    nodes,
  );
}

function withList(leaves: readonly Leaf[], nodes: readonly ValueNode[]): ValueGraph {
  return { r: ['#', nodes.length], g: [...nodes, { k: 'list', v: leaves }] };
}

function leafOf(value: CheckValue, dialect: Dialect, nodes: ValueNode[]): Leaf {
  if (typeof value !== 'object' || value === null) return value;
  const node = nodeOf(value, dialect, (part) => leafOf(part, dialect, nodes));
  if ('leaf' in node) return node.leaf;
  nodes.push(node);
  return ['#', nodes.length - 1];
}

type ToLeaf = (value: CheckValue) => Leaf;
type CheckObject = Readonly<Record<string, CheckValue>>;

function nodeOf(
  value: object,
  dialect: Dialect,
  toLeaf: ToLeaf,
): ValueNode | { readonly leaf: Leaf } {
  if (Array.isArray(value)) return { k: 'list', v: value.map(toLeaf) };
  const tagged = value as CheckObject;
  const list = (key: string): readonly CheckValue[] => {
    const items = tagged[key];
    return Array.isArray(items) ? items : [];
  };
  const text = String(tagged['value']);
  const pairs = (): (readonly [CheckValue, CheckValue])[] =>
    list('entries').map((entry) => (Array.isArray(entry) ? [entry[0], entry[1]] : [null, null]));
  const record = (entries: readonly (readonly [string, CheckValue])[]): ValueNode => {
    const v = entries.map(([key, part]) => [key, toLeaf(part)] as const);
    return dialect === 'python' ? { k: 'map', v } : { k: 'object', v };
  };
  switch (Object.hasOwn(tagged, '$') ? tagged['$'] : null) {
    case null:
      return record(Object.entries(tagged));
    case 'object':
      return record(pairs().map(([key, part]) => [String(key), part]));
    case 'undefined':
      return { leaf: ['u'] };
    case 'number':
      return { leaf: ['n', text] };
    case 'bigint':
      return { leaf: ['b', text] };
    case 'set':
      return { k: 'set', v: list('items').map(toLeaf) };
    case 'map':
      return { k: 'map', v: pairs().map(([key, part]) => [toLeaf(key), toLeaf(part)]) };
    case 'date':
      return { k: 'date', v: Number(tagged['value']) };
    case 'bytes':
      return { k: 'bytes', v: text, c: 'bytes' };
    default:
      return { leaf: null };
  }
}

/** The value of a graph as a tree. What cannot be compared becomes `{"$": "other"}`. */
export function checkValueOf(graph: ValueGraph, dialect: Dialect): CheckValue {
  let parts = 0;
  const open = new Set<number>();
  const toValue = (leaf: Leaf | undefined): CheckValue => {
    if (leaf === undefined) return other('incomplete');
    if (typeof leaf !== 'object' || leaf === null) return leaf;
    if (leaf[0] !== '#') return taggedLeaf(leaf);
    const node = graph.g[leaf[1]];
    parts += 1;
    if (node === undefined || parts > MAX_PARTS || open.size > MAX_DEPTH) return other('too large');
    if (open.has(leaf[1])) return other('cycle');
    open.add(leaf[1]);
    const value = treeOf(node, dialect, toValue);
    open.delete(leaf[1]);
    return value;
  };
  return toValue(graph.r);
}

function other(type: string): CheckValue {
  return { $: 'other', type };
}

function taggedLeaf(leaf: Exclude<Leaf, null | boolean | number | string>): CheckValue {
  switch (leaf[0]) {
    case 'u':
      return { $: 'undefined' };
    case 'n':
      return leaf[1] === '-0' ? 0 : { $: 'number', value: String(leaf[1]) };
    case 'b':
      return leaf[1].length > MAX_DIGITS
        ? other('a very large integer')
        : { $: 'bigint', value: decimalOf(leaf[1]) };
    default:
      return other('symbol');
  }
}

/** Python sends large integers in hexadecimal. */
function decimalOf(text: string): string {
  if (!/^-?(?:0x[\da-f]+|\d+)$/.test(text)) return 'not a number';
  return text.startsWith('-') ? `-${BigInt(text.slice(1))}` : String(BigInt(text));
}

function treeOf(
  node: ValueNode,
  dialect: Dialect,
  toValue: (leaf: Leaf | undefined) => CheckValue,
): CheckValue {
  switch (node.k) {
    case 'list':
    case 'tuple':
      return node.v.map(toValue);
    case 'set':
    case 'frozenset':
      return { $: 'set', items: node.v.map(toValue) };
    case 'object':
      return recordOf(node.v.map(([key, leaf]) => [key, toValue(leaf)]));
    case 'map':
      return mapOf(
        node.v.map(([key, leaf]) => [toValue(key), toValue(leaf)] as const),
        dialect,
      );
    case 'date':
      return { $: 'date', value: node.v };
    case 'bytes':
      return { $: 'bytes', value: node.v };
    case 'ref':
    case 'builtin':
      return other(node.n);
    case 'py':
      return other(node.c);
    default:
      return other(node.k);
  }
}

function recordOf(entries: readonly (readonly [string, CheckValue])[]): CheckValue {
  const isPlain = entries.every(([key]) => key !== '$');
  return isPlain ? Object.fromEntries(entries) : { $: 'object', entries };
}

/** A dictionary of Python whose keys are all texts is what JSON calls an object. */
function mapOf(
  entries: readonly (readonly [CheckValue, CheckValue])[],
  dialect: Dialect,
): CheckValue {
  const named = entries.flatMap(([key, value]) =>
    typeof key === 'string' ? [[key, value] as const] : [],
  );
  return dialect === 'python' && named.length === entries.length
    ? recordOf(named)
    : { $: 'map', entries };
}
