import type { Evidence } from '../learn/evidence.ts';
import { metricOf, pseudoCounts, totalPseudoCounts } from '../learn/evidence.ts';
import type { RoutingPolicy } from './policy.ts';
import { thompsonBetaProbabilities } from './propensity.ts';
import type { EligibleCandidate } from './request.ts';

/** What the policy learns from: the evidence of this kind of task. */
export interface RoutingContext {
  readonly taskType: string;
  readonly taskKind: string;
}

/**
 * All that the probability of a candidate depends on. These numbers are logged with the decision,
 * and the probabilities are computed from them and nothing else, so that they can be recomputed.
 */
export interface ScoredCandidate {
  readonly agentId: string;
  /** Posterior mean of the reward, 0..1. */
  readonly meanScore: number;
  /** Posterior standard deviation of the reward. */
  readonly sd: number;
  /** Discounted observations in this kind of task. */
  readonly n: number;
  readonly costEstimateUsd: number | null;
  readonly capabilityScore: number | null;
  /** 1 - load. */
  readonly loadScore: number | null;
}

/** Observations after which sharpening works in full; before, arms are given the benefit of doubt. */
const SHARP_AFTER = 20;
/** Observations in other kinds at which half of the extra prior weight is believed. */
const BORROW_HALF = 10;
/** Least share that is spread evenly, so that no logged propensity is ever 0. */
const LEAST_FLOOR = 1e-6;

/**
 * Posterior of one agent version in one kind of task.
 *
 * The prior is centred on the agent's mean in the other kinds of the task type. Without any record
 * there it is uniform; with one it weighs up to `priorWeight` observations.
 */
export function posteriorOf(
  policy: RoutingPolicy,
  evidence: Evidence,
  context: RoutingContext,
  agentId: string,
  agentVersion: string,
): { a: number; b: number; n: number } {
  const { taskType, taskKind } = context;
  const metric = metricOf(evidence, taskType, policy.metric);
  const own = pseudoCounts(evidence, agentId, agentVersion, taskType, taskKind, metric);
  const all = totalPseudoCounts(evidence, agentId, agentVersion, taskType, metric);
  const otherA = Math.max(0, all.a - own.a);
  const otherB = Math.max(0, all.b - own.b);
  const others = otherA + otherB;
  const centre = (1 + otherA) / (2 + others);
  const extra = Math.max(0, policy.priorWeight - 2);
  const weight = 2 + (extra * others) / (others + BORROW_HALF);
  return {
    // A shape below 1 would promise certainty that a few observations cannot give.
    a: Math.max(1, weight * centre + own.a),
    b: Math.max(1, weight * (1 - centre) + own.b),
    n: own.a + own.b,
  };
}

/** Scores of the eligible candidates, ready to be logged. */
export function scoreCandidates(
  policy: RoutingPolicy,
  evidence: Evidence,
  context: RoutingContext,
  eligible: readonly EligibleCandidate[],
): ScoredCandidate[] {
  return eligible.map((candidate) => {
    const { agentId, agentVersion, capabilityScore, load, costUsd } = candidate;
    const { a, b, n } = posteriorOf(policy, evidence, context, agentId, agentVersion);
    const meanScore = a / (a + b);
    const sd = Math.sqrt((meanScore * (1 - meanScore)) / (a + b + 1));
    const loadScore = load === null ? null : 1 - Math.min(1, Math.max(0, load));
    return { agentId, meanScore, sd, n, costEstimateUsd: costUsd, capabilityScore, loadScore };
  });
}

/** Cost in units of reward; 0 when cost does not matter or is not known. */
export function costPenalty(policy: RoutingPolicy, costUsd: number | null): number {
  if (policy.valuePerQualityUnitUsd === null || costUsd === null) return 0;
  return costUsd / policy.valuePerQualityUnitUsd;
}

/** Reward less cost, in units of reward. */
export function utilityOf(policy: RoutingPolicy, candidate: ScoredCandidate): number {
  return candidate.meanScore - costPenalty(policy, candidate.costEstimateUsd);
}

/**
 * Probability of each candidate, in their order: what the strategy says, mixed with an even spread
 * of `floor`. Sums to 1; every entry is above 0.
 */
export function vectorOf(policy: RoutingPolicy, scored: readonly ScoredCandidate[]): number[] {
  if (scored.length === 0) return [];
  if (scored.length === 1) return [1];
  const raw = strategyVector(policy, scored);
  const floor = Math.max(LEAST_FLOOR, policy.floor);
  const mixed = raw.map((p) => (1 - floor) * p + floor / scored.length);
  const sum = mixed.reduce((total, p) => total + p, 0);
  return mixed.map((p) => p / sum);
}

function strategyVector(policy: RoutingPolicy, scored: readonly ScoredCandidate[]): number[] {
  switch (policy.strategy) {
    case 'thompson':
      return thompson(policy, scored);
    case 'inverse-gap': {
      const seen = scored.reduce((total, one) => total + one.n, 0);
      const gamma = policy.gammaScale * Math.max(1, seen) ** policy.gammaExponent;
      return inverseGapProbabilities(
        scored.map((one) => utilityOf(policy, one)),
        gamma,
      );
    }
    case 'fixed':
      return shares(scored.map((one) => policy.weights[one.agentId] ?? 0));
    case 'capability-match': {
      const best = Math.max(...scored.map((one) => one.capabilityScore ?? 0));
      return shares(scored.map((one) => ((one.capabilityScore ?? 0) === best ? 1 : 0)));
    }
    case 'load-balance':
      // Unknown load counts as half, so that such an agent is neither flooded nor starved.
      return shares(scored.map((one) => one.loadScore ?? 0.5));
  }
}

function thompson(policy: RoutingPolicy, scored: readonly ScoredCandidate[]): number[] {
  return thompsonBetaProbabilities(
    scored.map((one) => {
      const total = (one.meanScore * (1 - one.meanScore)) / (one.sd * one.sd) - 1;
      const sharp = 1 + (policy.sharpening - 1) * Math.min(1, one.n / SHARP_AFTER);
      return {
        a: sharp * one.meanScore * total,
        b: sharp * (1 - one.meanScore) * total,
        shift: costPenalty(policy, one.costEstimateUsd),
      };
    }),
  );
}

/**
 * Inverse-gap weighting (SquareCB): 1 / (K + gamma * gap to the best) for every candidate but the
 * best, which gets the rest. Ties go to the first.
 */
export function inverseGapProbabilities(utilities: readonly number[], gamma: number): number[] {
  const count = utilities.length;
  let best = 0;
  for (let k = 1; k < count; k++) {
    if ((utilities[k] ?? 0) > (utilities[best] ?? 0)) best = k;
  }
  const top = utilities[best] ?? 0;
  const result = utilities.map((y, k) => (k === best ? 0 : 1 / (count + gamma * (top - y))));
  result[best] = 1 - result.reduce((total, p) => total + p, 0);
  return result;
}

function shares(weights: readonly number[]): number[] {
  const sum = weights.reduce((total, w) => total + w, 0);
  return weights.map((w) => (sum > 0 ? w / sum : 1 / weights.length));
}
