import { type Evidence, restoreEvidence } from '@assay/loop';
import type { Database } from '@assay/store';
import { createTenant, evidenceRows, forgetChanges, openStore, readChanges } from '@assay/store';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { numbers } from '../../store/test/conformance/facts.ts';
import { registerAgent } from '../src/engine/agents.ts';
import type { Engine } from '../src/engine/engine.ts';
import { FOLLOWED_MS } from '../src/engine/follow-changes.ts';
import { saveDrift } from '../src/engine/learn.ts';
import { activatePolicy } from '../src/engine/policies.ts';
import { createUpkeep } from '../src/engine/upkeep.ts';
import { engineOn, type SharedStore, startSharedStore, type TestClock } from './shared-store.ts';
import { aroundIngest, sumsOf, TASKS_END_MS, task } from './task-facts.ts';

const START = TASKS_END_MS;
const clock: TestClock = { nowMs: START };
const faults: unknown[] = [];
let store: SharedStore;
let databases: Database[];
let tenantId = 0;
let tenants = 0;

beforeAll(async () => {
  store = await startSharedStore();
  databases = await Promise.all([store.open(), store.open()]);
});
afterAll(() => store?.stop());

beforeEach(async () => {
  clock.nowMs = START;
  tenants += 1;
  tenantId = await createTenant(first(databases), `tenant-${tenants}`, START);
});

function first<T>(all: readonly T[]): T {
  const [one] = all;
  if (one === undefined) throw new Error('none');
  return one;
}

/** Two processes, each with its own connection to the store. */
async function twoEngines(): Promise<[Engine, Engine]> {
  const [p, q] = await Promise.all(
    databases.map((db) => engineOn(db, clock, (error) => faults.push(error))),
  );
  if (p === undefined || q === undefined) throw new Error('none');
  await Promise.all([p.memory(tenantId), q.memory(tenantId)]);
  return [p, q];
}

async function stored(): Promise<unknown> {
  return sumsOf(restoreEvidence(await evidenceRows(first(databases), tenantId, 0)));
}

async function evidenceIn(engine: Engine): Promise<Evidence> {
  return (await engine.memory(tenantId)).evidence;
}

function rollUpAll(engine: Engine): Promise<number> {
  return createUpkeep(engine).rollUpAll();
}

async function settle(engines: readonly Engine[]): Promise<void> {
  await rollUpAll(first(engines));
  for (const engine of engines) await engine.refresh();
  expect(faults).toEqual([]);
}

describe('two processes on one store', () => {
  it('learn each from what the other recorded, in evidence and in probabilities', async () => {
    const [p, q] = await twoEngines();
    const ask = (engine: Engine) =>
      engine.route(tenantId, {
        taskId: 'ask',
        taskType: 'mail',
        taskKind: 'question',
        candidates: [
          { agentId: 'atlas', agentVersion: '1' },
          { agentId: 'birch', agentVersion: '1' },
        ],
        record: 'none',
      });
    const before = await ask(q);
    await p.record(
      tenantId,
      Array.from({ length: 60 }, (_, i) =>
        task(i, { taskKind: 'question', success: i % 2 === 0, qualityScore: i % 2 === 0 ? 1 : 0 }),
      ),
    );
    await q.refresh();
    expect((await evidenceIn(q)).cells.size).toBe(0); // committed and not rolled up yet
    await settle([p, q]);
    expect(sumsOf(await evidenceIn(q))).toEqual(sumsOf(await evidenceIn(p)));
    expect(sumsOf(await evidenceIn(q))).toEqual(await stored());
    const after = await ask(q);
    const own = await ask(p);
    expect(before.candidateAgents?.[0]?.probability).toBeCloseTo(0.5, 9);
    expect(after.candidateAgents?.[0]?.probability).toBeGreaterThan(0.8);
    const figures = ({ candidateAgents }: typeof own) =>
      candidateAgents?.map(({ probability, meanScore, n }) => ({ probability, meanScore, n }));
    expect(figures(after)).toEqual(figures(own));
    await q.record(tenantId, [task(100)]);
    await settle([p, q]);
    expect(sumsOf(await evidenceIn(p))).toEqual(await stored());
  });

  it.each([1, 2, 3])(
    'count everything once under load, the same facts sent to both (%i)',
    async (seed) => {
      const engines = await twoEngines();
      const random = numbers(seed);
      let isOver = false;
      const background = [
        ...engines.map(async (engine) => {
          while (!isOver) await rollUpAll(engine);
        }),
        ...engines.map(async (engine) => {
          while (!isOver) await engine.refresh();
        }),
      ];
      const writers = engines.map(async (engine, who) => {
        for (let round = 0; round < 25; round++) {
          const requests = Array.from({ length: 4 }, () => {
            const from = Math.floor(random() * 2_000) + who;
            const size = 1 + Math.floor(random() * 40);
            return engine.record(
              tenantId,
              Array.from({ length: size }, (_, k) => task(from + k)),
            );
          });
          const batch = Array.from({ length: 20 }, (_, k) => task(10_000 + round * 20 + k));
          await Promise.all([...requests, engine.record(tenantId, batch)]);
        }
      });
      await Promise.all(writers);
      isOver = true;
      await Promise.all(background);
      await settle(engines);
      const wanted = await stored();
      for (const engine of engines) expect(sumsOf(await evidenceIn(engine))).toEqual(wanted);
      const third = await engineOn(first(databases), clock, (error) => faults.push(error));
      expect(sumsOf(await evidenceIn(third))).toEqual(wanted);
    },
  );

  it('miss no commit that comes later than younger ones', async () => {
    const [p, q] = await twoEngines();
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    // Everything of p's commit is written, and the commit itself waits.
    const slow = aroundIngest(first(databases), (_ingest, scope, statements) =>
      first(databases).tenantTransaction(scope, async (run) => {
        const results = [];
        for (const { text, params } of statements) results.push(await run(text, params));
        await held;
        return results;
      }),
    );
    const late = await engineOn(slow, clock, (error) => faults.push(error));
    const waiting = late.record(tenantId, [task(1), task(2)]);
    await p.record(tenantId, [task(3)]);
    await settle([p, q]);
    expect(sumsOf(await evidenceIn(q))).toEqual(await stored());
    release();
    await waiting;
    await settle([p, q, late]);
    for (const engine of [p, q, late]) {
      expect(sumsOf(await evidenceIn(engine))).toEqual(await stored());
    }
    expect((await evidenceIn(q)).sequence).toBe(3);
  });

  it.each([false, true])(
    'learn once what was rolled up before the own answer was read (evidence read anew: %s)',
    async (isReloaded) => {
      const [, q] = await twoEngines();
      let release: () => void = () => undefined;
      const held = new Promise<void>((resolve) => {
        release = resolve;
      });
      let committed: () => void = () => undefined;
      const isCommitted = new Promise<void>((resolve) => {
        committed = resolve;
      });
      const slow = aroundIngest(first(databases), async (ingest, ...batch) => {
        const results = await ingest(...batch);
        committed();
        await held;
        return results;
      });
      const p = await engineOn(slow, clock, (error) => faults.push(error));
      const waiting = p.record(tenantId, [task(1), task(2)]);
      await isCommitted;
      await rollUpAll(q);
      if (isReloaded) {
        await q.record(tenantId, [task(3)]);
        await rollUpAll(q);
        await forgetChanges(first(databases), tenantId, START + 1);
      }
      await p.refresh();
      expect((await evidenceIn(p)).sequence).toBe(isReloaded ? 3 : 0);
      release();
      await waiting;
      await settle([p, q]);
      for (const engine of [p, q]) {
        expect(sumsOf(await evidenceIn(engine))).toEqual(await stored());
      }
    },
  );

  it('learn what was committed although its writer heard of a failure', async () => {
    const [, q] = await twoEngines();
    let failures = 0;
    const cut = aroundIngest(first(databases), async (ingest, ...batch) => {
      const results = await ingest(...batch);
      failures += 1;
      if (failures > 1) return results;
      throw Object.assign(new Error('the connection is gone'), { code: '08006' });
    });
    const p = await engineOn(cut, clock, (error) => faults.push(error));
    expect(await p.record(tenantId, [task(1)])).toMatchObject({ duplicates: 1 });
    await settle([p, q]);
    expect((await evidenceIn(p)).sequence).toBe(1);
    expect(sumsOf(await evidenceIn(p))).toEqual(await stored());
  });

  it.each(['forgotten', 'too old'])('read the evidence anew when changes are %s', async (why) => {
    const [p, q] = await twoEngines();
    await p.record(tenantId, [task(1), task(2)]);
    await registerAgent(p.context, await p.memory(tenantId), 'cedar', registration('7'));
    await rollUpAll(p);
    await q.record(tenantId, [task(3)]); // learned there, not rolled up
    await p.record(tenantId, [task(4)]);
    await rollUpAll(p);
    if (why === 'forgotten') expect(await forgetChanges(p.context.db, tenantId, START + 1)).toBe(2);
    else clock.nowMs += FOLLOWED_MS + 1;
    await settle([p, q]);
    for (const engine of [p, q]) {
      expect(sumsOf(await evidenceIn(engine))).toEqual(await stored());
      expect((await evidenceIn(engine)).sequence).toBe(4);
    }
    expect((await q.memory(tenantId)).agents.get('cedar')?.version).toBe('7');
  });

  it('share agents, policies and what a version starts with', async () => {
    const [p, q] = await twoEngines();
    await p.record(tenantId, [task(0), task(2), task(4)]);
    await settle([p, q]);
    const [mine, theirs] = [await p.memory(tenantId), await q.memory(tenantId)];
    await registerAgent(p.context, mine, 'atlas', registration('1'));
    const prior = { inheritFrom: '1' };
    await registerAgent(p.context, mine, 'atlas', { ...registration('2'), prior });
    await activatePolicy(p.context, mine, 'careful', { floor: 0.2 });
    await settle([p, q]);
    await settle([p, q]);
    expect(theirs.agents.get('atlas')).toEqual(mine.agents.get('atlas'));
    expect(theirs.activePolicyId).toBe('careful');
    expect(theirs.policies.get('careful')).toEqual(mine.policies.get('careful'));
    expect(theirs.priors).toEqual(mine.priors);
    expect(mine.priors.size).toBe(1);
    expect(sumsOf(theirs.evidence)).toEqual(sumsOf(mine.evidence));
    const third = await engineOn(first(databases), clock, (error) => faults.push(error));
    expect(sumsOf(await evidenceIn(third))).toEqual(sumsOf(mine.evidence));
  });

  it('see each other in the drift watch, the live stream and the count of open tasks', async () => {
    const [p, q] = await twoEngines();
    const seen: unknown[] = [];
    q.streams.subscribe(tenantId, ({ event, data }) => seen.push([event, data]));
    await q.route(tenantId, {
      taskId: 'task-7',
      taskType: 'mail',
      candidates: [{ agentId: 'birch' }],
      record: 'durable',
    });
    expect((await q.memory(tenantId)).open.get('birch')).toBe(1);
    await p.record(tenantId, [task(7)]);
    await settle([p, q]);
    const own = expect.objectContaining({ kind: 'task', taskId: 'task-7', agentId: 'birch' });
    await expect.poll(() => seen).toContainEqual(['fact', own]);
    const memory = await q.memory(tenantId);
    expect(memory.open.get('birch')).toBeUndefined();
    expect([...memory.drift.series.keys()]).toEqual([
      ...(await p.memory(tenantId)).drift.series.keys(),
    ]);
  });
});

describe('the drift watch', () => {
  const length = (engine: Engine) => async () =>
    [...(await engine.memory(tenantId)).drift.series.values()].reduce(
      (sum, { oldN, sums }) => sum + oldN + sums.length,
      0,
    );

  it('goes on in a new process from what was saved and what happened since', async () => {
    const [p, q] = await twoEngines();
    await p.record(tenantId, [task(1), task(2), task(3)]);
    await settle([p, q]);
    await saveDrift(q.context, q.memories);
    await q.record(tenantId, [task(4), task(6)]);
    await settle([p, q]);
    const third = await engineOn(first(databases), clock, (error) => faults.push(error));
    expect(await length(third)()).toBe(await length(p)());
    expect(await length(third)()).toBeGreaterThan(5);
  });

  it('goes on with a gap when the changes since are forgotten', async () => {
    const [p, q] = await twoEngines();
    await p.record(tenantId, [task(1)]);
    await settle([p, q]);
    await saveDrift(p.context, p.memories);
    const saved = await length(p)();
    for (const i of [2, 4]) {
      await p.record(tenantId, [task(i)]);
      await settle([p, q]);
    }
    await forgetChanges(first(databases), tenantId, START + 1);
    const third = await engineOn(first(databases), clock, (error) => faults.push(error));
    expect(await length(third)()).toBe(saved);
    expect(sumsOf(await evidenceIn(third))).toEqual(await stored());
  });
});

describe('one process on the embedded store', () => {
  it('writes no changes and asks for none', async () => {
    const db = await openStore({ kind: 'pglite', directory: 'memory' });
    tenantId = await createTenant(db, 'alone', START);
    const asked: string[] = [];
    const watched = new Proxy(db, {
      get(target, name, receiver) {
        if (name !== 'tenantBatch') return Reflect.get(target, name, receiver);
        return (...[scope, statements]: Parameters<Database['tenantBatch']>) => {
          asked.push(...statements.map(({ text }) => text));
          return target.tenantBatch(scope, statements);
        };
      },
    });
    const engine = await engineOn(watched, clock, (error) => faults.push(error));
    await engine.record(tenantId, [task(1)]);
    await registerAgent(engine.context, await engine.memory(tenantId), 'a', registration('1'));
    await rollUpAll(engine);
    asked.length = 0;
    await engine.refresh(); // saves the counts of what was received
    await engine.refresh();
    expect(asked.filter((text) => !text.includes('ingest_health'))).toEqual([]);
    expect(await readChanges(db, [{ tenantId, seq: 0 }], 10)).toEqual([]);
    await db.close();
  });
});

function registration(version: string) {
  return { version, capabilities: [], state: 'active' as const };
}
