import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Database } from './database.ts';
import { storeError } from './store-error.ts';

/** One file of SQL that takes the schema a step forward. */
export interface Migration {
  /** File name without `.sql`, such as `0001_record` or `0001_record.citus`. */
  readonly name: string;
  readonly sql: string;
}

/** Files that ship with the package; the path holds from `src` and from `dist`. */
const MIGRATIONS_DIRECTORY: string = fileURLToPath(new URL('../migrations/', import.meta.url));

/** `0001_record.sql`; `0001_record.citus.sql` runs right after it, on Citus only. */
const FILE_PATTERN = /^(\d{4}_[a-z0-9_]+)(\.citus)?\.sql$/;

/** One lock for all databases of Assay on a server: an arbitrary constant. */
const LOCK_KEY = 727_602_531;

const CREATE_TABLE = `create table if not exists schema_migration (
  name text primary key, sha256 text not null, applied_at_ms bigint not null)`;

/** Reads the migrations of a directory in the order in which they run. */
export function readMigrations(
  isCitus: boolean,
  directory: string = MIGRATIONS_DIRECTORY,
): Migration[] {
  return readdirSync(directory)
    .filter((file) => FILE_PATTERN.test(file) && (isCitus || !file.endsWith('.citus.sql')))
    .map((file) => file.slice(0, -'.sql'.length))
    .sort() // a name sorts before itself with `.citus` behind it
    .map((name) => ({
      name,
      sql: readFileSync(`${directory}/${name}.sql`, 'utf8').replaceAll('\r\n', '\n'),
    }));
}

/**
 * Brings the schema forward and returns how many migrations ran.
 *
 * Safe when several processes start at once: the first holds a lock until it is done.
 *
 * @throws `store.migration_changed` when a file that already ran has another content now,
 *   `store.newer` when the database has migrations that this version does not know.
 */
export function migrate(
  db: Database,
  nowMs: number,
  migrations: readonly Migration[] = readMigrations(db.dialect === 'citus'),
): Promise<number> {
  return withLock(db, async () => {
    await db.exec(CREATE_TABLE);
    const applied = await appliedMigrations(db);
    checkApplied(applied, migrations);
    const missing = migrations.filter(({ name }) => !applied.has(name));
    for (const migration of missing) await apply(db, migration, nowMs);
    return missing.length;
  });
}

/** PGlite has one connection and the guard of its directory, so it needs no lock. */
function withLock<T>(db: Database, work: () => Promise<T>): Promise<T> {
  if (db.dialect === 'pglite') return work();
  return db.ownerTransaction(async (run) => {
    await run('select pg_advisory_xact_lock($1::bigint)', [LOCK_KEY]);
    return work(); // on other connections; the lock's transaction stays idle meanwhile
  });
}

async function appliedMigrations(db: Database): Promise<Map<string, string>> {
  const { rows } = await db.query<{ name: string; sha256: string }>(
    'select name, sha256 from schema_migration',
  );
  return new Map(rows.map((row) => [row.name, row.sha256]));
}

function checkApplied(
  applied: ReadonlyMap<string, string>,
  migrations: readonly Migration[],
): void {
  const known = new Map(migrations.map((migration) => [migration.name, migration]));
  for (const [name, sha256] of applied) {
    const migration = known.get(name);
    if (migration === undefined) {
      if (name.endsWith('.citus')) continue;
      throw storeError(
        'store.newer',
        `The database has the migration ${name}, which this version does not know. ` +
          'Migrations only go forward: start the version that wrote it, or a newer one.',
      );
    }
    if (sha256Of(migration.sql) !== sha256 && !formerHashesOf(migration.sql).includes(sha256)) {
      throw storeError(
        'store.migration_changed',
        `The migration ${name} was applied with another content (${sha256.slice(0, 12)}...). ` +
          'An applied migration must never change: restore the file and add a new one.',
      );
    }
  }
}

/**
 * Hashes of earlier texts of a migration that leave the same schema behind. A text that failed on
 * some servers may be mended, and whoever applied the earlier one has nothing to do.
 */
function formerHashesOf(sql: string): string[] {
  return [...sql.matchAll(/^-- same effect as ([0-9a-f]{64})$/gm)].map(([, sha256 = '']) => sha256);
}

async function apply(db: Database, migration: Migration, nowMs: number): Promise<void> {
  // The name matches FILE_PATTERN and the hash is hex: both are safe inside quotes.
  const note =
    `insert into schema_migration (name, sha256, applied_at_ms) ` +
    `values ('${migration.name}', '${sha256Of(migration.sql)}', ${Math.trunc(nowMs)})`;
  try {
    if (migration.sql.startsWith('-- no-transaction')) {
      for (const statement of statementsOf(migration.sql)) await db.exec(statement);
      await db.exec(note);
    } else {
      await db.exec(`begin;\n${migration.sql}\n;\n${note};\ncommit;`);
    }
  } catch (error) {
    if (error instanceof Error) error.message = `migration ${migration.name}: ${error.message}`;
    throw error;
  }
}

/** Several statements in one text are one transaction, so those files are cut at `;` + newline. */
function statementsOf(sql: string): string[] {
  return sql
    .split(/;[ \t]*(?:\n|$)/)
    .filter((statement) => statement.replace(/--.*$/gm, '').trim() !== '');
}

function sha256Of(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
