import type { SpanLog } from './facts.ts';

/** A span with the spans below it. */
export interface SpanNode<Span extends SpanLog = SpanLog> {
  readonly span: Span;
  readonly children: readonly SpanNode<Span>[];
}

interface OpenNode<Span extends SpanLog> {
  readonly span: Span;
  readonly children: OpenNode<Span>[];
}

const keyOf = (traceId: string, spanId: string): string => `${traceId}:${spanId}`;

function startOf(span: SpanLog): bigint {
  const text = span.startNs ?? span.endNs ?? '';
  return /^\d+$/.test(text) ? BigInt(text) : 0n;
}

/** Order of spans on a page: by start, then as they came. */
function byStart(a: OpenNode<SpanLog>, b: OpenNode<SpanLog>): number {
  const left = startOf(a.span);
  const right = startOf(b.span);
  return left < right ? -1 : left > right ? 1 : 0;
}

/**
 * Follows parents from a node; a node that meets itself again sits on a cycle. Nodes whose
 * ancestors are known to end at a root go to `settled`, which keeps deep traces linear.
 */
function isOnCycle<Span extends SpanLog>(
  start: OpenNode<Span>,
  parentOf: ReadonlyMap<OpenNode<Span>, OpenNode<Span>>,
  settled: Set<OpenNode<Span>>,
): boolean {
  const seen = new Set<OpenNode<Span>>();
  let node: OpenNode<Span> | undefined = start;
  while (node !== undefined && !settled.has(node)) {
    if (seen.has(node)) return node === start;
    seen.add(node);
    node = parentOf.get(node);
  }
  for (const done of seen) settled.add(done);
  return false;
}

/**
 * Arranges spans as trees. A span whose parent is missing becomes a root; of spans that are each
 * other's ancestors the first one becomes a root; a span given twice is taken once.
 */
export function spanTreeOf<Span extends SpanLog>(spans: readonly Span[]): SpanNode<Span>[] {
  const nodes = new Map<string, OpenNode<Span>>();
  for (const span of spans) {
    const key = keyOf(span.traceId, span.spanId);
    if (!nodes.has(key)) nodes.set(key, { span, children: [] });
  }
  const parentOf = new Map<OpenNode<Span>, OpenNode<Span>>();
  for (const node of nodes.values()) {
    const { traceId, parentSpanId } = node.span;
    const parent = parentSpanId ? nodes.get(keyOf(traceId, parentSpanId)) : undefined;
    if (parent !== undefined) parentOf.set(node, parent);
  }
  const roots: OpenNode<Span>[] = [];
  const settled = new Set<OpenNode<Span>>();
  for (const node of nodes.values()) {
    if (isOnCycle(node, parentOf, settled)) parentOf.delete(node);
    const parent = parentOf.get(node);
    if (parent === undefined) roots.push(node);
    else parent.children.push(node);
  }
  for (const node of nodes.values()) node.children.sort(byStart);
  return roots.sort(byStart);
}

/** All nodes of trees, parents before children. Does not recurse: a trace may be very deep. */
export function* walkSpans<Span extends SpanLog>(
  roots: readonly SpanNode<Span>[],
): Generator<SpanNode<Span>> {
  const open = [...roots].reverse();
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    yield node;
    for (let i = node.children.length - 1; i >= 0; i -= 1) {
      const child = node.children[i];
      if (child !== undefined) open.push(child);
    }
  }
}
