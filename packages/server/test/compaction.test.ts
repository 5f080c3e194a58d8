import { createTenant, listSlots, openStore } from '@assay/store';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Engine } from '../src/engine/engine.ts';
import { createDutyRunner } from '../src/engine/periodic-duty.ts';
import { getRun, listRuns } from '../src/engine/runs.ts';
import { createUpkeep } from '../src/engine/upkeep.ts';
import { engineOn, type TestClock } from './shared-store.ts';
import { task } from './task-facts.ts';

const DAY_MS = 86_400_000;
const START = Date.UTC(2026, 10, 1, 12);
const clock: TestClock = { nowMs: START };
const faults: unknown[] = [];
let engine: Engine;
let tenantId = 0;
let close: () => Promise<void>;

beforeAll(async () => {
  const db = await openStore({ kind: 'pglite', directory: 'memory' });
  engine = await engineOn(db, clock, (error) => faults.push(error));
  tenantId = await createTenant(db, 'one', START);
  close = async () => {
    await engine.close();
    await db.close();
  };
});
afterAll(() => close?.());

/** Lets the duty run if it is due, and gives what it noted last. */
async function compact(): Promise<unknown> {
  const { context } = engine;
  const runner = createDutyRunner(context, 'p', (_job, error) => faults.push(error));
  const upkeep = createUpkeep(engine);
  await upkeep.rollUpAll();
  const duty = upkeep.duties.find(({ job }) => job === 'compaction');
  if (duty === undefined) throw new Error('no such duty');
  expect(await runner.runDue(duty, new AbortController().signal)).toBe('done');
  expect(faults).toEqual([]);
  return (await listSlots(context.db, { job: 'compaction' }))[0]?.note;
}

describe('the daily compaction', () => {
  it('packs a day that has been at rest for a week, once', async () => {
    await engine.record(
      tenantId,
      Array.from({ length: 300 }, (_, i) => task(i)),
    );
    const runs = await listRuns(engine.context, tenantId, { limit: 200 });
    const one = await getRun(engine.context, tenantId, 'task-77');
    expect(await compact()).toMatchObject({ periods: 0 });
    clock.nowMs = START + 7 * DAY_MS;
    expect(await compact()).toMatchObject({ periods: 0 });
    clock.nowMs = START + 8 * DAY_MS;
    expect(await compact()).toMatchObject({ periods: 1, facts: 300, refused: 0 });
    expect(await listRuns(engine.context, tenantId, { limit: 200 })).toEqual(runs);
    expect(await getRun(engine.context, tenantId, 'task-77')).toEqual(one);
    clock.nowMs = START + 9 * DAY_MS;
    expect(await compact()).toMatchObject({ periods: 0 });
  });

  it('packs again when many late facts have come', async () => {
    await engine.record(tenantId, [task(1_000)]);
    clock.nowMs = START + 10 * DAY_MS;
    expect(await compact()).toMatchObject({ periods: 0 });
    await engine.record(
      tenantId,
      Array.from({ length: 40 }, (_, i) => task(2_000 + i)),
    );
    clock.nowMs = START + 11 * DAY_MS;
    expect(await compact()).toMatchObject({ periods: 1, facts: 341 });
  });

  it('leaves what was imported alone for a week, however old it is', async () => {
    clock.nowMs = START + 100 * DAY_MS;
    await engine.record(tenantId, [old(1)]);
    expect(await compact()).toMatchObject({ periods: 0 });
    clock.nowMs += 6 * DAY_MS;
    expect(await compact()).toMatchObject({ periods: 0 });
    clock.nowMs += 2 * DAY_MS;
    expect(await compact()).toMatchObject({ periods: 1, facts: 1 });
  });
});

/** A task of the day before the first one. */
function old(i: number) {
  return task(i + Math.ceil((5 * DAY_MS) / 977));
}
