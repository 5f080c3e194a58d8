import { boundOf } from '@assay/loop';
import type { Database } from './database.ts';

/** A range of time. */
export interface TimeRange {
  /** ms since 1970, inclusive. */
  readonly fromMs: number;
  /** ms since 1970, exclusive. */
  readonly toMs: number;
}

/** A quantity of a task that can be correlated. */
export type Quantity = 'quality' | 'latencyMs' | 'tokens' | 'costUsd';

/** Linear correlation of two quantities over tasks. */
export interface Correlation {
  readonly a: Quantity;
  readonly b: Quantity;
  /** Tasks for which both are known. */
  readonly n: number;
  /** Pearson's r, -1..1; null when n < 2 or one of them does not vary. */
  readonly r: number | null;
  /** 95 % interval by Fisher's z; null when n < 4 or r is not known. */
  readonly low: number | null;
  readonly high: number | null;
}

/** Tasks that a correlation looks at: the newest ones of the range. */
const SAMPLE_FACTS = 50_000;

const QUANTITIES: readonly Quantity[] = ['quality', 'latencyMs', 'tokens', 'costUsd'];
const PAIRS: readonly (readonly [Quantity, Quantity])[] = QUANTITIES.flatMap((a, i) =>
  QUANTITIES.slice(i + 1).map((b) => [a, b] as const),
);

/** Normal quantile of 0.975. */
const Z_95 = 1.959963984540054;

function correlationOf(a: Quantity, b: Quantity, n: number, r: number | null): Correlation {
  if (r === null || n < 4) return { a, b, n, r, low: null, high: null };
  const z = Math.atanh(Math.max(-1, Math.min(1, r)));
  const margin = Z_95 / Math.sqrt(n - 3);
  return { a, b, n, r, low: Math.tanh(z - margin), high: Math.tanh(z + margin) };
}

/**
 * Pairwise correlations of quality, latency, tokens and cost per task, over the newest 50,000
 * facts of the range. Quality of a task is the mean of its scores, tokens and cost are sums over
 * its attempts, latency is the mean.
 */
export async function correlations(
  db: Database,
  tenantId: number,
  range: TimeRange,
): Promise<Correlation[]> {
  const figures = PAIRS.map(
    ([a, b], i) => `corr("${a}", "${b}") as r${i}, regr_count("${a}", "${b}")::float8 as n${i}`,
  );
  const [result] = await db.tenantBatch(
    [tenantId],
    [
      {
        text: `with f as (
          select task_ref, quality, latency_ms, tokens, cost_usd from task
          where tenant_id = $1::int and id >= $2::uuid and id < $3::uuid and kind in (1, 2, 9)
          order by id desc limit $4::int),
        t as (
          select avg(quality)::float8 as quality, avg(latency_ms)::float8 as "latencyMs",
                 sum(tokens)::float8 as tokens, sum(cost_usd::float8) as "costUsd"
          from f group by task_ref)
        select ${figures.join(', ')} from t`,
        params: [tenantId, boundOf(range.fromMs), boundOf(range.toMs), SAMPLE_FACTS],
      },
    ],
  );
  const row = result?.rows[0] ?? {};
  return PAIRS.map(([a, b], i) => {
    const r = row[`r${i}`];
    return correlationOf(a, b, Number(row[`n${i}`] ?? 0), typeof r === 'number' ? r : null);
  });
}

/** What one batch of received items came to. */
export interface IngestCounts {
  readonly accepted: number;
  readonly duplicates: number;
  readonly rejected: number;
}

/** Adds to the counts of a tenant's day (UTC day of `nowMs`). */
export async function addIngestCounts(
  db: Database,
  tenantId: number,
  counts: IngestCounts,
  nowMs: number,
): Promise<void> {
  await db.tenantBatch(
    [tenantId],
    [
      {
        text: `insert into ingest_health (tenant_id, day, accepted, duplicates, rejected, last_at)
        values ($1::int, date_trunc('day', $5::timestamptz, 'UTC'), $2::bigint, $3::bigint,
                $4::bigint, $5::timestamptz)
        on conflict (tenant_id, day) do update set
          accepted = ingest_health.accepted + excluded.accepted,
          duplicates = ingest_health.duplicates + excluded.duplicates,
          rejected = ingest_health.rejected + excluded.rejected,
          last_at = greatest(ingest_health.last_at, excluded.last_at)`,
        params: [
          tenantId,
          counts.accepted,
          counts.duplicates,
          counts.rejected,
          new Date(nowMs).toISOString(),
        ],
      },
    ],
  );
}

/** Runs of one agent and task type on one day. */
export interface DailyVolume {
  /** Start of the UTC day, ms since 1970. */
  readonly dayMs: number;
  readonly agentId: string;
  readonly taskType: string;
  readonly n: number;
}

/** How complete and how large the record is. */
export interface CollectionHealth {
  readonly volume: readonly DailyVolume[];
  /** What was received per UTC day of receipt. */
  readonly received: readonly (IngestCounts & {
    readonly dayMs: number;
    readonly lastAtMs: number;
  })[];
  /** Runs in the range, and for how many of them each quantity is known. */
  readonly coverage: {
    readonly runs: number;
    readonly success: number;
    /** Scores; an evaluation beside a scored run counts again, so this may exceed `runs`. */
    readonly quality: number;
    readonly latency: number;
    readonly tokens: number;
    readonly cost: number;
  };
  /** The newest decisions of the range (at most 5,000), and how many have a run. */
  readonly decisions: {
    readonly sampled: number;
    readonly tracked: number;
    /** tracked / sampled, 0..1; null without decisions. */
    readonly share: number | null;
  };
}

const SAMPLE_DECISIONS = 5_000;

const VOLUME = `
  select r.hour as day, a.key as agent_key, y.key as type_key, sum(r.n)::float8 as n,
         sum(r.success_n)::float8 as success, sum(r.q_n)::float8 as quality,
         sum(r.lat_n)::float8 as latency, sum(r.tok_n)::float8 as tokens, sum(r.cost_n)::float8 as cost
  from rollup_day r
  join agent a on a.tenant_id = r.tenant_id and a.agent_id = r.agent_id
  join task_type y on y.tenant_id = r.tenant_id and y.type_id = r.type_id
  where r.tenant_id = $1::int and a.tenant_id = $1::int and y.tenant_id = $1::int
    and r.hour >= date_trunc('day', $2::timestamptz, 'UTC') and r.hour < $3::timestamptz
  group by 1, 2, 3 order by 1, 2, 3`;

const RECEIVED = `
  select day, accepted::float8 as accepted, duplicates::float8 as duplicates,
         rejected::float8 as rejected, last_at
  from ingest_health
  where tenant_id = $1::int and day >= date_trunc('day', $2::timestamptz, 'UTC')
    and day < $3::timestamptz
  order by day`;

/** A run may begin before its decision is written down by another clock: look a day back. */
const DECISIONS = `
  with d as (
    select task_ref from task
    where tenant_id = $1::int and id >= $2::uuid and id < $3::uuid and kind = 0
    order by id desc limit ${SAMPLE_DECISIONS})
  select count(*)::float8 as sampled,
         count(*) filter (where exists (
           select 1 from task e where e.tenant_id = $1::int and e.task_ref = d.task_ref
             and e.id >= $4::uuid and e.kind in (1, 9)))::float8 as tracked
  from d`;

const DAY_MS = 86_400_000;

function numberOf(value: unknown): number {
  return value === null || value === undefined ? 0 : Number(value);
}

/** Volume per day, agent and task type; coverage; what was received; decisions with a run. */
export async function collectionHealth(
  db: Database,
  tenantId: number,
  range: TimeRange,
): Promise<CollectionHealth> {
  const times = [
    tenantId,
    new Date(range.fromMs).toISOString(),
    new Date(range.toMs).toISOString(),
  ];
  const bounds = [
    tenantId,
    boundOf(range.fromMs),
    boundOf(range.toMs),
    boundOf(Math.max(0, range.fromMs - DAY_MS)),
  ];
  const [volume, received, decisions] = await db.tenantBatch(
    [tenantId],
    [
      { text: VOLUME, params: times },
      { text: RECEIVED, params: times },
      { text: DECISIONS, params: bounds },
    ],
  );
  const rows = volume?.rows ?? [];
  const total = (column: string): number =>
    rows.reduce((sum, row) => sum + numberOf(row[column]), 0);
  const sampled = numberOf(decisions?.rows[0]?.['sampled']);
  const tracked = numberOf(decisions?.rows[0]?.['tracked']);
  return {
    volume: rows.map((row) => ({
      dayMs: (row['day'] as Date).getTime(),
      agentId: String(row['agent_key']),
      taskType: String(row['type_key']),
      n: numberOf(row['n']),
    })),
    received: (received?.rows ?? []).map((row) => ({
      dayMs: (row['day'] as Date).getTime(),
      accepted: numberOf(row['accepted']),
      duplicates: numberOf(row['duplicates']),
      rejected: numberOf(row['rejected']),
      lastAtMs: (row['last_at'] as Date).getTime(),
    })),
    coverage: {
      runs: total('n'),
      success: total('success'),
      quality: total('quality'),
      latency: total('latency'),
      tokens: total('tokens'),
      cost: total('cost'),
    },
    decisions: { sampled, tracked, share: sampled === 0 ? null : tracked / sampled },
  };
}
