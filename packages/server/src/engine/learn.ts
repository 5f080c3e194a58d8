import type { CellSummary, DriftFinding } from '@assay/loop';
import {
  addOutcome,
  driftFindings,
  outcomeOfNarrow,
  refreshProbabilities,
  snapshotDrift,
  summarize,
  watchOutcome,
} from '@assay/loop';
import type { EvidenceQuery } from '@assay/protocol';
import { putState } from '@assay/store';
import type { EngineContext } from './context.ts';
import type { StoredFact } from './record.ts';
import { DRIFT_PLACE, type StoredDrift } from './stored-drift.ts';
import type { TenantMemories, TenantMemory } from './tenant-memory.ts';

/** What is learned from: a fact of this process or the row of another's. */
export type LearnedFact = Pick<StoredFact, 'kind' | 'timestampMs' | 'taskRef' | 'narrow'>;

/** Takes a new fact into the evidence; returns the drift that it made certain, usually nothing. */
export function learnFact(memory: TenantMemory, stored: LearnedFact): readonly DriftFinding[] {
  settleInFlight(memory, stored);
  const outcome = outcomeOfNarrow(stored.kind, stored.timestampMs, stored.narrow);
  if (outcome === null || outcome.agentId === '') return [];
  addOutcome(memory.evidence, outcome);
  memory.isDriftUnsaved = true;
  return watchOutcome(memory.drift, outcome);
}

function settleInFlight(memory: TenantMemory, { kind, taskRef }: LearnedFact): void {
  if (kind !== 'execution' && kind !== 'task') return;
  const running = memory.inFlight.get(taskRef);
  if (running === undefined) return;
  memory.inFlight.delete(taskRef);
  closeOne(memory, running.agentId);
}

function closeOne(memory: TenantMemory, agentId: string): void {
  const left = (memory.open.get(agentId) ?? 1) - 1;
  if (left > 0) memory.open.set(agentId, left);
  else memory.open.delete(agentId);
}

const MAX_IN_FLIGHT = 100_000;
const LOST_AFTER_MS = 3_600_000;

/** Notes that an agent was given a task, until its execution is recorded or an hour has passed. */
export function noteInFlight(
  memory: TenantMemory,
  taskRef: string,
  agentId: string,
  nowMs: number,
): void {
  for (const [oldest, { sinceMs, agentId: owner }] of memory.inFlight) {
    if (memory.inFlight.size < MAX_IN_FLIGHT && nowMs - sinceMs < LOST_AFTER_MS) break;
    memory.inFlight.delete(oldest);
    closeOne(memory, owner);
  }
  const before = memory.inFlight.get(taskRef);
  if (before !== undefined) {
    memory.inFlight.delete(taskRef);
    closeOne(memory, before.agentId);
  }
  memory.inFlight.set(taskRef, { agentId, sinceMs: nowMs });
  memory.open.set(agentId, (memory.open.get(agentId) ?? 0) + 1);
}

/** Evidence of the cells that match, in a stable order. */
export function evidenceOf(memory: TenantMemory, query: EvidenceQuery): CellSummary[] {
  return summarize(memory.evidence, {
    ...(query.agent === undefined ? {} : { agentId: query.agent }),
    ...(query.version === undefined ? {} : { agentVersion: query.version }),
    ...(query.taskType === undefined ? {} : { taskType: query.taskType }),
    ...(query.taskKind === undefined ? {} : { taskKind: query.taskKind }),
  });
}

/** Drift findings that match, newest first. */
export function driftOf(memory: TenantMemory, query: EvidenceQuery): DriftFinding[] {
  return driftFindings(memory.drift).filter(
    (one) =>
      (query.agent === undefined || one.agentId === query.agent) &&
      (query.version === undefined || one.agentVersion === query.version) &&
      (query.taskType === undefined || one.taskType === query.taskType) &&
      (query.taskKind === undefined || one.taskKind === query.taskKind),
  );
}

/** Vectors that one turn of the background may compute. */
const VECTORS_PER_TURN = 50;

/** Keeps the routing probabilities fresh, so that a decision need not compute them. */
export function refreshLearning(memories: TenantMemories, nowMs: number): number {
  let done = 0;
  for (const memory of memories.all()) {
    done += refreshProbabilities(memory.vectors, memory.evidence, nowMs, VECTORS_PER_TURN);
  }
  return done;
}

/**
 * Stores the drift watches that have changed, with the last change that is in them. Own facts that
 * are not rolled up yet are in them too: a process that starts from here may watch those twice.
 */
export async function saveDrift(context: EngineContext, memories: TenantMemories): Promise<void> {
  for (const memory of memories.all()) {
    if (!memory.isDriftUnsaved) continue;
    memory.isDriftUnsaved = false;
    const snapshot: StoredDrift = { ...snapshotDrift(memory.drift), changeSeq: memory.changeSeq };
    try {
      const { tenantId } = memory;
      const { collection, key } = DRIFT_PLACE;
      await putState(context.db, tenantId, collection, key, snapshot, context.now());
    } catch (error) {
      memory.isDriftUnsaved = true;
      throw error;
    }
  }
}
