import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { type Assay, type AssayClientError, createAssay, type Fetch } from '../src/index.ts';
import { createFakeClock, type FakeClock, until } from './fake-clock.ts';
import { commit } from './fake-server.ts';

type Weather = 'up' | 'unreachable' | 'fails' | 'busy' | 'commits-then-fails';

/** A server behind a fake `fetch`; survives the restart of clients. */
function createWorld() {
  const facts: string[] = [];
  const seen = new Set<string>();
  const world = { weather: 'up' as Weather, facts, requests: 0, fetch: null as unknown as Fetch };
  world.fetch = async (_url, init) => {
    world.requests += 1;
    const { weather } = world;
    const answer = (status: number, body: unknown) => ({
      status,
      headers: { get: (name: string) => (name === 'retry-after' ? '1' : null) },
      text: () => Promise.resolve(JSON.stringify(body)),
    });
    if (weather === 'unreachable') throw new Error('connect ECONNREFUSED');
    if (weather === 'fails') return answer(503, {});
    if (weather === 'busy') return answer(429, {});
    const text = new TextDecoder().decode(init.body as Uint8Array);
    const receipt = commit(facts, seen, text.trimEnd().split('\n'), null);
    if (weather === 'commits-then-fails') throw new Error('socket hang up');
    return answer(200, receipt);
  };
  return world;
}

const folders: string[] = [];
function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'assay-client-'));
  folders.push(folder);
  return folder;
}
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function taskIdsOf(lines: readonly string[]): string[] {
  return lines.map((line) => (JSON.parse(line) as { taskId: string }).taskId);
}

const weather = fc.constantFrom<Weather>(
  'up',
  'unreachable',
  'fails',
  'busy',
  'commits-then-fails',
);
const command = fc.oneof(
  { weight: 4, arbitrary: fc.record({ record: fc.integer({ min: 1, max: 40 }) }) },
  { weight: 4, arbitrary: fc.record({ pass: fc.integer({ min: 1, max: 8000 }) }) },
  { weight: 3, arbitrary: fc.record({ weather }) },
  { weight: 1, arbitrary: fc.constant({ restart: true as const }) },
);

async function runStory(commands: readonly unknown[], clock: FakeClock): Promise<void> {
  const world = createWorld();
  const spoolDirectory = newFolder();
  const errors: AssayClientError[] = [];
  const open = (): Assay =>
    createAssay({
      url: 'http://server',
      fetch: world.fetch,
      clock,
      spoolDirectory,
      batchSize: 16,
      gzip: false,
      random: () => 0.5,
      onError: (error) => void errors.push(error),
    });
  let assay = open();
  let recorded = 0;
  for (const action of commands) {
    const step = action as { record?: number; pass?: number; weather?: Weather; restart?: true };
    for (let i = 0; i < (step.record ?? 0); i += 1) {
      recorded += 1;
      assay.tracker.rating({ taskId: `task-${recorded}`, source: 'human', score: 1 });
    }
    if (step.weather !== undefined) world.weather = step.weather;
    if (step.pass !== undefined) {
      clock.advance(step.pass);
      await new Promise((resolve) => setImmediate(resolve));
    }
    if (step.restart === true) {
      await assay.close({ timeoutMs: 0 });
      assay = open();
    }
  }
  world.weather = 'up';
  await until(clock, () => world.facts.length >= recorded, `delivery of ${recorded} facts`);
  const last = assay;
  await until(clock, () => last.stats().spooled + last.stats().buffered === 0, 'an empty client');
  await assay.close();
  expect(new Set(taskIdsOf(world.facts)).size).toBe(recorded);
  expect(world.facts.length).toBe(recorded);
  expect(assay.stats().dropped).toBe(0);
  expect(errors.filter(({ code }) => code === 'client.dropped' || code === 'client.spool')).toEqual(
    [],
  );
  expect(readdirSync(spoolDirectory)).toEqual([]);
}

describe('delivery through outages and restarts', () => {
  it('brings every fact to the server, and the server counts each once', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(command, { minLength: 1, maxLength: 25 }), (commands) =>
        runStory(commands, createFakeClock()),
      ),
      { numRuns: 40 },
    );
  });
});

describe('bounded memory', () => {
  it('keeps within its limit without a spool, drops the oldest and says how many', async () => {
    const clock = createFakeClock();
    const world = createWorld();
    world.weather = 'unreachable';
    const errors: AssayClientError[] = [];
    const assay = createAssay({
      url: 'http://server',
      fetch: world.fetch,
      clock,
      gzip: false,
      maxBufferBytes: 20_000,
      onError: (error) => void errors.push(error),
    });
    const total = 2_000;
    for (let i = 0; i < total; i += 1) {
      assay.tracker.execution({ taskId: `task-${i}`, agentId: 'a', response: 'x'.repeat(40) });
      if (i % 100 === 0) clock.advance(50);
      if (i % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    expect(assay.stats().buffered).toBeLessThan(200);
    clock.advance(1_000);
    world.weather = 'up';
    const { dropped } = assay.stats();
    await until(clock, () => assay.stats().buffered === 0, 'delivery');
    expect(dropped).toBeGreaterThan(1_500);
    expect(world.facts.length).toBe(total - dropped);
    expect(taskIdsOf(world.facts).at(-1)).toBe(`task-${total - 1}`);
    const told = errors.filter(({ code }) => code === 'client.dropped');
    expect(told.reduce((sum, { count }) => sum + (count ?? 0), 0)).toBe(dropped);
    await assay.close();
  });

  it('keeps the spool within its limit, drops the oldest and says how many', async () => {
    const clock = createFakeClock();
    const world = createWorld();
    world.weather = 'unreachable';
    const errors: AssayClientError[] = [];
    const assay = createAssay({
      url: 'http://server',
      fetch: world.fetch,
      clock,
      spoolDirectory: newFolder(),
      gzip: false,
      maxSpoolBytes: 16_000,
      onError: (error) => void errors.push(error),
    });
    for (let i = 0; i < 40; i += 1) {
      for (let j = 0; j < 10; j += 1) {
        assay.tracker.execution({
          taskId: `task-${i}-${j}`,
          agentId: 'a',
          response: 'x'.repeat(40),
        });
      }
      await until(clock, () => assay.stats().buffered === 0, 'spooling');
    }
    const { spooled, dropped } = assay.stats();
    expect(dropped).toBeGreaterThan(100);
    expect(spooled + dropped).toBe(400);
    const told = errors.filter(({ code }) => code === 'client.dropped');
    expect(told.reduce((sum, { count }) => sum + (count ?? 0), 0)).toBe(dropped);
    world.weather = 'up';
    await until(clock, () => world.facts.length === spooled, 'replay');
    expect(taskIdsOf(world.facts)).toContain('task-39-9');
    await assay.close();
  });
});

describe('what a crash leaves on disk', () => {
  it('is replayed; a torn last line is left out unless it is whole', async () => {
    const folder = newFolder();
    const line = (taskId: string) => JSON.stringify({ kind: 'rating', taskId, timestamp: 1 });
    writeFileSync(join(folder, '1-a-1.ndjson'), `${line('one')}\n${line('two')}\n{"kind":"rat`);
    writeFileSync(join(folder, '1-a-2.ndjson'), `${line('three')}\n${line('four')}`);
    writeFileSync(join(folder, '2-b-1.ndjson'), '');
    writeFileSync(join(folder, '3-c-1.ndjson'), '{"kin');
    writeFileSync(join(folder, 'notes.txt'), 'not ours');
    const clock = createFakeClock();
    const world = createWorld();
    const assay = createAssay({
      url: 'http://server',
      fetch: world.fetch,
      clock,
      spoolDirectory: folder,
    });
    await until(clock, () => readdirSync(folder).length <= 2, 'replay');
    await assay.close();
    expect(taskIdsOf(world.facts).sort()).toEqual(['four', 'one', 'three', 'two']);
    expect(assay.stats().dropped).toBe(2);
    expect(readdirSync(folder)).toEqual(['notes.txt']);
  });

  it('goes on in memory when the folder cannot be written', async () => {
    const folder = join(newFolder(), 'file');
    writeFileSync(folder, 'in the way');
    const clock = createFakeClock();
    const world = createWorld();
    world.weather = 'unreachable';
    const errors: AssayClientError[] = [];
    const assay = createAssay({
      url: 'http://server',
      fetch: world.fetch,
      clock,
      spoolDirectory: folder,
      onError: (error) => void errors.push(error),
    });
    assay.tracker.rating({ taskId: 't', source: 'human' });
    await until(clock, () => errors.some(({ code }) => code === 'client.spool'), 'the complaint');
    expect(assay.stats().buffered).toBe(1);
    world.weather = 'up';
    await until(clock, () => world.facts.length === 1, 'delivery');
    await assay.close();
  });
});
