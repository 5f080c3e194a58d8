import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BenchRow, quantile } from './bench-row.ts';
import { type SpawnedServer, spawnServer } from './spawn-server.ts';

const RATE_PER_SECOND = 500;
const SECONDS = 10;

function routeOnce(agent: Agent, server: SpawnedServer, number: number): Promise<number> {
  const body = JSON.stringify({
    taskId: `bench-${process.pid}-${number}`,
    taskType: 'triage',
    taskKind: number % 2 === 0 ? 'plain' : 'html',
    candidates: ['atlas', 'birch', 'cedar', 'delta', 'ember'].map((agentId) => ({ agentId })),
  });
  const started = performance.now();
  return new Promise((resolve, reject) => {
    const call = request(
      `${server.url}/v1/route`,
      {
        method: 'POST',
        agent,
        headers: {
          authorization: `Bearer ${server.adminKey}`,
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
        },
      },
      (response) => {
        response.resume();
        response.once('end', () => {
          if (response.statusCode === 200) resolve(performance.now() - started);
          else reject(new Error(`route answered ${response.statusCode}`));
        });
      },
    );
    call.once('error', reject);
    call.end(body);
  });
}

/** Latencies of routes, ms. Requests leave on a fixed schedule, so that a slow answer does not slow the next request. */
export async function pacedRoutes(
  server: SpawnedServer,
  seconds: number,
  ratePerSecond: number = RATE_PER_SECOND,
): Promise<number[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  const total = ratePerSecond * seconds;
  const pending: Promise<number>[] = [];
  const started = performance.now();
  while (pending.length < total) {
    const due = Math.min(total, Math.floor(((performance.now() - started) / 1000) * ratePerSecond));
    while (pending.length < due) pending.push(routeOnce(agent, server, pending.length));
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  const latencies = await Promise.all(pending);
  agent.destroy();
  return latencies;
}

/** Route decisions over HTTP at 500/s, each one recorded durably. */
export async function benchDecisionOverHttp(): Promise<BenchRow[]> {
  const work = await mkdtemp(join(tmpdir(), 'assay-bench-'));
  const server = await spawnServer({ ASSAY_DATA_DIR: work });
  try {
    await pacedRoutes(server, 2);
    const latencies = await pacedRoutes(server, SECONDS);
    const p99 = quantile(latencies, 0.99);
    return [
      {
        name: `route over HTTP at ${RATE_PER_SECOND}/s, p99`,
        unit: 'ms',
        value: p99,
        reference: 100,
        referenceName: 'requirement',
        target: '< 5',
        isMet: p99 < 5,
        n: latencies.length,
        note: `p50 ${quantile(latencies, 0.5).toFixed(2)} ms`,
      },
    ];
  } finally {
    await server.stop();
    await rm(work, { recursive: true, force: true });
  }
}
