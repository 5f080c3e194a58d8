// How many bytes one task takes on disk, written and rolled up, then compacted, with the time that
// compaction takes and how long it keeps other work waiting.
// Run: npx tsx --conditions=@assay/source packages/store/test/bytes-per-task.ts
import { createHash } from 'node:crypto';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { brotliCompressSync, constants } from 'node:zlib';
import { blockId, recordId, refOf } from '@assay/loop';
import type { Database } from '../src/database.ts';
import { openStore } from '../src/open.ts';
import { ensurePartitions } from '../src/partitions.ts';
import { listPeriods, type StoredPeriod } from '../src/periods.ts';
import { agentIdOf, ingest, taskTypeIdOf } from '../src/record.ts';
import { rewritePeriod } from '../src/rewrite-period.ts';
import { rollUp } from '../src/rollups.ts';
import { createTenant } from '../src/tenants.ts';
import { numbers } from './conformance/facts.ts';

const START = Date.UTC(2026, 10, 1);
const TASKS = 20_000;
const BATCH = 1_000;
/** Mean bytes of one raw line that the documents are padded to. */
const DOCUMENT_BYTES = 2_650;

const hash = (text: string): string => createHash('sha256').update(text).digest('hex');
const hashBytes = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const random = numbers(20_261_101);

const WORDS =
  'the agent read mail found invoice sent reply to customer with total and due date'.split(' ');

function figure(digits: number | null): number {
  return digits === null ? random() : Number(random().toPrecision(digits));
}

/** One whole task with 39 measured numbers, as an orchestrator would report it. */
function documentOf(i: number, digits: number | null): string {
  const numbersOf = (count: number): number[] =>
    Array.from({ length: count }, () => figure(digits));
  const names = ['format', 'tool', 'task', 'minimal', 'cost', 'safety'];
  const base = {
    kind: 'task',
    taskId: `task-${hash(String(i)).slice(0, 12)}`,
    timestamp: START + i * 1_000,
    decision: {
      taskType: 'email-triage',
      selectedAgentId: `agent-${i % 4}`,
      routingStrategy: 'multi-armed-bandit',
      confidence: figure(digits),
      propensity: figure(digits),
      candidateAgents: numbersOf(4).map((meanScore, j) => ({
        agentId: `agent-${j}`,
        capabilityScore: figure(digits),
        performanceScore: figure(digits),
        meanScore,
        probability: figure(digits),
        selectionReason: 'highest expected quality',
      })),
    },
    execution: {
      agentId: `agent-${i % 4}`,
      agentVersion: '2.1.0',
      success: i % 9 !== 0,
      latencyMs: Math.round(200 + 4_000 * random()),
      tokensUsed: Math.round(300 + 3_000 * random()),
      costUsd: figure(digits),
      modelId: 'model-large',
      toolsUsed: numbersOf(3).map((successRate, j) => ({
        toolName: `tool-${j}`,
        callCount: 1 + j,
        successRate,
      })),
    },
    evaluation: {
      overallScore: figure(digits),
      rubricScores: Object.fromEntries(names.map((name) => [name, figure(digits)])),
      qualityGates: numbersOf(4).map((score, j) => ({
        name: `gate-${j}`,
        passed: score > 0.2,
        score,
        threshold: 0.2,
        mandatory: j < 2,
      })),
      turnData: numbersOf(4).map((turnReward, turnNumber) => ({ turnNumber, turnReward })),
    },
    response: '',
  };
  const missing = DOCUMENT_BYTES - JSON.stringify(base).length;
  let response = '';
  while (response.length < missing)
    response += `${WORDS[Math.floor(random() * WORDS.length)] ?? ''} `;
  return JSON.stringify({ ...base, response: response.slice(0, Math.max(0, missing)) });
}

async function write(db: Database, tenantId: number, digits: number | null): Promise<number> {
  let raw = 0;
  for (let at = 0; at < TASKS; at += BATCH) {
    const all = Array.from({ length: BATCH }, (_, k) => {
      const i = at + k;
      return {
        i,
        id: recordId(hash, tenantId, START + i * 1_000, `task-${i}\0${9}`),
        line: documentOf(i, digits),
      };
    }).sort((a, b) => (a.id < b.id ? -1 : 1));
    const text = all.map(({ line }) => `${line}\n`).join('');
    raw += text.length;
    const block = blockId(
      hashBytes,
      all.map(({ id }) => id),
    );
    await ingest(db, {
      rows: all.map(({ i, id }, index) => ({
        id,
        tenantId,
        timestampMs: START + i * 1_000,
        blockId: block,
        index,
        agentId: 1,
        typeId: 1,
        kind: 9,
        success: true,
        latencyMs: Math.round(200 + 4_000 * random()),
        tokens: 1_500,
        quality: 0.75,
        costUsd: 0.0125,
        taskRef: refOf(hash, tenantId, `task-${i}`),
        sessionRef: '0',
        flags: 0,
      })),
      blocks: [
        {
          tenantId,
          id: block,
          count: all.length,
          body: brotliCompressSync(text, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } }),
        },
      ],
      texts: [],
    });
  }
  return raw;
}

async function measure(label: string, digits: number | null): Promise<void> {
  const db = await openStore({ kind: 'pglite', directory: 'memory' });
  await ensurePartitions(db, START, START + TASKS * 1_000);
  const tenantId = await createTenant(db, 'bytes', START);
  await agentIdOf(db, tenantId, 'agent-0', '2.1.0');
  await taskTypeIdOf(db, tenantId, 'email-triage', '');
  const raw = await write(db, tenantId, digits);
  while ((await rollUp(db, tenantId, 50, START)) > 0);
  await print(db, `${label}: raw ${(raw / TASKS).toFixed(0)} B, written `);
  for (const period of await listPeriods(db, START)) await compact(db, period);
  await print(db, `${label}: compacted `);
  await db.close();
}

/** Compacts a period and says how long it took and how long the event loop stood still. */
async function compact(db: Database, period: StoredPeriod): Promise<void> {
  const loop = monitorEventLoopDelay({ resolution: 1 });
  loop.enable();
  const cpu = process.cpuUsage();
  const started = performance.now();
  const { signal } = new AbortController();
  const rewrite = {
    without: new Set<number>(),
    leaving: { facts: 0, flags: 0 },
    nowMs: START + 1e9,
    quietMs: 0,
    signal,
  };
  const outcome = await rewritePeriod(db, period, rewrite);
  if (outcome.kind !== 'rewritten') throw new Error(outcome.reason);
  if (outcome.facts === 0) return;
  const { user, system } = process.cpuUsage(cpu);
  const per = (us: number): string => `${(us / outcome.facts).toFixed(0)} us`;
  process.stdout.write(
    `compaction of ${outcome.facts} tasks: ${per((performance.now() - started) * 1_000)} a task, ` +
      `${per(user + system)} CPU with the store's, event loop p99 ${(loop.percentile(99) / 1e6).toFixed(1)} ms, ` +
      `longest ${(loop.max / 1e6).toFixed(1)} ms\n`,
  );
}

async function print(db: Database, label: string): Promise<void> {
  const { rows } = await db.query<{
    rows: number;
    indexes: number;
    blocks: number;
    rollups: number;
  }>(
    `select sum(pg_table_size(c.oid)) filter (where c.relname like 'task_2%')::float8 as rows,
       sum(pg_indexes_size(c.oid)) filter (where c.relname like 'task_2%')::float8 as indexes,
       sum(pg_total_relation_size(c.oid)) filter (where c.relname like 'doc_block_2%')::float8 as blocks,
       sum(pg_total_relation_size(c.oid)) filter (where c.relname like 'rollup_%')::float8 as rollups
     from pg_class c where c.relkind = 'r'`,
  );
  const sizes = rows[0] ?? { rows: 0, indexes: 0, blocks: 0, rollups: 0 };
  const per = (bytes: number): string => (bytes / TASKS).toFixed(0);
  const total = sizes.rows + sizes.indexes + sizes.blocks + sizes.rollups;
  process.stdout.write(
    `${label}${per(total)} B a task on disk = rows ${per(sizes.rows)} + indexes ` +
      `${per(sizes.indexes)} + blocks ${per(sizes.blocks)} + rollups ${per(sizes.rollups)}\n`,
  );
}

await measure('full-precision numbers', null);
await measure('4 significant digits', 4);
