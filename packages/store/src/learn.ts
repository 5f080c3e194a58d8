import type { Database } from './database.ts';
import { countInBucket, GAMMA, PACK_DIGITS } from './packed-histogram.ts';

/** What aggregates may be grouped by. */
export type AggregateKey = 'agent' | 'version' | 'taskType' | 'taskKind' | 'hour' | 'day';

/** Which runs to aggregate and how to group them. */
export interface AggregateQuery {
  /** ms since 1970, inclusive; widened to the whole hour. */
  readonly fromMs: number;
  /** ms since 1970, exclusive; widened to the whole hour. */
  readonly toMs: number;
  readonly by: readonly AggregateKey[];
  readonly agentKey?: string;
  readonly taskType?: string;
}

/** Figures of one group of runs. A key that was not asked for is absent; null = not known. */
export interface AggregateRow {
  readonly agentId?: string;
  readonly agentVersion?: string;
  readonly taskType?: string;
  readonly taskKind?: string;
  /** Start of the hour or day, ms since 1970. */
  readonly periodMs?: number;
  /** Runs: executions and whole tasks. */
  readonly n: number;
  /** Runs that succeeded. */
  readonly ok: number;
  /** Runs whose success is known. */
  readonly successN: number;
  /** Quality scores, 0..1, of runs and evaluations. */
  readonly qualityN: number;
  readonly qualityMean: number | null;
  /** Sample standard deviation; null below two scores. */
  readonly qualitySd: number | null;
  readonly tokensN: number;
  readonly tokens: number;
  readonly costN: number;
  readonly costUsd: number;
  readonly latencyN: number;
  readonly latencyMeanMs: number | null;
  /** Quantiles by the log histogram, within 1 %. ms. */
  readonly latencyP50Ms: number | null;
  readonly latencyP95Ms: number | null;
  readonly latencyP99Ms: number | null;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

interface Grouping {
  readonly agent: string;
  readonly type: string;
  readonly period: string;
  /** Finest level that can answer. */
  readonly isHourly: boolean;
}

/** Groups are small integers until the last step: grouping 100,000 buckets by text is slow. */
function groupingOf(by: ReadonlySet<AggregateKey>): Grouping {
  const agent = by.has('version') ? 'a.agent_id' : by.has('agent') ? 'a.by_key' : '0';
  const types = `${by.has('taskType')}${by.has('taskKind')}`;
  const type =
    { falsefalse: '0', truefalse: 'y.by_key', falsetrue: 'y.by_kind', truetrue: 'y.type_id' }[
      types
    ] ?? '0';
  const period = by.has('hour')
    ? 'r.hour'
    : by.has('day')
      ? "date_trunc('day', r.hour, 'UTC')"
      : 'null::timestamptz';
  return { agent, type, period, isHourly: by.has('hour') };
}

const SUMS = `sum(n)::float8 as n, sum(ok)::float8 as ok, sum(success_n)::float8 as success_n,
  sum(q_n)::float8 as q_n, sum(q_sum) as q_sum, sum(q_sq) as q_sq, sum(tok_n)::float8 as tok_n,
  sum(tok)::float8 as tok, sum(cost_n)::float8 as cost_n, sum(cost_sum) as cost_sum,
  sum(lat_n)::float8 as lat_n, sum(lat_sum)::float8 as lat_sum`;

const COLUMNS = `hour, agent_id, type_id, n, ok, success_n, q_n, q_sum, q_sq, tok_n, tok, cost_n,
  cost_sum, lat_n, lat_sum, lat_pack`;

/** One branch per range: an `or` would read every hour of the tenant. */
function branch(table: string, from: string, to: string): string {
  return `select ${COLUMNS} from ${table} where tenant_id = $1::int
    and hour >= ${from}::timestamptz and hour < ${to}::timestamptz`;
}

function aggregateSql(grouping: Grouping): string {
  const branches = [
    branch('rollup_hour', '$2', '$3'),
    ...(grouping.isHourly ? [] : [branch('rollup_day', '$3', '$4')]),
    branch('rollup_hour', '$4', '$5'),
  ];
  return `
  with a as (
    select agent_id, key, version, min(agent_id) over (partition by key) as by_key
    from agent where tenant_id = $1::int),
  y as (
    select type_id, key, task_kind, min(type_id) over (partition by key) as by_key,
           min(type_id) over (partition by task_kind) as by_kind
    from task_type where tenant_id = $1::int),
  k as materialized (
    select ${grouping.agent} as ga, ${grouping.type} as gt, ${grouping.period} as gp, r.*
    from (${branches.join(' union all ')}) r
    join a on a.agent_id = r.agent_id join y on y.type_id = r.type_id
    where ($6::text is null or a.key = $6::text) and ($7::text is null or y.key = $7::text)),
  s as (select ga, gt, gp, ${SUMS}, sum(lat_pack)::text as pack from k group by 1, 2, 3)
  select s.*, a.key as agent_key, a.version as agent_version, y.key as type_key, y.task_kind
  from s
  left join a on a.agent_id = s.ga left join y on y.type_id = s.gt
  order by s.gp, a.key collate "C", a.version collate "C", y.key collate "C", y.task_kind collate "C"`;
}

/** Days that lie wholly inside the hours are read from the day level. */
function edgesOf(query: AggregateQuery, isHourly: boolean): readonly string[] {
  const from = Math.floor(query.fromMs / HOUR_MS) * HOUR_MS;
  const to = Math.ceil(query.toMs / HOUR_MS) * HOUR_MS;
  const dayFrom = Math.ceil(from / DAY_MS) * DAY_MS;
  const dayTo = Math.floor(to / DAY_MS) * DAY_MS;
  const inner = isHourly || dayTo <= dayFrom ? [to, to] : [dayFrom, dayTo];
  return [from, ...inner, to].map((ms) => new Date(ms).toISOString());
}

type Row = Readonly<Record<string, unknown>>;

function ratio(sum: unknown, n: number): number | null {
  return n === 0 ? null : Number(sum) / n;
}

function sdOf(n: number, sum: number, squares: number): number | null {
  if (n < 2) return null;
  return Math.sqrt(Math.max(0, (squares - (sum * sum) / n) / (n - 1)));
}

function keysOf(row: Row, by: ReadonlySet<AggregateKey>): Partial<AggregateRow> {
  return {
    ...(by.has('agent') || by.has('version') ? { agentId: String(row['agent_key']) } : {}),
    ...(by.has('version') ? { agentVersion: String(row['agent_version']) } : {}),
    ...(by.has('taskType') ? { taskType: String(row['type_key']) } : {}),
    ...(by.has('taskKind') ? { taskKind: String(row['task_kind']) } : {}),
    ...(by.has('hour') || by.has('day') ? { periodMs: (row['gp'] as Date).getTime() } : {}),
  };
}

/**
 * Quantiles of a packed log histogram: the smallest bucket whose cumulative count reaches
 * `ceil(p n)`, as the value in the middle of the bucket. null for an empty histogram.
 */
export function packedQuantiles(
  pack: string,
  n: number,
  shares: readonly number[],
): (number | null)[] {
  const found: (number | null)[] = shares.map(() => null);
  let cumulative = 0;
  for (let bucket = 0; bucket * PACK_DIGITS < pack.length; bucket++) {
    const count = countInBucket(pack, bucket);
    if (count === 0) continue;
    const before = cumulative;
    cumulative += count;
    for (const [i, share] of shares.entries()) {
      const rank = Math.ceil(share * n);
      if (before < rank && rank <= cumulative) found[i] = (2 * GAMMA ** bucket) / (1 + GAMMA);
    }
  }
  return found;
}

const SHARES = [0.5, 0.95, 0.99];

function aggregateRowOf(row: Row, by: ReadonlySet<AggregateKey>): AggregateRow {
  const qualityN = Number(row['q_n']);
  const latencyN = Number(row['lat_n']);
  const [p50, p95, p99] = packedQuantiles(String(row['pack']), latencyN, SHARES);
  return {
    ...keysOf(row, by),
    n: Number(row['n']),
    ok: Number(row['ok']),
    successN: Number(row['success_n']),
    qualityN,
    qualityMean: ratio(row['q_sum'], qualityN),
    qualitySd: sdOf(qualityN, Number(row['q_sum']), Number(row['q_sq'])),
    tokensN: Number(row['tok_n']),
    tokens: Number(row['tok']),
    costN: Number(row['cost_n']),
    costUsd: Number(row['cost_sum']),
    latencyN,
    latencyMeanMs: ratio(row['lat_sum'], latencyN),
    latencyP50Ms: p50 ?? null,
    latencyP95Ms: p95 ?? null,
    latencyP99Ms: p99 ?? null,
  };
}

/**
 * Figures per group from the rollups, ordered by period, agent and task type.
 *
 * What was recorded in the last seconds appears once `rollUp` has run.
 */
export async function aggregates(
  db: Database,
  tenantId: number,
  query: AggregateQuery,
): Promise<AggregateRow[]> {
  const by = new Set(query.by);
  const grouping = groupingOf(by);
  const [result] = await db.tenantBatch(
    [tenantId],
    [
      {
        text: aggregateSql(grouping),
        params: [
          tenantId,
          ...edgesOf(query, grouping.isHourly),
          query.agentKey ?? null,
          query.taskType ?? null,
        ],
      },
    ],
  );
  return (result?.rows ?? []).map((row) => aggregateRowOf(row, by));
}

/** Evidence of one hour, to build the in-memory evidence again at start. */
export interface EvidenceRow {
  readonly agentKey: string;
  readonly agentVersion: string;
  readonly taskType: string;
  readonly taskKind: string;
  /** Start of the hour, ms since 1970. */
  readonly hourMs: number;
  readonly n: number;
  readonly ok: number;
  readonly successN: number;
  readonly qN: number;
  readonly qSum: number;
  readonly qSq: number;
  readonly latN: number;
  readonly latSum: number;
  readonly costN: number;
  readonly costSum: number;
}

/** Statement that reads the evidence per hour. $1 tenant, $2 start of the first hour. */
export const EVIDENCE_ROWS = `
  select a.key as agent_key, a.version, y.key as type_key, y.task_kind, r.hour,
    r.n::float8 as n, r.ok::float8 as ok, r.success_n::float8 as success_n,
    r.q_n::float8 as q_n, r.q_sum, r.q_sq, r.lat_n::float8 as lat_n,
    r.lat_sum::float8 as lat_sum, r.cost_n::float8 as cost_n, r.cost_sum
  from rollup_hour r
  join agent a on a.tenant_id = r.tenant_id and a.agent_id = r.agent_id
  join task_type y on y.tenant_id = r.tenant_id and y.type_id = r.type_id
  where r.tenant_id = $1::int and a.tenant_id = $1::int and y.tenant_id = $1::int
    and r.hour >= $2::timestamptz
  order by r.hour, r.agent_id, r.type_id`;

/** Reads a row of {@link EVIDENCE_ROWS}. */
export function evidenceRowOf(row: Row): EvidenceRow {
  return {
    agentKey: String(row['agent_key']),
    agentVersion: String(row['version']),
    taskType: String(row['type_key']),
    taskKind: String(row['task_kind']),
    hourMs: (row['hour'] as Date).getTime(),
    n: Number(row['n']),
    ok: Number(row['ok']),
    successN: Number(row['success_n']),
    qN: Number(row['q_n']),
    qSum: Number(row['q_sum']),
    qSq: Number(row['q_sq']),
    latN: Number(row['lat_n']),
    latSum: Number(row['lat_sum']),
    costN: Number(row['cost_n']),
    costSum: Number(row['cost_sum']),
  };
}

/** Evidence per hour since a time, ascending by hour. Roll up first: only rolled facts are in it. */
export async function evidenceRows(
  db: Database,
  tenantId: number,
  sinceMs: number,
): Promise<EvidenceRow[]> {
  const since = new Date(Math.floor(sinceMs / HOUR_MS) * HOUR_MS).toISOString();
  const statement = { text: EVIDENCE_ROWS, params: [tenantId, since] };
  const [result] = await db.tenantBatch([tenantId], [statement]);
  return (result?.rows ?? []).map(evidenceRowOf);
}
