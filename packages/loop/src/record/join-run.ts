import type {
  CompleteTaskLog,
  EvaluationOutcomeLog,
  ExecutionMetricsLog,
  Fact,
  RatingLog,
  RoutingDecisionLog,
  SpanLog,
  ToolCallLog,
  TurnLog,
} from './facts.ts';
import { sumKnown, type TokenTotals, tokenTotalsOf } from './leaf-tokens.ts';
import { tokensOf } from './narrow-fact.ts';
import { isOwnScore } from './own-score.ts';
import { type SpanNode, spanTreeOf } from './span-tree.ts';

/** How a run stands. `unknown` = nobody said. */
export type RunStatus = 'running' | 'succeeded' | 'failed' | 'unknown';

/** One attempt of a task. */
export interface RunAttempt {
  /** 1, 2, ... */
  readonly attempt: number;
  readonly status: RunStatus;
  readonly agentId: string | null;
  readonly agentVersion: string | null;
  /** ms since 1970; null when no fact says that work began. */
  readonly startedAt: number | null;
  readonly execution: ExecutionMetricsLog | null;
  /** The last evaluation of the attempt, by time; a score of Assay's own only when it is alone. */
  readonly evaluation: EvaluationOutcomeLog | null;
  readonly evaluationCount: number;
}

/** What a run took in all, over its attempts. null = not known. */
export interface RunTotals extends TokenTotals {
  /** Sum of the attempts, ms. */
  readonly latencyMs: number | null;
  readonly toolCallCount: number | null;
}

/** One task with everything that was recorded of it. */
export interface Run {
  readonly taskId: string;
  readonly status: RunStatus;
  /** The agent of the last attempt, else the one that was selected. */
  readonly agentId: string | null;
  readonly agentVersion: string | null;
  readonly taskType: string | null;
  readonly taskKind: string | null;
  readonly sessionId: string | null;
  readonly parentTaskId: string | null;
  readonly traceIds: readonly string[];
  /** Time of the earliest fact, ms since 1970; null when there are no facts. */
  readonly firstAt: number | null;
  readonly lastAt: number | null;
  /** The last decision; `decisions` has all. */
  readonly decision: RoutingDecisionLog | null;
  readonly decisions: readonly RoutingDecisionLog[];
  readonly attempts: readonly RunAttempt[];
  readonly turns: readonly TurnLog[];
  readonly toolCalls: readonly ToolCallLog[];
  readonly evaluations: readonly EvaluationOutcomeLog[];
  readonly ratings: readonly RatingLog[];
  /** Trees of spans; a span without a known parent is a root. */
  readonly spans: readonly SpanNode[];
  readonly totals: RunTotals;
  readonly factCount: number;
}

type Of<Kind extends Fact['kind']> = Extract<Fact, { kind: Kind }>;
type TaskPart = Of<'decision'> | Of<'execution'> | Of<'evaluation'>;

/** Splits a whole task into the facts that it stands for. */
function partsOfTask(fact: { readonly kind: 'task' } & CompleteTaskLog): TaskPart[] {
  const { decision, execution, evaluation, kind: _kind, ...common } = fact;
  const parts: TaskPart[] = [{ ...common, ...execution, kind: 'execution' }];
  if (decision) parts.unshift({ ...common, ...decision, kind: 'decision' });
  if (evaluation) {
    parts.push({ ...common, ...evaluation, agentId: execution.agentId, kind: 'evaluation' });
  }
  return parts;
}

function ordered(facts: readonly Fact[]): Fact[] {
  return facts
    .flatMap((fact): Fact[] => (fact.kind === 'task' ? partsOfTask(fact) : [fact]))
    .sort((a, b) => a.timestamp - b.timestamp);
}

function ofKind<Kind extends Fact['kind']>(facts: readonly Fact[], kind: Kind): Of<Kind>[] {
  return facts.filter((fact): fact is Of<Kind> => fact.kind === kind);
}

const attemptOf = (fact: { readonly attempt?: number }): number => fact.attempt ?? 1;

function statusOf(execution: ExecutionMetricsLog | null, isStarted: boolean): RunStatus {
  if (execution === null) return isStarted ? 'running' : 'unknown';
  if (execution.success === true) return 'succeeded';
  return execution.success === false ? 'failed' : 'unknown';
}

function attemptsOf(facts: readonly Fact[]): RunAttempt[] {
  const starts = ofKind(facts, 'execution-start');
  const executions = ofKind(facts, 'execution');
  const evaluations = ofKind(facts, 'evaluation');
  const numbers = new Set([...starts, ...executions, ...evaluations].map(attemptOf));
  return [...numbers]
    .sort((a, b) => a - b)
    .map((attempt) => {
      const isOwn = (fact: { readonly attempt?: number }): boolean => attemptOf(fact) === attempt;
      const start = starts.find(isOwn);
      const execution = executions.findLast(isOwn) ?? null;
      const own = evaluations.filter(isOwn);
      const named = execution ?? start ?? own.at(-1);
      return {
        attempt,
        status: statusOf(execution, start !== undefined),
        agentId: named?.agentId ?? null,
        agentVersion:
          execution?.agentVersion ?? start?.agentVersion ?? own.at(-1)?.agentVersion ?? null,
        startedAt: start?.timestamp ?? null,
        execution,
        evaluation: own.findLast((one) => !isOwnScore(one)) ?? own.at(-1) ?? null,
        evaluationCount: own.length,
      };
    });
}

/** Spans are the finer measure; what they do not say is taken from the executions' own reports. */
function totalsOf(
  spans: readonly SpanNode[],
  attempts: readonly RunAttempt[],
  toolCalls: readonly ToolCallLog[],
): RunTotals {
  const executions = attempts.flatMap((attempt) => (attempt.execution ? [attempt.execution] : []));
  const measured = tokenTotalsOf(spans);
  const sum = (
    read: (execution: ExecutionMetricsLog) => number | null | undefined,
  ): number | null => sumKnown(executions.map(read));
  const isMeasured = measured.tokensUsed !== null;
  const tokens: Omit<TokenTotals, 'costUsd'> = isMeasured
    ? measured
    : {
        tokensUsed: sum(tokensOf),
        inputTokens: sum((execution) => execution.inputTokens),
        outputTokens: sum((execution) => execution.outputTokens),
        reasoningTokens: sum((execution) => execution.reasoningTokens ?? execution.thinkingTokens),
        cachedInputTokens: sum((execution) => execution.cachedInputTokens),
        cacheWriteTokens: sum((execution) => execution.cacheWriteTokens),
      };
  return {
    ...tokens,
    costUsd: sum((execution) => execution.costUsd) ?? measured.costUsd,
    latencyMs:
      sum((execution) => execution.latencyMs) ?? sumKnown(spans.map((root) => root.span.latencyMs)),
    toolCallCount:
      sum((execution) => execution.toolCallCount) ??
      (toolCalls.length > 0 ? toolCalls.length : null),
  };
}

/** Without an execution the root spans are asked; one failed root fails the run. */
function statusOfSpans(roots: readonly SpanNode[]): RunStatus {
  if (roots.some((root) => root.span.success === false)) return 'failed';
  return roots.some((root) => root.span.success === true) ? 'succeeded' : 'unknown';
}

/** The last value that is said, or null. */
function lastOf<T>(values: readonly (T | null | undefined)[]): T | null {
  return values.findLast((value) => value !== null && value !== undefined && value !== '') ?? null;
}

interface Named {
  readonly taskType?: string;
  readonly taskKind?: string;
}

/**
 * Joins the facts of one task, in whatever order they came, to a run. Facts are ordered by time,
 * the last evaluation of an attempt is its verdict, tokens of spans are counted at the leaves only,
 * and a whole-task fact counts as the decision, execution and evaluation in it.
 *
 * @param facts the facts of one task; an empty list gives an empty run.
 */
export function joinRun(facts: readonly Fact[]): Run {
  const all = ordered(facts);
  const inTask = all.filter(
    (fact): fact is Exclude<Fact, Of<'feedback'>> => fact.kind !== 'feedback',
  );
  const decisions = ofKind(all, 'decision');
  const toolCalls = ofKind(all, 'tool-call');
  const spanFacts: SpanLog[] = ofKind(all, 'span');
  const spans = spanTreeOf(spanFacts);
  const attempts = attemptsOf(all);
  const last = attempts.findLast(
    (attempt) => attempt.execution !== null || attempt.startedAt !== null,
  );
  const decision = decisions.at(-1) ?? null;
  const named: Named[] = [
    ...decisions,
    ...ofKind(all, 'execution-start'),
    ...ofKind(all, 'execution'),
  ];
  const traceIds = new Set(inTask.flatMap((fact) => (fact.traceId ? [fact.traceId] : [])));
  return {
    taskId: (inTask.find((fact) => fact.kind !== 'span') ?? inTask[0])?.taskId ?? '',
    status: last?.status ?? statusOfSpans(spans),
    agentId:
      last?.agentId ?? decision?.selectedAgentId ?? lastOf(spans.map((root) => root.span.agentId)),
    agentVersion: last?.agentVersion ?? decision?.selectedAgentVersion ?? null,
    taskType: lastOf(named.map((fact) => fact.taskType)),
    taskKind: lastOf(named.map((fact) => fact.taskKind)),
    sessionId: lastOf(inTask.map((fact) => fact.sessionId)),
    parentTaskId: lastOf(inTask.map((fact) => fact.parentTaskId)),
    traceIds: [...traceIds],
    firstAt: all[0]?.timestamp ?? null,
    lastAt: all.at(-1)?.timestamp ?? null,
    decision,
    decisions,
    attempts,
    turns: ofKind(all, 'turn').sort(
      (a, b) => a.turnNumber - b.turnNumber || a.timestamp - b.timestamp,
    ),
    toolCalls,
    evaluations: ofKind(all, 'evaluation'),
    ratings: ofKind(all, 'rating'),
    spans,
    totals: totalsOf(spans, attempts, toolCalls),
    factCount: facts.length,
  };
}
