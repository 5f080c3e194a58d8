import type {
  Fact,
  RoutingCandidate,
  RoutingChoice,
  RoutingDecisionLog,
  RoutingPolicy,
  StickyAssignment,
} from '@assay/loop';
import { chooseAgent, refOf } from '@assay/loop';
import type { RouteCandidate, RouteRequest } from '@assay/protocol';
import { AssayError, timeOf } from '@assay/protocol';
import { listFacts, readDocuments } from '@assay/store';
import type { EngineContext } from './context.ts';
import { noteInFlight } from './learn.ts';
import { factOfLine } from './pending-fact.ts';
import type { Recorder } from './record.ts';
import type { TenantMemory } from './tenant-memory.ts';

/** Answer of `POST /v1/route`: the decision as it was recorded. */
export type RouteAnswer = Omit<RoutingDecisionLog, 'timestamp'> & {
  /** ISO 8601. */
  readonly timestamp: string;
  /** `queued`: on its way into the record; `durable`: in it; `none`: it was not to be recorded. */
  readonly recording: RouteRequest['record'];
};

const MAX_SESSIONS = 100_000;
/** Open tasks at which an agent counts as half loaded when nobody says what it can carry. */
const HALF_LOAD = 4;

function loadOf(memory: TenantMemory, agentId: string): number {
  const open = memory.open.get(agentId) ?? 0;
  return open / (open + HALF_LOAD);
}

function registeredCandidates(memory: TenantMemory): RoutingCandidate[] {
  const candidates: RoutingCandidate[] = [];
  for (const agent of memory.agents.values()) {
    if (agent.state !== 'active') continue;
    candidates.push({
      agentId: agent.agentId,
      agentVersion: agent.version,
      capabilities: agent.capabilities,
      costEstimateUsd: agent.costEstimateUsd,
      contextWindowTokens: agent.contextWindowTokens,
      load: loadOf(memory, agent.agentId),
    });
  }
  return candidates.sort((p, q) => (p.agentId < q.agentId ? -1 : 1));
}

/** A candidate of the request, with what is registered of it where the request is silent. */
function completed(memory: TenantMemory, one: RouteCandidate): RoutingCandidate {
  const known = memory.agents.get(one.agentId);
  const capabilities = one.capabilities ?? known?.capabilities;
  return {
    agentId: one.agentId,
    agentVersion: one.agentVersion ?? known?.version ?? '',
    ...(capabilities === undefined ? {} : { capabilities }),
    costEstimateUsd: one.costEstimateUsd ?? known?.costEstimateUsd ?? null,
    contextWindowTokens: one.contextWindowTokens ?? known?.contextWindowTokens ?? null,
    load: one.load ?? loadOf(memory, one.agentId),
    isCircuitOpen: one.isCircuitOpen ?? false,
  };
}

function policyOf(memory: TenantMemory, wanted: string | undefined): RoutingPolicy {
  const policy = memory.policies.get(wanted ?? memory.activePolicyId);
  if (policy === undefined) throw new AssayError('policy.not-found', { path: '$.policy' });
  return policy;
}

function assignmentOf(decision: RoutingDecisionLog): StickyAssignment | null {
  if (decision.decisionId === undefined || !decision.propensity) return null;
  return {
    agentId: decision.selectedAgentId,
    agentVersion: decision.selectedAgentVersion ?? '',
    decisionId: decision.parentDecisionId ?? decision.decisionId,
    propensity: decision.propensity,
  };
}

/** The decision that a session stays with: from memory, or from the record after a restart. */
async function stickyOf(
  context: EngineContext,
  memory: TenantMemory,
  sessionId: string,
): Promise<StickyAssignment | null> {
  const known = memory.sticky.get(sessionId);
  if (known !== undefined) return known;
  const { tenantId } = memory;
  const sessionRef = refOf(context.hash, tenantId, sessionId);
  const rows = await listFacts(context.db, tenantId, { kinds: [0], sessionRef, limit: 1 });
  const ids = rows.map((row) => row.id);
  const lines = ids.length === 0 ? null : await readDocuments(context.db, tenantId, ids);
  const fact = factOfLine(lines?.get(ids[0] ?? '') ?? '');
  return fact?.kind === 'decision' ? assignmentOf(fact) : null;
}

function keepSticky(memory: TenantMemory, sessionId: string, decision: RoutingDecisionLog): void {
  if (memory.sticky.has(sessionId)) return;
  const assignment = assignmentOf(decision);
  if (assignment === null) return;
  if (memory.sticky.size >= MAX_SESSIONS) {
    memory.sticky.delete(memory.sticky.keys().next().value ?? '');
  }
  memory.sticky.set(sessionId, assignment);
}

function decisionOf(
  context: EngineContext,
  request: RouteRequest,
  choice: RoutingChoice,
): RoutingDecisionLog {
  const { outcome: _outcome, ...chosen } = choice;
  return {
    taskId: request.taskId,
    timestamp: timeOf(request.timestamp) ?? context.now(),
    ...(request.attempt === undefined ? {} : { attempt: request.attempt }),
    sessionId: request.sessionId ?? null,
    ...(request.parentTaskId ? { parentTaskId: request.parentTaskId } : {}),
    decisionId: context.newId(),
    taskType: request.taskType,
    ...(request.taskKind === undefined ? {} : { taskKind: request.taskKind }),
    complexity: request.complexity ?? null,
    requirements: request.requirements ?? [],
    ...(request.contextFeatures === undefined ? {} : { contextFeatures: request.contextFeatures }),
    ...chosen,
  };
}

function requestOf(memory: TenantMemory, request: RouteRequest, sticky: StickyAssignment | null) {
  return {
    taskType: request.taskType,
    taskKind: request.taskKind ?? '',
    complexity: request.complexity ?? null,
    requirements: request.requirements ?? [],
    candidates:
      request.candidates?.map((one) => completed(memory, one)) ?? registeredCandidates(memory),
    sessionId: request.sessionId ?? null,
    sticky,
    forcedAgentId: request.forcedAgentId ?? null,
    inputTokens: request.inputTokens ?? null,
    budgetUsd: request.budgetUsd ?? null,
  };
}

/**
 * Chooses an agent and records the decision: into the queue of the next commit, so that the answer
 * does not wait for the disk, unless the request asks for `record: 'durable'`.
 * @throws AssayError `route.no-candidate`, `policy.not-found`
 */
export async function routeTask(
  context: EngineContext,
  memory: TenantMemory,
  recorder: Recorder,
  request: RouteRequest,
): Promise<RouteAnswer> {
  const policy = policyOf(memory, request.policy);
  const session = request.sessionId ?? null;
  const isSticky = policy.isSticky && session !== null;
  const sticky = isSticky ? await stickyOf(context, memory, session) : null;
  const choice = chooseAgent(
    requestOf(memory, request, sticky),
    policy,
    memory.evidence,
    context.random(),
    { cache: memory.vectors, nowMs: context.now() },
  );
  if (choice.outcome === 'none-eligible') {
    throw new AssayError('route.no-candidate', { detail: choice.primaryReason });
  }
  const decision = decisionOf(context, request, choice);
  if (request.record !== 'none') {
    await recordDecision(memory, recorder, decision, request.record);
    if (isSticky) keepSticky(memory, session, decision);
    const taskRef = refOf(context.hash, memory.tenantId, decision.taskId);
    noteInFlight(memory, taskRef, decision.selectedAgentId, decision.timestamp);
  }
  return {
    ...decision,
    timestamp: new Date(decision.timestamp).toISOString(),
    recording: request.record,
  };
}

async function recordDecision(
  memory: TenantMemory,
  recorder: Recorder,
  decision: RoutingDecisionLog,
  how: 'queued' | 'durable',
): Promise<void> {
  const fact: Fact = { kind: 'decision', ...decision };
  const write = how === 'durable' ? recorder.recordFact : recorder.queueFact;
  const result = await write(memory.tenantId, fact);
  if (result?.status === 'rejected' && result.code !== undefined) {
    throw new AssayError(result.code, {
      ...(result.path === undefined ? {} : { path: result.path }),
      ...(result.message === undefined ? {} : { detail: result.message }),
    });
  }
}
