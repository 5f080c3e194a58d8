import type { Complexity } from '../record/facts.ts';

/** An agent that could take the task. */
export interface RoutingCandidate {
  readonly agentId: string;
  /** '' or absent when the agent has no versions. */
  readonly agentVersion?: string;
  readonly capabilities?: readonly string[];
  /** Expected cost of this task, USD; the measured mean is used when absent. */
  readonly costEstimateUsd?: number | null;
  /** Share of its capacity in use, 0..1. */
  readonly load?: number | null;
  /** Tokens of context that the agent can take. */
  readonly contextWindowTokens?: number | null;
  /** Whether calls to it are failing so often that it is left alone for now. */
  readonly isCircuitOpen?: boolean;
}

/** The first decision of a session, which later turns keep to. */
export interface StickyAssignment {
  readonly agentId: string;
  readonly agentVersion?: string;
  readonly decisionId: string;
  /** Propensity of that first decision. */
  readonly propensity: number;
}

/** A task that needs an agent. */
export interface RoutingRequest {
  readonly taskType: string;
  /** Kind of task within its type, known before execution. */
  readonly taskKind?: string;
  readonly complexity?: Complexity | null;
  /** Capabilities without which an agent cannot take the task. */
  readonly requirements?: readonly string[];
  readonly candidates: readonly RoutingCandidate[];
  readonly sessionId?: string | null;
  readonly sticky?: StickyAssignment | null;
  /** Agent that the caller insists on. */
  readonly forcedAgentId?: string | null;
  /** Size of the input, tokens. */
  readonly inputTokens?: number | null;
  /** Most that this task may cost, USD. */
  readonly budgetUsd?: number | null;
  /** Only these agents may be chosen. */
  readonly allowedAgents?: readonly string[] | null;
}

/** A candidate that no constraint excludes, with what the strategies need of it. */
export interface EligibleCandidate {
  readonly agentId: string;
  readonly agentVersion: string;
  /** Overlap of capabilities and requirements, 0..1; null when nothing was required. */
  readonly capabilityScore: number | null;
  /** 0..1; null = not known. */
  readonly load: number | null;
  /** USD; null = not known. */
  readonly costUsd: number | null;
}

/** A candidate that may not be chosen, and why. */
export interface Exclusion {
  readonly agentId: string;
  readonly agentVersion: string;
  readonly reason: string;
}
