import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  closedPeriods,
  deleteFigures,
  listArchiveParts,
  markArchivePart,
  noteArchivePart,
  periodShares,
} from '../../src/archive.ts';
import { archiveBlocks, type FactsState, readArchiveBlock } from '../../src/copy-documents.ts';
import type { Database } from '../../src/database.ts';
import { readDocuments } from '../../src/documents.ts';
import { aggregates } from '../../src/learn.ts';
import { ensurePartitions, listPartitions } from '../../src/partitions.ts';
import { listPeriods, type StoredPeriod } from '../../src/periods.ts';
import { ingest } from '../../src/record.ts';
import { dropPeriod, rewritePeriod } from '../../src/rewrite-period.ts';
import { rollUp } from '../../src/rollups.ts';
import { createTenant } from '../../src/tenants.ts';
import { BACKENDS } from './backends.ts';
import { addDictionary, batchOf, idOf, lineOf, type TestFact } from './facts.ts';

const START = Date.UTC(2026, 10, 1);
const DAY_MS = 86_400_000;
const LATER = START + 100 * DAY_MS;
const AT_REST = { nowMs: LATER, quietMs: 600_000 };
const NOTHING: FactsState = { facts: 0, flags: 0 };

describe.each(BACKENDS)('archive on $name', ({ open }) => {
  let db: Database;
  let close: () => Promise<void>;
  const facts = (tenantId: number, count: number): TestFact[] =>
    Array.from({ length: count }, (_, i) => ({
      tenantId,
      taskId: `t${i}`,
      timestampMs: START + i * 1_000,
      latencyMs: i,
    }));

  beforeAll(async () => {
    ({ db, close } = await open());
    await ensurePartitions(db, START, START + DAY_MS);
    for (const [slug, count] of [
      ['a', 1_500],
      ['b', 20],
    ] as const) {
      const tenantId = await createTenant(db, slug, START);
      await addDictionary(db, tenantId);
      await ingest(db, batchOf(facts(tenantId, count)));
      while ((await rollUp(db, tenantId, 10, START)) > 0);
    }
  });
  afterAll(() => close?.());

  async function period(): Promise<StoredPeriod> {
    const [first] = await listPeriods(db, START);
    if (first === undefined) throw new Error('no period');
    return first;
  }

  async function read(tenantId: number): Promise<{ state: FactsState; lines: string[] }> {
    const lines: string[] = [];
    let state = NOTHING;
    for await (const block of archiveBlocks(db, await period(), tenantId)) {
      const { facts: more, flags } = block;
      state = { facts: state.facts + more, flags: state.flags + flags };
      lines.push(...(await readArchiveBlock(block.body)));
    }
    return { state, lines };
  }

  it('gives every document of a tenant in blocks of a thousand', async () => {
    const { state, lines } = await read(1);
    expect(state).toEqual({ facts: 1_500, flags: 0 });
    expect(lines).toEqual(facts(1, 1_500).map(lineOf));
    expect((await read(3)).lines).toEqual([]);
  });

  it('takes a document as it was revised, and notices a revision', async () => {
    const [first] = facts(2, 1);
    if (first === undefined) throw new Error('no fact');
    const revised = '{"revised":true}';
    await db.tenantBatch(
      [2],
      [
        {
          text: 'insert into task_revision values (2, $1::uuid, $2::text)',
          params: [idOf(first), revised],
        },
        {
          text: 'update task set flags = 2 where tenant_id = 2 and id = $1::uuid',
          params: [idOf(first)],
        },
      ],
    );
    const { state, lines } = await read(2);
    expect(state).toEqual({ facts: 20, flags: 2 });
    expect(lines[0]).toBe(revised);
    const rewrite = {
      ...AT_REST,
      without: new Set([2]),
      signal: new AbortController().signal,
    };
    const stale = { ...rewrite, leaving: { facts: 20, flags: 0 } };
    expect(await rewritePeriod(db, await period(), stale)).toMatchObject({
      reason: 'fact-came-in',
    });
    expect(await rewritePeriod(db, await period(), { ...rewrite, leaving: state })).toMatchObject({
      kind: 'rewritten',
      facts: 1_500,
    });
    expect((await read(2)).lines).toEqual([]);
    const { rows } = await db.query(`select 1 from ${(await period()).names.task_revision}`);
    expect(rows).toEqual([]);
  });

  it('drops a period only as it was archived, and keeps its figures', async () => {
    const few = { ...AT_REST, leaving: { facts: 1_499, flags: 0 } };
    expect(await dropPeriod(db, await period(), few)).toBe('fact-came-in');
    const late: TestFact = { tenantId: 2, taskId: 'late', timestampMs: START };
    await ingest(db, batchOf([late]));
    const all = { ...AT_REST, leaving: { facts: 1_501, flags: 0 } };
    expect(await dropPeriod(db, await period(), all)).toBe('not-rolled-up');
    await rollUp(db, 2, 10, START);
    if (db.dialect !== 'pglite') {
      const soon = { ...all, nowMs: START + 1 };
      expect(await dropPeriod(db, await period(), soon)).toBe('facts-too-new');
    }
    expect((await readDocuments(db, 2, [idOf(late)])).size).toBe(1);
    expect(await dropPeriod(db, await period(), all)).toBeNull();
    expect((await listPartitions(db)).map(({ fromMs }) => fromMs)).toEqual([START + DAY_MS]);
    expect((await readDocuments(db, 2, [idOf(late)])).size).toBe(0);
    const range = { fromMs: START, toMs: START + DAY_MS, by: [] };
    expect((await aggregates(db, 1, range))[0]?.n).toBe(1_500);
    expect(await deleteFigures(db, 1, START + DAY_MS)).toBeGreaterThan(0);
    expect(await aggregates(db, 1, range)).toEqual([]);
    expect((await aggregates(db, 2, range))[0]?.n).toBe(21);
    await ensurePartitions(db, START, START);
    expect(await listPartitions(db)).toHaveLength(2);
  });

  it('keeps the notes of tenants apart', async () => {
    const part = {
      tenantId: 1,
      fromMs: START,
      toMs: START + DAY_MS,
      file: 'archive/1/x',
      facts: 3,
      bytes: 2 ** 33,
      sha256: 'ab',
      archivedAtMs: LATER,
    };
    await noteArchivePart(db, part);
    await noteArchivePart(db, { ...part, facts: 4 });
    expect(await listArchiveParts(db, 1)).toEqual([
      { ...part, movedAtMs: null, deletedAtMs: null },
    ]);
    expect(await listArchiveParts(db, 2)).toEqual([]);
    expect(await closedPeriods(db)).toEqual([]);
    await markArchivePart(db, { ...part, tenantId: 2 }, 'moved', LATER);
    await markArchivePart(db, part, 'moved', LATER + 1);
    await markArchivePart(db, part, 'moved', LATER + 2);
    expect((await listArchiveParts(db, 1))[0]).toMatchObject({ movedAtMs: LATER + 1 });
    expect(await closedPeriods(db)).toEqual([{ tenantId: 1, fromMs: START, toMs: START + DAY_MS }]);
    const late: TestFact = { tenantId: 2, taskId: 'again', timestampMs: START };
    await ingest(db, batchOf([late]));
    const shares = await periodShares(db, 2, await listPeriods(db, START));
    expect(shares.map(({ documents }) => documents)).toEqual([1, 0]);
    expect(shares[0]?.bytes).toBeGreaterThan(10);
  });
});
