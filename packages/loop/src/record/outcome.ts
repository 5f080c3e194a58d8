import type { Fact, FactKind } from './facts.ts';
import type { NarrowFact } from './narrow-fact.ts';
import { narrowFactOf } from './narrow-fact.ts';

/** What a fact teaches about an agent at a type of task. null = the fact does not say. */
export interface Outcome {
  readonly agentId: string;
  readonly agentVersion: string;
  readonly taskType: string;
  readonly taskKind: string;
  readonly success: boolean | null;
  /** 0..1 */
  readonly quality: number | null;
  readonly latencyMs: number | null;
  readonly costUsd: number | null;
  readonly tokens: number | null;
  /** ms since 1970 */
  readonly timestampMs: number;
  /** True when the fact is an execution, so that it adds one to the runs of the agent. */
  readonly countsRun: boolean;
}

/**
 * The evidence in a fact, or null when it holds none (only executions, evaluations and whole tasks
 * do). An evaluation without a score says nothing. A failed run without a score has no quality
 * here; the evidence counts it as quality 0 as long as nobody has scored it.
 */
export function outcomeOf(fact: Fact): Outcome | null {
  return outcomeOfNarrow(fact.kind, fact.timestamp, narrowFactOf(fact));
}

/** The same as {@link outcomeOf}, from the typed columns of a fact. */
export function outcomeOfNarrow(
  kind: FactKind,
  timestampMs: number,
  narrow: NarrowFact,
): Outcome | null {
  if (kind !== 'execution' && kind !== 'evaluation' && kind !== 'task') return null;
  if (kind === 'evaluation' && narrow.quality === null) return null;
  return {
    agentId: narrow.agentKey,
    agentVersion: narrow.agentVersion,
    taskType: narrow.taskType,
    taskKind: narrow.taskKind,
    success: narrow.success,
    quality: narrow.quality,
    latencyMs: narrow.latencyMs,
    costUsd: narrow.costUsd,
    tokens: narrow.tokens,
    timestampMs,
    countsRun: kind !== 'evaluation',
  };
}
