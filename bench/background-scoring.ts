import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BenchRow, quantile } from './bench-row.ts';
import { pacedRoutes } from './decision.ts';
import { type SpawnedServer, spawnServer } from './spawn-server.ts';

const ROUTES_PER_SECOND = 200;
const RESPONSES_PER_SECOND = 50;
const ROUND_SECONDS = 4;
const ROUNDS = 3;

const SENTENCE =
  'A heat pump moves heat from the cold air outside into the rooms: its refrigerant evaporates, is compressed, and gives the heat off again. ';

let sent = 0;

async function send(server: SpawnedServer, method: string, path: string, body: unknown) {
  const response = await fetch(`${server.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${server.adminKey}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${path} answered ${response.status}`);
}

/** An execution with a response of about 250 words, no two alike. */
function execution(): object {
  sent += 1;
  return {
    kind: 'execution',
    taskId: `answer-${process.pid}-${sent}`,
    timestamp: Date.now(),
    agentId: 'atlas',
    taskType: 'explain',
    success: true,
    prompt: 'How does a heat pump warm a house in winter?',
    response: `Answer ${sent}. ${SENTENCE.repeat(10)}`,
  };
}

/** Latencies of routes while responses are recorded at a steady rate. */
async function round(server: SpawnedServer, isScored: boolean): Promise<number[]> {
  await send(server, 'PUT', '/v1/score/settings', { isBackground: isScored });
  const recording = setInterval(() => {
    void send(server, 'POST', '/v1/records', [execution()]).catch(() => undefined);
  }, 1_000 / RESPONSES_PER_SECOND);
  try {
    return await pacedRoutes(server, ROUND_SECONDS, ROUTES_PER_SECOND);
  } finally {
    clearInterval(recording);
  }
}

/** Whether routing waits for scores: the same load with and without background scoring, in turns. */
export async function benchBackgroundScoring(): Promise<BenchRow[]> {
  const work = await mkdtemp(join(tmpdir(), 'assay-bench-'));
  const server = await spawnServer({ ASSAY_DATA_DIR: work });
  try {
    await round(server, true);
    const plain: number[] = [];
    const scored: number[] = [];
    for (let turn = 0; turn < ROUNDS; turn++) {
      plain.push(...(await round(server, false)));
      scored.push(...(await round(server, true)));
    }
    const name = (share: string): string =>
      `route at ${ROUTES_PER_SECOND}/s while ${RESPONSES_PER_SECOND} responses/s are recorded and scored, ${share}`;
    return [['p50', 0.5] as const, ['p99', 0.99] as const].map(([share, p]) => ({
      name: name(share),
      unit: 'ms',
      value: quantile(scored, p),
      reference: quantile(plain, p),
      referenceName: 'not scored',
      n: scored.length,
    }));
  } finally {
    await server.stop();
    await rm(work, { recursive: true, force: true });
  }
}
