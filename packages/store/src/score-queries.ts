import { boundOf } from '@assay/loop';
import type { Database } from './database.ts';
import type { TimeRange } from './health.ts';
import { countInBucket } from './packed-histogram.ts';

/** What score distributions may be grouped by. */
export type ScoreKey =
  | 'agent'
  | 'version'
  | 'taskType'
  | 'taskKind'
  | 'modelType'
  | 'scorer'
  | 'day';

/** Which scores to sum up. Times are widened to whole UTC days. */
export interface ScoreQuery extends TimeRange {
  readonly by: readonly ScoreKey[];
  readonly agentKey?: string;
  readonly taskType?: string;
  readonly isReasoning?: boolean;
  readonly scorer?: string;
}

/** Scores of one group. A key that was not asked for is absent. */
export interface ScoreRow {
  readonly agentId?: string;
  readonly agentVersion?: string;
  readonly taskType?: string;
  readonly taskKind?: string;
  readonly isReasoning?: boolean;
  readonly scorer?: string;
  /** Start of the UTC day, ms since 1970. */
  readonly dayMs?: number;
  /** Responses with a score. */
  readonly n: number;
  /** Responses that could not be scored. */
  readonly unscoredN: number;
  readonly belowN: number;
  readonly compositeSum: number;
  readonly compositeSq: number;
  readonly answerSum: number;
  readonly reasoningN: number;
  readonly reasoningSum: number;
  /** Scores per bucket: entry i counts those with round(100 composite) = i, 0..100. */
  readonly histogram: readonly number[];
}

type Row = Readonly<Record<string, unknown>>;

const COLUMNS: Readonly<Record<ScoreKey, string>> = {
  agent: 'a.key collate "C"',
  version: 'a.version collate "C"',
  taskType: 'y.key collate "C"',
  taskKind: 'y.task_kind collate "C"',
  modelType: 'd.is_reasoning',
  scorer: 'd.scorer',
  day: 'd.day',
};

function distributionSql(by: readonly ScoreKey[]): string {
  const keys = by.map((key) => `${COLUMNS[key]} as "k_${key}", `).join('');
  const names = by.map((key) => `"k_${key}"`).join(', ');
  return `
  select ${keys} sum(d.n)::float8 as n, sum(d.unscored_n)::float8 as unscored_n,
         sum(d.below_n)::float8 as below_n, sum(d.composite_sum) as composite_sum,
         sum(d.composite_sq) as composite_sq, sum(d.answer_sum) as answer_sum,
         sum(d.reasoning_n)::float8 as reasoning_n, sum(d.reasoning_sum) as reasoning_sum,
         sum(d.pack)::text as pack
  from score_day d
  join agent a on a.tenant_id = d.tenant_id and a.agent_id = d.agent_id
  join task_type y on y.tenant_id = d.tenant_id and y.type_id = d.type_id
  where d.tenant_id = $1::int and a.tenant_id = $1::int and y.tenant_id = $1::int
    and d.day >= date_trunc('day', $2::timestamptz, 'UTC') and d.day < $3::timestamptz
    and ($4::text is null or a.key = $4::text) and ($5::text is null or y.key = $5::text)
    and ($6::boolean is null or d.is_reasoning = $6::boolean)
    and ($7::text is null or d.scorer = $7::text)
  ${names === '' ? '' : `group by ${names} order by ${names}`}`;
}

const BUCKETS = 101;

function scoreRowOf(row: Row, by: ReadonlySet<ScoreKey>): ScoreRow {
  const pack = String(row['pack']);
  return {
    ...(by.has('agent') ? { agentId: String(row['k_agent']) } : {}),
    ...(by.has('version') ? { agentVersion: String(row['k_version']) } : {}),
    ...(by.has('taskType') ? { taskType: String(row['k_taskType']) } : {}),
    ...(by.has('taskKind') ? { taskKind: String(row['k_taskKind']) } : {}),
    ...(by.has('modelType') ? { isReasoning: row['k_modelType'] === true } : {}),
    ...(by.has('scorer') ? { scorer: String(row['k_scorer']) } : {}),
    ...(by.has('day') ? { dayMs: (row['k_day'] as Date).getTime() } : {}),
    n: Number(row['n']),
    unscoredN: Number(row['unscored_n']),
    belowN: Number(row['below_n']),
    compositeSum: Number(row['composite_sum']),
    compositeSq: Number(row['composite_sq']),
    answerSum: Number(row['answer_sum']),
    reasoningN: Number(row['reasoning_n']),
    reasoningSum: Number(row['reasoning_sum']),
    histogram: Array.from({ length: BUCKETS }, (_, bucket) => countInBucket(pack, bucket)),
  };
}

/**
 * Scores per group from the days of scores, ordered by the keys. Without a key there is one row, or
 * none when there are no scores. What was stored in the last seconds appears once `rollUp` has run.
 */
export async function scoreDistribution(
  db: Database,
  tenantId: number,
  query: ScoreQuery,
): Promise<ScoreRow[]> {
  const by = [...new Set(query.by)];
  const [result] = await db.tenantBatch(
    [tenantId],
    [
      {
        text: distributionSql(by),
        params: [
          tenantId,
          new Date(query.fromMs).toISOString(),
          new Date(query.toMs).toISOString(),
          query.agentKey ?? null,
          query.taskType ?? null,
          query.isReasoning ?? null,
          query.scorer ?? null,
        ],
      },
    ],
  );
  const keys = new Set(by);
  return (result?.rows ?? [])
    .filter((row) => row['n'] !== null)
    .map((row) => scoreRowOf(row, keys));
}

/** A score of a task for which somebody else knows how good it was. */
export interface AnchoredRow {
  /** Record id of the evaluation that holds the score. */
  readonly id: string;
  readonly timestampMs: number;
  readonly agentId: string;
  readonly agentVersion: string;
  readonly taskType: string;
  /** Signed 64-bit integers, decimal. */
  readonly taskRef: string;
  readonly promptRef: string;
  readonly isReasoning: boolean;
  /** 0..1 */
  readonly composite: number;
  /** 0..1: a rating, else another evaluation, else the score of a whole task; null = nobody said. */
  readonly truth: number | null;
  /** Number of the kind of the fact that `truth` is from. */
  readonly truthKind: number | null;
}

/** Which scores to join with what others said of their tasks. */
export interface AnchorQuery extends TimeRange {
  readonly scorer: string;
  readonly taskType?: string;
  /** The newest ones when there are more. */
  readonly limit: number;
}

/**
 * A truth is a score of the same task that this scorer did not make. Tasks that were executed more
 * than once are left out: nothing says which attempt a truth is about.
 */
const ANCHORED = `
  with v as materialized (
    select v.id, v.prompt_ref, v.is_reasoning, v.composite, e.ts, e.task_ref, e.agent_id, e.type_id
    from score_value v
    join task e on e.tenant_id = v.tenant_id and e.id = v.id
    where v.tenant_id = $1::int and v.id >= $2::uuid and v.id < $3::uuid and v.scorer = $4::text
      and v.composite is not null and e.tenant_id = $1::int and e.id >= $2::uuid and e.id < $3::uuid
      and ($5::text is null or e.type_id = any (array(
        select type_id from task_type where tenant_id = $1::int and key = $5::text)))
    order by v.id desc limit $6::int)
  select v.id, v.ts, v.prompt_ref::text as prompt_ref, v.is_reasoning, v.composite::float8 as composite,
         v.task_ref::text as task_ref, a.key as agent_key, a.version as agent_version,
         y.key as type_key, w.quality::float8 as truth, w.kind as truth_kind
  from v
  join agent a on a.tenant_id = $1::int and a.agent_id = v.agent_id
  join task_type y on y.tenant_id = $1::int and y.type_id = v.type_id
  join lateral (
    select count(*) filter (where kind in (1, 9)) as runs from task
    where tenant_id = $1::int and task_ref = v.task_ref) r on r.runs <= 1
  left join lateral (
    select t.quality, t.kind from task t
    where t.tenant_id = $1::int and t.task_ref = v.task_ref and t.quality is not null
      and t.kind in (2, 4, 9)
      and not exists (select 1 from score_value o where o.tenant_id = $1::int and o.id = t.id)
    order by case t.kind when 4 then 0 when 2 then 1 else 2 end, t.id desc limit 1) w on true
  order by v.id`;

function anchoredRowOf(row: Row): AnchoredRow {
  const truth = row['truth'];
  return {
    id: String(row['id']),
    timestampMs: (row['ts'] as Date).getTime(),
    agentId: String(row['agent_key']),
    agentVersion: String(row['agent_version']),
    taskType: String(row['type_key']),
    taskRef: String(row['task_ref']),
    promptRef: String(row['prompt_ref']),
    isReasoning: row['is_reasoning'] === true,
    composite: Number(row['composite']),
    truth: truth === null ? null : Number(truth),
    truthKind: truth === null ? null : Number(row['truth_kind']),
  };
}

/** Scores with the truth of their tasks where there is one, ascending by time. */
export async function anchoredScores(
  db: Database,
  tenantId: number,
  query: AnchorQuery,
): Promise<AnchoredRow[]> {
  const { fromMs, toMs, scorer, taskType = null, limit } = query;
  const params = [tenantId, boundOf(fromMs), boundOf(toMs), scorer, taskType, limit];
  const [result] = await db.tenantBatch([tenantId], [{ text: ANCHORED, params }]);
  return (result?.rows ?? []).map(anchoredRowOf);
}

/** The newest score of a task. */
export interface TaskScore {
  readonly taskRef: string;
  readonly promptRef: string;
  readonly taskType: string;
  readonly isReasoning: boolean;
  readonly composite: number;
}

/** The newest score of each of some tasks, by task reference; tasks without a score are absent. */
export async function scoresOfTasks(
  db: Database,
  tenantId: number,
  scorer: string,
  taskRefs: readonly string[],
): Promise<ReadonlyMap<string, TaskScore>> {
  if (taskRefs.length === 0) return new Map();
  const [result] = await db.tenantBatch(
    [tenantId],
    [
      {
        text: `select distinct on (t.task_ref) t.task_ref::text as task_ref,
            v.prompt_ref::text as prompt_ref, v.is_reasoning, v.composite::float8 as composite,
            y.key as type_key
          from task t
          join score_value v on v.tenant_id = t.tenant_id and v.id = t.id
          join task_type y on y.tenant_id = t.tenant_id and y.type_id = t.type_id
          where t.tenant_id = $1::int and v.tenant_id = $1::int and y.tenant_id = $1::int
            and t.task_ref = any (string_to_array($2::text, ',')::bigint[])
            and t.kind = 2 and v.scorer = $3::text and v.composite is not null
          order by t.task_ref, t.id desc`,
        params: [tenantId, taskRefs.join(','), scorer],
      },
    ],
  );
  return new Map(
    (result?.rows ?? []).map((row) => [
      String(row['task_ref']),
      {
        taskRef: String(row['task_ref']),
        promptRef: String(row['prompt_ref']),
        taskType: String(row['type_key']),
        isReasoning: row['is_reasoning'] === true,
        composite: Number(row['composite']),
      },
    ]),
  );
}

/** Which of some tasks somebody else has scored: a person, another evaluator, or their caller. */
export async function judgedTasks(
  db: Database,
  tenantId: number,
  taskRefs: readonly string[],
): Promise<ReadonlySet<string>> {
  if (taskRefs.length === 0) return new Set();
  const [result] = await db.tenantBatch(
    [tenantId],
    [
      {
        text: `select distinct t.task_ref::text as task_ref from task t
          where t.tenant_id = $1::int and t.task_ref = any (string_to_array($2::text, ',')::bigint[])
            and t.quality is not null and t.kind in (1, 2, 4, 9)
            and not exists (select 1 from score_value v where v.tenant_id = $1::int and v.id = t.id)`,
        params: [tenantId, taskRefs.join(',')],
      },
    ],
  );
  return new Set((result?.rows ?? []).map((row) => String(row['task_ref'])));
}

/** A page of runs that a scorer has not scored. */
export interface UnscoredPage {
  /** Executions and whole tasks, ascending by record id. */
  readonly runs: readonly { readonly id: string; readonly taskRef: string }[];
  /** Record id to go on after; null at the end of the range. */
  readonly next: string | null;
}

/**
 * Executions and whole tasks of a range to which a scorer has given no score and no reason for
 * having none. Looks at `limit` runs per page, whatever comes out of them.
 */
export async function unscoredRuns(
  db: Database,
  tenantId: number,
  range: TimeRange & { readonly scorer: string; readonly after?: string; readonly limit: number },
): Promise<UnscoredPage> {
  const low = range.after ?? boundOf(range.fromMs);
  const [result] = await db.tenantBatch(
    [tenantId],
    [
      {
        text: `with r as materialized (
            select id, ts, task_ref from task
            where tenant_id = $1::int and id ${range.after === undefined ? '>=' : '>'} $2::uuid
              and id < $3::uuid and kind in (1, 9)
            order by id limit $5::int)
          select r.id, r.task_ref::text as task_ref, exists (
            select 1 from task e join score_value v on v.tenant_id = e.tenant_id and v.id = e.id
            where e.tenant_id = $1::int and v.tenant_id = $1::int and e.task_ref = r.task_ref
              and e.ts = r.ts and v.scorer = $4::text) as is_scored
          from r order by r.id`,
        params: [tenantId, low, boundOf(range.toMs), range.scorer, range.limit],
      },
    ],
  );
  const rows = result?.rows ?? [];
  const last = rows.at(-1);
  return {
    runs: rows
      .filter((row) => row['is_scored'] !== true)
      .map((row) => ({ id: String(row['id']), taskRef: String(row['task_ref']) })),
    next: last === undefined || rows.length < range.limit ? null : String(last['id']),
  };
}
