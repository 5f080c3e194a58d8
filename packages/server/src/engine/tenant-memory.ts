import type {
  DriftSnapshot,
  DriftWatch,
  Evidence,
  GatePrior,
  RoutingPolicy,
  RoutingPolicySettings,
  StickyAssignment,
  VectorCache,
} from '@assay/loop';
import {
  carryOver,
  createDriftWatch,
  createPolicy,
  createVectorCache,
  restoreEvidence,
} from '@assay/loop';
import { evidenceRows, getState, listStates, rollUp } from '@assay/store';
import type { EngineContext } from './context.ts';

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
  readonly evidence: Evidence;
  readonly vectors: VectorCache;
  readonly drift: DriftWatch;
  readonly agents: Map<string, RegisteredAgent>;
  readonly policies: Map<string, RoutingPolicy>;
  activePolicyId: string;
  /** First decision of each session, the latest sessions only. */
  readonly sticky: Map<string, StickyAssignment>;
  /** Agent of each task that was decided and has not finished, with the time of the decision. */
  readonly inFlight: Map<string, { readonly agentId: string; readonly sinceMs: number }>;
  /** Number of open tasks by agent. */
  readonly open: Map<string, number>;
  /** Whether the drift watch has changed since it was stored. */
  isDriftUnsaved: boolean;
}

/** Collections of small documents in the store. */
export const COLLECTIONS = {
  agent: 'agent',
  policy: 'policy',
  prior: 'evidence-prior',
  routing: 'routing',
  drift: 'drift',
} as const;

const PAGE = 500;

async function allStates(
  context: EngineContext,
  tenantId: number,
  collection: string,
): Promise<{ key: string; value: unknown }[]> {
  const all: { key: string; value: unknown }[] = [];
  for (;;) {
    const after = all.at(-1)?.key;
    const page = await listStates(context.db, tenantId, collection, {
      limit: PAGE,
      ...(after === undefined ? {} : { after }),
    });
    all.push(...page);
    if (page.length < PAGE) return all;
  }
}

async function loadEvidence(context: EngineContext, tenantId: number): Promise<Evidence> {
  while ((await rollUp(context.db, tenantId, 200)) > 0);
  const rows = await evidenceRows(context.db, tenantId, 0);
  const evidence = restoreEvidence(rows);
  for (const { value } of await allStates(context, tenantId, COLLECTIONS.prior)) {
    const { agentId, fromVersion, toVersion, prior } = value as StoredPrior;
    const how = { mode: 'prior', prior, cap: Number.MAX_SAFE_INTEGER } as const;
    carryOver(evidence, agentId, fromVersion, toVersion, how);
  }
  return evidence;
}

async function loadPolicies(
  context: EngineContext,
  tenantId: number,
): Promise<Map<string, RoutingPolicy>> {
  const policies = new Map<string, RoutingPolicy>();
  policies.set('default', createPolicy({}, context.hash));
  for (const { key, value } of await allStates(context, tenantId, COLLECTIONS.policy)) {
    const settings = value as Partial<RoutingPolicySettings>;
    policies.set(key, createPolicy({ ...settings, policyId: key }, context.hash));
  }
  return policies;
}

/** Reads what the engine needs of a tenant. No facts may be recorded meanwhile. */
export async function loadTenant(context: EngineContext, tenantId: number): Promise<TenantMemory> {
  const evidence = await loadEvidence(context, tenantId);
  const agents = new Map<string, RegisteredAgent>();
  for (const { key, value } of await allStates(context, tenantId, COLLECTIONS.agent)) {
    agents.set(key, value as RegisteredAgent);
  }
  const routing = await getState(context.db, tenantId, COLLECTIONS.routing, 'active');
  const active = (routing?.value as { policyId?: string } | undefined)?.policyId;
  const drift = await getState(context.db, tenantId, COLLECTIONS.drift, 'watch');
  return {
    tenantId,
    evidence,
    vectors: createVectorCache(),
    drift: createDriftWatch({}, (drift?.value as DriftSnapshot | undefined) ?? null),
    agents,
    policies: await loadPolicies(context, tenantId),
    activePolicyId: active ?? 'default',
    sticky: new Map(),
    inFlight: new Map(),
    open: new Map(),
    isDriftUnsaved: false,
  };
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
