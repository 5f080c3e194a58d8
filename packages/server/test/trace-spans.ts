import { executionsOf, type Fact, type SpanLog } from '@assay/loop';

/** Time of all spans. */
export const TRACES_MS: number = Date.UTC(2026, 10, 21, 12);

/** A span as a fact. */
export type SpanFact = Extract<Fact, { kind: 'span' }>;

let traces = 0;
/** A trace that no other test has, of a task type of its own. */
export function newTrace() {
  traces += 1;
  const traceId = traces.toString(16).padStart(32, '0');
  const span = (id: string, parent: string | null, more: Partial<SpanLog> = {}): SpanFact => ({
    kind: 'span',
    taskId: traceId,
    traceId,
    timestamp: TRACES_MS,
    spanId: id.padStart(16, '0'),
    parentSpanId: parent === null ? null : parent.padStart(16, '0'),
    name: id,
    spanClass: 'other',
    startNs: `${TRACES_MS}000000`,
    endNs: `${TRACES_MS + 100}000000`,
    latencyMs: 100,
    success: true,
    attributes: {},
    ...more,
  });
  const taskType = `type ${traces}`;
  const taskId = `task ${traces}`;
  const root = span('1', null, {
    spanClass: 'agent',
    agentId: 'triage',
    attributes: { 'task.type': taskType, 'task.id': taskId },
  });
  const call = (id: string, tokens: number, parent = '1'): SpanFact =>
    span(id, parent, {
      spanClass: 'inference',
      inputTokens: tokens,
      outputTokens: 1,
      costUsd: tokens / 4,
      modelId: 'm',
    });
  const tool = (id: string, parent = '1'): SpanFact =>
    span(id, parent, { spanClass: 'tool', toolName: 'search', toolCallId: id });
  return { taskId, taskType, traceId, span, root, call, tool };
}

/** Makes the spans of one trace. */
export type Trace = ReturnType<typeof newTrace>;

/** As the decoder gives them: a request without all spans may make a wrong execution. */
export function withDerived(spans: readonly SpanFact[]): Fact[] {
  return [...spans, ...executionsOf(spans)];
}

/** The spans of a trace: a root, and below it what the numbers and kinds say. */
export function spansOf(
  trace: Trace,
  parts: readonly (readonly [number, string])[],
): readonly SpanFact[] {
  const spans = parts.map(([number, kind], index) => {
    const id = String(index + 2);
    const parent = String(1 + (number % (index + 1)));
    if (kind === 'call') return trace.call(id, 10 + (number % 90), parent);
    return kind === 'tool' ? trace.tool(id, parent) : trace.span(id, parent);
  });
  return [trace.root, ...spans];
}
