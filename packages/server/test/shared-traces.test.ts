import { restoreEvidence } from '@assay/loop';
import { createTenant, evidenceRows, unsettledTasks } from '@assay/store';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { numbers } from '../../store/test/conformance/facts.ts';
import type { Engine } from '../src/engine/engine.ts';
import { createUpkeep } from '../src/engine/upkeep.ts';
import { engineOn, type SharedStore, startSharedStore, type TestClock } from './shared-store.ts';
import { sumsOf } from './task-facts.ts';
import { newTrace, type SpanFact, spansOf, TRACES_MS, withDerived } from './trace-spans.ts';

const QUIET = 2_000;
const clock: TestClock = { nowMs: TRACES_MS };
const faults: unknown[] = [];
let store: SharedStore;

beforeAll(async () => {
  store = await startSharedStore();
});
afterAll(() => store?.stop());

/** A trace in one to four requests, in any order, with a pause after some of them. */
function requestsOf(random: () => number): readonly (readonly SpanFact[])[] {
  const kinds = ['call', 'tool', 'other', 'call'];
  const parts = Array.from({ length: 1 + Math.floor(random() * 6) }, () => {
    const number = Math.floor(random() * 1_000);
    return [number, kinds[number % 4] ?? 'call'] as const;
  });
  const spans = spansOf(newTrace(), parts).toSorted(() => random() - 0.5);
  const requests: SpanFact[][] = [[], [], [], []];
  for (const span of spans) requests[Math.floor(random() * 4)]?.push(span);
  return requests.filter((request) => request.length > 0);
}

it.each([1, 2, 3])('count late spans once in the evidence of every process (%i)', async (seed) => {
  const random = numbers(seed);
  const databases = await Promise.all([store.open(), store.open(), store.open()]);
  const [db] = databases;
  if (db === undefined) throw new Error('none');
  const tenantId = await createTenant(db, `tenant-${seed}`, TRACES_MS);
  const engines = await Promise.all(
    databases.map((one) => engineOn(one, clock, (error) => faults.push(error))),
  );
  for (const engine of engines) await engine.memory(tenantId);
  const anyEngine = (): Engine => engines[Math.floor(random() * engines.length)] as Engine;
  const send = (spans: readonly SpanFact[]) =>
    anyEngine().recordExport(tenantId, withDerived(spans), 0);
  const work = async (engine: Engine): Promise<void> => {
    const duties = [engine.refresh, engine.settleTraces, createUpkeep(engine).rollUpAll];
    await duties[Math.floor(random() * duties.length)]?.();
  };
  for (let round = 0; round < 12; round += 1) {
    const traces = Array.from({ length: 4 }, () => requestsOf(random));
    for (let at = 0; at < 4; at += 1) {
      const now = traces.flatMap((requests) => requests.slice(at, at + 1));
      await Promise.all([...now.map(send), ...engines.map(work)]);
      clock.nowMs += Math.floor(random() * 2) * QUIET;
    }
  }
  for (let round = 0; round < 4; round += 1) {
    clock.nowMs += 60_000;
    for (const engine of engines) await engine.settleTraces();
    await createUpkeep(engines[0] as Engine).rollUpAll();
    for (const engine of engines) await engine.refresh();
  }
  expect(faults).toEqual([]);
  expect(await unsettledTasks(db, 10)).toEqual([]);
  const stored = restoreEvidence(await evidenceRows(db, tenantId, 0));
  expect(stored.cells.size).toBe(48);
  for (const engine of engines) {
    const memory = await engine.memory(tenantId);
    expect(sumsOf(memory.evidence)).toEqual(sumsOf(stored));
    expect(memory.readRevised.size).toBe(0);
  }
});
