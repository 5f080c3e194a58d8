import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../src/database.ts';
import { FLAGS, readDocuments, scanDocuments } from '../../src/documents.ts';
import { aggregates } from '../../src/learn.ts';
import { ensurePartitions } from '../../src/partitions.ts';
import { listPeriods, type StoredPeriod } from '../../src/periods.ts';
import { ingest } from '../../src/record.ts';
import { rewritePeriod } from '../../src/rewrite-period.ts';
import { rollUp } from '../../src/rollups.ts';
import { factsOfTask, listFacts } from '../../src/runs.ts';
import { createTenant } from '../../src/tenants.ts';
import {
  markSettled,
  type RunRevision,
  reviseRun,
  spansOfTasks,
  unsettledTasks,
} from '../../src/traces.ts';
import { BACKENDS } from './backends.ts';
import { addDictionary, batchOf, idOf, ref, type TestFact } from './facts.ts';

const START = Date.UTC(2026, 10, 3);
const DAY_MS = 86_400_000;
const SPAN = 8;

describe.each(BACKENDS)('late spans on $name', (backend) => {
  let db: Database;
  let close: () => Promise<void>;
  beforeAll(async () => {
    ({ db, close } = await backend.open());
    await ensurePartitions(db, START, START + DAY_MS);
    for (const slug of ['one', 'two']) {
      const tenantId = await createTenant(db, slug, START);
      await addDictionary(db, tenantId);
    }
  });
  afterAll(() => close?.());

  const facts = (tenantId: number, taskId: string): TestFact[] => [
    { tenantId, taskId, timestampMs: START, kind: 1, tokens: 100, latencyMs: 10 },
    { tenantId, taskId, timestampMs: START, kind: SPAN },
    { tenantId, taskId, timestampMs: START + 1, kind: SPAN },
  ];

  async function store(all: readonly TestFact[], flags = 0): Promise<void> {
    const batch = batchOf(all);
    await ingest(db, { ...batch, rows: batch.rows.map((row) => ({ ...row, flags })) });
  }

  let revisions = 0;
  function revision(run: TestFact, over: Partial<RunRevision> = {}): RunRevision {
    revisions += 1;
    return {
      id: idOf(run),
      tokens: 100,
      costUsd: null,
      sessionRef: '0',
      line: JSON.stringify({ taskId: run.taskId, revision: revisions }),
      text: null,
      spansRef: ref(run.tenantId, run.taskId),
      spanCount: 2,
      maxSpans: 10,
      changeOf: (cost) => ({ collection: 'test', key: JSON.stringify(cost) }),
      nowMs: START,
      ...over,
    };
  }

  const roll = async (tenantId: number): Promise<void> => {
    while ((await rollUp(db, tenantId, 100, START)) > 0);
  };

  const sums = async (tenantId: number) => {
    await roll(tenantId);
    const range = { fromMs: START, toMs: START + DAY_MS };
    const byHour = await aggregates(db, tenantId, { ...range, by: ['hour'] });
    const byDay = await aggregates(db, tenantId, { ...range, by: ['day'] });
    expect(byDay.map(({ tokens, costN }) => [tokens, costN])).toEqual(
      byHour.map(({ tokens, costN }) => [tokens, costN]),
    );
    const { n, tokensN, tokens, costN, costUsd } = byHour[0] ?? {};
    return { n, tokensN, tokens, costN, costUsd };
  };

  it('are found by their mark until it is taken off', async () => {
    await store(facts(1, 'marked').slice(1), FLAGS.unsettled);
    await store(facts(2, 'other').slice(1), FLAGS.unsettled);
    const place = { tenantId: 1, taskRef: ref(1, 'marked') };
    const found = await unsettledTasks(db, 10);
    expect(found).toHaveLength(2);
    expect(found).toContainEqual(place);
    expect(await unsettledTasks(db, 1)).toHaveLength(1);
    const spans = await spansOfTasks(db, 1, [place.taskRef], 10);
    expect(spans.map((span) => span.taskRef)).toEqual([place.taskRef, place.taskRef]);
    await markSettled(db, place, [spans[0]?.id ?? '']);
    expect(await unsettledTasks(db, 10)).toContainEqual(place);
    // Nobody takes marks off the spans of another tenant.
    await markSettled(db, { ...place, taskRef: ref(2, 'other') }, null);
    await markSettled(db, place, null);
    expect(await unsettledTasks(db, 10)).toEqual([{ tenantId: 2, taskRef: ref(2, 'other') }]);
    await markSettled(db, { tenantId: 2, taskRef: ref(2, 'other') }, null);
  });

  it('revise a run that is rolled up, which counts once as what it was last', async () => {
    const all = facts(1, 'revised');
    const run = all[0] as TestFact;
    await store(all);
    expect(await reviseRun(db, 1, revision(run, { tokens: 999 }))).toEqual({ kind: 'unrolled' });
    const before = await sums(1);
    const session = ref(1, 'session');
    const first = revision(run, { tokens: null, costUsd: 0.25, sessionRef: session });
    expect(await reviseRun(db, 1, first)).toMatchObject({ cost: { fromUsd: null, toUsd: 0.25 } });
    const second = revision(run, { tokens: 130, costUsd: 0.5, sessionRef: session, text: 'Zebra' });
    expect(await reviseRun(db, 1, second)).toMatchObject({ cost: { fromUsd: 0.25, toUsd: 0.5 } });
    const after = await sums(1);
    expect(after).toEqual({
      n: before.n,
      tokensN: before.tokensN,
      tokens: (before.tokens ?? 0) + 30,
      costN: (before.costN ?? 0) + 1,
      costUsd: (before.costUsd ?? 0) + 0.5,
    });
    const filter = { kinds: [1], sessionRef: session, search: 'zebra', limit: 5 };
    expect(await listFacts(db, 1, filter)).toMatchObject([{ tokens: 130, costUsd: 0.5 }]);
    const lines = await readDocuments(db, 1, all.map(idOf));
    expect(lines.get(idOf(run))).toBe(second.line);
    expect(lines.size).toBe(3);
    const range = { fromMs: START, toMs: START + DAY_MS, limit: 100 };
    const scanned = await scanDocuments(db, 1, range);
    expect(scanned.find(({ id }) => id === idOf(run))?.line).toBe(second.line);
    const found = await factsOfTask(db, 1, ref(1, 'revised'));
    expect(found.find(({ row }) => row.id === idOf(run))?.line).toBe(second.line);
    expect(await sums(1)).toEqual(after);
  });

  it('revise nothing when somebody has not seen them all, or asks for another tenant', async () => {
    const all = facts(2, 'raced');
    const run = all[0] as TestFact;
    await store(all);
    const before = await sums(2);
    for (const over of [{ spanCount: 1 }, { spanCount: 3 }]) {
      expect(await reviseRun(db, 2, revision(run, { tokens: 999, ...over }))).toEqual({
        kind: 'raced',
      });
    }
    expect(await reviseRun(db, 1, revision(run, { tokens: 999 }))).toEqual({ kind: 'raced' });
    const gone = revision(run, { id: idOf({ ...run, taskId: 'nobody' }) });
    expect(await reviseRun(db, 2, gone)).toEqual({ kind: 'gone' });
    expect(await sums(2)).toEqual(before);
    // A trace that is cut reads as many as are read at most, whatever there is.
    const cut = revision(run, { tokens: 101, spanCount: 1, maxSpans: 1 });
    expect(await reviseRun(db, 2, cut)).toMatchObject({ kind: 'revised' });
    expect((await sums(2)).tokens).toBe((before.tokens ?? 0) + 1);
  });

  it('keep what they revised when the period is written anew', async () => {
    const all = facts(1, 'packed');
    const run = all[0] as TestFact;
    await store(all);
    for (const tenantId of [1, 2]) await roll(tenantId);
    const first = revision(run, { tokens: 130 });
    expect(await reviseRun(db, 1, first)).toMatchObject({ kind: 'revised' });
    const periodOf = async () =>
      (await listPeriods(db, START)).find((one) => one.fromMs === START) as StoredPeriod;
    const how = {
      without: new Set<number>(),
      leaving: { facts: 0, flags: 0 },
      nowMs: START + 30 * DAY_MS,
      quietMs: 600_000,
      signal: new AbortController().signal,
    };
    const lineOf = async () => (await readDocuments(db, 1, [idOf(run)])).get(idOf(run));
    expect(await rewritePeriod(db, await periodOf(), how)).toMatchObject({ kind: 'rewritten' });
    expect(await lineOf()).toBe(first.line);
    const second = revision(run, { tokens: 140 });
    const disturbed: Database = {
      ...db,
      ownerTransaction: async (work) => {
        await reviseRun(db, 1, second);
        return db.ownerTransaction(work);
      },
    };
    const refused = { kind: 'refused', reason: 'fact-came-in' };
    expect(await rewritePeriod(disturbed, await periodOf(), how)).toEqual(refused);
    expect(await lineOf()).toBe(second.line);
  });

  it('are counted once while others roll up', async () => {
    const runs = Array.from({ length: 20 }, (_, i) => facts(2, `busy ${i}`));
    const before = await sums(2);
    const rolling = async (): Promise<void> => {
      for (let i = 0; i < 10; i++) await rollUp(db, 2, 3, START);
    };
    const revising = runs.map(async (all) => {
      await store(all);
      for (const tokens of [150, 200]) {
        const wanted = revision(all[0] as TestFact, { tokens, costUsd: 1 });
        while ((await reviseRun(db, 2, wanted)).kind === 'unrolled') await rollUp(db, 2, 3, START);
      }
    });
    await Promise.all([...revising, rolling(), rolling()]);
    const after = await sums(2);
    expect({ ...after, costUsd: (after.costUsd ?? 0) - (before.costUsd ?? 0) }).toEqual({
      n: (before.n ?? 0) + 20,
      tokensN: (before.tokensN ?? 0) + 20,
      tokens: (before.tokens ?? 0) + 20 * 200,
      costN: (before.costN ?? 0) + 20,
      costUsd: 20,
    });
  });
});
