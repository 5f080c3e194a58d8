import type { Database, Statement } from './database.ts';
import { realOf } from './real.ts';
import { type IngestScore, insertScoresSql, scoresJson } from './score.ts';

/** One narrow row of a fact, ready to be stored. Values were validated: SQL must not fail. */
export interface IngestRow {
  readonly id: string;
  readonly tenantId: number;
  readonly timestampMs: number;
  readonly blockId: string;
  /** Line of the document inside its block, 0-based, below 32,768. */
  readonly index: number;
  readonly agentId: number;
  readonly typeId: number;
  /** Number of the fact kind. */
  readonly kind: number;
  readonly success: boolean | null;
  readonly latencyMs: number | null;
  readonly tokens: number | null;
  readonly quality: number | null;
  readonly costUsd: number | null;
  /** Signed 64-bit integer, decimal. */
  readonly taskRef: string;
  /** Signed 64-bit integer, decimal; '0' = no session. */
  readonly sessionRef: string;
  readonly flags: number;
}

/** The documents of one tenant and partition: brotli (quality 1) of `<json>\n` lines. */
export interface IngestBlock {
  readonly tenantId: number;
  readonly id: string;
  /** Documents in it. */
  readonly count: number;
  readonly body: Uint8Array;
}

/** Words of a fact, for search. */
export interface IngestText {
  readonly tenantId: number;
  readonly id: string;
  readonly text: string;
}

/** What one commit stores. */
export interface IngestBatch {
  readonly rows: readonly IngestRow[];
  readonly blocks: readonly IngestBlock[];
  readonly texts: readonly IngestText[];
  /** Scores of the evaluations among the rows that Assay made itself. */
  readonly scores?: readonly IngestScore[];
}

/**
 * The form in which words are indexed and searched. Letters are folded here because a database
 * with the C locale folds ASCII only. PostgreSQL text cannot hold NUL, nor JSON half a surrogate
 * pair (left over from cutting).
 */
export function searchForm(text: string): string {
  return text
    .slice(0, MAX_TEXT)
    .normalize('NFC')
    .toLowerCase()
    .replaceAll('\0', ' ')
    .replaceAll(/\p{Surrogate}/gu, ' ');
}

/** Longest text that is indexed, in UTF-16 units: a tsvector must stay below 1 MB. */
const MAX_TEXT = 100_000;

/**
 * Stores a batch in one statement and one transaction, and says which facts are new.
 *
 * Sending a batch again is harmless: a fact whose id is stored keeps its first document. Rows are
 * inserted in the order of (tenant, id): two batches in opposite orders would deadlock.
 *
 * @returns ids that were not stored before; every other id was a duplicate
 */
export async function ingest(db: Database, batch: IngestBatch): Promise<ReadonlySet<string>> {
  if (batch.rows.length === 0) return new Set();
  const tenants = [...new Set(batch.rows.map((row) => row.tenantId))].sort((a, b) => a - b);
  const [result] = await db.tenantBatch(tenants, [ingestStatement(db, batch)]);
  const ids = new Set<string>();
  for (const row of result?.rows ?? []) ids.add(String(row['id']));
  return ids;
}

interface Keyed {
  readonly tenantId: number;
  readonly id: string;
}

function byTenantAndId(a: Keyed, b: Keyed): number {
  if (a.tenantId !== b.tenantId) return a.tenantId - b.tenantId;
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}

function ingestStatement(db: Database, batch: IngestBatch): Statement {
  const params: unknown[] = [rowsJson(batch.rows)];
  const parts: string[] = [];
  if (batch.blocks.length > 0) {
    const values = [...batch.blocks].sort(byTenantAndId).map((block) => {
      const at = params.length;
      params.push(block.tenantId, block.id, block.count, db.bytes(block.body));
      const body = db.bytesParameter(`$${at + 4}`);
      return `($${at + 1}::int, $${at + 2}::uuid, $${at + 3}::int, 1::smallint, ${body})`;
    });
    parts.push(
      `b as (insert into doc_block (tenant_id, id, n, codec, body) values ${values.join(', ')} ` +
        'on conflict do nothing)',
    );
  }
  if (batch.texts.length > 0) {
    params.push(textsJson(batch.texts));
    parts.push(
      `w as (insert into task_text (tenant_id, id, tsv)
       select t, i, to_tsvector('simple', w)
       from json_to_recordset($${params.length}::text::json) as r(t int, i uuid, w text)
       on conflict do nothing)`,
    );
  }
  if (batch.scores !== undefined && batch.scores.length > 0) {
    parts.push(`v as (${insertScoresSql(params.push(scoresJson(batch.scores)))})`);
  }
  const head = parts.length > 0 ? `with ${parts.join(', ')} ` : '';
  return { text: head + INSERT_ROWS, params };
}

const INSERT_ROWS = `
insert into task (tenant_id, id, ts, block, idx, agent_id, type_id, kind, success, latency_ms,
                  tokens, quality, cost_usd, task_ref, session_ref, flags)
select t, i, s, b, x, a, y, k, o, l, n, q, c, r, e, f
from json_to_recordset($1::text::json)
  as r(t int, i uuid, s timestamptz, b uuid, x smallint, a int, y int, k smallint, o boolean,
       l int, n int, q real, c real, r bigint, e bigint, f smallint)
on conflict do nothing
returning id`;

function rowsJson(rows: readonly IngestRow[]): string {
  return JSON.stringify(
    [...rows].sort(byTenantAndId).map((row) => ({
      t: row.tenantId,
      i: row.id,
      s: new Date(row.timestampMs),
      b: row.blockId,
      x: row.index,
      a: row.agentId,
      y: row.typeId,
      k: row.kind,
      o: row.success,
      l: row.latencyMs,
      n: row.tokens,
      q: realOf(row.quality),
      c: realOf(row.costUsd),
      r: row.taskRef,
      e: row.sessionRef,
      f: row.flags,
    })),
  );
}

function textsJson(texts: readonly IngestText[]): string {
  return JSON.stringify(
    [...texts].sort(byTenantAndId).map((entry) => ({
      t: entry.tenantId,
      i: entry.id,
      w: searchForm(entry.text),
    })),
  );
}

/**
 * Number of an agent version within its tenant; assigned when it is first seen, then permanent.
 *
 * Not cached here.
 */
export function agentIdOf(
  db: Database,
  tenantId: number,
  key: string,
  version: string,
): Promise<number> {
  return dictionaryId(db, tenantId, { table: 'agent', id: 'agent_id', second: 'version' }, [
    key,
    version,
  ]);
}

/** Number of a task type and kind within its tenant; assigned when first seen, then permanent. */
export function taskTypeIdOf(
  db: Database,
  tenantId: number,
  key: string,
  taskKind: string,
): Promise<number> {
  return dictionaryId(db, tenantId, { table: 'task_type', id: 'type_id', second: 'task_kind' }, [
    key,
    taskKind,
  ]);
}

interface Dictionary {
  readonly table: 'agent' | 'task_type';
  readonly id: string;
  readonly second: string;
}

/** Losing a race costs one round; this many losses in a row mean that something else is wrong. */
const MAX_ROUNDS = 100;

async function dictionaryId(
  db: Database,
  tenantId: number,
  { table, id, second }: Dictionary,
  words: readonly [string, string],
): Promise<number> {
  const params = [tenantId, ...words];
  const find: Statement = {
    text: `select ${id} as id from ${table} where tenant_id = $1::int and key = $2::text and ${second} = $3::text`,
    params,
  };
  const insert: Statement = {
    text: `insert into ${table} (tenant_id, ${id}, key, ${second})
      select $1::int, coalesce(max(${id}), 0) + 1, $2::text, $3::text
      from ${table} where tenant_id = $1::int on conflict do nothing`,
    params,
  };
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const results = await db.tenantBatch([tenantId], round === 0 ? [find] : [insert, find]);
    const found = results.at(-1)?.rows[0];
    if (found !== undefined) return Number(found['id']);
  }
  throw new Error(`no number for ${table} ${words.join('@')} after ${MAX_ROUNDS} rounds`);
}
