import type { RoutingPolicy, RoutingPolicySettings } from '@assay/loop';
import { createPolicy } from '@assay/loop';
import { AssayError, policySettingsSchema } from '@assay/protocol';
import { putSharedState } from '@assay/store';
import type { EngineContext } from './context.ts';
import { parseBody } from './parse-body.ts';
import type { TenantMemory } from './tenant-memory.ts';
import { COLLECTIONS } from './tenant-memory.ts';

/** A policy as it is listed. */
export type ListedPolicy = RoutingPolicy & { readonly isActive: boolean };

/** All policies of a tenant, by id. */
export function listPolicies(memory: TenantMemory): ListedPolicy[] {
  return [...memory.policies.values()]
    .map((policy) => ({ ...policy, isActive: policy.policyId === memory.activePolicyId }))
    .sort((p, q) => (p.policyId < q.policyId ? -1 : 1));
}

/**
 * Stores a policy and puts it into use.
 * @throws AssayError `request.invalid`, `policy.invalid`
 */
export async function activatePolicy(
  context: EngineContext,
  memory: TenantMemory,
  policyId: string,
  body: unknown,
): Promise<ListedPolicy> {
  const settings = parseBody(policySettingsSchema, body) as Partial<RoutingPolicySettings>;
  let policy: RoutingPolicy;
  try {
    policy = createPolicy({ ...settings, policyId }, context.hash);
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : 'not valid';
    throw new AssayError('policy.invalid', { detail, cause });
  }
  const { tenantId } = memory;
  const nowMs = context.now();
  await putSharedState(context.db, tenantId, COLLECTIONS.policy, policyId, settings, nowMs);
  await putSharedState(context.db, tenantId, COLLECTIONS.routing, 'active', { policyId }, nowMs);
  memory.policies.set(policyId, policy);
  memory.activePolicyId = policyId;
  return { ...policy, isActive: true };
}
