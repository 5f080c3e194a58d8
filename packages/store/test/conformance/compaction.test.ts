import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../src/database.ts';
import { readDocuments, scanDocuments } from '../../src/documents.ts';
import { aggregates } from '../../src/learn.ts';
import { ensurePartitions } from '../../src/partitions.ts';
import { listPeriods, periodBlocks, restingSince, type StoredPeriod } from '../../src/periods.ts';
import { ingest } from '../../src/record.ts';
import { rewritePeriod } from '../../src/rewrite-period.ts';
import { rollUp } from '../../src/rollups.ts';
import { factsOfTask, listFacts } from '../../src/runs.ts';
import { createTenant } from '../../src/tenants.ts';
import { BACKENDS } from './backends.ts';
import { addDictionary, batchOf, idOf, lineOf, numbers, ref, type TestFact } from './facts.ts';

const START = Date.UTC(2026, 10, 1);
const DAY_MS = 86_400_000;
const LATER = START + 30 * DAY_MS;
const never = new AbortController().signal;
const COMPACT = {
  without: new Set<number>(),
  leaving: { facts: 0, flags: 0 },
  nowMs: LATER,
  quietMs: 600_000,
  signal: never,
};

function factsOf(tenantId: number, count: number, day: number): TestFact[] {
  const random = numbers(tenantId * 100 + day);
  return Array.from({ length: count }, (_, i) => ({
    tenantId,
    taskId: `${day}-${i}`,
    timestampMs: START + day * DAY_MS + Math.floor(random() * DAY_MS),
    kind: [1, 2, 9, 0][i % 4] ?? 1,
    agentId: 1 + (i % 2),
    typeId: 1 + (i % 2),
    success: random() < 0.5,
    latencyMs: Math.floor(1_000 * random()),
    quality: Math.round(random() * 64) / 64,
    ...(i % 3 === 0 ? { sessionId: `s${i % 7}` } : {}),
    ...(i % 5 === 0 ? { text: `word${i % 10} of tenant ${tenantId}` } : {}),
  }));
}

describe.each(BACKENDS)('compaction on $name', ({ open }) => {
  let db: Database;
  let close: () => Promise<void>;
  const stored = new Map<number, TestFact[]>();

  beforeAll(async () => {
    ({ db, close } = await open());
    await ensurePartitions(db, START, START + 3 * DAY_MS);
    for (const slug of ['a', 'b', 'c']) {
      const tenantId = await createTenant(db, slug, START);
      await addDictionary(db, tenantId);
      const all = [0, 1, 2].flatMap((day) => factsOf(tenantId, 700, day));
      for (let at = 0; at < all.length; at += 90) {
        // The overlap leaves documents that no row points to.
        await ingest(db, batchOf(all.slice(Math.max(0, at - 7), at + 90)));
      }
      stored.set(tenantId, all);
      await roll(tenantId);
    }
  });
  afterAll(() => close?.());

  async function roll(tenantId: number): Promise<void> {
    while ((await rollUp(db, tenantId, 100, START)) > 0);
  }

  async function periodOf(day: number): Promise<StoredPeriod> {
    const found = (await listPeriods(db, START)).find((one) => one.fromMs === START + day * DAY_MS);
    if (found === undefined) throw new Error('no such period');
    return found;
  }

  /** All that can be read of a tenant, by every way there is. */
  async function everythingOf(tenantId: number): Promise<unknown> {
    const facts = await listFacts(db, tenantId, { limit: 5_000 });
    const lines = await readDocuments(
      db,
      tenantId,
      facts.map((fact) => fact.id),
    );
    return {
      facts,
      lines: facts.map((fact) => lines.get(fact.id)),
      scanned: await scanDocuments(db, tenantId, {
        fromMs: START,
        toMs: START + 4 * DAY_MS,
        limit: 5_000,
      }),
      found: await listFacts(db, tenantId, { search: 'word5', limit: 5_000 }),
      session: await listFacts(db, tenantId, { sessionRef: ref(tenantId, 's3'), limit: 5_000 }),
      agent: await listFacts(db, tenantId, { agentKey: 'triage', agentVersion: '2', limit: 9 }),
      task: await factsOfTask(db, tenantId, ref(tenantId, '1-5')),
      days: await aggregates(db, tenantId, {
        fromMs: START,
        toMs: START + 4 * DAY_MS,
        by: ['version', 'day'],
      }),
    };
  }

  it('keeps every fact and document, in fewer bytes', async () => {
    const before = await Promise.all([1, 2, 3].map(everythingOf));
    const period = await periodOf(0);
    const loose = await periodBlocks(db, period);
    expect(loose.looseDocuments).toBe(loose.documents);
    expect(loose.documents).toBeGreaterThan(2_100);
    const outcome = await rewritePeriod(db, period, COMPACT);
    expect(outcome).toMatchObject({ kind: 'rewritten', facts: 2_100, blocks: 3 });
    expect(await Promise.all([1, 2, 3].map(everythingOf))).toEqual(before);
    const packed = await periodBlocks(db, await periodOf(0));
    expect(packed).toMatchObject({ documents: 2_100, looseDocuments: 0, unrolledBlocks: 0 });
    expect(packed.bytes).toBeLessThan(loose.bytes);
    expect((await periodOf(0)).compactedAtMs).toBe(LATER);
    expect((await periodOf(1)).compactedAtMs).toBeNull();
  });

  it('leaves partitions that nobody but the owner can read, with all their indexes', async () => {
    const { names } = await periodOf(0);
    const direct = db.tenantBatch([1], [{ text: `select * from ${names.task}` }]);
    await expect(direct).rejects.toMatchObject({ code: '42501' });
    const { rows } = await db.query<{ name: string }>(
      `select c.relname as name from pg_class c
       left join pg_index i on i.indexrelid = c.oid
       where c.relnamespace = current_schema()::regnamespace
         and ((c.relkind = 'I' and not i.indisvalid)
           or (c.relkind = 'r' and c.relname like '%\\_c')
           or exists (select from pg_constraint where conrelid = c.oid and conname = 'rewritten_range'))`,
    );
    expect(rows).toEqual([]);
    const indexes = await db.query<{ n: number }>(
      `select count(*)::int as n from pg_index where indrelid in ($1::text::regclass, $2::text::regclass)`,
      [names.task, (await periodOf(1)).names.task],
    );
    expect(Number(indexes.rows[0]?.n) % 2).toBe(0);
  });

  it('takes late facts, and packs them with the others the next time', async () => {
    const late: TestFact[] = Array.from({ length: 30 }, (_, i) => ({
      tenantId: 1,
      taskId: `late-${i}`,
      timestampMs: START + i * 1_000,
    }));
    const known = (stored.get(1) ?? []).slice(0, 10);
    expect((await ingest(db, batchOf([...known, ...late]))).size).toBe(30);
    const unrolled = await rewritePeriod(db, await periodOf(0), COMPACT);
    expect(unrolled).toEqual({ kind: 'refused', reason: 'not-rolled-up' });
    await roll(1);
    const before = await everythingOf(1);
    if (db.dialect !== 'pglite') {
      const soon = { ...COMPACT, nowMs: START + COMPACT.quietMs - 1 };
      expect(await rewritePeriod(db, await periodOf(0), soon)).toEqual({
        kind: 'refused',
        reason: 'facts-too-new',
      });
    }
    expect(await rewritePeriod(db, await periodOf(0), COMPACT)).toMatchObject({
      kind: 'rewritten',
      facts: 2_130,
    });
    expect(await everythingOf(1)).toEqual(before);
    stored.set(1, [...(stored.get(1) ?? []), ...late]);
  });

  it('gives up when a fact comes in while it writes', async () => {
    const extra: TestFact = { tenantId: 2, taskId: 'meanwhile', timestampMs: START + DAY_MS };
    const disturbed: Database = {
      ...db,
      ownerTransaction: async (work) => {
        await ingest(db, batchOf([extra]));
        await roll(2);
        return db.ownerTransaction(work);
      },
    };
    const before = await periodBlocks(db, await periodOf(1));
    const outcome = await rewritePeriod(disturbed, await periodOf(1), COMPACT);
    expect(outcome).toEqual({ kind: 'refused', reason: 'fact-came-in' });
    expect((await readDocuments(db, 2, [idOf(extra)])).get(idOf(extra))).toBe(lineOf(extra));
    const after = await periodBlocks(db, await periodOf(1));
    expect(after.documents).toBe(before.documents + 1);
    expect(after.looseDocuments).toBe(after.documents);
    stored.set(2, [...(stored.get(2) ?? []), extra]);
  });

  it('can be interrupted, and begins again after a crash', async () => {
    const period = await periodOf(1);
    await db.exec(`create table ${period.names.task}_c (rest int)`); // what a killed process leaves
    const stop = new AbortController();
    const interrupted: Database = {
      ...db,
      query: (text, params) => {
        if (text.includes('_c (tenant_id')) stop.abort(new Error('the server stops'));
        return db.query(text, params);
      },
    };
    const before = await everythingOf(3);
    const running = rewritePeriod(interrupted, period, { ...COMPACT, signal: stop.signal });
    await expect(running).rejects.toThrow('the server stops');
    expect(await everythingOf(3)).toEqual(before);
    expect(await rewritePeriod(db, period, COMPACT)).toMatchObject({ facts: 2_101 });
    expect(await everythingOf(3)).toEqual(before);
  });

  it('refuses to lose a document', async () => {
    const period = await periodOf(2);
    const { rows } = await db.query<{ id: string }>(
      `select id from ${period.names.doc_block} where tenant_id = 3 order by id limit 1`,
    );
    const broken: Database = {
      ...db,
      query: (text, params) =>
        text.includes('select codec, body') && params?.[1] === rows[0]?.id
          ? Promise.resolve({ rows: [], affected: 0 })
          : db.query(text, params),
    };
    await expect(rewritePeriod(broken, period, COMPACT)).rejects.toThrow('is missing');
    expect((await periodBlocks(db, period)).looseDocuments).toBeGreaterThan(0);
  });

  it('leaves tenants out of all tables of a period when asked to', async () => {
    const others = await Promise.all([1, 3].map(everythingOf));
    const period = await periodOf(2);
    const without = new Set([2]);
    expect(
      await rewritePeriod(db, period, { ...COMPACT, without, leaving: { facts: 700, flags: 0 } }),
    ).toMatchObject({
      kind: 'rewritten',
      facts: 1_400,
    });
    expect(await Promise.all([1, 3].map(everythingOf))).toEqual(others);
    const left = await listFacts(db, 2, { limit: 5_000 });
    expect(left.length).toBe(1_401);
    expect(left.every((fact) => fact.timestampMs < START + 2 * DAY_MS)).toBe(true);
    for (const table of Object.values(period.names)) {
      const { rows } = await db.query(`select 1 from ${table} where tenant_id = 2 limit 1`);
      expect([table, rows]).toEqual([table, []]);
    }
    const days = await aggregates(db, 2, { fromMs: START, toMs: LATER, by: ['day'] });
    expect(days).toHaveLength(3); // rollups outlive the documents
  });

  it('never hides a document from a reader', async () => {
    const all = (stored.get(3) ?? []).filter((fact) => fact.timestampMs < START + DAY_MS);
    const wanted = all.length;
    let isOver = false;
    let reads = 0;
    const reader = (async () => {
      while (!isOver) {
        const ids = all.map(idOf);
        expect((await readDocuments(db, 3, ids)).size).toBe(wanted);
        reads += 1;
      }
    })();
    for (let round = 0; round < 3; round++) await rewritePeriod(db, await periodOf(0), COMPACT);
    isOver = true;
    await reader;
    expect(reads).toBeGreaterThan(3);
  });

  it('knows how long a period has been at rest', async () => {
    const period = await periodOf(0);
    expect(period.seenAtMs).toBe(START);
    expect(restingSince(period)).toBe(START + DAY_MS);
    expect(restingSince({ ...period, seenAtMs: LATER })).toBe(LATER);
    await ensurePartitions(db, START - 400 * DAY_MS, START - 400 * DAY_MS);
    const imported = (await listPeriods(db, LATER))[0];
    expect(imported).toMatchObject({ fromMs: START - 400 * DAY_MS, seenAtMs: LATER });
  });
});
