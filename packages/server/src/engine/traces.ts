import { executionOfTrace, type Fact, refOf, type SpanLog } from '@assay/loop';
import { factsOfTask } from '@assay/store';
import type { EngineContext } from './context.ts';
import { factOfLine } from './pending-fact.ts';
import { lineOf, type RawLine } from './raw-lines.ts';

type SpanFact = Extract<Fact, { kind: 'span' }>;

const MAX_SPANS_PER_TRACE = 10_000;

const isSpan = (fact: Fact): fact is SpanFact => fact.kind === 'span';
const isRoot = (span: SpanLog): boolean => !span.parentSpanId;

async function earlierSpans(
  context: EngineContext,
  tenantId: number,
  traceId: string,
): Promise<SpanFact[]> {
  const ref = refOf(context.hash, tenantId, traceId);
  const stored = await factsOfTask(context.db, tenantId, ref, MAX_SPANS_PER_TRACE);
  return stored
    .map(({ line }) => factOfLine(line))
    .filter((fact) => fact !== null)
    .filter(isSpan)
    .filter((span) => span.traceId === traceId);
}

/**
 * The facts of an export as lines, spans first. A root usually ends last: when its children came
 * in earlier requests they are read back, so that the execution counts their tokens and tools.
 */
export async function linesOfTraces(
  context: EngineContext,
  tenantId: number,
  facts: readonly Fact[],
): Promise<RawLine[]> {
  const spans = facts.filter(isSpan);
  const executions = new Map<string, Fact>();
  for (const traceId of new Set(spans.filter(isRoot).map((span) => span.traceId))) {
    const earlier = await earlierSpans(context, tenantId, traceId);
    if (earlier.length === 0) continue;
    const own = spans.filter((span) => span.traceId === traceId);
    const execution = executionOfTrace([...earlier, ...own]);
    if (execution !== null) executions.set(traceId, execution);
  }
  const completed = facts.map((fact) => {
    const traceId = fact.kind === 'execution' ? fact.traceId : null;
    return (traceId && executions.get(traceId)) || fact;
  });
  return completed.map(lineOf);
}
