import type { Evidence } from '../learn/evidence.ts';
import { meanCostUsd } from '../learn/evidence.ts';
import type { RoutingPolicy } from './policy.ts';
import type { EligibleCandidate, Exclusion, RoutingCandidate, RoutingRequest } from './request.ts';

/** Splits the candidates into those that may be chosen and those that may not, with reasons. */
export function applyConstraints(
  request: RoutingRequest,
  policy: RoutingPolicy,
  evidence: Evidence,
): { eligible: EligibleCandidate[]; excluded: Exclusion[] } {
  const eligible: EligibleCandidate[] = [];
  const excluded: Exclusion[] = [];
  for (const candidate of request.candidates) {
    const agentVersion = candidate.agentVersion ?? '';
    const costUsd =
      candidate.costEstimateUsd ??
      meanCostUsd(evidence, candidate.agentId, agentVersion, request.taskType);
    const reason = exclusionReason(candidate, costUsd, request, policy);
    if (reason !== null) {
      excluded.push({ agentId: candidate.agentId, agentVersion, reason });
      continue;
    }
    eligible.push({
      agentId: candidate.agentId,
      agentVersion,
      capabilityScore: overlap(candidate.capabilities ?? [], request.requirements ?? []),
      load: candidate.load ?? null,
      costUsd,
    });
  }
  return { eligible, excluded };
}

/** Why a candidate may not be chosen; null when it may. */
function exclusionReason(
  candidate: RoutingCandidate,
  costUsd: number | null,
  request: RoutingRequest,
  policy: RoutingPolicy,
): string | null {
  const { agentId } = candidate;
  if (policy.allowedAgents !== null && !policy.allowedAgents.includes(agentId)) {
    return 'not on the allow-list of the policy';
  }
  if (request.allowedAgents && !request.allowedAgents.includes(agentId)) {
    return 'not on the allow-list of the request';
  }
  if (candidate.isCircuitOpen === true) return 'circuit open after repeated failures';
  const missing = (request.requirements ?? []).filter(
    (wanted) => !(candidate.capabilities ?? []).includes(wanted),
  );
  if (missing.length > 0) return `lacks ${missing.join(', ')}`;
  const window = candidate.contextWindowTokens ?? null;
  const tokens = request.inputTokens ?? null;
  if (window !== null && tokens !== null && tokens > window) {
    return `input of ${tokens} tokens exceeds its context window of ${window}`;
  }
  const limit = lowest(policy.maxCostUsd, request.budgetUsd ?? null);
  if (limit !== null && costUsd !== null && costUsd > limit) {
    return `expected cost of $${round(costUsd)} exceeds the budget of $${round(limit)}`;
  }
  if (policy.strategy === 'fixed' && !((policy.weights[agentId] ?? 0) > 0)) {
    return 'has no weight in the policy';
  }
  return null;
}

/** Shared share of two sets (Jaccard); null when nothing is required. */
function overlap(capabilities: readonly string[], requirements: readonly string[]): number | null {
  if (requirements.length === 0) return null;
  const all = new Set([...capabilities, ...requirements]);
  const shared = new Set(requirements.filter((wanted) => capabilities.includes(wanted)));
  return shared.size / all.size;
}

function lowest(p: number | null, q: number | null): number | null {
  if (p === null) return q;
  return q === null ? p : Math.min(p, q);
}

function round(usd: number): string {
  return String(Number(usd.toPrecision(3)));
}
