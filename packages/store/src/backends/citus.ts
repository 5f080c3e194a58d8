import type { Database } from '../database.ts';
import type { PostgresOptions } from './postgres.ts';
import { openPostgresAs } from './postgres.ts';

/**
 * Opens a Citus cluster through its coordinator.
 *
 * Workers see the scope of a transaction only when `set local` is propagated to them; without it
 * every policy fails closed and finds no rows.
 */
export function openCitus(
  options: PostgresOptions,
  prepare: (db: Database) => Promise<unknown>,
): Promise<Database> {
  return openPostgresAs('citus', options, prepare, [
    `alter role app set citus.propagate_set_commands = 'local'`,
  ]);
}
