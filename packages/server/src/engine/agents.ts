import type { GatePrior } from '@assay/loop';
import { cellsOf, metricOf, pseudoCounts } from '@assay/loop';
import type { AgentRegistration, PriorRequest, Promotion } from '@assay/protocol';
import { AssayError } from '@assay/protocol';
import { putSharedState } from '@assay/store';
import type { EngineContext } from './context.ts';
import type { RegisteredAgent, StoredPrior, TenantMemory } from './tenant-memory.ts';
import { COLLECTIONS, takePrior } from './tenant-memory.ts';

/** Most that a gate's measurement counts for in one kind of task, observations. */
const GATE_PRIOR_CAP = 20;

/** What another version has earned so far, as something that can be stored. */
function earnedBy(memory: TenantMemory, agentId: string, version: string): GatePrior[] {
  const { evidence } = memory;
  return cellsOf(evidence, { agentId, agentVersion: version }).flatMap((cell) => {
    const { taskType, taskKind } = cell;
    const metric = metricOf(evidence, taskType, 'auto');
    const { a, b } = pseudoCounts(evidence, agentId, version, taskType, taskKind, metric);
    return a + b > 0 ? [{ taskType, taskKind, mean: a / (a + b), n: a + b }] : [];
  });
}

async function startWith(
  context: EngineContext,
  memory: TenantMemory,
  agentId: string,
  versions: { from: string; to: string },
  request: PriorRequest,
): Promise<void> {
  const isInherited = request.inheritFrom !== undefined;
  const from = request.inheritFrom ?? versions.from;
  const prior = isInherited
    ? earnedBy(memory, agentId, from)
    : (request.fromGate ?? []).map((one) => ({ ...one, n: Math.min(one.n, GATE_PRIOR_CAP) }));
  if (prior.length === 0) return;
  const stored: StoredPrior = {
    agentId,
    fromVersion: from,
    toVersion: versions.to,
    prior,
    atMs: context.now(),
  };
  // Stored first: evidence that memory has and the store lacks would vanish with a restart.
  const key = `${agentId}@${versions.to}`;
  await putSharedState(context.db, memory.tenantId, COLLECTIONS.prior, key, stored, context.now());
  takePrior(memory, stored);
}

async function save(
  context: EngineContext,
  memory: TenantMemory,
  agent: RegisteredAgent,
): Promise<RegisteredAgent> {
  const { tenantId } = memory;
  const { db, now } = context;
  await putSharedState(db, tenantId, COLLECTIONS.agent, agent.agentId, agent, now());
  memory.agents.set(agent.agentId, agent);
  return agent;
}

/** Registers an agent, or changes it. Another version takes the place of the former one. */
export async function registerAgent(
  context: EngineContext,
  memory: TenantMemory,
  agentId: string,
  request: AgentRegistration,
): Promise<RegisteredAgent> {
  const before = memory.agents.get(agentId);
  const nowText = new Date(context.now()).toISOString();
  const isNewVersion = before?.version !== request.version;
  const former = before?.formerVersions ?? [];
  if (request.prior !== undefined && isNewVersion) {
    const versions = { from: before?.version ?? '', to: request.version };
    await startWith(context, memory, agentId, versions, request.prior);
  }
  return save(context, memory, {
    agentId,
    version: request.version,
    capabilities: request.capabilities,
    family: request.family ?? before?.family ?? null,
    state: request.state,
    costEstimateUsd: request.costEstimateUsd ?? null,
    contextWindowTokens: request.contextWindowTokens ?? null,
    formerVersions: before !== undefined && isNewVersion ? [...former, before.version] : former,
    registeredAt: before?.registeredAt ?? nowText,
    updatedAt: nowText,
  });
}

/**
 * Puts a new version of a registered agent in the place of the one in use.
 * @throws AssayError `agent.not-found` when `fromVersion` is not the version in use
 */
export async function promoteAgent(
  context: EngineContext,
  memory: TenantMemory,
  agentId: string,
  request: Promotion,
): Promise<RegisteredAgent> {
  const before = memory.agents.get(agentId);
  if (before === undefined || before.version !== request.fromVersion) {
    throw new AssayError('agent.not-found', {
      detail:
        before === undefined
          ? `${agentId} is not registered`
          : `${agentId} is at version ${before.version}, not ${request.fromVersion}`,
    });
  }
  const versions = { from: request.fromVersion, to: request.toVersion };
  if (request.prior !== undefined) {
    await startWith(context, memory, agentId, versions, request.prior);
  }
  return save(context, memory, {
    ...before,
    version: request.toVersion,
    state: 'active',
    formerVersions: [...before.formerVersions, before.version],
    updatedAt: new Date(context.now()).toISOString(),
  });
}

/** All registered agents, by id. */
export function listAgents(memory: TenantMemory): RegisteredAgent[] {
  return [...memory.agents.values()].sort((p, q) => (p.agentId < q.agentId ? -1 : 1));
}
