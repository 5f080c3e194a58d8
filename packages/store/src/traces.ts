import { isShared, lockTenant, noteChange, type TenantChange } from './changes.ts';
import type { Database, RunStatement } from './database.ts';
import { FLAGS, placeOf, readPlaces } from './documents.ts';
import { realOf } from './real.ts';
import { searchForm } from './record.ts';
import { listTenants } from './tenants.ts';

/** Number of the fact kind of a span. */
const SPAN_KIND = 8;

/** A span under its task reference. */
export interface TaskSpan {
  readonly id: string;
  /** Signed 64-bit integer, decimal. */
  readonly taskRef: string;
  readonly line: string;
}

/** A task reference of a tenant. */
export type TaskPlace = Pick<TaskSpan, 'taskRef'> & { readonly tenantId: number };

/** The spans of some tasks with their raw lines, oldest first. */
export async function spansOfTasks(
  db: Database,
  tenantId: number,
  taskRefs: readonly string[],
  limit: number,
): Promise<TaskSpan[]> {
  if (taskRefs.length === 0) return [];
  const [result] = await db.tenantBatch(
    [tenantId],
    [
      {
        text: `select id, task_ref::text as task_ref, block, idx, flags from task
        where tenant_id = $1::int and task_ref = any (string_to_array($2::text, ',')::bigint[])
          and kind = ${SPAN_KIND}
        order by id limit $3::int`,
        params: [tenantId, taskRefs.join(','), limit],
      },
    ],
  );
  const rows = result?.rows ?? [];
  const lines = await readPlaces(db, tenantId, rows.map(placeOf));
  return rows.flatMap((row) => {
    const id = String(row['id']);
    const line = lines.get(id);
    return line === undefined ? [] : [{ id, taskRef: String(row['task_ref']), line }];
  });
}

/** Tasks that have spans which are not settled, of all tenants. */
export async function unsettledTasks(db: Database, limit: number): Promise<TaskPlace[]> {
  const tenants = (await listTenants(db)).map((tenant) => tenant.tenantId);
  if (tenants.length === 0) return [];
  const [result] = await db.tenantBatch(tenants, [
    {
      text: `select distinct tenant_id, task_ref::text as task_ref from task
      where (flags & ${FLAGS.unsettled}) <> 0 limit $1::int`,
      params: [limit],
    },
  ]);
  return (result?.rows ?? []).map((row) => ({
    tenantId: Number(row['tenant_id']),
    taskRef: String(row['task_ref']),
  }));
}

/** Notes that some spans of a task are settled; `ids` null = all. */
export async function markSettled(
  db: Database,
  { tenantId, taskRef }: TaskPlace,
  ids: readonly string[] | null,
): Promise<void> {
  await db.tenantBatch(
    [tenantId],
    [
      {
        text: `update task set flags = (flags & ~${FLAGS.unsettled})::smallint
        where tenant_id = $1::int and task_ref = $2::bigint
          and (flags & ${FLAGS.unsettled}) <> 0
          and ($3::text is null or id = any (string_to_array($3::text, ',')::uuid[]))`,
        params: [tenantId, taskRef, ids === null ? null : ids.join(',')],
      },
    ],
  );
}

/** What a run was thought to cost, and costs, as its row can hold it. USD; null = not known. */
export interface CostChange {
  readonly fromUsd: number | null;
  readonly toUsd: number | null;
}

/** What an execution turned out to be. */
export interface RunRevision {
  readonly id: string;
  readonly tokens: number | null;
  readonly costUsd: number | null;
  readonly sessionRef: string;
  /** The JSON that stands for the execution from now on. */
  readonly line: string;
  /** Words for search; null = none. */
  readonly text: string | null;
  /** The task that holds the spans which say so, how many they are, and how many are read at most. */
  readonly spansRef: string;
  readonly spanCount: number;
  readonly maxSpans: number;
  /** What other processes are told. */
  readonly changeOf: (cost: CostChange) => NonNullable<TenantChange['document']>;
  readonly nowMs: number;
}

/**
 * What became of a revision: `raced` = other spans have come since, derive it again; `unrolled` = the
 * run is not in the rollups yet, roll up first; `gone` = there is no such run.
 */
export type RevisionEnd =
  | { readonly kind: 'revised'; readonly cost: CostChange }
  | { readonly kind: 'raced' | 'unrolled' | 'gone' };

interface StoredRun extends Record<string, unknown> {
  readonly ts: Date;
  readonly agent_id: number;
  readonly type_id: number;
  readonly tokens: number | null;
  readonly cost: number | null;
  readonly rolled: boolean;
}

/**
 * Replaces document, tokens and cost of a stored execution and carries the difference into the
 * rollups, in one transaction under the tenant's lock: the run counts once, as what it was last.
 *
 * Only a run that is in the rollups is revised. So every process hears of it first as it was, or
 * sees at the row that it was revised before it was heard of, and then of the change.
 */
export function reviseRun(
  db: Database,
  tenantId: number,
  revision: RunRevision,
): Promise<RevisionEnd> {
  return db.tenantTransaction([tenantId], async (run) => {
    await lockTenant(run, tenantId);
    if (!(await hasAllSpans(run, tenantId, revision))) return { kind: 'raced' };
    const { rows } = await run<StoredRun>(
      `select t.ts, t.agent_id, t.type_id, t.tokens, t.cost_usd::float8 as cost, b.rolled
       from task t join doc_block b on b.tenant_id = t.tenant_id and b.id = t.block
       where t.tenant_id = $1::int and t.id = $2::uuid and b.tenant_id = $1::int`,
      [tenantId, revision.id],
    );
    const stored = rows[0];
    if (stored === undefined) return { kind: 'gone' };
    if (!stored.rolled) return { kind: 'unrolled' };
    const toUsd = realOf(revision.costUsd);
    const cost = { fromUsd: stored.cost, toUsd: toUsd === null ? null : Math.fround(toUsd) };
    await replaceDocument(run, tenantId, revision);
    await correctRollups(run, tenantId, stored, revision.tokens, cost);
    if (isShared(db)) {
      const document = revision.changeOf(cost);
      await noteChange(run, tenantId, revision.nowMs, { blocks: [], document });
    }
    return { kind: 'revised', cost };
  });
}

/** Spans are only ever added: the same number means the same spans. */
async function hasAllSpans(
  run: RunStatement,
  tenantId: number,
  { spansRef, spanCount, maxSpans }: RunRevision,
): Promise<boolean> {
  const { rows } = await run<{ n: number }>(
    `select count(*)::int as n from (
       select 1 from task where tenant_id = $1::int and task_ref = $2::bigint
         and kind = ${SPAN_KIND} limit $3::int) s`,
    [tenantId, spansRef, maxSpans],
  );
  return Number(rows[0]?.n) === spanCount;
}

async function replaceDocument(
  run: RunStatement,
  tenantId: number,
  { id, line, tokens, costUsd, sessionRef, text }: RunRevision,
): Promise<void> {
  await run(
    `insert into task_revision (tenant_id, id, line) values ($1::int, $2::uuid, $3::text)
     on conflict (tenant_id, id) do update set line = excluded.line`,
    [tenantId, id, line],
  );
  await run(
    `update task set flags = least(flags + ${FLAGS.revision}, ${FLAGS.most})::smallint,
       tokens = $3::int, cost_usd = $4::real, session_ref = $5::bigint
     where tenant_id = $1::int and id = $2::uuid`,
    [tenantId, id, tokens, realOf(costUsd), sessionRef],
  );
  if (text === null) return;
  await run(
    `insert into task_text (tenant_id, id, tsv)
     values ($1::int, $2::uuid, to_tsvector('simple', $3::text))
     on conflict (tenant_id, id) do update set tsv = excluded.tsv`,
    [tenantId, id, searchForm(text)],
  );
}

async function correctRollups(
  run: RunStatement,
  tenantId: number,
  stored: StoredRun,
  tokens: number | null,
  { fromUsd, toUsd }: CostChange,
): Promise<void> {
  const difference = [
    Number(tokens !== null) - Number(stored.tokens !== null),
    (tokens ?? 0) - (stored.tokens ?? 0),
    Number(toUsd !== null) - Number(fromUsd !== null),
    (toUsd ?? 0) - (fromUsd ?? 0),
  ];
  for (const [table, unit] of [
    ['rollup_hour', 'hour'],
    ['rollup_day', 'day'],
  ]) {
    await run(
      `update ${table} set tok_n = tok_n + $5::bigint, tok = tok + $6::bigint,
         cost_n = cost_n + $7::bigint, cost_sum = cost_sum + $8::float8
       where tenant_id = $1::int and hour = date_trunc('${unit}', $2::timestamptz, 'UTC')
         and agent_id = $3::int and type_id = $4::int`,
      [tenantId, stored.ts.toISOString(), stored.agent_id, stored.type_id, ...difference],
    );
  }
}
