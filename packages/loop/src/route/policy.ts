import type { RewardMetric } from '../learn/evidence.ts';

/** How probabilities are made from evidence. */
export type PolicyStrategy =
  | 'thompson'
  | 'inverse-gap'
  | 'fixed'
  | 'capability-match'
  | 'load-balance';

/** Settings of a routing policy. Everything that changes a probability is in here. */
export interface RoutingPolicySettings {
  readonly policyId: string;
  readonly strategy: PolicyStrategy;
  readonly metric: RewardMetric;
  /** Pseudo-counts that an agent's record in other kinds is worth in a new kind; at least 2. */
  readonly priorWeight: number;
  /** 1..8: how much more sharply than its posterior Thompson sampling prefers well-known arms. */
  readonly sharpening: number;
  /** 0..1: share of the draws that is spread evenly, so that every agent keeps being tried. */
  readonly floor: number;
  /** Inverse-gap weighting: gamma = gammaScale * t^gammaExponent, t = rewards in the kind. */
  readonly gammaScale: number;
  readonly gammaExponent: number;
  /** Relative weights by agent id for `fixed`; agents without one get nothing. */
  readonly weights: Readonly<Record<string, number>>;
  /** USD that one full unit of reward is worth; null = cost does not matter. */
  readonly valuePerQualityUnitUsd: number | null;
  /** Agents whose expected cost is above this are excluded, USD; null = no limit. */
  readonly maxCostUsd: number | null;
  /** Only these agents may be chosen; null = all. */
  readonly allowedAgents: readonly string[] | null;
  /** Whether a session stays with its first agent. */
  readonly isSticky: boolean;
  /** Age at which evidence counts half, ms; null = evidence does not age. */
  readonly halfLifeMs: number | null;
}

/** A routing policy, frozen: its version is the hash of its settings. */
export interface RoutingPolicy extends RoutingPolicySettings {
  readonly policyVersion: string;
}

/** What a tenant gets without asking: hierarchical Thompson sampling per kind of task. */
export const DEFAULT_POLICY: RoutingPolicySettings = {
  policyId: 'default',
  strategy: 'thompson',
  metric: 'auto',
  priorWeight: 4,
  sharpening: 2,
  floor: 0.01,
  gammaScale: 30,
  gammaExponent: 0.5,
  weights: {},
  valuePerQualityUnitUsd: null,
  maxCostUsd: null,
  allowedAgents: null,
  isSticky: true,
  halfLifeMs: null,
};

/** Settings as text with sorted keys, the input of the content hash. */
export function canonicalPolicyText(settings: RoutingPolicySettings): string {
  const { policyVersion: _, ...rest } = settings as Partial<RoutingPolicy>;
  return canonical(rest);
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .sort(([p], [q]) => (p < q ? -1 : p > q ? 1 : 0));
    return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonical(item)}`).join(',')}}`;
  }
  return JSON.stringify(value) ?? 'null';
}

/**
 * A policy from some settings, the rest being defaults. `hash` is SHA-256 in hex; the version is
 * its first 16 digits. Throws a RangeError that names a setting outside its range.
 */
export function createPolicy(
  settings: Partial<RoutingPolicySettings>,
  hash: (text: string) => string,
): RoutingPolicy {
  const full: RoutingPolicySettings = { ...DEFAULT_POLICY, ...settings };
  checkRange('priorWeight', full.priorWeight, 0, 1000);
  checkRange('sharpening', full.sharpening, 1, 8);
  checkRange('floor', full.floor, 0, 1);
  checkRange('gammaScale', full.gammaScale, 0, 1e6);
  checkRange('gammaExponent', full.gammaExponent, 0, 1);
  if (full.valuePerQualityUnitUsd !== null) {
    checkRange('valuePerQualityUnitUsd', full.valuePerQualityUnitUsd, 1e-9, 1e9);
  }
  for (const [agentId, weight] of Object.entries(full.weights)) {
    checkRange(`weights.${agentId}`, weight, 0, 1e9);
  }
  return { ...full, policyVersion: hash(canonicalPolicyText(full)).slice(0, 16) };
}

function checkRange(name: string, value: number, low: number, high: number): void {
  if (!(value >= low && value <= high)) {
    throw new RangeError(`${name} must be between ${low} and ${high}, not ${value}`);
  }
}
