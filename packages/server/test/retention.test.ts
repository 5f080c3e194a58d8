import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Database } from '@assay/store';
import { aggregates, createTenant, listPeriods, listSlots, openStore } from '@assay/store';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createProgram } from '../src/cli/program.ts';
import { readArchive } from '../src/engine/archive-file.ts';
import type { Engine } from '../src/engine/engine.ts';
import { createDutyRunner } from '../src/engine/periodic-duty.ts';
import { changeRetention, type RetentionReport, retentionReport } from '../src/engine/retention.ts';
import { listRuns } from '../src/engine/runs.ts';
import { createUpkeep } from '../src/engine/upkeep.ts';
import { send, startServer } from './server-under-test.ts';
import { engineOn, type TestClock } from './shared-store.ts';
import { sumsOf, task } from './task-facts.ts';

const DAY_MS = 86_400_000;
const START = Date.UTC(2026, 10, 1, 12);
const DAY = Date.UTC(2026, 10, 1);
const clock: TestClock = { nowMs: START };
const faults: unknown[] = [];
const directory = mkdtempSync(join(tmpdir(), 'assay-retention-'));
let db: Database;
let engine: Engine;
let patient = 0;
let hasty = 0;

beforeAll(async () => {
  db = await openStore({ kind: 'pglite', directory: 'memory' });
  engine = await engineOn(db, clock, (error) => faults.push(error), directory);
  patient = await createTenant(db, 'patient', START);
  hasty = await createTenant(db, 'hasty', START);
  const tasks = Array.from({ length: 40 }, (_, i) => task(i));
  for (const tenantId of [patient, hasty]) await engine.record(tenantId, tasks);
  const days = { hotDays: 1, warmDays: 10, archiveDays: 20, deleteDays: 30 };
  await changeRetention(engine.context, hasty, days);
});

afterAll(async () => {
  await engine?.close();
  await db?.close();
  rmSync(directory, { recursive: true, force: true });
});

/** Moves the clock to some days after the first noon and runs the duty. */
async function retainAt(days: number): Promise<unknown> {
  clock.nowMs = START + days * DAY_MS;
  const runner = createDutyRunner(engine.context, 'p', (_job, error) => faults.push(error));
  const upkeep = createUpkeep(engine);
  await upkeep.rollUpAll();
  const duty = upkeep.duties.find(({ job }) => job === 'retention');
  if (duty === undefined) throw new Error('no such duty');
  expect(await runner.runDue(duty, new AbortController().signal)).toBe('done');
  expect(faults).toEqual([]);
  await engine.window.keepFresh();
  return (await listSlots(db, { job: 'retention' }))[0]?.note;
}

async function runsOf(tenantId: number): Promise<number> {
  return (await listRuns(engine.context, tenantId, { limit: 200 })).items.length;
}

async function coldOf(tenantId: number): Promise<RetentionReport['tiers'][number] | undefined> {
  return (await retentionReport(engine.context, tenantId)).tiers.find(
    ({ tier }) => tier === 'cold',
  );
}

async function figuresOf(tenantId: number): Promise<number> {
  const range = { fromMs: DAY, toMs: DAY + DAY_MS, by: [] };
  return (await aggregates(db, tenantId, range))[0]?.n ?? 0;
}

async function hasPeriod(): Promise<boolean> {
  return (await listPeriods(db, clock.nowMs)).some(({ fromMs }) => fromMs === DAY);
}

describe('retention', () => {
  it('leaves young facts alone and says in which tier they are', async () => {
    await retainAt(0); // the periods are noticed
    expect(await retainAt(9)).toMatchObject({ archivedFiles: 0, droppedPeriods: 0 });
    const { settings, tiers } = await retentionReport(engine.context, patient);
    expect(settings).toMatchObject({ hotDays: 7, warmDays: 90 });
    expect(tiers.map(({ tier, facts }) => [tier, facts])).toEqual([
      ['hot', 0],
      ['warm', 40],
      ['cold', 0],
    ]);
  });

  it('moves the facts of one tenant into a file when only its time is over', async () => {
    const before = await listRuns(engine.context, patient, { limit: 200 });
    expect(await retainAt(11)).toMatchObject({ archivedFacts: 40, rewrittenPeriods: 1 });
    expect(await listRuns(engine.context, patient, { limit: 200 })).toEqual(before);
    expect(await runsOf(hasty)).toBe(0);
    expect(await figuresOf(hasty)).toBe(40);
    const { archive } = await retentionReport(engine.context, hasty);
    expect(archive).toMatchObject([{ facts: 40, deletedAt: null }]);
    const lines: string[] = [];
    const path = join(directory, archive[0]?.file ?? '');
    for await (const some of readArchive(path)) lines.push(...some);
    const sent = Array.from({ length: 40 }, (_, i) => JSON.parse(task(i).bytes.toString()));
    const byTask = (one: { taskId: string }) => one.taskId;
    const sorted = (all: { taskId: string }[]) =>
      all.sort((p, q) => (byTask(p) < byTask(q) ? -1 : 1));
    expect(sorted(lines.map((line) => JSON.parse(line)))).toEqual(sorted(sent));
  });

  it('takes nothing into a period that a tenant has in its archive', async () => {
    const answer = await engine.record(hasty, [task(1), task(5_000)]);
    expect(answer.results.map((one) => one.code)).toEqual([
      'fact.time-out-of-window',
      'fact.time-out-of-window',
    ]);
    expect(await engine.record(patient, [task(1), task(5_000)])).toMatchObject({
      accepted: 1,
      duplicates: 1,
    });
  });

  it('refuses an archive that was cut or changed', async () => {
    const { archive } = await retentionReport(engine.context, hasty);
    const whole = readFileSync(join(directory, archive[0]?.file ?? ''));
    const read = async (bytes: Buffer): Promise<void> => {
      const path = join(directory, 'broken');
      writeFileSync(path, bytes);
      for await (const _ of readArchive(path));
    };
    await expect(read(whole.subarray(0, -1))).rejects.toMatchObject({ code: 'internal' });
    await expect(read(Buffer.from('something else entirely'))).rejects.toMatchObject({
      code: 'internal',
    });
  });

  it('finishes what a run that was killed had begun', async () => {
    await db.query('update archive_part set moved_at = null');
    expect(await coldOf(hasty)).toMatchObject({ facts: 0 });
    await retainAt(12);
    expect(await coldOf(hasty)).toMatchObject({ facts: 40, count: 1 });
  });

  it('drops a period when the time of all tenants is over, and keeps what was learned', async () => {
    const learned = sumsOf((await engine.memory(patient)).evidence);
    expect(await hasPeriod()).toBe(true);
    expect(await retainAt(99)).toMatchObject({ archivedFacts: 41, rewrittenPeriods: 0 });
    expect(await hasPeriod()).toBe(false);
    expect(await runsOf(patient)).toBe(0);
    expect(await coldOf(patient)).toMatchObject({ facts: 41 });
    const restarted = await engineOn(db, clock, (error) => faults.push(error), directory);
    expect(sumsOf((await restarted.memory(patient)).evidence)).toEqual(learned);
    expect(await retainAt(100)).toMatchObject({ archivedFiles: 0, droppedPeriods: 0 });
  });

  it('deletes files and figures when theirs is over', async () => {
    expect((await retentionReport(engine.context, hasty)).archive[0]?.deletedAt).not.toBeNull();
    expect(await figuresOf(hasty)).toBe(0);
    expect(await figuresOf(patient)).toBe(41);
    const path = join(
      directory,
      (await retentionReport(engine.context, patient)).archive[0]?.file ?? '',
    );
    expect(existsSync(path)).toBe(true);
    expect(await retainAt(374)).toMatchObject({ deletedFiles: 1 });
    expect(existsSync(path)).toBe(false);
    expect(await figuresOf(patient)).toBe(41);
    await retainAt(731);
    expect(await figuresOf(patient)).toBe(0);
  });
});

describe('over HTTP', () => {
  it('shows and changes the settings of the tenant that asks', async () => {
    const server = await startServer();
    const ask = (method: string, body?: unknown) =>
      send(server.url, server.adminKey, method, '/v1/retention', body);
    expect((await ask('GET')).json.settings.warmDays).toBe(90);
    const wrong = { hotDays: 7, warmDays: 5, archiveDays: 365, deleteDays: 730 };
    expect(await ask('PUT', wrong)).toMatchObject({ status: 422 });
    const right = { ...wrong, warmDays: 30 };
    expect(await ask('PUT', right)).toMatchObject({ status: 200, json: right });
    expect((await ask('GET')).json.settings).toEqual(right);
    const connection = ['--url', server.url, '--key', server.adminKey ?? ''];
    const run = async (...words: string[]): Promise<void> => {
      await (await createProgram(words)).parseAsync(words, { from: 'user' });
    };
    const printed: string[] = [];
    const write = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
      printed.push(String(text));
      return true;
    });
    try {
      await run('retention', 'set', '--warm', '60', ...connection);
      await run('retention', 'show', '--json', ...connection);
      await expect(run('retention', 'set', '--hot', '61', ...connection)).rejects.toThrow('hold');
    } finally {
      write.mockRestore();
    }
    expect(printed[0]).toContain('warm 60');
    expect(JSON.parse(printed[1] ?? '').settings).toEqual({ ...right, warmDays: 60 });
    await server.close();
  });
});
