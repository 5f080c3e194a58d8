import type { ValueGraph } from './guest/value-graph.ts';

/** Whether something that came out of a cell is a graph in shape: it may be made by anybody. */
export function isValueGraph(value: unknown): value is ValueGraph {
  if (!isRecord(value)) return false;
  const { r, g } = value;
  return Array.isArray(g) && isLeaf(r) && g.every(isNode);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isLeaf(leaf: unknown): boolean {
  if (typeof leaf !== 'object' || leaf === null) return leaf !== undefined;
  if (!Array.isArray(leaf)) return false;
  const [tag, content] = leaf as readonly unknown[];
  return tag === 'u' || (tag === '#' ? Number.isInteger(content) : typeof content === 'string');
}

function isNode(node: unknown): boolean {
  if (!isRecord(node)) return false;
  const { k, v, n, c, e } = node;
  switch (k) {
    case 'list':
    case 'tuple':
    case 'set':
    case 'frozenset':
    case 'py':
      return Array.isArray(v) && v.every(isLeaf) && (k !== 'py' || typeof c === 'string');
    case 'object':
      return isPairs(v) && v.every(([key]) => typeof key === 'string');
    case 'map':
      return isPairs(v);
    case 'date':
      return typeof v === 'number' || v === null;
    case 'bytes':
      return typeof v === 'string';
    case 'regexp':
    case 'error':
      return isTexts(v);
    case 'ref':
      return typeof n === 'string' && (e === undefined || isTexts(e));
    case 'builtin':
      return typeof n === 'string';
    default:
      return false;
  }
}

function isPairs(value: unknown): value is readonly (readonly [unknown, unknown])[] {
  return (
    Array.isArray(value) &&
    value.every((pair) => Array.isArray(pair) && pair.length === 2 && pair.every(isLeaf))
  );
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.length === 2 && value.every((it) => typeof it === 'string');
}
