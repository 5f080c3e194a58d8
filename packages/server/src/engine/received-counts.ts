import { addIngestCounts, type IngestCounts } from '@assay/store';
import type { EngineContext } from './context.ts';

/** Counts of what came in per tenant, gathered in memory and stored together. */
export interface ReceivedCounts {
  add(tenantId: number, counts: IngestCounts): void;
  /** Stores what has gathered. What cannot be stored is kept for the next time, and thrown. */
  save(): Promise<void>;
}

type Sums = { -readonly [Count in keyof IngestCounts]: number };

/** Counts that have not gathered anything yet. */
export function createReceivedCounts(context: EngineContext): ReceivedCounts {
  let gathered = new Map<number, Sums>();

  function add(tenantId: number, { accepted, duplicates, rejected }: IngestCounts): void {
    const sums = gathered.get(tenantId) ?? { accepted: 0, duplicates: 0, rejected: 0 };
    sums.accepted += accepted;
    sums.duplicates += duplicates;
    sums.rejected += rejected;
    gathered.set(tenantId, sums);
  }

  return {
    add,
    async save() {
      const saving = gathered;
      gathered = new Map();
      try {
        for (const [tenantId, sums] of saving) {
          await addIngestCounts(context.db, tenantId, sums, context.now());
          saving.delete(tenantId);
        }
      } finally {
        for (const [tenantId, sums] of saving) add(tenantId, sums);
      }
    },
  };
}
