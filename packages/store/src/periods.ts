import { boundOf } from '@assay/loop';
import type { Database } from './database.ts';
import {
  completePartitions,
  PARTITION_BOUNDS,
  type Partition,
  type PartitionBounds,
  type PartitionedTable,
} from './partitions.ts';

/** A period with its partitions and its life so far. */
export interface StoredPeriod extends Partition {
  /** Name of the partition of each table, fit to stand in SQL. */
  readonly names: Readonly<Record<PartitionedTable, string>>;
  /** When the period was first noticed, ms since 1970: what was imported late is young. */
  readonly seenAtMs: number;
  /** When its documents were last compacted, ms since 1970; null = never. */
  readonly compactedAtMs: number | null;
}

interface PeriodRow {
  readonly from_at: Date;
  readonly seen_at: Date;
  readonly compacted_at: Date | null;
}

function namesOf(
  rows: readonly PartitionBounds[],
  { fromMs, toMs }: Partition,
): StoredPeriod['names'] {
  const bounds = `FROM ('${boundOf(fromMs)}') TO ('${boundOf(toMs)}')`;
  const own = rows.filter((row) => row.bounds.endsWith(bounds));
  return Object.fromEntries(own.map((row) => [row.parent, row.name])) as StoredPeriod['names'];
}

/**
 * Lists the periods that have partitions, ascending. Those that are seen for the first time are
 * noted with the given time.
 */
export async function listPeriods(db: Database, nowMs: number): Promise<StoredPeriod[]> {
  const bounds = (await db.query<PartitionBounds>(PARTITION_BOUNDS)).rows;
  const partitions = completePartitions(bounds);
  await db.query(
    `insert into record_period (from_at, to_at, seen_at)
     select f, t, $2::timestamptz from json_to_recordset($1::text::json) as r(f timestamptz, t timestamptz)
     on conflict (from_at) do nothing`,
    [
      JSON.stringify(
        partitions.map(({ fromMs, toMs }) => ({ f: new Date(fromMs), t: new Date(toMs) })),
      ),
      new Date(nowMs).toISOString(),
    ],
  );
  const { rows } = await db.query<PeriodRow>(
    'select from_at, seen_at, compacted_at from record_period',
  );
  const known = new Map(rows.map((row) => [row.from_at.getTime(), row]));
  return partitions.map((partition) => {
    const row = known.get(partition.fromMs);
    return {
      ...partition,
      names: namesOf(bounds, partition),
      seenAtMs: row?.seen_at.getTime() ?? nowMs,
      compactedAtMs: row?.compacted_at?.getTime() ?? null,
    };
  });
}

/** Since when a period has been at rest: since its end, or since it was noticed. ms since 1970. */
export function restingSince(period: Pick<StoredPeriod, 'toMs' | 'seenAtMs'>): number {
  return Math.max(period.toMs, period.seenAtMs);
}

/** How the documents of a period are kept. */
export interface PeriodBlocks {
  /** Documents in blocks, with those that a duplicate batch has left behind. */
  readonly documents: number;
  /** Documents in blocks as they were written. */
  readonly looseDocuments: number;
  /** Blocks that are not in the rollups yet. */
  readonly unrolledBlocks: number;
  /** Size of rows, blocks and indexes on disk. */
  readonly bytes: number;
}

/** Looks at the blocks of a period. */
export async function periodBlocks(db: Database, period: StoredPeriod): Promise<PeriodBlocks> {
  const { task, doc_block: blocks } = period.names;
  const { rows } = await db.query<Record<keyof PeriodBlocks, number>>(
    `select coalesce(sum(n), 0)::float8 as documents,
       coalesce(sum(n) filter (where codec = 1), 0)::float8 as "looseDocuments",
       count(*) filter (where not rolled)::float8 as "unrolledBlocks",
       (pg_total_relation_size('${task}') + pg_total_relation_size('${blocks}'))::float8 as bytes
     from ${blocks}`,
  );
  return rows[0] ?? { documents: 0, looseDocuments: 0, unrolledBlocks: 0, bytes: 0 };
}
