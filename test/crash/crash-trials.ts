import { randomUUID } from 'node:crypto';
import { type SpawnedServer, spawnServer } from '../../bench/spawn-server.ts';

/** What one trial found. */
export interface CrashTrial {
  readonly acknowledged: number;
  /** Acknowledged before the kill and not there afterwards. */
  readonly lost: number;
  /** Sent without an answer before the kill; either outcome is right. */
  readonly unanswered: number;
}

/** What all trials found together. */
export interface CrashReport {
  readonly trials: readonly CrashTrial[];
  /** Distinct facts sent over all trials. */
  readonly sent: number;
  /** Executions that the statistics count at the end. */
  readonly counted: number;
}

interface Answer {
  readonly accepted: number;
  readonly duplicates: number;
}

const FACTS_PER_BATCH = 20;
const WRITERS = 4;

function batchOf(size: number): string {
  const now = Date.now();
  return Array.from({ length: size }, (_, index) =>
    JSON.stringify({
      kind: 'execution',
      taskId: randomUUID(),
      agentId: index % 2 === 0 ? 'atlas' : 'birch',
      agentVersion: '1',
      taskType: 'crash-test',
      timestamp: now - index,
      success: true,
      latencyMs: 10 + index,
    }),
  ).join('\n');
}

async function send(server: SpawnedServer, body: string): Promise<Answer> {
  const response = await fetch(`${server.url}/v1/records`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${server.adminKey}`,
      'content-type': 'application/x-ndjson',
      prefer: 'return=minimal',
    },
    body,
  });
  if (!response.ok) throw new Error(`ingest answered ${response.status}`);
  return (await response.json()) as Answer;
}

/** Writes until the server is gone. Batches move from `open` to `acknowledged` on their answer. */
async function writeUntilKilled(
  server: SpawnedServer,
  open: Set<string>,
  acknowledged: string[],
): Promise<void> {
  for (;;) {
    const body = batchOf(FACTS_PER_BATCH);
    open.add(body);
    try {
      await send(server, body);
    } catch {
      return;
    }
    open.delete(body);
    acknowledged.push(body);
  }
}

async function runTrial(
  env: Readonly<Record<string, string>>,
  killAfterMs: number,
): Promise<CrashTrial> {
  const server = await spawnServer(env);
  const open = new Set<string>();
  const acknowledged: string[] = [];
  const writers = Array.from({ length: WRITERS }, () =>
    writeUntilKilled(server, open, acknowledged),
  );
  await new Promise((resolve) => setTimeout(resolve, killAfterMs));
  await server.stop('SIGKILL');
  await Promise.all(writers);

  const again = await spawnServer(env);
  let lost = 0;
  for (const body of acknowledged) lost += (await send(again, body)).accepted;
  for (const body of open) await send(again, body);
  await again.stop('SIGKILL');
  return {
    acknowledged: acknowledged.length * FACTS_PER_BATCH,
    lost,
    unanswered: open.size * FACTS_PER_BATCH,
  };
}

async function countExecutions(
  env: Readonly<Record<string, string>>,
  expected: number,
): Promise<number> {
  const server = await spawnServer(env);
  let counted = 0;
  for (let attempt = 0; attempt < 100 && counted < expected; attempt++) {
    const response = await fetch(`${server.url}/v1/aggregates?by=taskType&taskType=crash-test`, {
      headers: { authorization: `Bearer ${server.adminKey}` },
    });
    const page = (await response.json()) as { items: readonly { n: number }[] };
    counted = page.items.reduce((sum, item) => sum + item.n, 0);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  await server.stop();
  return counted;
}

/**
 * Kills the server with SIGKILL at a random moment under load, again and again, and checks that
 * every acknowledged fact is there once.
 */
export async function runCrashTrials(
  trials: number,
  env: Readonly<Record<string, string>>,
  onTrial: (trial: CrashTrial, number: number) => void = () => undefined,
): Promise<CrashReport> {
  const done: CrashTrial[] = [];
  for (let number = 1; number <= trials; number++) {
    const trial = await runTrial(env, 100 + Math.random() * 1500);
    done.push(trial);
    onTrial(trial, number);
  }
  const sent = done.reduce((sum, trial) => sum + trial.acknowledged + trial.unanswered, 0);
  return { trials: done, sent, counted: await countExecutions(env, sent) };
}
