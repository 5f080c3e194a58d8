import {
  forgetChanges,
  forgetSlots,
  isShared,
  listTenants,
  rollUp,
  tenantsWithWork,
} from '@assay/store';
import { compactionDuty } from './compaction.ts';
import type { EngineContext } from './context.ts';
import { saveDrift } from './learn.ts';
import type { OpenWindow } from './open-window.ts';
import { dayOf, hourOf, type PeriodicDuty } from './periodic-duty.ts';
import { longestHotDays } from './retention.ts';
import { retentionDuty } from './retention-duty.ts';
import type { TenantMemories } from './tenant-memory.ts';

/** What has to be done beside the requests. Each duty may be repeated and interrupted. */
export interface Upkeep {
  /** Adds committed blocks to the rollups until none is left; returns how many. */
  rollUpAll(): Promise<number>;
  /**
   * Checkpoint, analyze and vacuum of the embedded store, which has nobody else to do it, when due.
   * Does nothing on a server.
   */
  maintainEmbedded(): Promise<void>;
  /** Duties that all processes share, each done once per period. */
  readonly duties: readonly PeriodicDuty[];
}

/** What the upkeep works on: an engine. */
export interface UpkeepParts {
  readonly context: EngineContext;
  readonly window: OpenWindow;
  readonly memories: TenantMemories;
}

const BLOCKS_PER_TRANSACTION = 200;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** How long the history of jobs is kept. */
const HISTORY_MS = 90 * DAY_MS;
/** How long changes are kept: a process that was away for longer reads everything anew. */
const CHANGES_MS = 3 * HOUR_MS;

async function rollUpAll({ db, now }: EngineContext): Promise<number> {
  let rolled = 0;
  for (const tenantId of await tenantsWithWork(db)) {
    for (;;) {
      const blocks = await rollUp(db, tenantId, BLOCKS_PER_TRANSACTION, now());
      rolled += blocks;
      if (blocks < BLOCKS_PER_TRANSACTION) break;
    }
  }
  return rolled;
}

/** Forgets slots and changes that nobody needs any more; returns how many. */
async function forgetHistory({ db, now }: EngineContext): Promise<unknown> {
  const slots = await forgetSlots(db, now() - HISTORY_MS);
  let changes = 0;
  if (isShared(db)) {
    for (const { tenantId } of await listTenants(db)) {
      changes += await forgetChanges(db, tenantId, now() - CHANGES_MS);
    }
  }
  return { slots, changes };
}

function sharedDuties({ context, window, memories }: UpkeepParts): PeriodicDuty[] {
  const { db, now } = context;
  const duties: PeriodicDuty[] = [
    {
      job: 'partitions',
      slotOf: hourOf,
      leaseMs: 5 * MINUTE_MS,
      run: () => window.ensureAhead(),
    },
    {
      job: 'history',
      slotOf: hourOf,
      leaseMs: 5 * MINUTE_MS,
      run: () => forgetHistory(context),
    },
    {
      job: 'drift-watch',
      slotOf: hourOf,
      leaseMs: 5 * MINUTE_MS,
      run: () => saveDrift(context, memories),
    },
    compactionDuty(context, () => longestHotDays(context)),
    retentionDuty(context),
  ];
  if (isShared(db)) {
    duties.push({
      job: 'maintenance',
      slotOf: dayOf,
      leaseMs: 10 * MINUTE_MS,
      run: () => db.maintain(now()),
    });
  }
  return duties;
}

/** The duties of one server process on its store. */
export function createUpkeep(engine: UpkeepParts): Upkeep {
  const { context } = engine;
  const { db, now } = context;
  return {
    rollUpAll: () => rollUpAll(context),
    async maintainEmbedded() {
      if (!isShared(db)) await db.maintain(now());
    },
    duties: sharedDuties(engine),
  };
}
