import type { CandidateAgent } from '../record/facts.ts';
import type { RoutingPolicy } from './policy.ts';
import { vectorOf } from './probabilities.ts';

/** What recomputing a logged decision found. */
export interface ReplayResult {
  /** Recomputed probabilities of the eligible candidates, in their logged order. */
  readonly probabilities: readonly number[];
  /** Largest difference from a logged probability. */
  readonly largestError: number;
  /** Whether every probability agrees to 1e-12. */
  readonly agrees: boolean;
}

/**
 * Recomputes the probabilities of a logged decision from its candidate list and the policy of its
 * version. null when the list lacks the numbers it was made from.
 */
export function replayDecision(
  policy: RoutingPolicy,
  candidates: readonly CandidateAgent[],
): ReplayResult | null {
  const eligible = candidates.filter((one) => one.eligible !== false);
  const scored = [];
  for (const one of eligible) {
    const { agentId, meanScore, sd, n } = one;
    if (meanScore == null || sd == null || n == null) return null;
    scored.push({
      agentId,
      meanScore,
      sd,
      n,
      costEstimateUsd: one.costEstimateUsd ?? null,
      capabilityScore: one.capabilityScore ?? null,
      loadScore: one.loadScore ?? null,
    });
  }
  const probabilities = vectorOf(policy, scored);
  let largestError = 0;
  probabilities.forEach((p, k) => {
    const logged = eligible[k]?.probability;
    if (logged == null) largestError = Number.POSITIVE_INFINITY;
    else largestError = Math.max(largestError, Math.abs(p - logged));
  });
  return { probabilities, largestError, agrees: largestError <= 1e-12 };
}
