import type { DriftFinding } from '@assay/loop';
import { putState, readDocuments } from '@assay/store';
import type { EngineContext } from './context.ts';
import { type CostCorrection, learnCorrection } from './cost-correction.ts';
import { type ForeignFact, kindOf, narrowOf } from './foreign-fact.ts';
import { learnFact } from './learn.ts';
import type { OwnBlocks } from './own-blocks.ts';
import { factOfLine, readStoredFact, taskIdOf } from './pending-fact.ts';
import type { StoredFact } from './record.ts';
import type { StreamHub } from './streams.ts';
import type { TenantMemories, TenantMemory } from './tenant-memory.ts';

/** What a learner is made of. */
export interface LearnerParts {
  readonly context: EngineContext;
  readonly memories: TenantMemories;
  readonly streams: StreamHub;
  readonly ownBlocks: OwnBlocks;
  readonly onFault: (error: unknown) => void;
}

/** Takes committed facts into the evidence of their tenants and tells the listeners of them. */
export interface Learner {
  /** A fact that this process has just committed. */
  onStored(stored: StoredFact): void;
  /** Facts that other processes have committed. */
  learnForeign(memory: TenantMemory, facts: readonly ForeignFact[]): void;
  /** That a run which this process has learned cost something else. */
  readonly learnCorrection: (tenantId: number, correction: CostCorrection) => void;
}

/** Facts of other processes that listeners are told of at a time; a flood is cut short. */
const MOST_TOLD = 500;

type Told = Pick<StoredFact, 'id' | 'kind' | 'taskId' | 'timestampMs' | 'narrow'>;

/** What a listener of the live stream sees of a fact: names and figures, no content. */
function factEvent({ id, kind, taskId, timestampMs, narrow }: Told): unknown {
  return {
    id,
    kind,
    taskId,
    agentId: narrow.agentKey === '' ? null : narrow.agentKey,
    taskType: narrow.taskType === '' ? undefined : narrow.taskType,
    timestamp: new Date(timestampMs).toISOString(),
  };
}

/** Processes see the same drift at moments of their own: within an hour it is one finding. */
function findingKey(finding: DriftFinding): string {
  const { agentId, agentVersion, taskType, taskKind, metric, detectedMs } = finding;
  const hour = new Date(detectedMs).toISOString().slice(0, 13);
  return `${hour}@${JSON.stringify([agentId, agentVersion, taskType, taskKind, metric])}`;
}

/** A learner over the memories of an engine. */
export function createLearner(parts: LearnerParts): Learner {
  const { context, memories, streams, ownBlocks, onFault } = parts;

  function onDrift(tenantId: number, findings: readonly DriftFinding[]): void {
    for (const finding of findings) {
      streams.publish(tenantId, { event: 'drift', data: finding });
      const key = findingKey(finding);
      putState(context.db, tenantId, 'drift-finding', key, finding, context.now()).catch(onFault);
    }
  }

  async function tellOfForeign(facts: readonly ForeignFact[]): Promise<void> {
    const tenantId = facts[0]?.tenantId ?? 0;
    if (!streams.hasListeners(tenantId)) return;
    const newest = facts.slice(-MOST_TOLD);
    const ids = newest.map(({ id }) => id);
    const lines = await readDocuments(context.db, tenantId, ids);
    for (const row of newest) {
      const fact = factOfLine(lines.get(row.id) ?? '');
      if (fact === null) continue;
      const told = { ...row, kind: fact.kind, taskId: taskIdOf(fact), narrow: narrowOf(row) };
      streams.publish(tenantId, { event: 'fact', data: factEvent(told) });
      if (fact.kind !== 'decision') continue;
      streams.publish(tenantId, { event: 'decision', data: { id: row.id, ...fact } });
    }
  }

  return {
    onStored(stored) {
      const { tenantId } = stored;
      const memory = memories.loaded(tenantId);
      if (memory !== null && !ownBlocks.isLeftToChanges(stored.id)) {
        const findings = learnFact(memory, stored);
        if (findings.length > 0) onDrift(tenantId, findings);
      }
      if (!streams.hasListeners(tenantId)) return;
      streams.publish(tenantId, { event: 'fact', data: factEvent(stored) });
      if (stored.kind === 'decision') {
        const decision = { id: stored.id, ...readStoredFact(stored) };
        streams.publish(tenantId, { event: 'decision', data: decision });
      }
    },
    learnForeign(memory, facts) {
      for (const row of facts) {
        const findings = learnFact(memory, { ...row, kind: kindOf(row), narrow: narrowOf(row) });
        if (findings.length > 0) onDrift(memory.tenantId, findings);
      }
      tellOfForeign(facts).catch(onFault);
    },
    learnCorrection(tenantId, correction) {
      const memory = memories.loaded(tenantId);
      if (memory !== null) learnCorrection(memory, correction);
    },
  };
}
