import type { DriftSnapshot, DriftWatch } from '@assay/loop';
import { createDriftWatch, outcomeOfNarrow, watchOutcome } from '@assay/loop';
import { factsOfBlocks, getState, readChanges } from '@assay/store';
import type { EngineContext } from './context.ts';
import { kindOf, narrowOf } from './foreign-fact.ts';

/** A drift watch as it is stored. */
export interface StoredDrift extends DriftSnapshot {
  /** Number of the last change of the tenant that is in it; absent = not known. */
  readonly changeSeq?: number;
}

/** Collection and key of the stored watch. */
export const DRIFT_PLACE = { collection: 'drift', key: 'watch' } as const;

const CHANGES_PER_PAGE = 200;

/** Watches what was recorded after the snapshot; nothing when some of it can no longer be read. */
async function catchUp(
  { db }: EngineContext,
  tenantId: number,
  watch: DriftWatch,
  range: { readonly fromSeq: number; readonly toSeq: number },
): Promise<void> {
  for (let seq = range.fromSeq; seq < range.toSeq; ) {
    const changes = await readChanges(db, [{ tenantId, seq }], CHANGES_PER_PAGE);
    if (changes[0]?.seq !== seq + 1) return;
    for (const change of changes) {
      if (change.seq > range.toSeq) return;
      for (const row of await factsOfBlocks(db, tenantId, change.blocks)) {
        const outcome = outcomeOfNarrow(kindOf(row), row.timestampMs, narrowOf(row));
        if (outcome !== null && outcome.agentId !== '') watchOutcome(watch, outcome);
      }
      seq = change.seq;
    }
  }
}

/**
 * The drift watch of a tenant: what was stored last, and what happened since then as far as the
 * changes still tell it.
 * @param toSeq number of the last change that is in the evidence
 */
export async function loadDrift(
  context: EngineContext,
  tenantId: number,
  toSeq: number,
): Promise<DriftWatch> {
  const { collection, key } = DRIFT_PLACE;
  const entry = await getState(context.db, tenantId, collection, key);
  const stored = (entry?.value as StoredDrift | undefined) ?? null;
  const watch = createDriftWatch({}, stored);
  const fromSeq = stored?.changeSeq ?? toSeq;
  await catchUp(context, tenantId, watch, { fromSeq, toSeq });
  return watch;
}
