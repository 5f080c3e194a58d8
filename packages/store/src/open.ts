import { openCitus } from './backends/citus.ts';
import { openPglite } from './backends/pglite.ts';
import { openPostgres } from './backends/postgres.ts';
import type { Database } from './database.ts';
import { migrate } from './migrate.ts';

/** Where Assay keeps what it remembers. */
export type StoreOptions =
  | {
      readonly kind: 'pglite';
      /** Data directory, made when missing; 'memory' keeps nothing and is for tests. */
      readonly directory: string;
      /** False gives durability up; the health then says so. Default true. */
      readonly isDurable?: boolean;
      /** Ignores the lock file of a process that is certainly gone. */
      readonly forceUnlock?: boolean;
    }
  | {
      readonly kind: 'postgres' | 'citus';
      /** URL of the owner of the schema. */
      readonly url: string;
      /** URL of a login in the role `app`; when absent the owner sets one up. */
      readonly appUrl?: string;
      /** Longest run of a tenant's statement, ms; 0 = no limit. Default 60,000. */
      readonly statementTimeoutMs?: number;
    };

/**
 * Opens the store and brings its schema up to date.
 *
 * @throws `store.locked` when another process has the directory open (the message names it);
 *   `store.not_durable` when commits would not reach the disk; `store.migration_changed` and
 *   `store.newer` when the schema does not fit this version.
 */
export function openStore(options: StoreOptions): Promise<Database> {
  const prepare = async (db: Database): Promise<void> => {
    const applied = await migrate(db, Date.now());
    if (applied > 0 && db.dialect === 'pglite') await db.exec('analyze');
  };
  switch (options.kind) {
    case 'pglite':
      return openPglite(options, prepare);
    case 'postgres':
      return openPostgres(options, prepare);
    case 'citus':
      return openCitus(options, prepare);
  }
}
