import type { Fact } from './facts.ts';
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
  if (fact.kind !== 'execution' && fact.kind !== 'evaluation' && fact.kind !== 'task') return null;
  const narrow = narrowFactOf(fact);
  if (fact.kind === 'evaluation' && narrow.quality === null) return null;
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
    timestampMs: fact.timestamp,
    countsRun: fact.kind !== 'evaluation',
  };
}
