import type { SpanLog } from './facts.ts';
import { type SpanNode, walkSpans } from './span-tree.ts';

/** Tokens, cost and calls of a tree of spans, each counted once. null = no span says. */
export interface TokenTotals {
  /** Input plus output. */
  readonly tokensUsed: number | null;
  readonly inputTokens: number | null;
  readonly outputTokens: number | null;
  /** Part of output. */
  readonly reasoningTokens: number | null;
  /** Part of input. */
  readonly cachedInputTokens: number | null;
  /** Part of input. */
  readonly cacheWriteTokens: number | null;
  readonly costUsd: number | null;
}

/** Sums what is known; null when nothing is. */
export function sumKnown(values: Iterable<number | null | undefined>): number | null {
  let sum: number | null = null;
  for (const value of values) {
    if (value !== null && value !== undefined) sum = (sum ?? 0) + value;
  }
  return sum;
}

const hasTokens = (span: SpanLog): boolean =>
  (span.inputTokens ?? span.outputTokens ?? null) !== null;

/**
 * The spans of one tree whose tokens count: inference spans without an inference span below them,
 * because outer spans repeat the usage of inner ones. A leaf that reports no usage does not hide
 * an outer inference span that does. Without any inference span the topmost spans that report a
 * usage count.
 */
export function countedSpans<Span extends SpanLog>(root: SpanNode<Span>): Span[] {
  const nodes = [...walkSpans([root])];
  const covered = new Set<SpanNode<Span>>();
  const leaves: Span[] = [];
  // Children come after parents in the walk, so backwards every node follows its descendants.
  for (const node of nodes.reverse()) {
    const isCovered = node.children.some((child) => covered.has(child));
    const isInference = node.span.spanClass === 'inference' && hasTokens(node.span);
    if (isInference && !isCovered) leaves.push(node.span);
    if (isInference || isCovered) covered.add(node);
  }
  return leaves.length > 0 ? leaves.reverse() : topmostWithTokens(root);
}

function topmostWithTokens<Span extends SpanLog>(root: SpanNode<Span>): Span[] {
  const found: Span[] = [];
  const open = [root];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (hasTokens(node.span)) found.push(node.span);
    else open.push(...node.children);
  }
  return found;
}

/**
 * Totals over trees of spans by the leaf rule of {@link countedSpans}. Cost follows the same rule;
 * where no counted span knows its cost, the topmost spans that do are used.
 */
export function tokenTotalsOf(roots: readonly SpanNode[]): TokenTotals {
  const counted = roots.flatMap((root) => countedSpans(root));
  const inputTokens = sumKnown(counted.map((span) => span.inputTokens));
  const outputTokens = sumKnown(counted.map((span) => span.outputTokens));
  return {
    tokensUsed: sumKnown([inputTokens, outputTokens]),
    inputTokens,
    outputTokens,
    reasoningTokens: sumKnown(counted.map((span) => span.reasoningTokens)),
    cachedInputTokens: sumKnown(counted.map((span) => span.cachedInputTokens)),
    cacheWriteTokens: sumKnown(counted.map((span) => span.cacheWriteTokens)),
    costUsd: sumKnown(counted.map((span) => span.costUsd)) ?? topmostCost(roots),
  };
}

function topmostCost(roots: readonly SpanNode[]): number | null {
  const costs: number[] = [];
  const open = [...roots];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    const cost = node.span.costUsd ?? null;
    if (cost === null) open.push(...node.children);
    else costs.push(cost);
  }
  return sumKnown(costs);
}
