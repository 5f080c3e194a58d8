import type { RewriteOutcome, StoredPeriod } from '@assay/store';
import { listPeriods, periodBlocks, restingSince, rewritePeriod } from '@assay/store';
import type { EngineContext } from './context.ts';
import { FOLLOWED_MS } from './follow-changes.ts';
import { dayOf, type PeriodicDuty } from './periodic-duty.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** Late facts that make it worth while to compact a period again. */
const MIN_LOOSE = 1_000;
const MIN_LOOSE_SHARE = 0.1;

/** What a day's compaction came to. */
export interface CompactionNote {
  periods: number;
  facts: number;
  bytesBefore: number;
  bytesAfter: number;
  /** Periods that were left as they are because facts came in; the next day looks again. */
  refused: number;
}

async function isWorthwhile(context: EngineContext, period: StoredPeriod): Promise<boolean> {
  const blocks = await periodBlocks(context.db, period);
  if (blocks.documents === 0 || blocks.unrolledBlocks > 0) return false;
  if (period.compactedAtMs === null) return blocks.looseDocuments > 0;
  const isMany = blocks.looseDocuments >= MIN_LOOSE;
  return isMany || blocks.looseDocuments >= MIN_LOOSE_SHARE * blocks.documents;
}

function count(note: CompactionNote, outcome: RewriteOutcome): void {
  if (outcome.kind === 'refused') {
    note.refused += 1;
    return;
  }
  note.periods += 1;
  note.facts += outcome.facts;
  note.bytesBefore += outcome.bytesBefore;
  note.bytesAfter += outcome.bytesAfter;
}

/**
 * The duty that packs periods which have been at rest for a while, so that they take less room.
 * @param hotDays gives the days for which a period is left as it was written
 */
export function compactionDuty(
  context: EngineContext,
  hotDays: () => Promise<number>,
): PeriodicDuty {
  const { db, now } = context;
  return {
    job: 'compaction',
    slotOf: dayOf,
    leaseMs: 10 * MINUTE_MS,
    async run({ signal }) {
      const note: CompactionNote = {
        periods: 0,
        facts: 0,
        bytesBefore: 0,
        bytesAfter: 0,
        refused: 0,
      };
      const before = now() - (await hotDays()) * DAY_MS;
      for (const period of await listPeriods(db, now())) {
        signal.throwIfAborted();
        if (restingSince(period) > before || !(await isWorthwhile(context, period))) continue;
        const nowMs = now();
        const rewrite = {
          without: new Set<number>(),
          leaving: { facts: 0, flags: 0 },
          nowMs,
          quietMs: FOLLOWED_MS,
          signal,
        };
        count(note, await rewritePeriod(db, period, rewrite));
      }
      return note;
    },
  };
}
