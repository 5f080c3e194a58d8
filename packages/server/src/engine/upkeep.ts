import { type Database, forgetSlots, rollUp, tenantsWithWork } from '@assay/store';
import type { EngineContext } from './context.ts';
import type { OpenWindow } from './open-window.ts';
import { dayOf, hourOf, type PeriodicDuty } from './periodic-duty.ts';

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

const BLOCKS_PER_TRANSACTION = 200;
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** How long the history of jobs is kept. */
const HISTORY_MS = 90 * DAY_MS;

async function rollUpAll(db: Database): Promise<number> {
  let rolled = 0;
  for (const tenantId of await tenantsWithWork(db)) {
    for (;;) {
      const blocks = await rollUp(db, tenantId, BLOCKS_PER_TRANSACTION);
      rolled += blocks;
      if (blocks < BLOCKS_PER_TRANSACTION) break;
    }
  }
  return rolled;
}

function sharedDuties(context: EngineContext, window: OpenWindow): PeriodicDuty[] {
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
      slotOf: dayOf,
      leaseMs: 5 * MINUTE_MS,
      run: async () => ({ forgotten: await forgetSlots(db, now() - HISTORY_MS) }),
    },
  ];
  if (db.dialect !== 'pglite') {
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
export function createUpkeep(context: EngineContext, window: OpenWindow): Upkeep {
  const { db, now } = context;
  return {
    rollUpAll: () => rollUpAll(db),
    async maintainEmbedded() {
      if (db.dialect === 'pglite') await db.maintain(now());
    },
    duties: sharedDuties(context, window),
  };
}
