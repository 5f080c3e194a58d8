import type { Database } from '../database.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const CHECKPOINT_WAL_BYTES = 256 * 1024 * 1024;
const CHECKPOINT_EVERY_MS = 5 * MINUTE_MS;

const CREATE_SQL = `
  create schema if not exists assay_upkeep;
  create table if not exists assay_upkeep.duty (name text primary key, done_at_ms bigint not null);`;

/** Partitions (newest first within a parent) and the plain tables that change all the time. */
const BUSY_TABLES_SQL = `
  select quote_ident(n.nspname) || '.' || quote_ident(c.relname) as name
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where n.nspname = 'public' and c.relkind = 'r' and (
    (not c.relispartition) or c.oid in (
      select oid from (
        select p.oid, row_number() over (partition by i.inhparent order by p.relname desc) as place
        from pg_inherits i join pg_class p on p.oid = i.inhrelid) newest
      where place <= 3))
  order by c.relname`;

/** A duty of the calendar: how often it is due, and the statements that do it. */
interface Duty {
  readonly name: string;
  readonly everyMs: number;
  statements(busyTables: readonly string[]): readonly string[];
}

/** Longest period first: a whole vacuum makes the smaller duties of the same moment unnecessary. */
const DUTIES: readonly Duty[] = [
  { name: 'vacuum-all', everyMs: 7 * DAY_MS, statements: () => ['vacuum (analyze)'] },
  { name: 'analyze-all', everyMs: DAY_MS, statements: () => ['analyze'] },
  {
    name: 'vacuum-busy',
    everyMs: DAY_MS,
    statements: (tables) => tables.map((table) => `vacuum (analyze) ${table}`),
  },
  {
    name: 'analyze-busy',
    everyMs: HOUR_MS,
    statements: (tables) => tables.map((table) => `analyze ${table}`),
  },
];

/**
 * Makes the `maintain` of PGlite, which has no checkpointer, no autovacuum and no autoanalyze.
 *
 * When each duty was last done is kept in the database: the calendar outlives restarts. Work is
 * sent table by table, so that requests get their turn in between.
 */
export function createUpkeep(
  db: Pick<Database, 'query' | 'exec'>,
): (nowMs: number) => Promise<void> {
  let lastCheckpoint: { readonly lsn: string; readonly atMs: number } | null = null;
  let doneAtMs: Map<string, number> | null = null;

  async function checkpointWhenDue(nowMs: number): Promise<void> {
    if (lastCheckpoint === null) {
      lastCheckpoint = { lsn: await currentLsn(db), atMs: nowMs };
      return;
    }
    const written = await walBytesSince(db, lastCheckpoint.lsn);
    const isOld = nowMs - lastCheckpoint.atMs >= CHECKPOINT_EVERY_MS && written > 0;
    if (written <= CHECKPOINT_WAL_BYTES && !isOld) return;
    await db.exec('checkpoint');
    lastCheckpoint = { lsn: await currentLsn(db), atMs: nowMs };
  }

  async function loadCalendar(nowMs: number): Promise<Map<string, number>> {
    if (doneAtMs !== null) return doneAtMs;
    await db.exec(CREATE_SQL);
    const { rows } = await db.query<{ name: string; done_at_ms: number }>(
      'select name, done_at_ms from assay_upkeep.duty',
    );
    const calendar = new Map(rows.map((row) => [row.name, row.done_at_ms]));
    for (const duty of DUTIES) {
      if (!calendar.has(duty.name)) await noteDone(calendar, duty.name, nowMs);
    }
    doneAtMs = calendar;
    return calendar;
  }

  async function noteDone(calendar: Map<string, number>, name: string, nowMs: number) {
    calendar.set(name, nowMs);
    await db.query(
      `insert into assay_upkeep.duty (name, done_at_ms) values ($1::text, $2::bigint)
       on conflict (name) do update set done_at_ms = excluded.done_at_ms`,
      [name, nowMs],
    );
  }

  return async (nowMs) => {
    const calendar = await loadCalendar(nowMs);
    for (const duty of DUTIES) {
      if (nowMs - (calendar.get(duty.name) ?? 0) < duty.everyMs) continue;
      for (const statement of duty.statements(await busyTables(db))) await db.exec(statement);
      await noteDone(calendar, duty.name, nowMs);
    }
    await checkpointWhenDue(nowMs);
  };
}

async function busyTables(db: Pick<Database, 'query'>): Promise<string[]> {
  const { rows } = await db.query<{ name: string }>(BUSY_TABLES_SQL);
  return rows.map((row) => row.name);
}

async function currentLsn(db: Pick<Database, 'query'>): Promise<string> {
  const { rows } = await db.query<{ lsn: string }>('select pg_current_wal_lsn()::text as lsn');
  return rows[0]?.lsn ?? '0/0';
}

async function walBytesSince(db: Pick<Database, 'query'>, lsn: string): Promise<number> {
  const { rows } = await db.query<{ bytes: number }>(
    'select pg_wal_lsn_diff(pg_current_wal_lsn(), $1::text::pg_lsn)::float8 as bytes',
    [lsn],
  );
  return rows[0]?.bytes ?? 0;
}
