import type { Evidence } from '../learn/evidence.ts';
import type { Assignment, CandidateAgent, RoutingStrategy } from '../record/facts.ts';
import { applyConstraints } from './constraints.ts';
import { explainChoice } from './explain.ts';
import type { PolicyStrategy, RoutingPolicy } from './policy.ts';
import { utilityOf } from './probabilities.ts';
import type { Exclusion, RoutingRequest } from './request.ts';
import type { ProbabilityVector, VectorCache } from './vector-cache.ts';
import { probabilitiesOf } from './vector-cache.ts';

/** A decision, complete but for its id and time. */
export interface RoutingChoice {
  readonly outcome: 'chosen';
  readonly selectedAgentId: string;
  readonly selectedAgentVersion: string;
  readonly routingStrategy: RoutingStrategy;
  /** Probability that the choice is right, as far as the policy can say; 0..1. */
  readonly confidence: number;
  /** Probability with which this agent was chosen, 0 < p <= 1. */
  readonly propensity: number;
  /** The uniform number that was drawn; null when nothing was drawn. */
  readonly draw: number | null;
  readonly policyId: string;
  readonly policyVersion: string;
  readonly evidenceWatermark: number;
  readonly candidateAgents: readonly CandidateAgent[];
  readonly primaryReason: string;
  readonly secondaryFactors: readonly string[];
  readonly assignment: Assignment;
  /** Whether the choice was open, so that it is evidence for off-policy evaluation. */
  readonly explorable: boolean;
  /** The decision that a sticky one repeats. */
  readonly parentDecisionId: string | null;
}

/** No candidate may take the task; the reasons are with the candidates. */
export interface NoEligibleAgent {
  readonly outcome: 'none-eligible';
  readonly candidateAgents: readonly CandidateAgent[];
  readonly primaryReason: string;
}

/** What a decision may use besides its request. */
export interface ChooseOptions {
  /** Cache of probability vectors of this tenant; without it they are computed each time. */
  readonly cache?: VectorCache | null;
  /** Time of the decision, ms; the time of the latest evidence when absent. */
  readonly nowMs?: number;
}

const LOGGED_STRATEGY: Readonly<Record<PolicyStrategy, RoutingStrategy>> = {
  thompson: 'multi-armed-bandit',
  'inverse-gap': 'multi-armed-bandit',
  fixed: 'multi-armed-bandit',
  'capability-match': 'capability-match',
  'load-balance': 'load-balance',
};

/**
 * Chooses an agent: constraints, then scores, then the probability of every eligible agent, then
 * one draw from these probabilities with `random01` (0 <= random01 < 1). The logged propensity is
 * therefore exact.
 */
export function chooseAgent(
  request: RoutingRequest,
  policy: RoutingPolicy,
  evidence: Evidence,
  random01: number,
  options: ChooseOptions = {},
): RoutingChoice | NoEligibleAgent {
  const { eligible, excluded } = applyConstraints(request, policy, evidence);
  if (eligible.length === 0) return noneEligible(request, excluded);
  const context = { taskType: request.taskType, taskKind: request.taskKind ?? '' };
  const nowMs = options.nowMs ?? evidence.latestMs;
  const vector = probabilitiesOf(policy, evidence, context, eligible, options.cache ?? null, nowMs);
  const forced = request.forcedAgentId ?? null;
  if (forced !== null) {
    const index = eligible.findIndex((one) => one.agentId === forced);
    if (index < 0) return noneEligible({ ...request, candidates: [] }, excluded, forced);
    return choiceOf(vector, evidence, excluded, index, {
      propensity: 1,
      draw: null,
      assignment: 'forced',
      primaryReason: `The caller asked for ${forced}`,
    });
  }
  const sticky = policy.isSticky ? (request.sticky ?? null) : null;
  if (sticky !== null) {
    const index = eligible.findIndex(
      (one) => one.agentId === sticky.agentId && one.agentVersion === (sticky.agentVersion ?? ''),
    );
    if (index >= 0) {
      return choiceOf(vector, evidence, excluded, index, {
        propensity: sticky.propensity,
        draw: null,
        assignment: 'sticky',
        parentDecisionId: sticky.decisionId,
        primaryReason: `The session stays with ${sticky.agentId}, its first choice`,
      });
    }
  }
  if (eligible.length === 1) {
    return choiceOf(vector, evidence, excluded, 0, {
      propensity: 1,
      draw: null,
      assignment: 'single-candidate',
      primaryReason: `Only ${eligible[0]?.agentId} can take the task`,
    });
  }
  const index = drawIndex(vector.probabilities, random01);
  return choiceOf(vector, evidence, excluded, index, {
    propensity: vector.probabilities[index] ?? 1,
    draw: random01,
    assignment: 'fresh',
  });
}

/** Index of the entry in which a uniform number falls, entries taken in order. */
export function drawIndex(probabilities: readonly number[], random01: number): number {
  let sum = 0;
  for (let k = 0; k < probabilities.length; k++) {
    sum += probabilities[k] ?? 0;
    if (random01 < sum) return k;
  }
  return probabilities.length - 1;
}

interface HowChosen {
  readonly propensity: number;
  readonly draw: number | null;
  readonly assignment: Assignment;
  readonly parentDecisionId?: string;
  readonly primaryReason?: string;
}

function choiceOf(
  vector: ProbabilityVector,
  evidence: Evidence,
  excluded: readonly Exclusion[],
  index: number,
  how: HowChosen,
): RoutingChoice {
  const { policy } = vector;
  const agent = vector.eligible[index];
  const explanation = explainChoice(vector, evidence, index, excluded);
  return {
    outcome: 'chosen',
    selectedAgentId: agent?.agentId ?? '',
    selectedAgentVersion: agent?.agentVersion ?? '',
    routingStrategy: LOGGED_STRATEGY[policy.strategy],
    confidence: vector.probabilities[index] ?? 1,
    propensity: how.propensity,
    draw: how.draw,
    policyId: policy.policyId,
    policyVersion: policy.policyVersion,
    evidenceWatermark: vector.watermark,
    candidateAgents: candidateList(vector, excluded),
    primaryReason: how.primaryReason ?? explanation.primaryReason,
    secondaryFactors: explanation.secondaryFactors,
    assignment: how.assignment,
    explorable: how.assignment === 'fresh',
    parentDecisionId: how.parentDecisionId ?? null,
  };
}

const lists = new WeakMap<ProbabilityVector, readonly CandidateAgent[]>();

/** The candidates as they are logged: eligible ones with their numbers, others with the reason. */
function candidateList(
  vector: ProbabilityVector,
  excluded: readonly Exclusion[],
): readonly CandidateAgent[] {
  let eligible = lists.get(vector);
  if (eligible === undefined) {
    eligible = vector.scored.map(
      (one, k): CandidateAgent => ({
        agentId: one.agentId,
        agentVersion: vector.eligible[k]?.agentVersion ?? '',
        capabilityScore: one.capabilityScore,
        performanceScore: one.meanScore,
        loadScore: one.loadScore,
        finalScore: utilityOf(vector.policy, one),
        eligible: true,
        ineligibleReason: null,
        meanScore: one.meanScore,
        sd: one.sd,
        n: one.n,
        costEstimateUsd: one.costEstimateUsd,
        probability: vector.probabilities[k] ?? 0,
      }),
    );
    lists.set(vector, eligible);
  }
  return excluded.length === 0 ? eligible : [...eligible, ...excluded.map(excludedCandidate)];
}

function excludedCandidate(one: Exclusion): CandidateAgent {
  return {
    agentId: one.agentId,
    agentVersion: one.agentVersion,
    eligible: false,
    ineligibleReason: one.reason,
    probability: null,
  };
}

function noneEligible(
  request: RoutingRequest,
  excluded: readonly Exclusion[],
  forced: string | null = null,
): NoEligibleAgent {
  const words = excluded.map((one) => `${one.agentId} ${one.reason}`).join('; ');
  const reason =
    forced !== null
      ? `${forced} was asked for but is not an eligible candidate`
      : request.candidates.length === 0
        ? 'No candidate was given'
        : 'No candidate can take the task';
  return {
    outcome: 'none-eligible',
    candidateAgents: excluded.map(excludedCandidate),
    primaryReason: words === '' ? reason : `${reason}: ${words}`,
  };
}
