import { type Database, rollUp, tenantsWithWork } from '@assay/store';
import type { OpenWindow } from './open-window.ts';

/** What has to be done beside the requests. Each duty may be repeated and interrupted. */
export interface Upkeep {
  /** Adds committed blocks to the rollups until none is left; returns how many. */
  rollUpAll(): Promise<number>;
  /** Creates the partitions of the days ahead. */
  openDaysAhead(): Promise<void>;
  /** Checkpoint, analyze and vacuum where the engine does not do it by itself. */
  maintainStore(): Promise<void>;
}

const BLOCKS_PER_TRANSACTION = 200;

/** The duties of one server process on its store. */
export function createUpkeep(db: Database, window: OpenWindow, now: () => number): Upkeep {
  return {
    async rollUpAll() {
      let rolled = 0;
      for (const tenantId of await tenantsWithWork(db)) {
        for (;;) {
          const blocks = await rollUp(db, tenantId, BLOCKS_PER_TRANSACTION);
          rolled += blocks;
          if (blocks < BLOCKS_PER_TRANSACTION) break;
        }
      }
      return rolled;
    },
    openDaysAhead: () => window.ensureAhead(),
    maintainStore: () => db.maintain(now()),
  };
}
