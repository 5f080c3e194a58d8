import type { Fact, TokenCounts } from './facts.ts';

/** The few quantities of a fact that are stored in typed columns. null = not known. */
export interface NarrowFact {
  /** Agent id; `''` when the fact names none. */
  readonly agentKey: string;
  readonly agentVersion: string;
  readonly taskType: string;
  readonly taskKind: string;
  readonly success: boolean | null;
  /** Whole ms, 0..2^31-1. */
  readonly latencyMs: number | null;
  /** Input plus output tokens, 0..2^31-1. */
  readonly tokens: number | null;
  /** 0..1 */
  readonly quality: number | null;
  readonly costUsd: number | null;
}

const MAX_INT4 = 2 ** 31 - 1;

function intOf(value: number | null | undefined): number | null {
  if (value === null || value === undefined || !Number.isFinite(value)) return null;
  return Math.min(MAX_INT4, Math.max(0, Math.round(value)));
}

function realOf(value: number | null | undefined): number | null {
  return value === null || value === undefined || !Number.isFinite(value) ? null : value;
}

/** A score within 0..1, or null: a reward on another scale is not a quality. */
function scoreOf(value: number | null | undefined): number | null {
  const score = realOf(value);
  return score === null || score < 0 || score > 1 ? null : score;
}

/**
 * Tokens of one report: the stated total, else input plus output. Cached tokens are within input
 * and reasoning tokens within output, so neither is added. null when nothing is known.
 */
export function tokensOf(
  counts: TokenCounts & { readonly tokensUsed?: number | null },
): number | null {
  if (counts.tokensUsed !== undefined && counts.tokensUsed !== null) return counts.tokensUsed;
  const input = counts.inputTokens ?? null;
  const output = counts.outputTokens ?? null;
  return input === null && output === null ? null : (input ?? 0) + (output ?? 0);
}

const NOTHING: NarrowFact = {
  agentKey: '',
  agentVersion: '',
  taskType: '',
  taskKind: '',
  success: null,
  latencyMs: null,
  tokens: null,
  quality: null,
  costUsd: null,
};

interface Named {
  readonly agentId?: string | null;
  readonly agentVersion?: string;
  readonly taskType?: string;
  readonly taskKind?: string;
}

function namesOf(fact: Named): NarrowFact {
  return {
    ...NOTHING,
    agentKey: fact.agentId ?? '',
    agentVersion: fact.agentVersion ?? '',
    taskType: fact.taskType ?? '',
    taskKind: fact.taskKind ?? '',
  };
}

function narrowTask(fact: Extract<Fact, { kind: 'task' }>): NarrowFact {
  const { decision, execution, evaluation } = fact;
  return {
    agentKey: execution.agentId,
    agentVersion: execution.agentVersion ?? decision?.selectedAgentVersion ?? '',
    taskType: execution.taskType ?? decision?.taskType ?? evaluation?.taskType ?? '',
    taskKind: execution.taskKind ?? decision?.taskKind ?? evaluation?.taskKind ?? '',
    success: execution.success ?? null,
    latencyMs: intOf(execution.latencyMs),
    tokens: intOf(tokensOf(execution)),
    quality: scoreOf(evaluation?.overallScore ?? execution.qualityScore),
    costUsd: realOf(execution.costUsd),
  };
}

/** Reads the typed columns of a fact. Nothing is made up: what the fact does not say stays null. */
export function narrowFactOf(fact: Fact): NarrowFact {
  switch (fact.kind) {
    case 'decision':
      return {
        ...namesOf(fact),
        agentKey: fact.selectedAgentId,
        agentVersion: fact.selectedAgentVersion ?? '',
      };
    case 'execution':
      return {
        ...namesOf(fact),
        success: fact.success ?? null,
        latencyMs: intOf(fact.latencyMs),
        tokens: intOf(tokensOf(fact)),
        quality: scoreOf(fact.qualityScore),
        costUsd: realOf(fact.costUsd),
      };
    case 'evaluation':
      return { ...namesOf(fact), quality: scoreOf(fact.overallScore) };
    case 'rating':
      return { ...namesOf(fact), quality: scoreOf(fact.score) };
    case 'tool-call':
      return { ...namesOf(fact), success: fact.success ?? null, latencyMs: intOf(fact.latencyMs) };
    case 'span':
      return {
        ...namesOf(fact),
        success: fact.success ?? null,
        latencyMs: intOf(fact.latencyMs),
        tokens: intOf(tokensOf(fact)),
        costUsd: realOf(fact.costUsd),
      };
    case 'task':
      return narrowTask(fact);
    case 'feedback':
    case 'execution-start':
    case 'turn':
      return namesOf(fact);
  }
}
