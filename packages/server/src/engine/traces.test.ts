import type { ExecutionMetricsLog } from '@assay/loop';
import { aggregates, type Database, unsettledTasks } from '@assay/store';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  openMemoryStore,
  type SteppedEngine,
  startSteppedEngine,
} from '../../test/stepped-server.ts';
import {
  TRACES_MS as NOW,
  newTrace,
  type SpanFact,
  spansOf,
  type Trace,
  withDerived,
} from '../../test/trace-spans.ts';
import { evidenceOf } from './learn.ts';
import { lineOf } from './raw-lines.ts';
import { getRun } from './runs.ts';

const QUIET = 2_000;

let db: Database;
let first: SteppedEngine;

beforeAll(async () => {
  db = await openMemoryStore();
  first = await startSteppedEngine(db, { startMs: NOW });
});
afterAll(async () => {
  await first.engine.close();
  await db.close();
});

/** One request of an exporter. */
const send = (to: SteppedEngine, ...spans: readonly SpanFact[]) =>
  to.engine.recordExport(to.tenantId, withDerived(spans), 0);

/** What statistics and the page of the run say of a trace. */
async function outcomeOf(to: SteppedEngine, { taskId, taskType }: Trace) {
  const range = { fromMs: NOW - 86_400_000, toMs: NOW + 86_400_000 };
  const query = { ...range, by: ['agent', 'taskType'] as const, taskType };
  const [row] = await aggregates(db, to.tenantId, query);
  const memory = await to.engine.memory(to.tenantId);
  const [cell] = evidenceOf(memory, { taskType });
  const run = await getRun(to.engine.context, to.tenantId, taskId).catch(() => null);
  const execution = run?.attempts[0]?.execution ?? null;
  return { row: row ?? null, cell: cell ?? null, attempts: run?.attempts.length ?? 0, execution };
}

const tokensOf = (execution: ExecutionMetricsLog | null): number | null =>
  execution?.tokensUsed ?? null;

describe('the execution of a trace', () => {
  it('is derived at once when the trace comes whole in one request', async () => {
    const trace = newTrace();
    await send(first, trace.call('2', 100), trace.tool('3'), trace.root);
    const { execution, attempts, cell } = await outcomeOf(first, trace);
    expect(execution).toMatchObject({ tokensUsed: 101, toolCallCount: 1, derivedFrom: 'spans' });
    expect(attempts).toBe(1);
    expect(cell).toMatchObject({ n: 1, costMeanUsd: 25 });
    expect(await unsettledTasks(db, 10)).toEqual([]);
    await first.step(QUIET);
    expect((await outcomeOf(first, trace)).row).toMatchObject({ n: 1, tokens: 101, costUsd: 25 });
  });

  it('is derived after a quiet period when each span comes alone, and not before', async () => {
    const trace = newTrace();
    for (const span of [trace.call('2', 100), trace.tool('3'), trace.root, trace.call('4', 50)]) {
      await send(first, span);
      await first.step(QUIET - 1);
      expect(await outcomeOf(first, trace)).toMatchObject({ row: null, cell: null, attempts: 0 });
    }
    await first.step(1);
    await first.step(0);
    const { execution, row, cell } = await outcomeOf(first, trace);
    expect(execution).toMatchObject({ tokensUsed: 152, toolCallCount: 1 });
    expect(row).toMatchObject({ n: 1, tokens: 152, costUsd: 37.5 });
    expect(cell).toMatchObject({ n: 1, costMeanUsd: 37.5 });
    expect(await unsettledTasks(db, 10)).toEqual([]);
  });

  it.each([
    ['before the rollup', false],
    ['after the rollup', true],
  ])('is corrected %s when spans come after it', async (_name, isRolled) => {
    const trace = newTrace();
    await send(first, trace.call('2', 100), trace.root);
    if (isRolled) await first.step(600_000);
    expect(tokensOf((await outcomeOf(first, trace)).execution)).toBe(101);
    await send(first, trace.tool('3'), trace.call('4', 200, '3'));
    await first.step(QUIET);
    await first.step(0);
    const { execution, row, cell, attempts } = await outcomeOf(first, trace);
    expect(attempts).toBe(1);
    expect(execution).toMatchObject({ tokensUsed: 302, costUsd: 75, toolCallCount: 1 });
    expect(row).toMatchObject({ n: 1, ok: 1, tokensN: 1, tokens: 302, costN: 1, costUsd: 75 });
    expect(cell).toMatchObject({ n: 1, costMeanUsd: 75, latencyMeanMs: 100 });
    // Who starts later reads the same from the store.
    const later = await startSteppedEngine(db, { startMs: NOW });
    expect((await outcomeOf(later, trace)).cell).toMatchObject({ n: 1, costMeanUsd: 75 });
  });

  it('counts spans that come in the same moment, and once those that come twice', async () => {
    const trace = newTrace();
    const requests = [
      [trace.call('2', 10)],
      [trace.root, trace.call('3', 20)],
      [trace.call('4', 40)],
      [trace.call('5', 80), trace.call('2', 10)],
    ];
    await Promise.all([...requests, ...requests].map((spans) => send(first, ...spans)));
    await first.step(QUIET);
    await first.step(0);
    const { execution, row } = await outcomeOf(first, trace);
    expect(tokensOf(execution)).toBe(154);
    expect(row).toMatchObject({ n: 1, tokens: 154 });
  });

  it('is found again after the process died in the quiet period', async () => {
    const trace = newTrace();
    const dying = await startSteppedEngine(db, { startMs: NOW });
    await send(dying, trace.call('2', 100));
    await send(dying, trace.root);
    const next = await startSteppedEngine(db, { startMs: NOW + 1 });
    await next.step(0);
    expect((await outcomeOf(next, trace)).row).toBeNull();
    await next.step(QUIET);
    await next.step(0);
    const { row, cell } = await outcomeOf(next, trace);
    expect(row).toMatchObject({ n: 1, tokens: 101 });
    expect(cell).toMatchObject({ n: 1 });
    // The others take over what one of them has left, too, within a minute.
    const late = newTrace();
    await send(dying, late.root, late.call('2', 7));
    await send(dying, late.call('3', 8));
    await next.step(60_000);
    await next.step(QUIET);
    expect(tokensOf((await outcomeOf(next, late)).execution)).toBe(17);
  });

  it('is derived when the server stops', async () => {
    const trace = newTrace();
    const stopping = await startSteppedEngine(db, { startMs: NOW });
    await send(stopping, trace.root);
    await stopping.engine.close();
    expect((await outcomeOf(first, trace)).execution).toMatchObject({ tokensUsed: null });
    expect(await unsettledTasks(db, 10)).toEqual([]);
  });

  it('counts once when two processes get its spans and settle them together', async () => {
    const second = await startSteppedEngine(db, { startMs: NOW });
    for (let round = 0; round < 5; round += 1) {
      const trace = newTrace();
      await Promise.all([
        send(first, trace.root),
        send(second, trace.call('2', 30)),
        send(first, trace.call('3', 40)),
        send(second, trace.tool('4')),
      ]);
      await Promise.all([first.step(QUIET), second.step(QUIET)]);
      await first.step(0);
      const { execution, row, attempts } = await outcomeOf(first, trace);
      expect(attempts).toBe(1);
      expect(execution).toMatchObject({ tokensUsed: 72, toolCallCount: 1 });
      expect(row).toMatchObject({ n: 1, tokens: 72 });
    }
  });

  it('is derived again when spans come while it is corrected', async () => {
    const trace = newTrace();
    let late: SpanFact[] = [];
    const slow = new Proxy(db, {
      get(target, name, receiver) {
        if (name !== 'tenantTransaction') return Reflect.get(target, name, receiver);
        return async (...args: Parameters<Database['tenantTransaction']>) => {
          const arriving = late;
          late = [];
          if (arriving.length > 0) await send(first, ...arriving);
          return target.tenantTransaction(...args);
        };
      },
    });
    const correcting = await startSteppedEngine(slow, { startMs: NOW });
    await send(correcting, trace.root, trace.call('2', 10));
    await send(correcting, trace.call('3', 20));
    late = [trace.call('4', 40)];
    await correcting.step(QUIET);
    expect(tokensOf((await outcomeOf(correcting, trace)).execution)).toBe(73);
    await first.step(QUIET);
    await first.step(0);
    expect((await outcomeOf(first, trace)).row).toMatchObject({ n: 1, tokens: 73 });
  });

  it('stays with its root and its agent', async () => {
    const trace = newTrace();
    const nameless = trace.span('1', null, { attributes: trace.root.attributes });
    await send(first, nameless, trace.call('2', 10));
    const sub = trace.span('3', '1', { spanClass: 'agent', agentId: 'late agent' });
    const earlier = trace.span('9', null, { spanClass: 'agent', startNs: `${NOW - 5_000}000000` });
    await send(first, sub, { ...earlier, timestamp: NOW - 5_000 }, trace.call('4', 20, '3'));
    await first.step(QUIET);
    await first.step(0);
    const { execution, row } = await outcomeOf(first, trace);
    expect(execution).toMatchObject({ agentId: 'm', tokensUsed: 32 });
    expect(row).toMatchObject({ agentId: 'm', n: 1, tokens: 32 });
    expect(await getRun(first.engine.context, first.tenantId, trace.traceId)).toMatchObject({
      attempts: [],
    });
  });

  it('is left alone when the caller has recorded it', async () => {
    const trace = newTrace();
    const { taskId, taskType, traceId } = trace;
    const own = { kind: 'execution', taskId, taskType, traceId, agentId: 'own', timestamp: NOW };
    const answer = await first.engine.record(first.tenantId, [lineOf({ ...own, tokensUsed: 5 })]);
    expect(answer.accepted).toBe(1);
    await send(first, trace.root, trace.call('2', 100));
    await send(first, trace.call('3', 100));
    await first.step(QUIET);
    await first.step(0);
    const { execution, row } = await outcomeOf(first, trace);
    expect(execution).toMatchObject({ agentId: 'own', tokensUsed: 5 });
    expect(row).toMatchObject({ agentId: 'own', n: 1, tokens: 5 });
  });

  it('does not come from spans without a root, which are not looked at again', async () => {
    const trace = newTrace();
    await send(first, trace.call('2', 100));
    await first.step(QUIET);
    expect(await outcomeOf(first, trace)).toMatchObject({ row: null, attempts: 0 });
    expect(await unsettledTasks(db, 10)).toEqual([]);
  });

  it('is derived in the end although the store was away', async () => {
    const trace = newTrace();
    let isAway = false;
    const failing = new Proxy(db, {
      get(target, name, receiver) {
        if (isAway && name === 'tenantBatch') throw new Error('the store is away');
        return Reflect.get(target, name, receiver);
      },
    });
    const how = { startMs: NOW, context: { db: failing } };
    const unlucky = await startSteppedEngine(failing, how);
    await send(unlucky, trace.root);
    isAway = true;
    await expect(unlucky.engine.settleTraces()).rejects.toThrow('away');
    isAway = false;
    await unlucky.step(QUIET);
    await unlucky.step(QUIET);
    expect((await outcomeOf(first, trace)).attempts).toBe(1);
  });

  it('is the same however its spans come', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(), fc.constantFrom('call', 'tool', 'other')), { maxLength: 7 }),
        fc.infiniteStream(fc.nat()),
        async (parts, choices) => {
          const whole = newTrace();
          const split = newTrace();
          await send(first, ...spansOf(whole, parts));
          await deliver(spansOf(split, parts), (n) => Number(choices.next().value) % n);
          const last = await startSteppedEngine(db, { startMs: NOW });
          for (const ms of [0, QUIET, 0]) await last.step(ms);
          const expected = await outcomeOf(last, whole);
          const found = await outcomeOf(last, split);
          expect(await unsettledTasks(db, 10)).toEqual([]);
          expect(comparable(found)).toEqual(comparable(expected));
          expect(found.row?.n).toBe(1);
        },
      ),
      { numRuns: 12 },
    );
  });
});

/** Sends spans in any order, several times, over several processes, some of which die. */
async function deliver(
  spans: readonly SpanFact[],
  choose: (count: number) => number,
): Promise<void> {
  let rest = spans;
  let engine = first;
  while (rest.length > 0) {
    rest = rest.toSorted(() => choose(3) - 1);
    const request = rest.slice(0, 1 + choose(rest.length));
    await send(engine, ...request);
    const isSentAgain = choose(5) === 0;
    if (!isSentAgain) rest = rest.slice(request.length);
    if (choose(2) === 0) await engine.step([0, QUIET / 2, QUIET, 30_000][choose(4)] ?? 0);
    if (choose(6) === 0) engine = await startSteppedEngine(db, { startMs: NOW });
  }
}

/** Without what tells one trace from another. */
function comparable({ row, execution, attempts }: Awaited<ReturnType<typeof outcomeOf>>): unknown {
  const { taskId: _task, traceId: _trace, taskType: _type, ...rest } = execution ?? {};
  const { taskType: _rowType, costUsd, ...figures } = row ?? {};
  return { ...figures, costUsd, rest, attempts };
}
