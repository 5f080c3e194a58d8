import type { Evidence } from '../learn/evidence.ts';
import type { RoutingPolicy } from './policy.ts';
import type { RoutingContext, ScoredCandidate } from './probabilities.ts';
import { scoreCandidates, vectorOf } from './probabilities.ts';
import type { EligibleCandidate } from './request.ts';

/** Probabilities of one policy for one kind of task and one set of eligible agents. */
export interface ProbabilityVector {
  readonly policy: RoutingPolicy;
  readonly context: RoutingContext;
  readonly eligible: readonly EligibleCandidate[];
  readonly scored: readonly ScoredCandidate[];
  /** In the order of `eligible`; sums to 1. */
  readonly probabilities: readonly number[];
  /** Sequence number of the last evidence that was used. */
  readonly watermark: number;
  /** Outcomes of this kind, and of the task type, that were known. */
  readonly kindChanges: number;
  readonly typeChanges: number;
  readonly computedAtMs: number;
}

/** Cached vectors of one tenant, and how fresh they are kept. */
export interface VectorCache {
  readonly vectors: Map<string, ProbabilityVector>;
  /** Most vectors that are kept; the oldest goes first. */
  readonly maxEntries: number;
  /** A vector is due once its evidence grew by this share (and by one outcome at least). */
  readonly refreshShare: number;
  /** A vector is due once it is this old and anything changed, ms. */
  readonly refreshAfterMs: number;
  /** A decision recomputes on the spot once this many times `refreshShare` was missed. */
  readonly inlineFactor: number;
}

/** An empty cache. A share of 0 makes a vector due with every outcome of its kind. */
export function createVectorCache(
  options: {
    readonly maxEntries?: number;
    readonly refreshShare?: number;
    readonly refreshAfterMs?: number;
    readonly inlineFactor?: number;
  } = {},
): VectorCache {
  return {
    vectors: new Map(),
    maxEntries: options.maxEntries ?? 2000,
    refreshShare: options.refreshShare ?? 0.01,
    refreshAfterMs: options.refreshAfterMs ?? 1000,
    inlineFactor: options.inlineFactor ?? 20,
  };
}

function changesOf(evidence: Evidence, context: RoutingContext): { kind: number; type: number } {
  return {
    kind: evidence.kinds.get(`${context.taskType}\0${context.taskKind}`)?.changes ?? 0,
    type: evidence.types.get(context.taskType)?.changes ?? 0,
  };
}

/** Computes a vector from the evidence as it is now. */
export function computeVector(
  policy: RoutingPolicy,
  evidence: Evidence,
  context: RoutingContext,
  eligible: readonly EligibleCandidate[],
  nowMs: number,
): ProbabilityVector {
  const scored = scoreCandidates(policy, evidence, context, eligible);
  const { kind, type } = changesOf(evidence, context);
  return {
    policy,
    context,
    eligible,
    scored,
    probabilities: vectorOf(policy, scored),
    watermark: evidence.sequence,
    kindChanges: kind,
    typeChanges: type,
    computedAtMs: nowMs,
  };
}

/** Whether evidence has grown so much since that the vector should be computed again. */
function isDue(
  cache: VectorCache,
  vector: ProbabilityVector,
  evidence: Evidence,
  nowMs: number,
  factor: number,
): boolean {
  const { kind, type } = changesOf(evidence, vector.context);
  const kindStep = Math.max(1, Math.floor(vector.kindChanges * cache.refreshShare));
  if (kind - vector.kindChanges >= kindStep * factor) return true;
  // Other kinds only move the centre of the prior.
  const typeStep = Math.max(10, Math.floor(vector.typeChanges * cache.refreshShare * 5));
  if (type - vector.typeChanges >= typeStep * factor) return true;
  const isChanged = type > vector.typeChanges;
  return isChanged && nowMs - vector.computedAtMs >= cache.refreshAfterMs * factor;
}

function keyOf(
  policy: RoutingPolicy,
  context: RoutingContext,
  eligible: readonly EligibleCandidate[],
): string {
  let key = `${policy.policyVersion}\0${context.taskType}\0${context.taskKind}`;
  const isCostAware = policy.valuePerQualityUnitUsd !== null;
  for (const one of eligible) {
    key += `\0${one.agentId}@${one.agentVersion}`;
    if (isCostAware) key += `$${one.costUsd === null ? '' : one.costUsd.toPrecision(3)}`;
    if (policy.strategy === 'load-balance') key += `l${one.load ?? ''}`;
    if (policy.strategy === 'capability-match') key += `c${one.capabilityScore ?? ''}`;
  }
  return key;
}

/**
 * Probabilities for a kind of task, from the cache when they are fresh enough. Without a cache
 * they are computed. A decision that finds a cached vector takes microseconds.
 */
export function probabilitiesOf(
  policy: RoutingPolicy,
  evidence: Evidence,
  context: RoutingContext,
  eligible: readonly EligibleCandidate[],
  cache: VectorCache | null = null,
  nowMs: number = evidence.latestMs,
): ProbabilityVector {
  if (cache === null) return computeVector(policy, evidence, context, eligible, nowMs);
  const key = keyOf(policy, context, eligible);
  const known = cache.vectors.get(key);
  if (known !== undefined && !isDue(cache, known, evidence, nowMs, cache.inlineFactor))
    return known;
  const vector = computeVector(policy, evidence, context, eligible, nowMs);
  cache.vectors.set(key, vector);
  if (cache.vectors.size > cache.maxEntries) {
    const oldest = cache.vectors.keys().next();
    if (oldest.done !== true) cache.vectors.delete(oldest.value);
  }
  return vector;
}

/**
 * Recomputes the cached vectors that are due, at most `limit` of them, and returns how many it
 * did. Call it in the background after evidence came in: a vector of 4 agents takes about 0.3 ms,
 * of 9 agents about 1 ms.
 */
export function refreshProbabilities(
  cache: VectorCache,
  evidence: Evidence,
  nowMs: number,
  limit: number = Number.POSITIVE_INFINITY,
): number {
  let done = 0;
  for (const [key, vector] of cache.vectors) {
    if (done >= limit) break;
    if (!isDue(cache, vector, evidence, nowMs, 1)) continue;
    const { policy, context, eligible } = vector;
    cache.vectors.set(key, computeVector(policy, evidence, context, eligible, nowMs));
    done += 1;
  }
  return done;
}
