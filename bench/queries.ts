import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  agentIdOf,
  aggregates,
  createTenant,
  type Database,
  ensurePartitions,
  factsOfTask,
  listFacts,
  openStore,
  rollUp,
  taskTypeIdOf,
} from '@assay/store';
import { startEmbeddedPostgres } from '../packages/store/test/embedded-postgres.ts';
import { type BenchRow, quantile } from './bench-row.ts';

const DAY_MS = 86_400_000;
const DAYS = 90;
const AGENTS = 10;
const TYPES = 5;
const ROWS_PER_BLOCK = 1_000;
const REPEATS = 40;

/** Rows of one day, made inside the database: an id from time and hash, a lognormal-like latency. */
const FILL_DAY = `
  insert into task (tenant_id, id, ts, block, idx, agent_id, type_id, kind, success, latency_ms, tokens,
                    quality, cost_usd, task_ref, session_ref)
  select $1::int,
         (lpad(to_hex(ms), 12, '0') || '8' || substr(h, 1, 3) || 'a' || substr(h, 4, 15))::uuid,
         to_timestamp(ms / 1000.0),
         (lpad(to_hex(block_ms), 12, '0') || '8' || substr(bh, 1, 3) || 'b' || substr(bh, 4, 15))::uuid,
         (i % ${ROWS_PER_BLOCK})::smallint, 1 + i % ${AGENTS}, 1 + (i / ${AGENTS}) % ${TYPES}, 1::smallint,
         random() < 0.85, exp(5 + 2 * random())::int, (500 + 3000 * random())::int, random()::real,
         (random() / 100)::real, ('x' || substr(h, 1, 16))::bit(64)::bigint, 0
  from (select i, $2::bigint + i * $4::bigint / $3::bigint as ms,
               $2::bigint + (i - i % ${ROWS_PER_BLOCK}) * $4::bigint / $3::bigint as block_ms,
               md5($2::text || '/' || i) as h,
               md5($2::text || '#' || i / ${ROWS_PER_BLOCK}) as bh
        from generate_series(0, $3::int - 1) i) s`;

const FILL_BLOCKS = `
  insert into doc_block (tenant_id, id, n, codec, body)
  select $1::int, (lpad(to_hex(ms), 12, '0') || '8' || substr(bh, 1, 3) || 'b' || substr(bh, 4, 15))::uuid,
         ${ROWS_PER_BLOCK}, 1::smallint, ''::bytea
  from (select $2::bigint + i * $4::bigint / $3::bigint as ms, md5($2::text || '#' || i / ${ROWS_PER_BLOCK}) as bh
        from generate_series(0, $3::int - 1, ${ROWS_PER_BLOCK}) i) s`;

async function fill(db: Database, tenantId: number, tasks: number, endMs: number): Promise<void> {
  const firstDay = endMs - DAYS * DAY_MS;
  const perDay = Math.ceil(tasks / DAYS);
  await ensurePartitions(db, firstDay, endMs);
  for (let agent = 1; agent <= AGENTS; agent++)
    await agentIdOf(db, tenantId, `agent-${agent}`, '1');
  for (let type = 1; type <= TYPES; type++) await taskTypeIdOf(db, tenantId, `type-${type}`, '');
  for (let day = 0; day < DAYS; day++) {
    const params = [tenantId, firstDay + day * DAY_MS, perDay, DAY_MS];
    await db.query(FILL_BLOCKS, params);
    await db.query(FILL_DAY, params);
  }
  await db.exec('analyze');
}

async function timed(work: (repeat: number) => Promise<unknown>): Promise<number[]> {
  const samples: number[] = [];
  for (let repeat = 0; repeat < REPEATS + 3; repeat++) {
    const started = performance.now();
    await work(repeat);
    if (repeat >= 3) samples.push(performance.now() - started);
  }
  return samples;
}

async function measure(
  db: Database,
  tenantId: number,
  endMs: number,
  label: string,
): Promise<BenchRow[]> {
  const last = await listFacts(db, tenantId, { limit: 1 });
  const ref = await db.query<{ task_ref: string }>(
    'select task_ref::text as task_ref from task where tenant_id = $1 and id = $2::uuid',
    [tenantId, last[0]?.id ?? ''],
  );
  const taskRef = ref.rows[0]?.task_ref ?? '0';
  const since = (days: number): { fromMs: number; toMs: number } => ({
    fromMs: endMs - days * DAY_MS,
    toMs: endMs,
  });
  const questions: readonly (readonly [string, (repeat: number) => Promise<unknown>])[] = [
    ['agents, last 7 days', () => aggregates(db, tenantId, { ...since(7), by: ['agent'] })],
    [
      'agents by task type, last 30 days',
      () => aggregates(db, tenantId, { ...since(30), by: ['agent', 'taskType'] }),
    ],
    [
      'agents by task type, 90 days',
      () => aggregates(db, tenantId, { ...since(90), by: ['agent', 'taskType'] }),
    ],
    ['by day, 90 days', () => aggregates(db, tenantId, { ...since(90), by: ['day'] })],
    ['by hour, last day', () => aggregates(db, tenantId, { ...since(1), by: ['hour'] })],
    ['newest 50 runs', () => listFacts(db, tenantId, { kinds: [1, 9], limit: 50 })],
    [
      'newest 50 runs of one agent',
      (repeat) =>
        listFacts(db, tenantId, {
          kinds: [1, 9],
          agentKey: `agent-${1 + (repeat % AGENTS)}`,
          limit: 50,
        }),
    ],
    ['rows of one task', () => factsOfTask(db, tenantId, taskRef).catch(() => undefined)],
  ];
  const rows: BenchRow[] = [];
  for (const [name, work] of questions) {
    const samples = await timed(work);
    const p95 = quantile(samples, 0.95);
    rows.push({
      name: `${label}: ${name}, p95`,
      unit: 'ms',
      value: p95,
      reference: 100,
      referenceName: 'requirement',
      target: '< 50',
      isMet: p95 < 50,
      n: samples.length,
      note: `p50 ${quantile(samples, 0.5).toFixed(1)} ms`,
    });
  }
  return rows;
}

interface Filled {
  readonly tenantId: number;
  readonly endMs: number;
  readonly rolledPerSecond: number;
}

/** Fills the database, or takes what an earlier run has left in the directory. */
async function fillOnce(db: Database, tasks: number): Promise<Filled> {
  await db.exec('create table if not exists bench_filled (note json not null)');
  const known = await db.query<{ note: Filled }>('select note from bench_filled');
  if (known.rows[0] !== undefined) return known.rows[0].note;
  const endMs = Math.floor(Date.now() / DAY_MS) * DAY_MS;
  const tenantId = await createTenant(db, 'bench', endMs);
  await fill(db, tenantId, tasks, endMs);
  const started = performance.now();
  while ((await rollUp(db, tenantId, 50, endMs)) > 0);
  const rolledPerSecond = tasks / ((performance.now() - started) / 1000);
  await db.exec('vacuum analyze rollup_hour, rollup_day');
  const filled: Filled = { tenantId, endMs, rolledPerSecond };
  await db.query('insert into bench_filled values ($1::text::json)', [JSON.stringify(filled)]);
  return filled;
}

/**
 * Statistics and dashboard queries over the given number of tasks on PostgreSQL. The tasks are
 * made once and stay in `bench/.work`; delete the folder to make them anew.
 */
export async function benchQueries(tasks: number): Promise<BenchRow[]> {
  const directory = join('bench', '.work', `queries-${tasks}`);
  mkdirSync(directory, { recursive: true });
  const postgres = await startEmbeddedPostgres([], directory);
  const db = await openStore({ kind: 'postgres', url: postgres.url });
  try {
    const { tenantId, endMs, rolledPerSecond } = await fillOnce(db, tasks);
    const label = `${(tasks / 1e6).toFixed(0)} million tasks, PostgreSQL`;
    return [
      { name: `${label}: rolled up`, unit: 'tasks/s', value: rolledPerSecond, n: tasks },
      ...(await measure(db, tenantId, endMs, label)),
    ];
  } finally {
    await db.close();
    await postgres.stop();
  }
}
