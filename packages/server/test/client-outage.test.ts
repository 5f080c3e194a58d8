import { existsSync, readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Assay, type AssayClientError, createAssay } from '@assay/client';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { quantile } from '../../../bench/bench-row.ts';
import { type SpawnedServer, spawnServer } from '../../../bench/spawn-server.ts';

const OUTAGE_MS = Number(process.env['ASSAY_TEST_OUTAGE_SECONDS'] ?? 3) * 1_000;
const STEADY_MS = 1_000;
const isBuilt = existsSync(join(import.meta.dirname, '../dist/cli/main.js'));
if (!isBuilt) process.stdout.write('skipped: the server is not built (npm run build)\n');

let folder: string;
let assay: Assay | null = null;
let server: SpawnedServer | null = null;
const errors: AssayClientError[] = [];
const figures: string[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'assay-outage-'));
  errors.length = 0;
});
afterEach(async () => {
  await assay?.close({ timeoutMs: 0 });
  await server?.stop('SIGKILL');
  assay = null;
  server = null;
  await rm(folder, { recursive: true, force: true });
});
afterAll(() => {
  for (const line of figures) process.stdout.write(`${line}\n`);
});

/** A port that was free a moment ago: the server must come back where the client looks for it. */
async function freePort(): Promise<string> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise<void>((resolve) => probe.close(() => resolve()));
  return String(port);
}

function decisionOf(index: number) {
  return {
    taskId: `task-${index}`,
    taskType: 'mail',
    selectedAgentId: `agent-${index % 3}`,
    routingStrategy: 'capability-match' as const,
    confidence: 0.5,
  };
}

/** Tasks recorded so far, the lines as they went out, and what each cost the caller. */
interface Recording {
  readonly costsMs: number[];
  /** Ends the recording. */
  stop(): Promise<number>;
}

/** Records three facts per task, about 400 tasks a second, until stopped. */
function startRecording(tracker: Assay['tracker'], startMs: number): Recording {
  const costsMs: number[] = [];
  let isStopped = false;
  const running = (async () => {
    while (!isStopped) {
      for (let burst = 0; burst < 4; burst += 1) {
        const index = costsMs.length;
        const timestamp = startMs + index;
        const startedMs = performance.now();
        recordTask(tracker, index, timestamp);
        costsMs.push(performance.now() - startedMs);
      }
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  })();
  return {
    costsMs,
    async stop() {
      isStopped = true;
      await running;
      return costsMs.length;
    },
  };
}

// The time is a function of the number, so that the same facts can be recorded once more.
function recordTask(tracker: Assay['tracker'], index: number, timestamp: number): void {
  const taskId = `task-${index}`;
  const agentId = `agent-${index % 3}`;
  tracker.decision({ ...decisionOf(index), timestamp });
  tracker.execution({
    taskId,
    agentId,
    taskType: 'mail',
    timestamp,
    success: true,
    latencyMs: 5,
    tokensUsed: 7,
    response: 'x'.repeat(500),
  });
  tracker.evaluation({ taskId, agentId, taskType: 'mail', timestamp, overallScore: 0.5 });
}

interface Aggregates {
  readonly items: readonly { n: number; qualityN: number; tokens: number }[];
}

/** Executions, evaluations and tokens that the rollups have. */
async function aggregated(client: Assay): Promise<Record<string, number>> {
  const { items } = await client.api.aggregates<Aggregates>({ by: 'agent' });
  const sum = (read: (item: Aggregates['items'][number]) => number): number =>
    items.reduce((total, item) => total + read(item), 0);
  return {
    executions: sum((item) => item.n),
    evaluations: sum((item) => item.qualityN),
    tokens: sum((item) => item.tokens),
  };
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

describe.skipIf(!isBuilt)('a client whose server goes away', () => {
  it.each(['SIGTERM', 'SIGKILL'] as const)(
    'loses nothing and doubles nothing after %s',
    async (signal) => {
      const env = { ASSAY_DATA_DIR: join(folder, 'data'), ASSAY_PORT: await freePort() };
      server = await spawnServer(env);
      const { url, adminKey } = server;
      const spoolDirectory = join(folder, 'spool');
      const connect = (): Assay =>
        createAssay({
          url,
          apiKey: adminKey,
          spoolDirectory,
          onError: (error) => void errors.push(error),
        });
      assay = connect();

      const startMs = Date.now();
      const recording = startRecording(assay.tracker, startMs);
      await wait(STEADY_MS);
      await server.stop(signal);
      const before = recording.costsMs.length;
      await wait(OUTAGE_MS);
      const during = recording.costsMs.length;
      expect(assay.stats().isServerUp).toBe(false);
      expect(assay.stats().spooled).toBeGreaterThan(0);
      server = await spawnServer({ ...env, ASSAY_ADMIN_KEY: adminKey });
      expect(server.url).toBe(url);
      await wait(STEADY_MS);
      const tasks = await recording.stop();

      await assay.flush({ timeoutMs: 60_000 });
      expect(assay.stats()).toMatchObject({
        recorded: 3 * tasks,
        delivered: 3 * tasks,
        rejected: 0,
        dropped: 0,
        invalid: 0,
        buffered: 0,
        spooled: 0,
      });
      expect(errors.filter(({ code }) => code === 'client.rejected')).toEqual([]);
      const costs = recording.costsMs.slice(before, during);
      const p99 = quantile(costs, 0.99);
      figures.push(
        `${signal}: ${tasks} tasks, ${during - before} of them in ${OUTAGE_MS} ms without a server; p99 ${p99.toFixed(3)} ms per task then; duplicates sent ${assay.stats().duplicates}`,
      );
      // A sign of life only: the bench measures.
      expect(p99).toBeLessThan(50);

      const whole = { executions: tasks, evaluations: tasks, tokens: 7 * tasks };
      const client = assay;
      await expect.poll(() => aggregated(client), { timeout: 15_000 }).toEqual(whole);
      await client.close();
      expect(readdirSync(spoolDirectory)).toEqual([]);

      assay = connect();
      for (let index = 0; index < tasks; index += 1) {
        recordTask(assay.tracker, index, startMs + index);
        // All at once would be more than the client holds; no task of a user does that.
        if (index % 1_000 === 999) await assay.flush({ timeoutMs: 60_000 });
      }
      await assay.flush({ timeoutMs: 60_000 });
      expect(assay.stats()).toMatchObject({ delivered: 3 * tasks, duplicates: 3 * tasks });
      const again = assay;
      expect(await aggregated(again)).toEqual(whole);
    },
    120_000 + 2 * OUTAGE_MS,
  );
});
