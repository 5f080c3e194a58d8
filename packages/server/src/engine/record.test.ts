import { createHash, randomUUID } from 'node:crypto';
import type { Database } from '@assay/store';
import { createTenant, openStore } from '@assay/store';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EngineContext } from './context.ts';
import type { Engine } from './engine.ts';
import { createEngine } from './engine.ts';
import { evidenceOf } from './learn.ts';
import { lineOf, splitLines } from './raw-lines.ts';
import { getRun } from './runs.ts';

let db: Database;
let tenantId = 0;
const faults: unknown[] = [];

beforeAll(async () => {
  db = await openStore({ kind: 'pglite', directory: 'memory' });
  tenantId = await createTenant(db, 'first', Date.now());
});

afterAll(async () => {
  await db.close();
});

function contextOf(database: Database): EngineContext {
  return {
    db: database,
    dataDirectory: '/nowhere',
    now: Date.now,
    newId: randomUUID,
    random: () => 0.5,
    hash: (text) => createHash('sha256').update(text).digest('hex'),
    hashBytes: (bytes) => createHash('sha256').update(bytes).digest('hex'),
  };
}

function openEngine(database: Database = db, maxQueueItems?: number): Promise<Engine> {
  return createEngine({
    context: contextOf(database),
    recordWindowDays: 400,
    newSecret: () => randomUUID().replaceAll('-', ''),
    pause: () => Promise.resolve(),
    onFault: (error) => faults.push(error),
    ...(maxQueueItems === undefined ? {} : { maxQueueItems }),
  });
}

let count = 0;

function task(over: Record<string, unknown> = {}, execution: Record<string, unknown> = {}) {
  count += 1;
  return {
    kind: 'task',
    taskId: `task-${count}`,
    timestamp: Date.now(),
    execution: { agentId: 'a', agentVersion: '1', taskType: 'mail', success: true, ...execution },
    ...over,
  };
}

/** A store that fails as told before the real one is asked. */
function failing(next: (text: string) => Error | null): Database {
  return new Proxy(db, {
    get(target, name, receiver) {
      if (name !== 'tenantBatch') return Reflect.get(target, name, receiver);
      return async (...args: Parameters<Database['tenantBatch']>) => {
        const isIngest = args[1].some((one) => one.text.includes('insert into task '));
        const error = isIngest ? next(JSON.stringify(args[1][0]?.params?.[0])) : null;
        if (error !== null) throw error;
        return target.tenantBatch(...args);
      };
    },
  });
}

function sqlError(code: string): Error {
  return Object.assign(new Error(`failed with ${code}`), { code });
}

describe('recording', () => {
  it('answers every line, and takes the good ones of a bad batch', async () => {
    const engine = await openEngine();
    const good = task();
    const body = [
      JSON.stringify(good),
      '{"kind":',
      '',
      JSON.stringify({ ...task(), timestamp: '1999-01-01T00:00:00Z' }),
      JSON.stringify(good),
      JSON.stringify({ kind: 'task', taskId: 'x', timestamp: Date.now(), execution: {} }),
    ].join('\n');
    const answer = await engine.record(tenantId, splitLines(Buffer.from(body)));
    expect(answer.results).toMatchObject([
      { index: 0, status: 'accepted' },
      { index: 1, status: 'rejected', code: 'fact.not-json' },
      { index: 2, status: 'rejected', code: 'fact.time-out-of-window', path: '$.timestamp' },
      { index: 3, status: 'duplicate' },
      { index: 4, status: 'rejected', code: 'fact.invalid', path: '$.execution.agentId' },
    ]);
    expect(answer).toMatchObject({ accepted: 1, duplicates: 1, rejected: 3 });
    await engine.close();
  });

  it('stores the bytes as they were sent', async () => {
    const engine = await openEngine();
    const fact = task({ taskId: 'raw' });
    const line = `  ${JSON.stringify(fact).replace('{', '{ "unknownField" : [1, 2],')} `;
    await engine.record(tenantId, splitLines(Buffer.from(line)));
    const { rows } = await db.query<{ n: number }>('select sum(n)::int as n from doc_block');
    expect(rows[0]?.n).toBeGreaterThan(0);
    expect((await getRun(engine.context, tenantId, 'raw')).attempts).toHaveLength(1);
    await engine.close();
  });

  it('counts a fact once when it is sent in many batches at the same time', async () => {
    const engine = await openEngine();
    const facts = Array.from({ length: 50 }, () => task());
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => engine.record(tenantId, facts.map(lineOf))),
    );
    const accepted = answers.reduce((sum, one) => sum + one.accepted, 0);
    const duplicates = answers.reduce((sum, one) => sum + one.duplicates, 0);
    expect({ accepted, duplicates }).toEqual({ accepted: 50, duplicates: 350 });
    await engine.close();
  });

  it('isolates a poisoned fact', async () => {
    const poisoned = task({}, { latencyMs: 424_242 });
    const store = failing((text) => (text.includes('424242') ? sqlError('22P02') : null));
    const engine = await openEngine(store);
    const facts = [task(), task(), poisoned, task(), task()];
    const answer = await engine.record(tenantId, facts.map(lineOf));
    expect(answer).toMatchObject({ accepted: 4, rejected: 1 });
    expect(answer.results[2]).toMatchObject({ status: 'rejected', code: 'fact.refused' });
    await engine.close();
  });

  it('sends a group again after a lost connection', async () => {
    let failures = 2;
    const store = failing(() => (failures-- > 0 ? sqlError('08006') : null));
    const engine = await openEngine(store);
    const answer = await engine.record(tenantId, [lineOf(task())]);
    expect(answer.accepted).toBe(1);
    await engine.close();
  });

  it('says that the store is not there, and takes the same facts later', async () => {
    let isDown = true;
    const store = failing(() => (isDown ? sqlError('08006') : null));
    const engine = await openEngine(store);
    const lines = [task(), task()].map(lineOf);
    await expect(engine.record(tenantId, lines)).rejects.toMatchObject({
      code: 'store.unavailable',
    });
    isDown = false;
    const again = [task(), task()].map(lineOf);
    expect((await engine.record(tenantId, again)).accepted).toBe(2);
    await engine.close();
  });

  it('refuses when too much waits', async () => {
    const engine = await openEngine(db, 10);
    const batches = Array.from({ length: 40 }, () =>
      engine.record(
        tenantId,
        Array.from({ length: 5 }, () => lineOf(task())),
      ),
    );
    const settled = await Promise.allSettled(batches);
    const refused = settled.filter((one) => one.status === 'rejected');
    expect(refused.length).toBeGreaterThan(0);
    for (const one of refused) expect(one.reason).toMatchObject({ code: 'ingest.busy' });
    await engine.close();
  });

  it('stores a decision that was only queued before it closes', async () => {
    const before = await openEngine();
    const ask = { taskType: 'mail', record: 'queued' as const, candidates: [{ agentId: 'a' }] };
    const answers = await Promise.all(
      ['q1', 'q2'].map((taskId) => before.route(tenantId, { ...ask, taskId })),
    );
    expect(answers.map((one) => one.recording)).toEqual(['queued', 'queued']);
    await before.close();
    const after = await openEngine();
    for (const { taskId, decisionId } of answers) {
      expect((await getRun(after.context, tenantId, taskId))?.decision?.decisionId).toBe(
        decisionId,
      );
    }
    await after.close();
  });

  it('says at once when a decision cannot be recorded, also when nobody waits', async () => {
    const engine = await openEngine();
    const ask = { taskId: 'old', taskType: 'mail', candidates: [{ agentId: 'a' }] };
    for (const record of ['queued', 'durable'] as const) {
      await expect(
        engine.route(tenantId, { ...ask, record, timestamp: '1990-01-01T00:00:00Z' }),
      ).rejects.toMatchObject({ code: 'fact.time-out-of-window' });
    }
    await engine.close();
  });

  it('knows after a restart what it knew before', async () => {
    const tenant = await createTenant(db, 'restarted', Date.now());
    const before = await openEngine();
    const facts = Array.from({ length: 60 }, (_, index) =>
      task(
        { evaluation: index % 3 === 0 ? null : { overallScore: (index % 10) / 10 } },
        { agentId: index % 2 === 0 ? 'a' : 'b', success: index % 3 !== 0, latencyMs: index },
      ),
    );
    await before.record(tenant, facts.map(lineOf));
    await before.record(tenant, facts.map(lineOf));
    const known = evidenceOf(await before.memory(tenant), {});
    await before.close();
    const after = await openEngine();
    const restored = evidenceOf(await after.memory(tenant), {});
    expect(restored).toHaveLength(2);
    restored.forEach((cell, index) => {
      expect(cell).toMatchObject({ agentId: known[index]?.agentId, n: 30 });
      expect(cell.success?.mean).toBeCloseTo(known[index]?.success?.mean ?? -1, 9);
      expect(cell.quality?.n).toBe(known[index]?.quality?.n);
      expect(cell.quality?.mean).toBeCloseTo(known[index]?.quality?.mean ?? -1, 6);
    });
    await after.close();
    expect(faults).toEqual([]);
  });

  it('carries what a promotion gave over a restart', async () => {
    const tenant = await createTenant(db, 'promoted', Date.now());
    const { registerAgent, promoteAgent } = await import('./agents.ts');
    const before = await openEngine();
    const memory = await before.memory(tenant);
    const agent = { version: '1', capabilities: [], state: 'active' as const };
    await registerAgent(before.context, memory, 'a', agent);
    const facts = Array.from({ length: 20 }, () => task({ evaluation: { overallScore: 0.9 } }));
    await before.record(tenant, facts.map(lineOf));
    await promoteAgent(before.context, memory, 'a', {
      fromVersion: '1',
      toVersion: '2',
      prior: { inheritFrom: '1' },
    });
    const ask = async (engine: Engine) =>
      engine.route(tenant, {
        taskId: randomUUID(),
        taskType: 'mail',
        record: 'none',
        candidates: [{ agentId: 'a' }, { agentId: 'new', agentVersion: '1' }],
      });
    const first = (await ask(before)).candidateAgents?.[0];
    await before.close();
    const after = await openEngine();
    const second = (await ask(after)).candidateAgents?.[0];
    expect(first?.agentVersion).toBe('2');
    expect(first?.n).toBeCloseTo(20, 6);
    expect(second?.meanScore).toBeCloseTo(first?.meanScore ?? -1, 6);
    await after.close();
  });
});
