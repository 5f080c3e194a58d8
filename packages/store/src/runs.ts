import { boundOf } from '@assay/loop';
import type { Database } from './database.ts';
import { placeOf, readPlaces } from './documents.ts';
import { searchForm } from './record.ts';

/** One stored fact without its document. */
export interface FactRow {
  readonly id: string;
  readonly timestampMs: number;
  /** Number of the fact kind. */
  readonly kind: number;
  /** '' = not known. */
  readonly agentId: string;
  readonly agentVersion: string;
  readonly taskType: string;
  readonly taskKind: string;
  readonly success: boolean | null;
  readonly latencyMs: number | null;
  readonly tokens: number | null;
  readonly quality: number | null;
  readonly costUsd: number | null;
  /** Signed 64-bit integers, decimal. */
  readonly taskRef: string;
  readonly sessionRef: string;
}

/** Which facts to list. Absent = no condition. */
export interface FactFilter {
  readonly kinds?: readonly number[];
  readonly agentKey?: string;
  readonly agentVersion?: string;
  readonly taskType?: string;
  readonly taskKind?: string;
  /** ms since 1970, inclusive. */
  readonly fromMs?: number;
  /** ms since 1970, exclusive. */
  readonly toMs?: number;
  readonly success?: boolean;
  readonly sessionRef?: string;
  /** Words as a person types them: quotes, `or` and `-` are understood. */
  readonly search?: string;
  /** Record id of the last fact of the page before. */
  readonly before?: string;
  readonly limit: number;
}

/** Columns of {@link factRowOf}, of a task row `t` with its dictionaries. */
export const FACT_COLUMNS = `t.id, t.ts, t.kind, a.key as agent_key, a.version as agent_version,
  y.key as type_key, y.task_kind, t.success, t.latency_ms, t.tokens, t.quality, t.cost_usd,
  t.task_ref::text as task_ref, t.session_ref::text as session_ref, t.block, t.idx, t.flags`;

/** Joins the dictionaries to a task row `t`. */
export const FACT_DICTIONARIES = `
  join agent a on a.tenant_id = t.tenant_id and a.agent_id = t.agent_id
  join task_type y on y.tenant_id = t.tenant_id and y.type_id = t.type_id`;

type Row = Readonly<Record<string, unknown>>;

function numberOrNull(value: unknown): number | null {
  return value === null || value === undefined ? null : Number(value);
}

/** Reads a row of {@link FACT_COLUMNS}. */
export function factRowOf(row: Row): FactRow {
  return {
    id: String(row['id']),
    timestampMs: (row['ts'] as Date).getTime(),
    kind: Number(row['kind']),
    agentId: String(row['agent_key']),
    agentVersion: String(row['agent_version']),
    taskType: String(row['type_key']),
    taskKind: String(row['task_kind']),
    success: (row['success'] as boolean | null) ?? null,
    latencyMs: numberOrNull(row['latency_ms']),
    tokens: numberOrNull(row['tokens']),
    quality: numberOrNull(row['quality']),
    costUsd: numberOrNull(row['cost_usd']),
    taskRef: String(row['task_ref']),
    sessionRef: String(row['session_ref']),
  };
}

interface Conditions {
  readonly params: unknown[];
  readonly clauses: string[];
}

function add(
  conditions: Conditions,
  clause: (placeholder: string) => string,
  value: unknown,
): void {
  conditions.params.push(value);
  conditions.clauses.push(clause(`$${conditions.params.length}`));
}

function dictionaryConditions(conditions: Conditions, filter: FactFilter): void {
  const dictionary = (
    table: string,
    id: string,
    words: readonly [string, string | undefined][],
  ) => {
    const parts: string[] = [];
    for (const [column, word] of words) {
      if (word === undefined) continue;
      conditions.params.push(word);
      parts.push(`${column} = $${conditions.params.length}::text`);
    }
    if (parts.length === 0) return;
    const select = `select ${id} from ${table} where tenant_id = $1::int and ${parts.join(' and ')}`;
    // Both words name one row: equality with it lets an index give the order of the page.
    const test = parts.length === words.length ? `= (${select})` : `= any (array(${select}))`;
    conditions.clauses.push(`t.${id} ${test}`);
  };
  dictionary('agent', 'agent_id', [
    ['key', filter.agentKey],
    ['version', filter.agentVersion],
  ]);
  dictionary('task_type', 'type_id', [
    ['key', filter.taskType],
    ['task_kind', filter.taskKind],
  ]);
}

function conditionsOf(tenantId: number, filter: FactFilter): Conditions {
  const conditions: Conditions = { params: [tenantId], clauses: ['t.tenant_id = $1::int'] };
  if (filter.before !== undefined) add(conditions, (p) => `t.id < ${p}::uuid`, filter.before);
  if (filter.fromMs !== undefined) {
    add(conditions, (p) => `t.id >= ${p}::uuid`, boundOf(filter.fromMs));
  }
  if (filter.toMs !== undefined) add(conditions, (p) => `t.id < ${p}::uuid`, boundOf(filter.toMs));
  if (filter.kinds !== undefined) {
    add(
      conditions,
      (p) => `t.kind = any (string_to_array(${p}::text, ',')::smallint[])`,
      filter.kinds.join(','),
    );
  }
  if (filter.success !== undefined) {
    add(conditions, (p) => `t.success = ${p}::boolean`, filter.success);
  }
  if (filter.sessionRef !== undefined) {
    add(
      conditions,
      (p) => `t.session_ref = ${p}::bigint and t.session_ref <> 0`,
      filter.sessionRef,
    );
  }
  dictionaryConditions(conditions, filter);
  return conditions;
}

/** Lists facts, newest first. The id of the last one is the `before` of the next page. */
export async function listFacts(
  db: Database,
  tenantId: number,
  filter: FactFilter,
): Promise<FactRow[]> {
  const conditions = conditionsOf(tenantId, filter);
  let words = '';
  if (filter.search !== undefined) {
    words = 'join task_text x on x.tenant_id = t.tenant_id and x.id = t.id';
    // The same bounds on both tables, so that partitions of both are pruned.
    const bounds = conditions.clauses.filter((clause) => clause.startsWith('t.id '));
    conditions.clauses.push(
      'x.tenant_id = $1::int',
      ...bounds.map((clause) => `x.${clause.slice(2)}`),
    );
    add(
      conditions,
      (p) => `x.tsv @@ websearch_to_tsquery('simple', ${p}::text)`,
      searchForm(filter.search),
    );
  }
  conditions.params.push(filter.limit);
  // The page is cut before the dictionaries are joined.
  const text = `select ${FACT_COLUMNS} from (
      select t.* from task t ${words} where ${conditions.clauses.join(' and ')}
      order by t.id desc limit $${conditions.params.length}::int) t
    ${FACT_DICTIONARIES} where t.tenant_id = $1::int and a.tenant_id = $1::int and y.tenant_id = $1::int
    order by t.id desc`;
  const [result] = await db.tenantBatch([tenantId], [{ text, params: conditions.params }]);
  return (result?.rows ?? []).map(factRowOf);
}

/** All facts of one task with their raw lines, oldest first. */
export async function factsOfTask(
  db: Database,
  tenantId: number,
  taskRef: string,
  limit = 1_000,
): Promise<{ row: FactRow; line: string }[]> {
  const [result] = await db.tenantBatch(
    [tenantId],
    [
      {
        text: `select ${FACT_COLUMNS} from task t ${FACT_DICTIONARIES}
        where t.tenant_id = $1::int and a.tenant_id = $1::int and y.tenant_id = $1::int
          and t.task_ref = $2::bigint
        order by t.id limit $3::int`,
        params: [tenantId, taskRef, limit],
      },
    ],
  );
  const rows: readonly Row[] = result?.rows ?? [];
  const lines = await readPlaces(db, tenantId, rows.map(placeOf));
  return rows.flatMap((row) => {
    const line = lines.get(String(row['id']));
    return line === undefined ? [] : [{ row: factRowOf(row), line }];
  });
}
