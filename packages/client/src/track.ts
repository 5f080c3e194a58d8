import type {
  Complexity,
  EvaluationOutcomeLog,
  ExecutionMetricsLog,
  TokenCounts,
  TurnScore,
} from '@assay/loop';
import type { Clock } from './clock.ts';
import { AssayClientError, messageOf } from './errors.ts';
import {
  type Candidate,
  type Route,
  type RouteDecision,
  type RouteOptions,
  type RouteRequest,
  recordDecision,
} from './route.ts';
import type { Tracker } from './tracker.ts';

/** A task to be done by one of several agents. */
export interface TrackedTask {
  /** The caller's id; one is made when absent. */
  readonly taskId?: string;
  readonly taskType: string;
  readonly taskKind?: string;
  readonly complexity?: Complexity;
  readonly requirements?: readonly string[];
  readonly sessionId?: string;
  readonly parentTaskId?: string;
  readonly traceId?: string;
  /** Which attempt this is; 1 when absent. */
  readonly attempt?: number;
}

/** The agent that works on the task. */
export interface ChosenAgent {
  readonly agentId: string;
  readonly agentVersion?: string;
}

/** Fields of an execution that only the task itself knows. */
export type ExecutionDetails = Partial<
  Omit<ExecutionMetricsLog, 'taskId' | 'timestamp' | 'agentId' | 'agentVersion' | 'attempt'>
>;

/** What a running task can tell. */
export interface TaskContext {
  readonly taskId: string;
  readonly decision: RouteDecision;
  /** Runs a tool, measures it and records the call; passes on its result or its error. */
  toolCall<T>(toolName: string, run: () => T | Promise<T>): Promise<T>;
  /** Records the rewards of a turn. */
  turn(score: TurnScore): void;
  /** Adds tokens to the execution; unknown counts stay unknown. */
  tokens(counts: TokenCounts): void;
  /** Adds fields to the execution, for example `costUsd`, `modelId`, `response`. */
  report(details: ExecutionDetails): void;
}

/** A verdict: a score 0..1, the fields of an evaluation, or null for unscored. */
export type Verdict =
  | number
  | null
  | Partial<Omit<EvaluationOutcomeLog, 'taskId' | 'timestamp' | 'agentId' | 'agentVersion'>>;

/** What an evaluation may look at. */
export interface EvaluateContext {
  readonly taskId: string;
  readonly agent: ChosenAgent;
  readonly decision: RouteDecision;
  readonly latencyMs: number;
}

/** How a task is routed and judged. */
export interface TrackOptions<R> extends RouteOptions {
  /** Agents to choose from; the registered ones when absent. */
  readonly agents?: readonly Candidate[];
  /** The agent to use; nothing is routed then. */
  readonly agent?: Candidate;
  /** Name of the policy to route by. */
  readonly policy?: string;
  /** Judges the result. A failure to judge is recorded as unscored and never disturbs the task. */
  readonly evaluate?: (result: R, context: EvaluateContext) => Verdict | Promise<Verdict>;
}

/** Routes, runs and records one task. */
export type Track = <R>(
  task: TrackedTask,
  run: (agent: ChosenAgent, context: TaskContext) => R | Promise<R>,
  options?: TrackOptions<R>,
) => Promise<R>;

/** What tracking needs. */
export interface TrackContext {
  readonly route: Route;
  readonly tracker: Tracker;
  readonly clock: Clock;
  /** Milliseconds of a clock that never goes back. */
  readonly monotonicMs: () => number;
  readonly newId: () => string;
  readonly report: (error: AssayClientError) => void;
}

interface ToolTally {
  calls: number;
  successes: number;
  totalMs: number;
}

const TOKEN_FIELDS = [
  'inputTokens',
  'outputTokens',
  'reasoningTokens',
  'cachedInputTokens',
  'cacheWriteTokens',
] as const;

function requestOf(taskId: string, task: TrackedTask): RouteRequest {
  const { taskType, taskKind, complexity, requirements, sessionId } = task;
  return {
    taskId,
    taskType,
    ...(taskKind === undefined ? {} : { taskKind }),
    ...(complexity === undefined ? {} : { complexity }),
    ...(requirements === undefined ? {} : { requirements }),
    ...(sessionId === undefined ? {} : { sessionId }),
  };
}

async function decide<R>(
  context: TrackContext,
  request: RouteRequest,
  options: TrackOptions<R>,
): Promise<RouteDecision> {
  const { agent, agents, policy } = options;
  if (agent === undefined) {
    const full = {
      ...request,
      ...(agents === undefined ? {} : { candidates: agents }),
      ...(policy === undefined ? {} : { policy }),
    };
    return context.route(full, options);
  }
  const version = agent.agentVersion === undefined ? {} : { agentVersion: agent.agentVersion };
  const decision: RouteDecision = {
    decisionId: context.newId(),
    taskId: request.taskId,
    selectedAgentId: agent.agentId,
    ...(agent.agentVersion === undefined ? {} : { selectedAgentVersion: agent.agentVersion }),
    routingStrategy: 'capability-match',
    confidence: null,
    propensity: 1,
    candidateAgents: [{ agentId: agent.agentId, ...version, eligible: true, probability: 1 }],
    primaryReason: 'given by the caller',
    assignment: 'forced',
    timestamp: context.clock.now(),
  };
  recordDecision(context.tracker, request, decision);
  return decision;
}

/** Collects what a task tells while it runs. */
function createNotes(context: TrackContext, shared: TaskIdentity, decision: RouteDecision) {
  const tools = new Map<string, ToolTally>();
  const tokens: Partial<Record<(typeof TOKEN_FIELDS)[number], number>> = {};
  const startedMs = context.monotonicMs();
  let details: ExecutionDetails = {};
  let firstActionMs: number | null = null;
  const tally = (toolName: string, latencyMs: number, failure: unknown, isOk: boolean): void => {
    const entry = tools.get(toolName) ?? { calls: 0, successes: 0, totalMs: 0 };
    entry.calls += 1;
    entry.successes += isOk ? 1 : 0;
    entry.totalMs += latencyMs;
    tools.set(toolName, entry);
    const failureReason = isOk ? {} : { failureReason: messageOf(failure) };
    const call = { toolName, callId: context.newId(), latencyMs, success: isOk };
    context.tracker.toolCall({ ...shared, ...call, ...failureReason });
  };
  const taskContext: TaskContext = {
    taskId: shared.taskId,
    decision,
    async toolCall(toolName, run) {
      const toolStartedMs = context.monotonicMs();
      firstActionMs ??= toolStartedMs - startedMs;
      try {
        const result = await run();
        tally(toolName, context.monotonicMs() - toolStartedMs, null, true);
        return result;
      } catch (thrown) {
        tally(toolName, context.monotonicMs() - toolStartedMs, thrown, false);
        throw thrown;
      }
    },
    turn: (score) => context.tracker.turn({ ...shared, ...score }),
    tokens(counts) {
      for (const field of TOKEN_FIELDS) {
        const count = counts[field];
        if (typeof count === 'number') tokens[field] = (tokens[field] ?? 0) + count;
      }
    },
    report(more) {
      details = { ...details, ...more };
    },
  };
  const execution = (): ExecutionDetails => {
    const { inputTokens, outputTokens } = tokens;
    const isCounted = inputTokens !== undefined || outputTokens !== undefined;
    return {
      ...tokens,
      ...(isCounted ? { tokensUsed: (inputTokens ?? 0) + (outputTokens ?? 0) } : {}),
      ...toolFields(tools, firstActionMs),
      ...details,
    };
  };
  return { taskContext, execution, elapsedMs: () => context.monotonicMs() - startedMs };
}

function toolFields(
  tools: ReadonlyMap<string, ToolTally>,
  firstActionMs: number | null,
): ExecutionDetails {
  if (tools.size === 0) return {};
  const tallies = [...tools.values()];
  const calls = tallies.reduce((sum, { calls }) => sum + calls, 0);
  return {
    toolCallCount: calls,
    toolCallSuccessRate: tallies.reduce((sum, { successes }) => sum + successes, 0) / calls,
    timeToFirstAction: firstActionMs,
    toolsUsed: [...tools].map(([toolName, { calls, successes, totalMs }]) => ({
      toolName,
      callCount: calls,
      successRate: successes / calls,
      averageLatency: totalMs / calls,
    })),
  };
}

interface TaskIdentity extends ChosenAgent {
  readonly taskId: string;
  readonly taskType: string;
  readonly taskKind?: string;
  readonly sessionId?: string;
  readonly parentTaskId?: string;
  readonly traceId?: string;
  readonly attempt?: number;
}

function identityOf(taskId: string, task: TrackedTask, agent: ChosenAgent): TaskIdentity {
  const { taskType, taskKind, sessionId, parentTaskId, traceId, attempt } = task;
  return {
    taskId,
    taskType,
    ...agent,
    ...(taskKind === undefined ? {} : { taskKind }),
    ...(sessionId === undefined ? {} : { sessionId }),
    ...(parentTaskId === undefined ? {} : { parentTaskId }),
    ...(traceId === undefined ? {} : { traceId }),
    ...(attempt === undefined ? {} : { attempt }),
  };
}

async function judge<R>(
  context: TrackContext,
  shared: TaskIdentity,
  evaluate: NonNullable<TrackOptions<R>['evaluate']>,
  result: R,
  about: EvaluateContext,
): Promise<void> {
  let verdict: Verdict;
  try {
    verdict = await evaluate(result, about);
  } catch (thrown) {
    const reason = `evaluation failed: ${messageOf(thrown)}`;
    context.report(new AssayClientError('client.evaluate', reason, { cause: thrown }));
    verdict = { overallScore: null, unscoredReason: reason };
  }
  if (typeof verdict === 'number') verdict = { overallScore: verdict };
  verdict ??= { overallScore: null, unscoredReason: 'the evaluator gave no score' };
  context.tracker.evaluation({ ...verdict, ...shared });
}

/** Makes the `track` of a client. */
export function createTrack(context: TrackContext): Track {
  return async (task, run, options = {}) => {
    const taskId = task.taskId ?? context.newId();
    const decision = await decide(context, requestOf(taskId, task), options);
    const version = decision.selectedAgentVersion;
    const agent: ChosenAgent = {
      agentId: decision.selectedAgentId,
      ...(version === undefined || version === '' ? {} : { agentVersion: version }),
    };
    const shared = identityOf(taskId, task, agent);
    const complexity = task.complexity === undefined ? {} : { complexity: task.complexity };
    context.tracker.executionStart(shared);
    const notes = createNotes(context, shared, decision);
    const finish = (failure: ExecutionDetails): number => {
      const latencyMs = notes.elapsedMs();
      // The task may say that it did not succeed; it cannot say so of a thrown error.
      const fields = { success: true, latencyMs, ...notes.execution(), ...failure };
      context.tracker.execution({ ...fields, ...complexity, ...shared });
      return latencyMs;
    };
    let result: Awaited<ReturnType<typeof run>>;
    try {
      result = await run(agent, notes.taskContext);
    } catch (thrown) {
      finish({ success: false, failureReason: messageOf(thrown) });
      throw thrown;
    }
    const latencyMs = finish({});
    if (options.evaluate !== undefined) {
      const about = { taskId, agent, decision, latencyMs };
      await judge(context, shared, options.evaluate, result, about);
    }
    return result;
  };
}
