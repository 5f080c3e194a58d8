import type { RunStatement } from './database.ts';
import { PACK_DIGITS } from './packed-histogram.ts';

/** The narrow row of a score that Assay made, beside the row of the evaluation that holds it. */
export interface IngestScore {
  readonly tenantId: number;
  /** Record id of the evaluation. */
  readonly id: string;
  /** Version of the score, such as `response-score/1`. */
  readonly scorer: string;
  readonly isReasoning: boolean;
  /** Whether the score lies below the threshold for storing as experience. */
  readonly isBelow: boolean;
  /** 0..1; null = the response could not be scored. */
  readonly composite: number | null;
  /** 0..1 */
  readonly answer: number | null;
  /** 0..1; null = a direct answer, or unscored. */
  readonly reasoning: number | null;
  /** Reference of the query, signed 64-bit integer, decimal; '0' = none. */
  readonly promptRef: string;
}

function byTenantAndId(a: IngestScore, b: IngestScore): number {
  if (a.tenantId !== b.tenantId) return a.tenantId - b.tenantId;
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}

/** Six digits: a float4 column holds no more, and refuses what is too small for it. */
function sixDigits(value: number | null): number | null {
  return value === null ? null : Math.round(value * 1e6) / 1e6;
}

/** The parameter of {@link insertScoresSql}: the rows in the order of (tenant, id). */
export function scoresJson(scores: readonly IngestScore[]): string {
  return JSON.stringify(
    [...scores].sort(byTenantAndId).map((score) => ({
      t: score.tenantId,
      i: score.id,
      s: score.scorer,
      d: score.isReasoning,
      b: score.isBelow,
      c: sixDigits(score.composite),
      a: sixDigits(score.answer),
      r: sixDigits(score.reasoning),
      p: score.promptRef,
    })),
  );
}

/** Statement that stores scores from the JSON of a parameter; rows that are there stay as they are. */
export function insertScoresSql(parameter: number): string {
  return `insert into score_value (tenant_id, id, scorer, is_reasoning, is_below, composite, answer,
      reasoning, prompt_ref)
    select t, i, s, d, b, c, a, r, p
    from json_to_recordset($${parameter}::text::json)
      as x(t int, i uuid, s text, d boolean, b boolean, c real, a real, r real, p bigint)
    on conflict do nothing`;
}

const KEY = 'tenant_id, day, agent_id, type_id, is_reasoning, scorer';
const SUMS = [
  'n',
  'unscored_n',
  'below_n',
  'composite_sum',
  'composite_sq',
  'answer_sum',
  'reasoning_n',
  'reasoning_sum',
] as const;

/** Whether a range of ids holds scores at all: most stores have none. $1 tenant, $2 and $3 bounds. */
const HAS_SCORES = `
  select 1 as one from score_value
  where tenant_id = $1::int and id >= $2::uuid and id < $3::uuid limit 1`;

/** Adds the scores of some blocks to the days. Parameters as in the rollups of facts. */
const ROLL_SCORES = `
  with f as materialized (
    select v.tenant_id, date_trunc('day', t.ts, 'UTC') as day, t.agent_id, t.type_id,
           v.is_reasoning, v.scorer, v.is_below, v.composite::float8 as c, v.answer::float8 as a,
           v.reasoning::float8 as r
    from score_value v join task t on t.tenant_id = v.tenant_id and t.id = v.id
    where v.tenant_id = $1::int and v.id >= $2::uuid and v.id < $3::uuid
      and t.tenant_id = $1::int and t.id >= $2::uuid and t.id < $3::uuid
      and t.block = any (string_to_array($4::text, ',')::uuid[])),
  s as (
    select ${KEY}, count(c) as n, count(*) - count(c) as unscored_n,
           count(*) filter (where is_below) as below_n,
           coalesce(sum(c), 0) as composite_sum, coalesce(sum(c * c), 0) as composite_sq,
           coalesce(sum(a) filter (where c is not null), 0) as answer_sum,
           count(r) as reasoning_n, coalesce(sum(r), 0) as reasoning_sum
    from f group by ${KEY}),
  h as (
    select ${KEY}, sum(k * ('1e' || ${PACK_DIGITS} * b)::numeric) as pack
    from (select ${KEY}, round(c * 100)::int as b, count(*)::int as k from f where c is not null
          group by ${KEY}, b) g
    group by ${KEY})
  insert into score_day (${KEY}, ${SUMS.join(', ')}, pack)
  select ${KEY}, ${SUMS.map((column) => `s.${column}`).join(', ')}, coalesce(h.pack, 0)
  from s left join h using (${KEY})
  order by ${KEY}
  on conflict (${KEY}) do update set
    ${[...SUMS, 'pack'].map((column) => `${column} = score_day.${column} + excluded.${column}`).join(', ')}`;

/**
 * Adds the scores of claimed blocks to the days, in the transaction that claimed the blocks.
 *
 * @param params tenant, bounds of the record ids, block ids joined by commas
 */
export async function rollScores(run: RunStatement, params: readonly unknown[]): Promise<void> {
  const found = await run(HAS_SCORES, params.slice(0, 3));
  if (found.rows.length > 0) await run(ROLL_SCORES, params);
}
