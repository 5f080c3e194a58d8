import { isShared, lockTenant, noteChange } from './changes.ts';
import type { Database } from './database.ts';
import { GAMMA, PACK_DIGITS } from './packed-histogram.ts';
import { groupByPartition } from './partitions.ts';
import { rollScores } from './score.ts';
import { listTenants } from './tenants.ts';

const SUMS = [
  'n',
  'ok',
  'success_n',
  'q_n',
  'q_sum',
  'q_sq',
  'tok_n',
  'tok',
  'cost_n',
  'cost_sum',
  'lat_n',
  'lat_sum',
] as const;
const KEY = 'tenant_id, hour, agent_id, type_id';

const PACKS = ['lat_pack', 'q_pack'] as const;
const COLUMNS = [...SUMS, ...PACKS];

function addTo(table: string): string {
  return COLUMNS.map((column) => `${column} = ${table}.${column} + excluded.${column}`).join(', ');
}

/** Histogram of a bucket number per key, as a packed number. */
function packed(bucket: string, condition: string): string {
  return `
    select ${KEY}, sum(c * ('1e' || ${PACK_DIGITS} * b)::numeric) as pack
    from (select ${KEY}, ${bucket} as b, count(*) as c from f where ${condition}
          group by 1, 2, 3, 4, 5) g
    group by 1, 2, 3, 4`;
}

/**
 * Adds the facts of some blocks to the rollups of hours and days, in one pass over the facts.
 * $1 tenant, $2 and $3 bounds of the record ids (they make it a scan of the primary key of one
 * partition), $4 block ids joined by commas. Rows are written in the order of the key.
 */
const ROLL_BLOCKS = `
  with f as materialized (
    select tenant_id, date_trunc('hour', ts, 'UTC') as hour, agent_id, type_id,
           kind <> 2 as run, success, latency_ms, tokens, quality::float8 as q, cost_usd::float8 as cost
    from task
    where tenant_id = $1::int and id >= $2::uuid and id < $3::uuid
      and block = any (string_to_array($4::text, ',')::uuid[]) and kind in (1, 2, 9)),
  s as (
    select ${KEY}, count(*) filter (where run) as n, count(*) filter (where run and success) as ok,
           count(success) filter (where run) as success_n,
           count(q) as q_n, coalesce(sum(q), 0) as q_sum, coalesce(sum(q * q), 0) as q_sq,
           count(tokens) filter (where run) as tok_n,
           coalesce(sum(tokens) filter (where run), 0) as tok,
           count(cost) filter (where run) as cost_n,
           coalesce(sum(cost) filter (where run), 0) as cost_sum,
           count(latency_ms) filter (where run) as lat_n,
           coalesce(sum(latency_ms) filter (where run), 0) as lat_sum
    from f group by 1, 2, 3, 4),
  l as (${packed(`ceil(ln(greatest(latency_ms, 1)) / ln(${GAMMA}))::int`, 'run and latency_ms is not null')}),
  u as (${packed('round(q * 100)::int', 'q is not null')}),
  d as materialized (
    select ${KEY}, ${SUMS.map((column) => `s.${column}`).join(', ')},
           coalesce(l.pack, 0) as lat_pack, coalesce(u.pack, 0) as q_pack
    from s left join l using (${KEY}) left join u using (${KEY})),
  h as (
    insert into rollup_hour (${KEY}, ${COLUMNS.join(', ')})
    select ${KEY}, ${COLUMNS.join(', ')} from d order by ${KEY}
    on conflict (${KEY}) do update set ${addTo('rollup_hour')})
  insert into rollup_day (${KEY}, ${COLUMNS.join(', ')})
  select tenant_id, date_trunc('day', hour, 'UTC'), agent_id, type_id,
         ${COLUMNS.map((column) => `sum(${column})`).join(', ')}
  from d group by 1, 2, 3, 4 order by 1, 2, 3, 4
  on conflict (${KEY}) do update set ${addTo('rollup_day')}`;

const CLAIM = `
  with c as (
    select tenant_id, id from doc_block where tenant_id = $1::int and not rolled
    order by id limit $2::int for update skip locked)
  update doc_block d set rolled = true from c
  where d.tenant_id = c.tenant_id and d.id = c.id and d.tenant_id = $1::int
  returning d.id`;

/** Lists the tenants that have blocks which are not in the rollups yet. */
export async function tenantsWithWork(db: Database): Promise<number[]> {
  const ids = (await listTenants(db)).map((tenant) => tenant.tenantId);
  if (ids.length === 0) return [];
  const [result] = await db.tenantBatch(ids, [
    { text: 'select distinct tenant_id from doc_block where not rolled' },
  ]);
  return (result?.rows ?? []).map((row) => Number(row['tenant_id'])).sort((a, b) => a - b);
}

/**
 * Claims blocks of a tenant and adds their facts to the hour and day rollups, and their scores to
 * the days of scores, in one transaction: each block counts exactly once, however many processes
 * roll and whenever they die.
 *
 * Other processes hear of the blocks through the changes of the tenant.
 *
 * @param limit most blocks to claim; 50 full blocks or 2,000 tiny ones are a good transaction
 * @param nowMs time of the change, ms since 1970
 * @returns how many blocks were rolled; 0 = nothing left
 */
export function rollUp(
  db: Database,
  tenantId: number,
  limit: number,
  nowMs: number,
): Promise<number> {
  return db.tenantTransaction([tenantId], async (run) => {
    await lockTenant(run, tenantId);
    const claimed = await run<{ id: string }>(CLAIM, [tenantId, limit]);
    if (claimed.rows.length === 0) return 0;
    const blocks = claimed.rows.map((row) => row.id).sort();
    for (const { low, high, ids } of await groupByPartition(run, blocks)) {
      const params = [tenantId, low, high, ids.join(',')];
      await run(ROLL_BLOCKS, params);
      await rollScores(run, params);
    }
    if (isShared(db)) await noteChange(run, tenantId, nowMs, { blocks, document: null });
    return blocks.length;
  });
}

const REBUILD_DAY = `
  insert into rollup_day (${KEY}, ${COLUMNS.join(', ')})
  select tenant_id, date_trunc('day', hour, 'UTC'), agent_id, type_id,
         ${COLUMNS.map((column) => `sum(${column})`).join(', ')}
  from rollup_hour
  where tenant_id = $1::int and hour >= $2::timestamptz and hour < $3::timestamptz
  group by 1, 2, 3, 4
  order by 1, 2, 3, 4
  on conflict (${KEY}) do update set
    ${COLUMNS.map((column) => `${column} = excluded.${column}`).join(', ')}`;

const DAY_MS = 86_400_000;

/** Builds the day rows of the given UTC days again from the hour rows. Repeatable. */
export async function rebuildDays(
  db: Database,
  tenantId: number,
  dayMsList: readonly number[],
): Promise<void> {
  for (const dayMs of dayMsList) {
    const from = new Date(Math.floor(dayMs / DAY_MS) * DAY_MS);
    const params = [tenantId, from.toISOString(), new Date(from.getTime() + DAY_MS).toISOString()];
    await db.tenantTransaction([tenantId], async (run) => {
      await lockTenant(run, tenantId);
      await run(REBUILD_DAY, params);
    });
  }
}
