import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { RetentionSettings } from '@assay/protocol';
import { DEFAULT_RETENTION } from '@assay/protocol';
import {
  type ArchivePart,
  deleteFigures,
  dropPeriod,
  type FactsState,
  listArchiveParts,
  listPeriods,
  markArchivePart,
  noteArchivePart,
  periodShares,
  type RefusalReason,
  restingSince,
  rewritePeriod,
  type StoredPeriod,
  tenantsIn,
} from '@assay/store';
import { writeArchive } from './archive-file.ts';
import type { EngineContext } from './context.ts';
import { FOLLOWED_MS } from './follow-changes.ts';
import { dayOf, type PeriodicDuty } from './periodic-duty.ts';
import { allRetentions } from './retention.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** What a day's retention came to. */
interface RetentionNote {
  archivedFacts: number;
  archivedFiles: number;
  droppedPeriods: number;
  rewrittenPeriods: number;
  /** Periods that were left as they are because facts came in; the next day looks again. */
  refused: number;
  deletedFiles: number;
  deletedFigures: number;
}

type PartKey = Pick<ArchivePart, 'tenantId' | 'fromMs' | 'file'>;

interface Moving {
  readonly context: EngineContext;
  readonly note: RetentionNote;
  readonly signal: AbortSignal;
}

/** Takes the facts of some tenants out of a period; null when it is done. */
async function takeOut(
  { context, note, signal }: Moving,
  period: StoredPeriod,
  due: ReadonlySet<number>,
  how: { readonly isAll: boolean; readonly leaving: FactsState },
): Promise<RefusalReason | null> {
  const change = { nowMs: context.now(), quietMs: FOLLOWED_MS, leaving: how.leaving };
  if (how.isAll) {
    const reason = await dropPeriod(context.db, period, change);
    if (reason === null) note.droppedPeriods += 1;
    return reason;
  }
  const rewrite = { ...change, without: due, signal };
  const outcome = await rewritePeriod(context.db, period, rewrite);
  if (outcome.kind === 'refused') return outcome.reason;
  note.rewrittenPeriods += 1;
  return null;
}

/** Writes what is due of a period into files, and takes it out of the store. */
async function movePeriod(
  moving: Moving,
  period: StoredPeriod,
  due: readonly number[],
  isAll: boolean,
): Promise<void> {
  const { context, note, signal } = moving;
  const parts: PartKey[] = [];
  let facts = 0;
  let flags = 0;
  for (const tenantId of due) {
    signal.throwIfAborted();
    const written = await writeArchive(context, period, tenantId);
    facts += written.facts;
    flags += written.flags;
    if (written.facts === 0) continue;
    const { fromMs, toMs } = period;
    const part = { ...written, tenantId, fromMs, toMs, archivedAtMs: context.now() };
    await noteArchivePart(context.db, part);
    parts.push(part);
  }
  signal.throwIfAborted();
  const reason = await takeOut(moving, period, new Set(due), { isAll, leaving: { facts, flags } });
  if (reason !== null) {
    note.refused += 1;
    return;
  }
  for (const part of parts) await markArchivePart(context.db, part, 'moved', context.now());
  note.archivedFacts += facts;
  note.archivedFiles += parts.length;
}

/** When a file is to be deleted. Imported facts came into the archive later than their time says. */
function endOf(part: ArchivePart, { archiveDays, warmDays }: RetentionSettings): number {
  const byTime = part.toMs + archiveDays * DAY_MS;
  return Math.max(byTime, part.archivedAtMs + (archiveDays - warmDays) * DAY_MS);
}

/** Marks files whose facts were taken out by a run that ended before it could say so. */
async function completeMoves({ context }: Moving, tenantId: number): Promise<void> {
  const parts = await listArchiveParts(context.db, tenantId);
  const isMoved = new Set(parts.filter((one) => one.movedAtMs !== null).map((one) => one.fromMs));
  const open = parts.filter((one) => one.movedAtMs === null && one.deletedAtMs === null);
  const unknown = open.filter((one) => !isMoved.has(one.fromMs));
  if (unknown.length === 0) return;
  const shares = await periodShares(context.db, tenantId, unknown);
  for (const [i, part] of unknown.entries()) {
    if (shares[i]?.documents === 0) {
      await markArchivePart(context.db, part, 'moved', context.now());
    }
  }
}

/** Deletes the files and figures of a tenant that have had their time. */
async function deleteOld(
  { context, note }: Moving,
  tenantId: number,
  settings: RetentionSettings,
): Promise<void> {
  const { db, now, dataDirectory } = context;
  const parts = await listArchiveParts(db, tenantId);
  const isMoved = new Set(parts.filter((one) => one.movedAtMs !== null).map((one) => one.fromMs));
  for (const part of parts) {
    if (part.deletedAtMs !== null) continue;
    // A file whose facts stayed, because others came in, has been followed by a better one.
    const isStale = part.movedAtMs === null && isMoved.has(part.fromMs);
    const isOver = part.movedAtMs !== null && now() >= endOf(part, settings);
    if (!isStale && !isOver) continue;
    await rm(join(dataDirectory, part.file), { force: true });
    await markArchivePart(db, part, 'deleted', now());
    note.deletedFiles += 1;
  }
  const before = dayOf(now()) - settings.deleteDays * DAY_MS;
  note.deletedFigures += await deleteFigures(db, tenantId, before);
}

/**
 * The duty that moves old facts: documents into files beside the store when a tenant's warm days
 * are over, files and figures away when theirs are. A period whose tenants all agree is dropped;
 * otherwise it is written anew without those whose time is over.
 */
export function retentionDuty(context: EngineContext): PeriodicDuty {
  const { db, now } = context;
  return {
    job: 'retention',
    slotOf: dayOf,
    leaseMs: 10 * MINUTE_MS,
    async run({ signal }) {
      const note: RetentionNote = {
        ...{ archivedFacts: 0, archivedFiles: 0, droppedPeriods: 0, rewrittenPeriods: 0 },
        ...{ refused: 0, deletedFiles: 0, deletedFigures: 0 },
      };
      const moving = { context, note, signal };
      const settings = await allRetentions(context);
      const warmDays = (tenantId: number): number =>
        (settings.get(tenantId) ?? DEFAULT_RETENTION).warmDays;
      const longest = Math.max(DEFAULT_RETENTION.warmDays, ...[...settings.keys()].map(warmDays));
      for (const period of await listPeriods(db, now())) {
        signal.throwIfAborted();
        const ageDays = (now() - restingSince(period)) / DAY_MS;
        if (ageDays <= 0) continue;
        const tenants = await tenantsIn(db, period);
        const due = tenants.filter((tenantId) => ageDays >= warmDays(tenantId));
        const isAll = due.length === tenants.length;
        if (due.length > 0 || (isAll && ageDays >= longest)) {
          await movePeriod(moving, period, due, isAll);
        }
      }
      for (const [tenantId, own] of settings) {
        await completeMoves(moving, tenantId);
        await deleteOld(moving, tenantId, own);
      }
      return note;
    },
  };
}
