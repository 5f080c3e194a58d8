import type { Database, RunStatement } from './database.ts';
import { placeOf } from './documents.ts';
import { EVIDENCE_ROWS, type EvidenceRow, evidenceRowOf } from './learn.ts';
import { groupByPartition } from './partitions.ts';
import { FACT_COLUMNS, FACT_DICTIONARIES, type FactRow, factRowOf } from './runs.ts';
import { putStateStatement } from './state.ts';

/** Something that happened to a tenant and that other server processes have to know. */
export interface TenantChange {
  readonly tenantId: number;
  /** 1, 2, 3 ... per tenant, in the order of commits. */
  readonly seq: number;
  /** When it was written, by the clock of the process that wrote it. ms since 1970. */
  readonly atMs: number;
  /** Blocks whose facts have been counted in the rollups. */
  readonly blocks: readonly string[];
  /** Document that was written; null when the change is about blocks. */
  readonly document: { readonly collection: string; readonly key: string } | null;
}

/** How far the changes of a tenant are known. */
export interface ChangeMark {
  readonly tenantId: number;
  /** Number of the last change that is known; 0 = none. */
  readonly seq: number;
}

/** Whether other processes may be at work on the same store, so that changes are written. */
export function isShared(db: Database): boolean {
  return db.dialect !== 'pglite';
}

/** First key of the advisory lock under which a tenant's facts are rolled up and changes numbered. */
const TENANT_LOCK = 8_521;

/** Makes everybody else who rolls up or changes this tenant wait until the transaction ends. */
export async function lockTenant(run: RunStatement, tenantId: number): Promise<void> {
  await run('select pg_advisory_xact_lock($1::int, $2::int)', [TENANT_LOCK, tenantId]);
}

/** Writes a change under the next number. The transaction must hold the tenant's lock. */
export async function noteChange(
  run: RunStatement,
  tenantId: number,
  nowMs: number,
  change: Pick<TenantChange, 'blocks' | 'document'>,
): Promise<void> {
  await run(
    `insert into tenant_change (tenant_id, seq, at, blocks, collection, key)
     select $1::int, coalesce(max(seq), 0) + 1, $2::timestamptz, $3::text, $4::text, $5::text
     from tenant_change where tenant_id = $1::int`,
    [
      tenantId,
      new Date(nowMs).toISOString(),
      change.blocks.length === 0 ? null : change.blocks.join(','),
      change.document?.collection ?? null,
      change.document?.key ?? null,
    ],
  );
}

/** Writes a document that other processes keep in memory, and tells them. */
export async function putSharedState(
  db: Database,
  tenantId: number,
  collection: string,
  key: string,
  value: unknown,
  nowMs: number,
): Promise<void> {
  const { text, params } = putStateStatement(tenantId, collection, key, value, nowMs);
  await db.tenantTransaction([tenantId], async (run) => {
    if (isShared(db)) await lockTenant(run, tenantId);
    await run(text, params);
    if (!isShared(db)) return;
    await noteChange(run, tenantId, nowMs, { blocks: [], document: { collection, key } });
  });
}

interface ChangeRow {
  readonly tenant_id: number;
  readonly seq: number;
  readonly at: Date;
  readonly blocks: string | null;
  readonly collection: string | null;
  readonly key: string | null;
}

function changeOf(row: ChangeRow): TenantChange {
  const { collection, key } = row;
  return {
    tenantId: Number(row.tenant_id),
    seq: Number(row.seq),
    atMs: row.at.getTime(),
    blocks: row.blocks === null ? [] : row.blocks.split(','),
    document: collection === null || key === null ? null : { collection, key },
  };
}

/** Changes after the marks, ordered by tenant and number. */
export async function readChanges(
  db: Database,
  marks: readonly ChangeMark[],
  limit: number,
): Promise<TenantChange[]> {
  if (marks.length === 0) return [];
  const [result] = await db.tenantBatch(
    marks.map((mark) => mark.tenantId),
    [
      {
        text: `select c.* from json_to_recordset($1::text::json) as m(t int, s bigint)
        join tenant_change c on c.tenant_id = m.t and c.seq > m.s
        order by c.tenant_id, c.seq limit $2::int`,
        params: [JSON.stringify(marks.map((mark) => ({ t: mark.tenantId, s: mark.seq }))), limit],
      },
    ],
  );
  return (result?.rows ?? []).map((row) => changeOf(row as unknown as ChangeRow));
}

/**
 * Removes the changes of a tenant that were written before a time; the newest one stays, because
 * the numbers go on from it.
 * @returns how many were removed
 */
export async function forgetChanges(
  db: Database,
  tenantId: number,
  beforeMs: number,
): Promise<number> {
  const [result] = await db.tenantBatch(
    [tenantId],
    [
      {
        text: `delete from tenant_change where tenant_id = $1::int and at < $2::timestamptz
          and seq < (select max(seq) from tenant_change where tenant_id = $1::int) returning seq`,
        params: [tenantId, new Date(beforeMs).toISOString()],
      },
    ],
  );
  return result?.rows.length ?? 0;
}

/** A fact with the block that it was stored with. */
export type BlockFact = FactRow & {
  readonly block: string;
  /** Whether it was revised before it was read. */
  readonly isRevised: boolean;
};

/** The facts whose rows point to the given blocks, by record id. */
export async function factsOfBlocks(
  db: Database,
  tenantId: number,
  blocks: readonly string[],
): Promise<BlockFact[]> {
  if (blocks.length === 0) return [];
  return db.tenantTransaction([tenantId], async (run) => {
    const facts: BlockFact[] = [];
    for (const group of await groupByPartition(run, blocks)) {
      const { rows } = await run(
        `select ${FACT_COLUMNS} from (
           select * from task
           where tenant_id = $1::int and id >= $2::uuid and id < $3::uuid
             and block = any (string_to_array($4::text, ',')::uuid[])) t
         ${FACT_DICTIONARIES}
         where t.tenant_id = $1::int and a.tenant_id = $1::int and y.tenant_id = $1::int
         order by t.id`,
        [tenantId, group.low, group.high, group.ids.join(',')],
      );
      for (const row of rows) {
        const { block, isRevised } = placeOf(row);
        facts.push({ ...factRowOf(row), block, isRevised });
      }
    }
    return facts;
  });
}

/**
 * Evidence per hour of all time, and the number of the last change that is contained in it: both
 * read under the tenant's lock, so that every fact is either in the rows or in a later change.
 */
export function readEvidence(
  db: Database,
  tenantId: number,
): Promise<{ readonly rows: EvidenceRow[]; readonly seq: number }> {
  return db.tenantTransaction([tenantId], async (run) => {
    await lockTenant(run, tenantId);
    const evidence = await run(EVIDENCE_ROWS, [tenantId, new Date(0).toISOString()]);
    const last = await run<{ seq: number }>(
      'select coalesce(max(seq), 0) as seq from tenant_change where tenant_id = $1::int',
      [tenantId],
    );
    return { rows: evidence.rows.map(evidenceRowOf), seq: Number(last.rows[0]?.seq ?? 0) };
  });
}
