import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../src/database.ts';
import { addIngestCounts } from '../../src/health.ts';
import { ensurePartitions } from '../../src/partitions.ts';
import { ingest } from '../../src/record.ts';
import { rollUp } from '../../src/rollups.ts';
import { putState } from '../../src/state.ts';
import { BACKENDS } from './backends.ts';
import { addDictionary, batchOf, idOf } from './facts.ts';

const START = Date.UTC(2026, 10, 1);
const TENANT_TABLES = [
  'agent',
  'archive_part',
  'doc_block',
  'ingest_health',
  'rollup_day',
  'rollup_hour',
  'score_day',
  'score_value',
  'task',
  'task_revision',
  'task_text',
  'task_type',
  'tenant_change',
  'tenant_state',
];
const OWNER_TABLES = ['api_key', 'tenant'];

/** One row of tenant 2 per table. */
const FOREIGN_ROWS: Readonly<Record<string, string>> = {
  agent: `(tenant_id, agent_id, key) values (2, 99, 'x')`,
  task_type: `(tenant_id, type_id, key) values (2, 99, 'x')`,
  doc_block: `(tenant_id, id, n, codec, body) values (2, '01a19467-e800-8000-8000-000000000000', 1, 1, '')`,
  task: `(tenant_id, id, ts, block, task_ref, agent_id, type_id, idx, kind)
    values (2, '01a19467-e800-8000-8000-000000000000', '2026-11-01', '01a19467-e800-8000-8000-000000000000', 1, 1, 1, 0, 1)`,
  task_revision: `(tenant_id, id, line) values (2, '01a19467-e800-8000-8000-000000000000', '')`,
  task_text: `(tenant_id, id, tsv) values (2, '01a19467-e800-8000-8000-000000000000', '')`,
  rollup_hour: `select 2, hour, 99, type_id, n, ok, success_n, q_n, q_sum, q_sq, tok_n, tok, cost_n, cost_sum, lat_n, lat_sum, lat_pack, q_pack from rollup_hour`,
  rollup_day: `select 2, hour, 99, type_id, n, ok, success_n, q_n, q_sum, q_sq, tok_n, tok, cost_n, cost_sum, lat_n, lat_sum, lat_pack, q_pack from rollup_day`,
  score_value: `(tenant_id, id, prompt_ref, is_reasoning, is_below, scorer)
    values (2, '01a19467-e800-8000-8000-000000000000', 0, false, false, 's')`,
  score_day: `select 2, day, 99, type_id, is_reasoning, scorer, n, unscored_n, below_n, composite_sum, composite_sq, answer_sum, reasoning_n, reasoning_sum, pack from score_day`,
  archive_part: `(tenant_id, from_at, file, to_at, facts, bytes, sha256, archived_at)
    values (2, '2026-11-01', 'x', '2026-11-02', 0, 0, '', '2026-11-02')`,
  tenant_change: `(tenant_id, seq, at) values (2, 99, '2026-11-01')`,
  tenant_state: `(tenant_id, collection, key, value, updated_at) values (2, 'c', 'x', '1', '2026-11-01')`,
  ingest_health: `(tenant_id, day, accepted, duplicates, rejected, last_at) values (2, '2026-12-01', 0, 0, 0, '2026-11-01')`,
};

describe.each(BACKENDS)('isolation on $name', ({ open }) => {
  let db: Database;
  let close: () => Promise<void>;

  beforeAll(async () => {
    ({ db, close } = await open());
    await ensurePartitions(db, START, START);
    for (const tenantId of [1, 2]) {
      await addDictionary(db, tenantId);
      const fact = { tenantId, taskId: 't', timestampMs: START, latencyMs: 5, text: 'word' };
      const score = { composite: 0.5, answer: 0.5, reasoning: null, promptRef: '0', scorer: 's' };
      await ingest(db, {
        ...batchOf([fact]),
        scores: [{ ...score, tenantId, id: idOf(fact), isReasoning: false, isBelow: false }],
      });
      await rollUp(db, tenantId, 10, START);
      await putState(db, tenantId, 'c', 'k', tenantId, START);
      await db.tenantBatch(
        [tenantId],
        [
          {
            text: `insert into task_revision values (${tenantId}, '01a19467-e800-8000-8000-00000000000${tenantId}', '{}')`,
          },
          {
            text: `insert into archive_part values (${tenantId}, '2026-11-01', 'a', '2026-11-02', 0, 0, '', '2026-11-02')`,
          },
          { text: `insert into tenant_change values (${tenantId}, 9, '2026-11-01', 'x')` },
        ],
      );
      await addIngestCounts(db, tenantId, { accepted: 1, duplicates: 0, rejected: 0 }, START);
    }
  });
  afterAll(() => close?.());

  it('knows every table that has a tenant', async () => {
    const { rows } = await db.query<{ relname: string }>(
      `select c.relname from pg_class c join pg_namespace s on s.oid = c.relnamespace
       where s.nspname = current_schema() and c.relkind in ('r', 'p') and not c.relispartition
         and exists (select 1 from pg_attribute where attrelid = c.oid and attname = 'tenant_id')
         and not (c.relrowsecurity and c.relforcerowsecurity
                  and exists (select 1 from pg_policy where polrelid = c.oid))`,
    );
    expect(rows).toEqual([]);
    const all = await db.query<{ relname: string }>(
      `select c.relname from pg_class c join pg_namespace s on s.oid = c.relnamespace
       where s.nspname = current_schema() and c.relkind in ('r', 'p') and not c.relispartition
         and exists (select 1 from pg_attribute where attrelid = c.oid and attname = 'tenant_id')
       order by c.relname collate "C"`,
    );
    expect(all.rows.map((row) => row.relname)).toEqual([...TENANT_TABLES, ...OWNER_TABLES].sort());
  });

  it('grants the application role the tenant tables and nothing else', async () => {
    const { rows } = await db.query<{ relname: string }>(
      `select c.relname from pg_class c join pg_namespace s on s.oid = c.relnamespace
       where s.nspname = current_schema() and c.relkind in ('r', 'p', 'v', 'm')
         and (has_table_privilege('app', c.oid, 'select') or has_table_privilege('app', c.oid, 'insert')
           or has_table_privilege('app', c.oid, 'update') or has_table_privilege('app', c.oid, 'delete')
           or has_table_privilege('app', c.oid, 'truncate'))
       order by c.relname collate "C"`,
    );
    expect(rows.map((row) => row.relname)).toEqual(TENANT_TABLES);
    const { rows: roles } = await db.query(
      `select rolsuper, rolbypassrls from pg_roles where rolname = 'app'`,
    );
    expect(roles).toEqual([{ rolsuper: false, rolbypassrls: false }]);
  });

  it.each(TENANT_TABLES)('shows only the rows of the scope in %s', async (table) => {
    const text = `select tenant_id from ${table} group by 1 order by 1`;
    const read = async (tenants: readonly number[]): Promise<unknown[]> =>
      ((await db.tenantBatch(tenants, [{ text }]))[0]?.rows ?? []).map((row) => row['tenant_id']);
    expect(await read([1])).toEqual([1]);
    expect(await read([2])).toEqual([2]);
    expect(await read([1, 2])).toEqual([1, 2]);
    expect(await read([3])).toEqual([]);
  });

  it.each(TENANT_TABLES)('shows nothing in %s when the scope is not set', async (table) => {
    const rows = await db.tenantTransaction([1], async (run) => {
      await run(`set local app.tenants = ''`);
      const empty = (await run(`select * from ${table}`)).rows;
      await run('reset app.tenants');
      return [...empty, ...(await run(`select * from ${table}`)).rows];
    });
    expect(rows).toEqual([]);
  });

  it.each(TENANT_TABLES)('refuses a foreign row and a move in %s', async (table) => {
    const insert = db.tenantBatch(
      [1],
      [{ text: `insert into ${table} ${FOREIGN_ROWS[table] ?? ''}` }],
    );
    await expect(insert).rejects.toMatchObject({ code: '42501' });
    if (db.dialect === 'citus') return; // refuses to change a distribution column at all
    const move = db.tenantBatch(
      [1],
      [{ text: `update ${table} set tenant_id = 2 where tenant_id = 1` }],
    );
    await expect(move).rejects.toMatchObject({ code: '42501' });
  });

  it.each([
    'task_20261101',
    'doc_block_20261101',
    'task_text_20261101',
    'score_value_20261101',
    'tenant',
    'api_key',
    'job_slot',
  ])('refuses the application role in %s', async (table) => {
    const read = db.tenantBatch([1], [{ text: `select * from ${table}` }]);
    await expect(read).rejects.toMatchObject({ code: '42501' });
  });
});
