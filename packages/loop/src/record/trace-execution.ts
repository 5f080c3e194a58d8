import type { ExecutionMetricsLog, SpanLog, ToolUse } from './facts.ts';
import { groupBy } from './group-by.ts';
import { countedSpans, tokenTotalsOf } from './leaf-tokens.ts';
import { AGENT_KEYS, countAttribute, idOf, textAttribute } from './otlp-attributes.ts';
import { promptOf, requestedTools, responseOf } from './span-content.ts';
import { type SpanNode, spanTreeOf, walkSpans } from './span-tree.ts';
import { taskAttributesOf } from './task-attributes.ts';

/** Agent of an execution about which its spans say nothing. */
export const UNKNOWN_AGENT = 'unknown';

/** A root stands for an execution when a model was called in it, or when it says that it is one. */
function isExecution(root: SpanNode, spans: readonly SpanLog[]): boolean {
  if (root.span.parentSpanId) return false;
  if (root.span.spanClass === 'agent') return true;
  return (
    (root.span.spanClass !== 'tool' && countedSpans(root).length > 0) ||
    spans.some((span) => span.spanClass === 'inference')
  );
}

/** The agent: named by the root, by the topmost agent below it, by the service, or the model. */
function agentOf(root: SpanLog, spans: readonly SpanLog[]): string {
  const agent = spans.find((span) => span.spanClass === 'agent' && span.agentId);
  return (
    textAttribute(root.attributes, AGENT_KEYS) ??
    (root.spanClass === 'agent' ? null : agent?.agentId) ??
    root.agentId ??
    agent?.agentId ??
    modelOf(root, spans) ??
    UNKNOWN_AGENT
  );
}

function modelOf(root: SpanLog, spans: readonly SpanLog[]): string | null {
  return (
    root.modelId ??
    spans.find((span) => span.spanClass === 'inference' && span.modelId)?.modelId ??
    null
  );
}

const mean = (values: readonly number[]): number | null =>
  values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;

const known = <T>(values: readonly (T | null | undefined)[]): T[] =>
  values.filter((value): value is T => value !== null && value !== undefined);

const successRate = (spans: readonly SpanLog[]): number | null =>
  mean(known(spans.map((span) => span.success)).map(Number));

/** Tool calls, one per call id: two instrumentations may see the same call. */
function toolSpansOf(spans: readonly SpanLog[]): SpanLog[] {
  const seen = new Set<string>();
  return spans.filter((span) => {
    if (span.spanClass !== 'tool') return false;
    if (!span.toolCallId) return true;
    if (seen.has(span.toolCallId)) return false;
    seen.add(span.toolCallId);
    return true;
  });
}

function usesOf(toolSpans: readonly SpanLog[], spans: readonly SpanLog[]): ToolUse[] {
  if (toolSpans.length > 0) {
    const groups = groupBy(toolSpans, (span) => span.toolName ?? span.name);
    return [...groups].map(([toolName, calls]) => ({
      toolName: idOf(toolName) ?? UNKNOWN_AGENT,
      callCount: calls.length,
      successRate: successRate(calls),
      averageLatency: mean(known(calls.map((call) => call.latencyMs))),
    }));
  }
  const asked = spans.filter((span) => span.spanClass === 'inference').flatMap(requestedTools);
  return [...groupBy(asked, (name) => name)].map(([toolName, calls]) => ({
    toolName: toolName.slice(0, 200),
    callCount: calls.length,
    successRate: null,
    averageLatency: null,
  }));
}

/** Start in ns; null when it is not said, or not as decimal text. */
function startOf(span: SpanLog): bigint | null {
  return span.startNs && /^\d+$/.test(span.startNs) ? BigInt(span.startNs) : null;
}

/** ms from the start of the root to the first start among the spans. */
function msToFirst(root: SpanLog, spans: readonly SpanLog[]): number | null {
  const from = startOf(root);
  const starts = known(spans.map(startOf));
  const first = starts.toSorted((a, b) => Number(a - b))[0];
  if (from === null || first === undefined) return null;
  const ms = Number(first - from) / 1e6;
  return ms < 0 || ms >= 2 ** 31 ? null : ms;
}

function toolMetrics(
  root: SpanLog,
  spans: readonly SpanLog[],
): Pick<
  ExecutionMetricsLog,
  'toolCallCount' | 'toolCallSuccessRate' | 'toolsUsed' | 'timeToFirstAction'
> {
  const toolSpans = toolSpansOf(spans);
  const toolsUsed = usesOf(toolSpans, spans).slice(0, 1_000);
  return {
    toolCallCount: toolsUsed.reduce((sum, use) => sum + use.callCount, 0),
    toolCallSuccessRate: successRate(toolSpans),
    toolsUsed,
    timeToFirstAction: msToFirst(root, toolSpans),
  };
}

/** True when the root went well although a tool or a model call below it failed. */
function isPartial(root: SpanLog, spans: readonly SpanLog[]): boolean | null {
  if (root.success !== true) return null;
  return spans.some(
    (span) =>
      span !== root &&
      span.success === false &&
      (span.spanClass === 'tool' || span.spanClass === 'inference'),
  );
}

function taskFields(root: SpanLog, spans: readonly SpanLog[]): Partial<ExecutionMetricsLog> {
  const task = taskAttributesOf(root.attributes, root.resource ?? {});
  const attempt = countAttribute(root.attributes, ['task.attempt']);
  const sessionId = known([root, ...spans].map((span) => span.sessionId))[0];
  return {
    ...(task.taskType === null ? {} : { taskType: task.taskType }),
    ...(task.taskKind === null ? {} : { taskKind: task.taskKind }),
    ...(task.complexity === null ? {} : { complexity: task.complexity }),
    ...(task.parentTaskId === null ? {} : { parentTaskId: task.parentTaskId }),
    ...(attempt === null || attempt < 1 || attempt > 10_000 ? {} : { attempt }),
    ...(sessionId === undefined ? {} : { sessionId }),
  };
}

function firstContent(
  read: (span: SpanLog) => string | null,
  spans: readonly SpanLog[],
): string | null {
  for (const span of spans) {
    const text = read(span);
    if (text !== null) return text;
  }
  return null;
}

function executionOfRoot(node: SpanNode, spans: readonly SpanLog[]): DerivedExecution {
  const root = node.span;
  const { tokensUsed, costUsd, ...tokens } = tokenTotalsOf([node]);
  const inferences = spans.filter((span) => span.spanClass === 'inference');
  const version = root.agentVersion ?? spans.find((span) => span.agentVersion)?.agentVersion;
  return {
    kind: 'execution',
    derivedFrom: 'spans',
    taskId: taskAttributesOf(root.attributes, root.resource ?? {}).taskId ?? root.traceId,
    timestamp: root.timestamp,
    traceId: root.traceId,
    agentId: agentOf(root, spans),
    ...(version === undefined ? {} : { agentVersion: version }),
    ...taskFields(root, spans),
    modelId: modelOf(root, spans),
    provider: root.provider ?? known(inferences.map((span) => span.provider))[0] ?? null,
    success: root.success ?? null,
    failureReason: root.failureReason ?? null,
    partialSuccess: isPartial(root, spans),
    latencyMs: root.latencyMs ?? null,
    tokensUsed,
    ...tokens,
    thinkingTokens: tokens.reasoningTokens,
    costUsd,
    ...toolMetrics(root, spans),
    timeToFirstTokenMs:
      known([root, ...inferences].map((span) => span.timeToFirstTokenMs))[0] ?? null,
    prompt: firstContent(promptOf, [root, ...inferences]),
    response: firstContent(responseOf, [root, ...inferences.toReversed()]),
  };
}

/** An execution that was read from the spans of a trace. */
export type DerivedExecution = { readonly kind: 'execution' } & ExecutionMetricsLog;

/**
 * The executions that a trace may stand for, one for each root without a parent that is an agent or
 * workflow, calls a model below it, is itself a model call, or reports a usage; by start of the root.
 *
 * @param spans spans of one trace, in any order, duplicates allowed.
 */
export function executionsOfRoots(spans: readonly SpanLog[]): DerivedExecution[] {
  return spanTreeOf(spans).flatMap((root) => {
    const below = [...walkSpans([root])].map((node) => node.span);
    return isExecution(root, below) ? [executionOfRoot(root, below)] : [];
  });
}

/**
 * The execution that a trace stands for: the first of {@link executionsOfRoots}. null for a trace
 * without such a root, for example the part of a trace whose root is yet to come.
 */
export function executionOfTrace(spans: readonly SpanLog[]): DerivedExecution | null {
  return executionsOfRoots(spans)[0] ?? null;
}

/**
 * An execution as more spans of its trace tell it, under the agent that it was counted for at first:
 * what has been learned of one agent cannot be handed to another.
 */
export function keepAgent(later: DerivedExecution, first: DerivedExecution): DerivedExecution {
  const { agentVersion: _later, ...rest } = later;
  const { agentId, agentVersion } = first;
  return { ...rest, agentId, ...(agentVersion === undefined ? {} : { agentVersion }) };
}

/** The executions of all traces among the spans. */
export function executionsOf(spans: readonly SpanLog[]): DerivedExecution[] {
  return [...groupBy(spans, (span) => span.traceId).values()].flatMap((trace) => {
    const execution = executionOfTrace(trace);
    return execution === null ? [] : [execution];
  });
}
