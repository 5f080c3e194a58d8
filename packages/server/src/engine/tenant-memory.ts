import type {
  DriftWatch,
  Evidence,
  GatePrior,
  RoutingPolicy,
  RoutingPolicySettings,
  StickyAssignment,
  VectorCache,
} from '@assay/loop';
import { carryOver, createPolicy, createVectorCache, restoreEvidence } from '@assay/loop';
import { getState, readEvidence, rollUp } from '@assay/store';
import { allStates } from './all-states.ts';
import type { EngineContext } from './context.ts';
import { loadDrift } from './stored-drift.ts';

/** An agent that the router may choose, with the version that is in use. */
export interface RegisteredAgent {
  readonly agentId: string;
  readonly version: string;
  readonly capabilities: readonly string[];
  readonly family: string | null;
  readonly state: 'active' | 'retired';
  readonly costEstimateUsd: number | null;
  readonly contextWindowTokens: number | null;
  /** Versions that were in use before, oldest first. */
  readonly formerVersions: readonly string[];
  readonly registeredAt: string;
  readonly updatedAt: string;
}

/** What a version was given to start with. */
export interface StoredPrior {
  readonly agentId: string;
  readonly fromVersion: string;
  readonly toVersion: string;
  readonly prior: readonly GatePrior[];
  readonly atMs: number;
}

/** All that the engine holds in memory of one tenant. */
export interface TenantMemory {
  readonly tenantId: number;
  evidence: Evidence;
  vectors: VectorCache;
  /** Number of the last change by any process that is in the memory. */
  changeSeq: number;
  /** Priors that are in the evidence, see {@link priorKey}. */
  readonly priors: Set<string>;
  readonly drift: DriftWatch;
  readonly agents: Map<string, RegisteredAgent>;
  readonly policies: Map<string, RoutingPolicy>;
  activePolicyId: string;
  /** First decision of each session, the latest sessions only. */
  readonly sticky: Map<string, StickyAssignment>;
  /**
   * Agent of each task, by its reference, that was decided here and has not finished, with the
   * time of the decision.
   */
  readonly inFlight: Map<string, { readonly agentId: string; readonly sinceMs: number }>;
  /** Number of open tasks by agent. */
  readonly open: Map<string, number>;
  /** Whether the drift watch has changed since it was stored. */
  isDriftUnsaved: boolean;
  /** Costs of runs that were read after, and before this process hears of, a correction; by id. */
  readonly readRevised: Map<string, number | null>;
}

/** Collections of small documents in the store. */
export const COLLECTIONS = {
  agent: 'agent',
  policy: 'policy',
  prior: 'evidence-prior',
  routing: 'routing',
} as const;

/** Name of a prior in {@link TenantMemory.priors}: written again, it is another one. */
export function priorKey(prior: Pick<StoredPrior, 'agentId' | 'toVersion' | 'atMs'>): string {
  return `${prior.agentId}@${prior.toVersion}@${prior.atMs}`;
}

/** Adds a prior to the evidence unless it is in it. */
export function takePrior(
  memory: Pick<TenantMemory, 'evidence' | 'priors'>,
  stored: StoredPrior,
): void {
  if (memory.priors.has(priorKey(stored))) return;
  memory.priors.add(priorKey(stored));
  const { agentId, fromVersion, toVersion, prior } = stored;
  const how = { mode: 'prior', prior, cap: Number.MAX_SAFE_INTEGER } as const;
  carryOver(memory.evidence, agentId, fromVersion, toVersion, how);
}

async function loadEvidence(
  context: EngineContext,
  tenantId: number,
): Promise<Pick<TenantMemory, 'evidence' | 'changeSeq' | 'priors'>> {
  while ((await rollUp(context.db, tenantId, 200, context.now())) > 0);
  const { rows, seq } = await readEvidence(context.db, tenantId);
  const loaded = { evidence: restoreEvidence(rows), changeSeq: seq, priors: new Set<string>() };
  for (const { value } of await allStates(context, tenantId, COLLECTIONS.prior)) {
    takePrior(loaded, value as StoredPrior);
  }
  return loaded;
}

type Documents = Pick<TenantMemory, 'agents' | 'policies' | 'activePolicyId'>;

function policyOf(context: EngineContext, policyId: string, value: unknown): RoutingPolicy {
  const settings = value as Partial<RoutingPolicySettings>;
  return createPolicy({ ...settings, policyId }, context.hash);
}

function activePolicyOf(value: unknown): string {
  return (value as { policyId?: string } | undefined)?.policyId ?? 'default';
}

async function loadDocuments(context: EngineContext, tenantId: number): Promise<Documents> {
  const agents = new Map<string, RegisteredAgent>();
  for (const { key, value } of await allStates(context, tenantId, COLLECTIONS.agent)) {
    agents.set(key, value as RegisteredAgent);
  }
  const policies = new Map([['default', createPolicy({}, context.hash)]]);
  for (const { key, value } of await allStates(context, tenantId, COLLECTIONS.policy)) {
    policies.set(key, policyOf(context, key, value));
  }
  const routing = await getState(context.db, tenantId, COLLECTIONS.routing, 'active');
  return { agents, policies, activePolicyId: activePolicyOf(routing?.value) };
}

/** Reads what the engine needs of a tenant. No facts may be recorded meanwhile. */
export async function loadTenant(context: EngineContext, tenantId: number): Promise<TenantMemory> {
  const learned = await loadEvidence(context, tenantId);
  return {
    tenantId,
    ...learned,
    vectors: createVectorCache(),
    drift: await loadDrift(context, tenantId, learned.changeSeq),
    ...(await loadDocuments(context, tenantId)),
    sticky: new Map(),
    inFlight: new Map(),
    open: new Map(),
    isDriftUnsaved: false,
    readRevised: new Map(),
  };
}

/**
 * Reads the evidence and the documents of a tenant anew, because changes of other processes can no
 * longer be followed. The drift watch goes on with a gap.
 * @param onRead called when the evidence has been read and before any other fact is learned
 */
export async function reloadTenant(
  context: EngineContext,
  memory: TenantMemory,
  onRead: () => void,
): Promise<void> {
  const { tenantId } = memory;
  const learned = await loadEvidence(context, tenantId);
  onRead();
  memory.evidence = learned.evidence;
  memory.vectors = createVectorCache();
  memory.changeSeq = learned.changeSeq;
  memory.readRevised.clear();
  for (const key of learned.priors) memory.priors.add(key);
  const documents = await loadDocuments(context, tenantId);
  for (const [key, agent] of documents.agents) memory.agents.set(key, agent);
  for (const [key, policy] of documents.policies) memory.policies.set(key, policy);
  memory.activePolicyId = documents.activePolicyId;
}

/** Takes a document that another process has written into the memory. */
export async function takeDocument(
  context: EngineContext,
  memory: TenantMemory,
  { collection, key }: { readonly collection: string; readonly key: string },
): Promise<void> {
  const value = (await getState(context.db, memory.tenantId, collection, key))?.value;
  if (value === undefined) return;
  switch (collection) {
    case COLLECTIONS.agent:
      memory.agents.set(key, value as RegisteredAgent);
      break;
    case COLLECTIONS.policy:
      memory.policies.set(key, policyOf(context, key, value));
      break;
    case COLLECTIONS.routing:
      memory.activePolicyId = activePolicyOf(value);
      break;
    case COLLECTIONS.prior:
      takePrior(memory, value as StoredPrior);
      break;
  }
}

/** Memories of all tenants, each loaded once. */
export interface TenantMemories {
  /** Memory of a tenant, loaded when it is first asked for. */
  of(tenantId: number): Promise<TenantMemory>;
  /** Memory of a tenant if it is loaded. */
  loaded(tenantId: number): TenantMemory | null;
  all(): readonly TenantMemory[];
}

/** Memories that load from the store. */
export function createTenantMemories(context: EngineContext): TenantMemories {
  const loaded = new Map<number, TenantMemory>();
  const loading = new Map<number, Promise<TenantMemory>>();

  async function load(tenantId: number): Promise<TenantMemory> {
    try {
      const memory = await loadTenant(context, tenantId);
      loaded.set(tenantId, memory);
      return memory;
    } finally {
      loading.delete(tenantId);
    }
  }

  return {
    async of(tenantId) {
      const known = loaded.get(tenantId);
      if (known !== undefined) return known;
      const running = loading.get(tenantId) ?? load(tenantId);
      if (!loaded.has(tenantId)) loading.set(tenantId, running);
      return running;
    },
    loaded: (tenantId) => loaded.get(tenantId) ?? null,
    all: () => [...loaded.values()],
  };
}
