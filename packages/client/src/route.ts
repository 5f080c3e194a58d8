import type { Assignment, CandidateAgent, Complexity, RoutingStrategy } from '@assay/loop';
import type { Clock } from './clock.ts';
import { AssayClientError, messageOf } from './errors.ts';
import type { Tracker } from './tracker.ts';
import { errorOfAnswer, isObject, parseJson, type Transport } from './transport.ts';

/** An agent that may be chosen. */
export interface Candidate {
  readonly agentId: string;
  readonly agentVersion?: string;
  readonly capabilities?: readonly string[];
  readonly costEstimateUsd?: number;
  /** Share of the agent's capacity in use, 0..1. */
  readonly load?: number;
}

/** A task that needs an agent. */
export interface RouteRequest {
  readonly taskId: string;
  readonly taskType: string;
  /** Kind of task within its type, known before execution. */
  readonly taskKind?: string;
  readonly complexity?: Complexity;
  readonly requirements?: readonly string[];
  readonly sessionId?: string;
  /** The agents to choose from; the registered ones when absent. */
  readonly candidates?: readonly Candidate[];
  /** Name of the policy; the active one when absent. */
  readonly policy?: string;
  /**
   * How the decision is recorded: `queued` (the default) answers before it is on disk, `durable`
   * after; `none` records nothing.
   */
  readonly record?: 'queued' | 'durable' | 'none';
}

/** The choice and why it was made. */
export interface RouteDecision {
  readonly decisionId: string;
  readonly taskId: string;
  readonly selectedAgentId: string;
  readonly selectedAgentVersion?: string;
  readonly routingStrategy: RoutingStrategy;
  readonly confidence?: number | null;
  /** Probability with which this agent was chosen, 0 < p <= 1. */
  readonly propensity: number;
  readonly policyId?: string;
  readonly policyVersion?: string;
  readonly evidenceWatermark?: number | null;
  readonly candidateAgents: readonly CandidateAgent[];
  readonly primaryReason?: string;
  readonly secondaryFactors?: readonly string[];
  readonly assignment: Assignment;
  /** When it was made; ISO 8601 or ms since 1970. */
  readonly timestamp: string | number;
}

/** How long to wait for the router, and what to do without it. */
export interface RouteOptions {
  /** Time limit, ms; 500 when absent. */
  readonly timeoutMs?: number;
  /**
   * Without an answer: `uniform` (the default) draws among the candidates, or among the agents
   * of the last answer for this task type; a candidate names the agent; `throw` throws.
   */
  readonly fallback?: 'uniform' | 'throw' | Candidate;
}

/** What routing needs. */
export interface RouteContext {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly random: () => number;
  readonly newId: () => string;
  readonly tracker: Tracker;
  readonly report: (error: AssayClientError) => void;
}

/** Chooses an agent for a task. */
export type Route = (request: RouteRequest, options?: RouteOptions) => Promise<RouteDecision>;

const DEFAULT_TIMEOUT_MS = 500;
const MAX_REMEMBERED_TYPES = 1000;

function decisionOf(text: string): RouteDecision | null {
  const body = parseJson(text);
  if (!isObject(body) || typeof body['selectedAgentId'] !== 'string') return null;
  return { candidateAgents: [], ...body } as unknown as RouteDecision;
}

async function askServer(
  context: RouteContext,
  request: RouteRequest,
  timeoutMs: number,
): Promise<RouteDecision> {
  const answer = await context.transport({
    method: 'POST',
    path: '/v1/route',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(request),
    timeoutMs,
  });
  if (answer.status < 200 || answer.status >= 300) throw errorOfAnswer(answer);
  const decision = decisionOf(answer.text);
  if (decision !== null) return decision;
  throw new AssayClientError('client.bad-answer', 'the router answered without an agent', {
    status: answer.status,
  });
}

function chooseLocally(
  context: RouteContext,
  request: RouteRequest,
  candidates: readonly Candidate[],
  reason: string,
): RouteDecision | null {
  const propensity = 1 / candidates.length;
  const index = Math.min(candidates.length - 1, Math.floor(context.random() * candidates.length));
  const chosen = candidates[index];
  if (chosen === undefined) return null;
  const version = chosen.agentVersion;
  return {
    decisionId: context.newId(),
    taskId: request.taskId,
    selectedAgentId: chosen.agentId,
    ...(version === undefined ? {} : { selectedAgentVersion: version }),
    routingStrategy: 'fallback',
    confidence: null,
    propensity,
    candidateAgents: candidates.map((candidate) => ({
      agentId: candidate.agentId,
      ...(candidate.agentVersion === undefined ? {} : { agentVersion: candidate.agentVersion }),
      eligible: true,
      probability: propensity,
    })),
    primaryReason: `router not reachable: ${reason}`,
    secondaryFactors: [],
    assignment: 'fallback',
    timestamp: context.clock.now(),
  };
}

/** Records a decision that was made on this side of the wire. */
export function recordDecision(
  tracker: Tracker,
  request: RouteRequest,
  decision: RouteDecision,
): void {
  tracker.decision({
    ...decision,
    taskType: request.taskType,
    ...(request.taskKind === undefined ? {} : { taskKind: request.taskKind }),
    ...(request.complexity === undefined ? {} : { complexity: request.complexity }),
    ...(request.requirements === undefined ? {} : { requirements: request.requirements }),
    ...(request.sessionId === undefined ? {} : { sessionId: request.sessionId }),
  });
}

/** Makes the `route` of a client. */
export function createRoute(context: RouteContext): Route {
  const known = new Map<string, readonly Candidate[]>();
  const remember = (taskType: string, decision: RouteDecision): void => {
    const eligible = decision.candidateAgents.filter((agent) => agent.eligible !== false);
    if (eligible.length === 0) return;
    if (known.size >= MAX_REMEMBERED_TYPES) known.clear();
    known.set(
      taskType,
      eligible.map(({ agentId, agentVersion }) => ({
        agentId,
        ...(agentVersion === undefined ? {} : { agentVersion }),
      })),
    );
  };
  const fallBack = (request: RouteRequest, options: RouteOptions, thrown: unknown) => {
    const fallback = options.fallback ?? 'uniform';
    if (fallback === 'throw') throw thrown;
    const candidates =
      fallback === 'uniform'
        ? (request.candidates ?? known.get(request.taskType) ?? [])
        : [fallback];
    const decision = chooseLocally(context, request, candidates, messageOf(thrown));
    if (decision === null) {
      const message = `no agent for task ${request.taskId}: ${messageOf(thrown)}`;
      throw new AssayClientError('client.no-agent', message, { cause: thrown });
    }
    if (thrown instanceof AssayClientError) context.report(thrown);
    if (request.record !== 'none') recordDecision(context.tracker, request, decision);
    return decision;
  };
  return async (request, options = {}) => {
    try {
      const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
      const decision = await askServer(context, request, timeoutMs);
      if (request.candidates === undefined) remember(request.taskType, decision);
      return decision;
    } catch (thrown) {
      return fallBack(request, options, thrown);
    }
  };
}
