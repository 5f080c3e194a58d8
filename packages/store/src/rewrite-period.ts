import { boundOf } from '@assay/loop';
import { copyDocuments, type FactsState } from './copy-documents.ts';
import { type Database, type RunStatement, tenantScope } from './database.ts';
import type { PartitionedTable } from './partitions.ts';
import { periodBlocks, type StoredPeriod } from './periods.ts';
import { codeOf } from './store-error.ts';

/** How a period is to be written anew. */
export interface Rewrite {
  /** Tenants whose facts are left out; none = compaction only. */
  readonly without: ReadonlySet<number>;
  /** What is left out, as it was archived: when it is no longer so, nothing is changed. */
  readonly leaving: FactsState;
  /** ms since 1970. */
  readonly nowMs: number;
  /**
   * Facts that were rolled up less than this ago, ms, may still be read by other processes under
   * the block they are in: then nothing is rewritten.
   */
  readonly quietMs: number;
  readonly signal: AbortSignal;
}

/** What a rewrite came to. */
export type RewriteOutcome =
  | {
      readonly kind: 'rewritten';
      readonly facts: number;
      readonly blocks: number;
      /** Rows, blocks and indexes on disk. */
      readonly bytesBefore: number;
      readonly bytesAfter: number;
    }
  /** Facts came in meanwhile or a moment ago: the period is as it was, and can be tried again. */
  | { readonly kind: 'refused'; readonly reason: RefusalReason };

/** Why a rewrite was given up. */
export type RefusalReason = 'not-rolled-up' | 'facts-too-new' | 'fact-came-in' | 'busy';

/** Longest wait for a lock of the swap, during which requests wait too. */
const LOCK_TIMEOUT_MS = 3_000;

/** Tables in the order in which an ingest locks them: the same order cannot deadlock. */
const LOCK_ORDER: readonly PartitionedTable[] = [
  'doc_block',
  'task_text',
  'score_value',
  'task_revision',
  'task',
];

/** Tables that only a rewrite without some tenants touches. */
const SIDE_TABLES: readonly PartitionedTable[] = ['task_text', 'score_value', 'task_revision'];

const staged = (name: string): string =>
  name.endsWith('"') ? `${name.slice(0, -1)}_c"` : `${name}_c`;

async function columnsOf(db: Database, table: string): Promise<string[]> {
  const { rows } = await db.query<{ name: string }>(
    `select quote_ident(attname) as name from pg_attribute
     where attrelid = $1::text::regclass and attnum > 0 and not attisdropped order by attnum`,
    [table],
  );
  return rows.map((row) => row.name);
}

/** Tenants that have blocks in a period. */
export async function tenantsIn(db: Database, period: StoredPeriod): Promise<number[]> {
  const { rows } = await db.query<{ tenant_id: number }>(
    `select distinct tenant_id from ${period.names.doc_block} order by 1`,
  );
  return rows.map((row) => Number(row.tenant_id));
}

function tablesOf(rewrite: Rewrite): PartitionedTable[] {
  return LOCK_ORDER.filter((table) => rewrite.without.size > 0 || !SIDE_TABLES.includes(table));
}

/** Condition that holds for rows of tenants that are kept. Ids were read from the store. */
function isKept(rewrite: Rewrite): string {
  return rewrite.without.size === 0
    ? 'true'
    : `tenant_id not in (${[...rewrite.without].join(', ')})`;
}

async function dropStaging(db: Database, period: StoredPeriod): Promise<void> {
  for (const table of LOCK_ORDER) {
    await db.exec(`drop table if exists ${staged(period.names[table])}`);
  }
}

async function createStaging(
  db: Database,
  period: StoredPeriod,
  tables: readonly PartitionedTable[],
): Promise<void> {
  for (const table of tables) {
    const name = staged(period.names[table]);
    await db.exec(
      `create table ${name} (like ${table} including defaults including storage including indexes)`,
    );
    if (db.dialect === 'citus') {
      await db.exec(
        `select create_distributed_table('${name}', 'tenant_id', colocate_with => 'task')`,
      );
    }
  }
}

/** Indexes that grew row by row are half empty; few rows will follow, so no room is left for them. */
async function packIndexes(db: Database, table: string): Promise<void> {
  const { rows } = await db.query<{ name: string }>(
    `select quote_ident(c.relname) as name from pg_index i
     join pg_class c on c.oid = i.indexrelid join pg_am a on a.oid = c.relam
     where i.indrelid = $1::text::regclass and a.amname = 'btree' order by 1`,
    [table],
  );
  for (const { name } of rows) await db.exec(`alter index ${name} set (fillfactor = 100)`);
  await db.exec(`reindex table ${table}`);
}

async function fillStaging(
  db: Database,
  period: StoredPeriod,
  rewrite: Rewrite,
  tenants: readonly number[],
): Promise<number> {
  const { task, doc_block: blocks } = period.names;
  const columns = (await columnsOf(db, task)).filter((name) => !['block', 'idx'].includes(name));
  const tables = { task, blocks, newTask: staged(task), newBlocks: staged(blocks), columns };
  let count = 0;
  for (const tenantId of tenants) {
    if (rewrite.without.has(tenantId)) continue;
    count += await copyDocuments(db, tables, tenantId, rewrite.signal);
  }
  for (const table of tablesOf(rewrite)) {
    const name = period.names[table];
    if (SIDE_TABLES.includes(table)) {
      const all = (await columnsOf(db, name)).join(', ');
      await db.exec(
        `insert into ${staged(name)} (${all}) select ${all} from ${name} where ${isKept(rewrite)}`,
      );
    }
    const { fromMs, toMs } = period;
    await packIndexes(db, staged(name));
    // The check spares the scan of the attachment.
    await db.exec(
      `alter table ${staged(name)} add constraint rewritten_range
       check (id >= '${boundOf(fromMs)}' and id < '${boundOf(toMs)}')`,
    );
  }
  return count;
}

async function isFound(run: RunStatement, text: string, params?: unknown[]): Promise<boolean> {
  return (await run(`select 1 as one where exists (${text})`, params)).rows.length > 0;
}

/** Why the period must be left alone now; null when nothing speaks against a rewrite. */
async function objection(
  run: RunStatement,
  period: StoredPeriod,
  rewrite: Pick<Rewrite, 'nowMs' | 'quietMs'>,
  tenants: readonly number[],
): Promise<RefusalReason | null> {
  const unrolled = `select 1 from ${period.names.doc_block} where not rolled`;
  if (await isFound(run, unrolled)) return 'not-rolled-up';
  // The owner is held to the policies too.
  await run(tenantScope(tenants));
  const recent = `
    select 1 from tenant_change c, unnest(string_to_array(c.blocks, ',')::uuid[]) b
    where c.tenant_id = any (string_to_array($1::text, ',')::int[]) and c.at > $2::timestamptz
      and b >= '${boundOf(period.fromMs)}' and b < '${boundOf(period.toMs)}'`;
  const since = new Date(rewrite.nowMs - rewrite.quietMs).toISOString();
  return (await isFound(run, recent, [tenants.join(','), since])) ? 'facts-too-new' : null;
}

/** Whether the facts of some tenants in a period are no longer as they were. */
async function hasChanged(
  run: RunStatement,
  table: string,
  tenants: ReadonlySet<number>,
  { facts, flags }: FactsState,
): Promise<boolean> {
  if (tenants.size === 0) return facts > 0;
  const { rows } = await run<Record<keyof FactsState, number>>(
    `select count(*)::float8 as facts, coalesce(sum(flags), 0)::float8 as flags
     from ${table} where tenant_id in (${[...tenants].join(', ')})`,
  );
  return Number(rows[0]?.facts) !== facts || Number(rows[0]?.flags) !== flags;
}

/** Puts the staging tables in the place of the partitions, or says why not and changes nothing. */
function swap(
  db: Database,
  period: StoredPeriod,
  rewrite: Rewrite,
  tenants: readonly number[],
): Promise<RefusalReason | null> {
  const tables = tablesOf(rewrite);
  return db.ownerTransaction(async (run) => {
    await run(`set local lock_timeout = ${LOCK_TIMEOUT_MS}`);
    for (const table of tables) await run(`lock table only ${table} in access exclusive mode`);
    const reason = await objection(run, period, rewrite, tenants);
    if (reason !== null) return reason;
    const { without, leaving } = rewrite;
    if (await hasChanged(run, period.names.task, without, leaving)) return 'fact-came-in';
    for (const table of tables) {
      const name = period.names[table];
      // Rows only ever change together with their flags.
      const state = table === 'task' ? "count(*) || ' ' || coalesce(sum(flags), 0)" : 'count(*)';
      const isChanged = `select 1 where (select ${state} from ${name} where ${isKept(rewrite)})
        <> (select ${state} from ${staged(name)})`;
      // Blocks are others now; that none came in shows in the rows.
      if (table !== 'doc_block' && (await isFound(run, isChanged))) return 'fact-came-in';
    }
    for (const table of tables) {
      const name = period.names[table];
      await run(`alter table ${table} detach partition ${name}`);
      await run(`drop table ${name}`);
      await run(`alter table ${staged(name)} rename to ${name}`);
      await run(
        `alter table ${table} attach partition ${name}
         for values from ('${boundOf(period.fromMs)}') to ('${boundOf(period.toMs)}')`,
      );
      await run(`alter table ${name} drop constraint rewritten_range`);
    }
    await run(
      'update record_period set compacted_at = $2::timestamptz where from_at = $1::timestamptz',
      [new Date(period.fromMs).toISOString(), new Date(rewrite.nowMs).toISOString()],
    );
    return null;
  });
}

/** Long queries or another change of the tables kept the swap waiting: it is tried again later. */
function busyOrThrow(error: unknown): RefusalReason {
  if (['55P03', '40P01'].includes(codeOf(error))) return 'busy';
  throw error;
}

/**
 * Drops a period with all that is in it; it may be made again for other facts. Nothing is changed when facts came in since they were
 * counted, or a moment ago.
 *
 * @param drop what is in it, as it was archived
 */
export function dropPeriod(
  db: Database,
  period: StoredPeriod,
  drop: Pick<Rewrite, 'nowMs' | 'quietMs' | 'leaving'>,
): Promise<RefusalReason | null> {
  const dropping = db.ownerTransaction(async (run) => {
    await run(`set local lock_timeout = ${LOCK_TIMEOUT_MS}`);
    for (const table of LOCK_ORDER) await run(`lock table only ${table} in access exclusive mode`);
    const { rows } = await run<{ tenant_id: number }>(
      `select distinct tenant_id from ${period.names.doc_block}`,
    );
    const tenants = rows.map((row) => Number(row.tenant_id));
    if (tenants.length > 0) {
      const reason = await objection(run, period, drop, tenants);
      if (reason !== null) return reason;
    }
    if (await hasChanged(run, period.names.task, new Set(tenants), drop.leaving)) {
      return 'fact-came-in' as const;
    }
    for (const table of LOCK_ORDER) {
      await run(`alter table ${table} detach partition ${period.names[table]}`);
      await run(`drop table ${period.names[table]}`);
    }
    const from = new Date(period.fromMs).toISOString();
    await run('delete from record_period where from_at = $1::timestamptz', [from]);
    return null;
  });
  return dropping.catch(busyOrThrow);
}

/**
 * Writes a period anew: documents in large transposed blocks, rows in the order of their ids,
 * indexes packed; facts of some tenants left out when asked for.
 *
 * Facts may come in meanwhile: then nothing is changed. A run that was interrupted leaves only
 * staging tables, which the next run removes.
 *
 * @throws Error when a document is missing or would change; what `signal` was aborted with
 */
export async function rewritePeriod(
  db: Database,
  period: StoredPeriod,
  rewrite: Rewrite,
): Promise<RewriteOutcome> {
  const before = await periodBlocks(db, period);
  if (before.unrolledBlocks > 0) return { kind: 'refused', reason: 'not-rolled-up' };
  const tenants = await tenantsIn(db, period);
  if (tenants.length === 0) {
    const { bytes } = before;
    return { kind: 'rewritten', facts: 0, blocks: 0, bytesBefore: bytes, bytesAfter: bytes };
  }
  await dropStaging(db, period);
  try {
    await createStaging(db, period, tablesOf(rewrite));
    const blocks = await fillStaging(db, period, rewrite, tenants);
    rewrite.signal.throwIfAborted();
    const reason = await swap(db, period, rewrite, tenants).catch(busyOrThrow);
    if (reason !== null) return { kind: 'refused', reason };
    for (const table of tablesOf(rewrite)) {
      await db.exec(`vacuum (freeze, analyze) ${period.names[table]}`);
    }
    const counted = await db.query<{ n: number }>(
      `select count(*)::float8 as n from ${period.names.task}`,
    );
    const after = await periodBlocks(db, period);
    const facts = counted.rows[0]?.n ?? 0;
    return { kind: 'rewritten', facts, blocks, bytesBefore: before.bytes, bytesAfter: after.bytes };
  } finally {
    await dropStaging(db, period);
  }
}
