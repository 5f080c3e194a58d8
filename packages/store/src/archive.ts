import { boundOf } from '@assay/loop';
import type { Database } from './database.ts';
import type { Partition } from './partitions.ts';
import { listTenants } from './tenants.ts';

/** A file with the documents of one tenant and period. */
export interface ArchivePart {
  readonly tenantId: number;
  /** The period, ms since 1970. */
  readonly fromMs: number;
  readonly toMs: number;
  /** Relative to the data directory. */
  readonly file: string;
  readonly facts: number;
  readonly bytes: number;
  /** Of the file, 64 hexadecimal digits. */
  readonly sha256: string;
  /** When the file was written, ms since 1970. */
  readonly archivedAtMs: number;
  /** When the documents left the store; null = they are still there. */
  readonly movedAtMs: number | null;
  /** When the file was deleted; null = it exists. */
  readonly deletedAtMs: number | null;
}

interface PartRow {
  readonly tenant_id: number;
  readonly from_at: Date;
  readonly to_at: Date;
  readonly file: string;
  readonly facts: number;
  readonly bytes: number;
  readonly sha256: string;
  readonly archived_at: Date;
  readonly moved_at: Date | null;
  readonly deleted_at: Date | null;
}

const iso = (ms: number): string => new Date(ms).toISOString();

/** Notes a file that has been written and read back. Noting it again changes nothing. */
export async function noteArchivePart(
  db: Database,
  part: Omit<ArchivePart, 'movedAtMs' | 'deletedAtMs'>,
): Promise<void> {
  const { tenantId, fromMs, toMs, file, facts, bytes, sha256, archivedAtMs } = part;
  const statement = {
    text: `insert into archive_part (tenant_id, from_at, to_at, file, facts, bytes, sha256, archived_at)
      values ($1::int, $2::timestamptz, $3::timestamptz, $4::text, $5::bigint, $6::bigint, $7::text,
              $8::timestamptz)
      on conflict do nothing`,
    params: [tenantId, iso(fromMs), iso(toMs), file, facts, bytes, sha256, iso(archivedAtMs)],
  };
  await db.tenantBatch([tenantId], [statement]);
}

/** Notes that the documents of a file have left the store, or that the file was deleted. */
export async function markArchivePart(
  db: Database,
  part: Pick<ArchivePart, 'tenantId' | 'fromMs' | 'file'>,
  what: 'moved' | 'deleted',
  nowMs: number,
): Promise<void> {
  const column = what === 'moved' ? 'moved_at' : 'deleted_at';
  const statement = {
    text: `update archive_part set ${column} = $4::timestamptz
      where tenant_id = $1::int and from_at = $2::timestamptz and file = $3::text and ${column} is null`,
    params: [part.tenantId, iso(part.fromMs), part.file, iso(nowMs)],
  };
  await db.tenantBatch([part.tenantId], [statement]);
}

/** All files of a tenant that there are or were, by period. */
export async function listArchiveParts(db: Database, tenantId: number): Promise<ArchivePart[]> {
  const statement = {
    text: 'select * from archive_part where tenant_id = $1::int order by from_at, file',
    params: [tenantId],
  };
  const [result] = await db.tenantBatch([tenantId], [statement]);
  return (result?.rows ?? []).map((found) => {
    const row = found as unknown as PartRow;
    return {
      tenantId: Number(row.tenant_id),
      fromMs: row.from_at.getTime(),
      toMs: row.to_at.getTime(),
      file: row.file,
      facts: Number(row.facts),
      bytes: Number(row.bytes),
      sha256: row.sha256,
      archivedAtMs: row.archived_at.getTime(),
      movedAtMs: row.moved_at?.getTime() ?? null,
      deletedAtMs: row.deleted_at?.getTime() ?? null,
    };
  });
}

/**
 * Deletes the figures of a tenant from before a day: rollups per hour and day, sums of scores.
 * @returns how many rows were deleted
 */
export async function deleteFigures(
  db: Database,
  tenantId: number,
  beforeMs: number,
): Promise<number> {
  const params = [tenantId, iso(beforeMs)];
  const results = await db.tenantBatch(
    [tenantId],
    [
      ['rollup_hour', 'hour'],
      ['rollup_day', 'hour'],
      ['score_day', 'day'],
    ].map(([table, column]) => ({
      text: `delete from ${table} where tenant_id = $1::int and ${column} < $2::timestamptz
        returning tenant_id`,
      params,
    })),
  );
  return results.reduce((sum, { rows }) => sum + rows.length, 0);
}

/** A period that takes no facts of a tenant any more, because they are in an archive. */
export interface ClosedPeriod {
  readonly tenantId: number;
  /** ms since 1970, inclusive. */
  readonly fromMs: number;
  /** ms since 1970, exclusive. */
  readonly toMs: number;
}

/** Periods that take no facts any more, by tenant: a resend could no longer be recognised. */
export async function closedPeriods(db: Database): Promise<ClosedPeriod[]> {
  const tenants = (await listTenants(db)).map(({ tenantId }) => tenantId);
  if (tenants.length === 0) return [];
  const text = `select distinct tenant_id, from_at, to_at from archive_part where moved_at is not null`;
  const [result] = await db.tenantBatch(tenants, [{ text }]);
  return (result?.rows ?? []).map((row) => ({
    tenantId: Number(row['tenant_id']),
    fromMs: (row['from_at'] as Date).getTime(),
    toMs: (row['to_at'] as Date).getTime(),
  }));
}

/** What a tenant has in a period. */
export interface PeriodShare {
  readonly fromMs: number;
  /** Documents in blocks, with those that a duplicate batch has left behind. */
  readonly documents: number;
  /** Of the compressed documents. */
  readonly bytes: number;
}

/** What a tenant has in each of some periods. */
export async function periodShares(
  db: Database,
  tenantId: number,
  periods: readonly Partition[],
): Promise<PeriodShare[]> {
  const results = await db.tenantBatch(
    [tenantId],
    periods.map(({ fromMs, toMs }) => ({
      text: `select coalesce(sum(n), 0)::float8 as documents,
          coalesce(sum(octet_length(body)), 0)::float8 as bytes
        from doc_block where tenant_id = $1::int and id >= $2::uuid and id < $3::uuid`,
      params: [tenantId, boundOf(fromMs), boundOf(toMs)],
    })),
  );
  return periods.map(({ fromMs }, i) => {
    const row = results[i]?.rows[0] ?? {};
    return { fromMs, documents: Number(row['documents']), bytes: Number(row['bytes']) };
  });
}
