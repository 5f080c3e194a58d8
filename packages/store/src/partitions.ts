import { boundOf, timeOfId } from '@assay/loop';
import type { Database, RunStatement } from './database.ts';

/** A period that can be written: facts with `fromMs <= time < toMs`. ms since 1970. */
export interface Partition {
  readonly fromMs: number;
  readonly toMs: number;
}

/** The tables that are cut by time. All have the same bounds, so that one period drops whole. */
const PARTITIONED = ['doc_block', 'task', 'task_text', 'task_revision', 'score_value'] as const;

/** A table that is cut by time. */
export type PartitionedTable = (typeof PARTITIONED)[number];

const DAY_MS = 86_400_000;

/** Any constant: serialises the processes that create partitions. */
const PARTITION_LOCK = 8_520;

/** Statement that lists the bounds of every partition of these tables. Shared with rollups. */
export const PARTITION_BOUNDS: string = `
  select p.relname as parent, quote_ident(c.relname) as name, pg_get_expr(c.relpartbound, c.oid) as bounds
  from pg_inherits i
  join pg_class p on p.oid = i.inhparent
  join pg_class c on c.oid = i.inhrelid
  join pg_namespace s on s.oid = p.relnamespace
  where s.nspname = current_schema() and p.relname in (${PARTITIONED.map((name) => `'${name}'`).join(', ')})
    and p.relkind = 'p'`;

/** One row of `PARTITION_BOUNDS`. */
export interface PartitionBounds {
  readonly parent: string;
  /** Name of the partition, fit to stand in SQL. */
  readonly name: string;
  readonly bounds: string;
}

/** Periods for which every partitioned table has its partition, ascending. */
export function completePartitions(rows: readonly PartitionBounds[]): Partition[] {
  const seen = new Map<string, { partition: Partition; parents: Set<string> }>();
  for (const row of rows) {
    const bounds = /FROM \('([0-9a-f-]{36})'\) TO \('([0-9a-f-]{36})'\)/.exec(row.bounds);
    if (bounds === null) continue;
    const [, low = '', high = ''] = bounds;
    const partition = { fromMs: timeOfId(low), toMs: timeOfId(high) };
    const key = `${low} ${high}`;
    const entry = seen.get(key) ?? { partition, parents: new Set<string>() };
    entry.parents.add(row.parent);
    seen.set(key, entry);
  }
  return [...seen.values()]
    .filter((entry) => entry.parents.size === PARTITIONED.length)
    .map((entry) => entry.partition)
    .sort((a, b) => a.fromMs - b.fromMs);
}

/** Lists the periods that can be written, ascending, as they stand in the catalogue. */
export async function listPartitions(db: Database): Promise<Partition[]> {
  const { rows } = await db.query<PartitionBounds>(PARTITION_BOUNDS);
  return completePartitions(rows);
}

/** Blocks of one partition, with the range of record ids that their facts can have. */
export interface BlockGroup {
  /** Bound of the smallest time in the blocks. */
  readonly low: string;
  /** Upper bound of the partition, exclusive. */
  readonly high: string;
  /** Block ids, ascending. */
  readonly ids: readonly string[];
}

/**
 * Groups blocks by the partition they lie in. A block's id begins with its smallest time, so its
 * facts are found by a scan of the primary key of that one partition.
 * @throws Error when a block lies in no partition
 */
export async function groupByPartition(
  run: RunStatement,
  blockIds: readonly string[],
): Promise<BlockGroup[]> {
  const partitions = completePartitions((await run<PartitionBounds>(PARTITION_BOUNDS)).rows);
  const groups = new Map<Partition, string[]>();
  for (const id of [...blockIds].sort()) {
    const time = timeOfId(id);
    const partition = partitions.find((one) => one.fromMs <= time && time < one.toMs);
    if (partition === undefined) throw new Error(`block ${id} lies in no partition`);
    const ids = groups.get(partition);
    if (ids === undefined) groups.set(partition, [id]);
    else ids.push(id);
  }
  return [...groups].map(([partition, ids]) => ({
    low: boundOf(timeOfId(ids[0] ?? boundOf(partition.fromMs))),
    high: boundOf(partition.toMs),
    ids,
  }));
}

/**
 * Creates the daily partitions (UTC) that are missing between the two times, both included.
 *
 * Safe to run in several processes at once. Each table gets its own transaction: creating a
 * partition locks the parent, and two locks held together could deadlock with a running ingest.
 */
export async function ensurePartitions(db: Database, fromMs: number, toMs: number): Promise<void> {
  const existing = await listPartitions(db);
  for (let day = Math.floor(fromMs / DAY_MS) * DAY_MS; day <= toMs; day += DAY_MS) {
    const end = day + DAY_MS;
    if (existing.some((partition) => partition.fromMs < end && partition.toMs > day)) continue;
    const suffix = new Date(day).toISOString().slice(0, 10).replaceAll('-', '');
    for (const table of PARTITIONED) {
      await db.ownerTransaction(async (run) => {
        await run(`select pg_advisory_xact_lock(${PARTITION_LOCK})`);
        await run(
          `create table if not exists ${table}_${suffix} partition of ${table} ` +
            `for values from ('${boundOf(day)}') to ('${boundOf(end)}')`,
        );
      });
    }
  }
}
