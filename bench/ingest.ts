import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Database,
  listPeriods,
  openStore,
  rewritePeriod,
  rollUp,
  tenantsWithWork,
} from '@assay/store';
import { startEmbeddedPostgres } from '../packages/store/test/embedded-postgres.ts';
import { type BenchRow, quantile } from './bench-row.ts';
import { type Digits, sampleTask, seededRandom } from './sample-tasks.ts';
import { type SpawnedServer, spawnServer } from './spawn-server.ts';

const POOL = 4_000;

/** Bodies prepared beforehand, so that the client costs little of the two cores. */
function prepareBodies(
  count: number,
  perBody: number,
  digits: Digits,
  pool: number = POOL,
): Buffer[] {
  const random = seededRandom(7);
  const run = randomUUID().slice(0, 8);
  const templates = Array.from({ length: Math.min(pool, count * perBody) }, () =>
    sampleTask(random, '%TASK-ID-PLACE-HOLDER%', Date.now(), digits),
  );
  return Array.from({ length: count }, (_, body) => {
    const lines: string[] = [];
    for (let index = 0; index < perBody; index++) {
      const number = body * perBody + index;
      const template = templates[number % templates.length] ?? '';
      lines.push(
        template.replace('%TASK-ID-PLACE-HOLDER%', `${run}-${number.toString().padStart(12, '0')}`),
      );
    }
    return Buffer.from(lines.join('\n'));
  });
}

function post(agent: Agent, server: SpawnedServer, body: Buffer): Promise<number> {
  return new Promise((resolve, reject) => {
    const call = request(
      `${server.url}/v1/records`,
      {
        method: 'POST',
        agent,
        headers: {
          authorization: `Bearer ${server.adminKey}`,
          'content-type': 'application/x-ndjson',
          'content-length': body.length,
          prefer: 'return=minimal',
        },
      },
      (response) => {
        response.resume();
        response.once('end', () => resolve(response.statusCode ?? 0));
        response.once('error', reject);
      },
    );
    call.once('error', reject);
    call.end(body);
  });
}

interface Load {
  readonly tasksPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly tasks: number;
}

/** `clients` callers, each waiting for its acknowledgement before it sends the next body. */
async function applyLoad(
  server: SpawnedServer,
  clients: number,
  bodies: Buffer[],
  perBody: number,
): Promise<Load> {
  const agent = new Agent({ keepAlive: true, maxSockets: clients });
  const latencies: number[] = [];
  let next = 0;
  const caller = async (): Promise<void> => {
    for (;;) {
      const body = bodies[next++];
      if (body === undefined) return;
      for (;;) {
        const started = performance.now();
        const status = await post(agent, server, body);
        if (status === 200) {
          latencies.push(performance.now() - started);
          break;
        }
        if (status !== 429 && status !== 503) throw new Error(`ingest answered ${status}`);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  };
  const started = performance.now();
  await Promise.all(Array.from({ length: clients }, caller));
  const seconds = (performance.now() - started) / 1000;
  agent.destroy();
  return {
    tasksPerSecond: (bodies.length * perBody) / seconds,
    p50Ms: quantile(latencies, 0.5),
    p99Ms: quantile(latencies, 0.99),
    tasks: bodies.length * perBody,
  };
}

/** The reference: one `INSERT … jsonb` per batch of rows, through the same driver. */
async function jsonbReference(
  db: Database,
  digits: Digits,
): Promise<{ perSecond: number; bytes: number }> {
  await db.exec(
    'create table if not exists bench_reference (id text primary key, doc jsonb not null)',
  );
  const batches = prepareBodies(20, 1000, digits).map((body) => body.toString().split('\n'));
  const started = performance.now();
  for (const lines of batches) {
    const rows = `[${lines.map((line) => `{"id":"${randomUUID()}","doc":${line}}`).join(',')}]`;
    await db.query(
      'insert into bench_reference select id, doc from json_to_recordset($1::text::json) as r(id text, doc jsonb)',
      [rows],
    );
  }
  const seconds = (performance.now() - started) / 1000;
  await db.exec('checkpoint');
  const size = await db.query<{ bytes: number }>(
    "select pg_total_relation_size('bench_reference')::float8 as bytes",
  );
  await db.exec('drop table bench_reference');
  return { perSecond: 20_000 / seconds, bytes: Number(size.rows[0]?.bytes ?? 0) / 20_000 };
}

async function bytesPerTask(db: Database): Promise<{ bytes: number; tasks: number }> {
  const sizes = await db.query<{ bytes: number; tasks: number }>(
    `select (select coalesce(sum(pg_total_relation_size(inhrelid)), 0)::float8 from pg_inherits
             where inhparent in ('task'::regclass, 'doc_block'::regclass)) as bytes,
            (select count(*)::float8 from task) as tasks`,
  );
  const row = sizes.rows[0];
  return {
    bytes: Number(row?.bytes ?? 0) / Number(row?.tasks ?? 1),
    tasks: Number(row?.tasks ?? 0),
  };
}

interface Engine {
  readonly name: 'PGlite' | 'PostgreSQL';
  readonly env: Readonly<Record<string, string>>;
  readonly open: () => Promise<Database>;
  readonly target: number;
}

async function measureLoads(
  engine: Engine,
  server: SpawnedServer,
  reference: number,
): Promise<BenchRow[]> {
  const rows: BenchRow[] = [];
  await applyLoad(server, 4, prepareBodies(10, 1000, 'full-precision'), 1000);
  const loads: readonly (readonly [number, number, number])[] = [
    [1, 1, 1_500],
    [8, 1, 6_000],
    [64, 1, 12_000],
    [256, 1, 16_000],
    [4, 1000, 60],
    [8, 500, 120],
  ];
  for (const [clients, perBody, count] of loads) {
    const load = await applyLoad(
      server,
      clients,
      prepareBodies(count, perBody, 'full-precision'),
      perBody,
    );
    const isBatch = perBody > 1;
    rows.push({
      name: `${engine.name}: ${clients} clients, ${perBody} task${isBatch ? 's' : ''} per request`,
      unit: 'tasks/s',
      value: load.tasksPerSecond,
      reference: reference,
      referenceName: 'INSERT … jsonb, 1,000 rows a statement',
      ...(isBatch
        ? { target: `>= ${engine.target}`, isMet: load.tasksPerSecond >= engine.target }
        : {}),
      n: load.tasks,
      note: `ack p50 ${load.p50Ms.toFixed(1)} ms, p99 ${load.p99Ms.toFixed(1)} ms`,
    });
  }
  return rows;
}

async function measureEngine(engine: Engine): Promise<BenchRow[]> {
  const before = await engine.open();
  const reference = await jsonbReference(before, 'full-precision');
  await before.close();
  const server = await spawnServer(engine.env);
  const rows = await measureLoads(engine, server, reference.perSecond);
  await server.stop();
  return rows;
}

/** Bytes on disk are counted on a fresh store that only saw batches. */
async function measureBytes(engine: Engine, digits: Digits): Promise<BenchRow[]> {
  const server = await spawnServer(engine.env);
  // Each task once: repetitions would lie side by side after compaction and vanish.
  await applyLoad(server, 4, prepareBodies(30, 1000, digits, 30_000), 1000);
  await server.stop();
  const db = await engine.open();
  const reference = await jsonbReference(db, digits);
  const written = await bytesPerTask(db);
  const compaction = await compactAll(db);
  const packed = await bytesPerTask(db);
  await db.close();
  const row = (how: string, { bytes, tasks }: typeof written, most: number): BenchRow => ({
    name: `${engine.name}: disk ${how}, ${digits}`,
    unit: 'B/task',
    value: bytes,
    reference: reference.bytes,
    referenceName: 'jsonb row with its key',
    target: `<= ${most}`,
    isMet: bytes <= most,
    n: tasks,
  });
  return [row('as written', written, 800), { ...row('compacted', packed, 600), note: compaction }];
}

/** Rolls everything up and compacts every period; says how long that took. */
async function compactAll(db: Database): Promise<string> {
  const nowMs = Date.now();
  for (const tenantId of await tenantsWithWork(db)) {
    while ((await rollUp(db, tenantId, 50, nowMs)) > 0);
  }
  const { signal } = new AbortController();
  const started = performance.now();
  let facts = 0;
  for (const period of await listPeriods(db, nowMs)) {
    const rewrite = {
      without: new Set<number>(),
      leaving: { facts: 0, flags: 0 },
      nowMs,
      quietMs: 0,
      signal,
    };
    const outcome = await rewritePeriod(db, period, rewrite);
    if (outcome.kind === 'rewritten') facts += outcome.facts;
  }
  return `${(((performance.now() - started) * 1_000) / facts).toFixed(0)} us a task to compact`;
}

/** Durable ingest over HTTP of tasks of 2.8 KB, one server process, client on the same cores. */
export async function benchIngest(): Promise<BenchRow[]> {
  const work = await mkdtemp(join(tmpdir(), 'assay-bench-'));
  const postgres = await startEmbeddedPostgres();
  const embedded = (name: string): Engine => ({
    name: 'PGlite',
    env: { ASSAY_DATA_DIR: join(work, name) },
    open: () => openStore({ kind: 'pglite', directory: join(work, name, 'store') }),
    target: 12_000,
  });
  const byUrl: Engine = {
    name: 'PostgreSQL',
    env: { ASSAY_DATA_DIR: join(work, 'by-url'), ASSAY_DATABASE_URL: postgres.url },
    open: () => openStore({ kind: 'postgres', url: postgres.url }),
    target: 15_000,
  };
  try {
    return [
      ...(await measureEngine(embedded('load'))),
      ...(await measureBytes(embedded('bytes-full'), 'full-precision')),
      ...(await measureBytes(embedded('bytes-four'), 'four-digits')),
      ...(await measureEngine(byUrl)),
    ];
  } finally {
    await postgres.stop();
    await rm(work, { recursive: true, force: true });
  }
}
