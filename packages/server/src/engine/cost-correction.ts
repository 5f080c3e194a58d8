import { type EvidenceKey, reviseCost } from '@assay/loop';
import type { CostChange, TenantChange } from '@assay/store';
import type { TenantMemory } from './tenant-memory.ts';

/** That a run which was counted before cost something else. */
export interface CostCorrection extends EvidenceKey, CostChange {
  /** Record id of the execution. */
  readonly id: string;
}

type ChangedDocument = NonNullable<TenantChange['document']>;

const COLLECTION = 'cost-correction';

/** A correction as a change that all processes follow: there is no document, the key says it all. */
export function changeOfCorrection(correction: CostCorrection): ChangedDocument {
  return { collection: COLLECTION, key: JSON.stringify(correction) };
}

/** The correction in a change; null when the change is about something else. */
export function correctionOfChange({ collection, key }: ChangedDocument): CostCorrection | null {
  return collection === COLLECTION ? (JSON.parse(key) as CostCorrection) : null;
}

/**
 * Takes a correction into the evidence, unless the run was read when it was corrected already: then
 * nothing changes until the correction that made it what was read.
 */
export function learnCorrection(memory: TenantMemory, correction: CostCorrection): void {
  const { id, fromUsd, toUsd, ...key } = correction;
  const read = memory.readRevised.get(id);
  if (read !== undefined) {
    if (read === toUsd) memory.readRevised.delete(id);
    return;
  }
  if (key.agentId !== '' && fromUsd !== toUsd) reviseCost(memory.evidence, key, fromUsd, toUsd);
}
