import { boundOf } from '@assay/loop';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../src/database.ts';
import { readDocuments, scanDocuments } from '../../src/documents.ts';
import { ensurePartitions, listPartitions } from '../../src/partitions.ts';
import { agentIdOf, ingest, taskTypeIdOf } from '../../src/record.ts';
import { type FactRow, factsOfTask, listFacts } from '../../src/runs.ts';
import { BACKENDS } from './backends.ts';
import { addDictionary, batchOf, idOf, lineOf, ref, type TestFact } from './facts.ts';

const DAY_MS = 86_400_000;
const START = Date.UTC(2026, 10, 1);

function someFacts(tenantId: number, count: number, prefix: string): TestFact[] {
  return Array.from({ length: count }, (_, i) => ({
    tenantId,
    taskId: `${prefix}-${i}`,
    // Many share a millisecond, some lie on the next day.
    timestampMs: START + DAY_MS - 5_000 + Math.floor(i / 3) * 20,
    agentId: 1 + (i % 2),
    typeId: 1 + (i % 2),
    success: i % 4 !== 0,
    latencyMs: 100 + i,
    quality: (i % 100) / 100,
  }));
}

describe.each(BACKENDS)('record on $name', ({ open }) => {
  let db: Database;
  let close: () => Promise<void>;

  beforeAll(async () => {
    ({ db, close } = await open());
    await ensurePartitions(db, START, START + 3 * DAY_MS);
    for (let tenant = 1; tenant <= 9; tenant++) await addDictionary(db, tenant);
  });
  afterAll(() => close?.());

  async function countOf(table: string, tenantId: number): Promise<number> {
    const [result] = await db.tenantBatch(
      [tenantId],
      [
        {
          text: `select count(*)::int as n from ${table} where tenant_id = $1::int`,
          params: [tenantId],
        },
      ],
    );
    return Number(result?.rows[0]?.['n']);
  }

  it('creates daily partitions once, with equal bounds, and lists them', async () => {
    await Promise.all([
      ensurePartitions(db, START, START + 4 * DAY_MS),
      ensurePartitions(db, START + DAY_MS, START + 4 * DAY_MS),
    ]);
    const partitions = await listPartitions(db);
    expect(partitions.map((one) => one.fromMs)).toEqual(
      [0, 1, 2, 3, 4].map((i) => START + i * DAY_MS),
    );
    for (const one of partitions) expect(one.toMs - one.fromMs).toBe(DAY_MS);
  });

  it('refuses a fact outside the window with 23514', async () => {
    const batch = batchOf([{ tenantId: 1, taskId: 'late', timestampMs: START - 1 }]);
    await expect(ingest(db, batch)).rejects.toMatchObject({ code: '23514' });
  });

  it('stores a batch once: 1,002 new, then 0, then 1', async () => {
    const facts = [...someFacts(1, 501, 'a'), ...someFacts(2, 501, 'a')];
    expect((await ingest(db, batchOf(facts))).size).toBe(1_002);
    const blocks = await countOf('doc_block', 1);
    expect((await ingest(db, batchOf([...facts].reverse()))).size).toBe(0);
    expect(await countOf('doc_block', 1)).toBe(blocks);
    const more: TestFact = { tenantId: 1, taskId: 'one more', timestampMs: START + DAY_MS };
    const fresh = await ingest(db, batchOf([...facts.slice(0, 300), more]));
    expect([...fresh]).toEqual([idOf(more)]);
    expect(await countOf('task', 1)).toBe(502);
    for (const all of [facts, [...facts, more]]) {
      const own = all.filter((fact) => fact.tenantId === 1);
      const lines = await readDocuments(db, 1, own.map(idOf));
      for (const fact of own) expect(lines.get(idOf(fact))).toBe(lineOf(fact));
    }
    expect((await readDocuments(db, 2, [idOf(more)])).size).toBe(0);
  });

  it('takes numbers that a column cannot hold', async () => {
    const base = { tenantId: 3, timestampMs: START };
    const facts = [
      { ...base, taskId: 'huge', costUsd: 1e300 },
      { ...base, taskId: 'tiny', costUsd: 1e-60 },
      { ...base, taskId: 'usual', costUsd: 0.0125, text: 'half \ud83d and NUL \0 inside' },
    ];
    expect((await ingest(db, batchOf(facts))).size).toBe(3);
    const rows = await listFacts(db, 3, { limit: 10 });
    expect(rows.map((row) => row.costUsd).sort()).toEqual([0, 0.0125, null]);
  });

  it('does not deadlock when two connections send the same facts in opposite order', async () => {
    if (db.dialect === 'pglite') return; // one connection
    for (let round = 0; round < 8; round++) {
      const facts = someFacts(4, 600, `round-${round}`);
      const sizes = await Promise.all(
        [facts, [...facts].reverse()].map(async (all) => (await ingest(db, batchOf(all))).size),
      );
      expect(sizes.reduce((a, b) => a + b, 0)).toBe(600);
    }
  });

  it('gives one number per word, however many ask at once', async () => {
    const words = Array.from({ length: 24 }, (_, i) => `agent ${i % 6}`);
    const ids = await Promise.all(words.map((word) => agentIdOf(db, 5, word, '')));
    const byWord = new Map(words.map((word, i) => [word, ids[i]]));
    expect(words.map((word) => byWord.get(word))).toEqual(ids);
    expect(new Set(ids).size).toBe(6);
    expect(await agentIdOf(db, 5, 'agent 0', '2')).not.toBe(byWord.get('agent 0'));
    expect(await taskTypeIdOf(db, 5, 'email', 'invoice')).toBe(2);
    expect(await taskTypeIdOf(db, 6, 'email', 'invoice')).toBe(2);
  });

  it('pages through every fact exactly once, newest first', async () => {
    const facts = someFacts(6, 211, 'page');
    await ingest(db, batchOf(facts));
    const expected = facts.map(idOf).sort().reverse();
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 20, max: 230 }), async (limit) => {
        const seen: FactRow[] = [];
        for (;;) {
          const before = seen.at(-1)?.id;
          const page = await listFacts(db, 6, {
            limit,
            ...(before === undefined ? {} : { before }),
          });
          seen.push(...page);
          if (page.length < limit) break;
        }
        expect(seen.map((row) => row.id)).toEqual(expected);
      }),
      { numRuns: 6 },
    );
  });

  it('filters as a plain loop over the facts would', async () => {
    const facts = someFacts(7, 200, 'filter');
    await ingest(db, batchOf(facts));
    const idsOf = (keep: (fact: TestFact) => boolean): string[] =>
      facts.filter(keep).map(idOf).sort().reverse();
    const list = async (
      filter: Omit<Parameters<typeof listFacts>[2], 'limit'>,
    ): Promise<string[]> =>
      (await listFacts(db, 7, { ...filter, limit: 500 })).map((row) => row.id);
    const second = START + DAY_MS - 4_000;
    expect(await list({ agentKey: 'triage' })).toEqual(idsOf(() => true));
    expect(await list({ agentKey: 'triage', agentVersion: '2' })).toEqual(
      idsOf((f) => f.agentId === 2),
    );
    expect(await list({ agentKey: 'nobody' })).toEqual([]);
    expect(await list({ taskType: 'email', taskKind: '' })).toEqual(idsOf((f) => f.typeId === 1));
    expect(await list({ success: false })).toEqual(idsOf((f) => f.success === false));
    expect(await list({ kinds: [0, 2] })).toEqual([]);
    expect(await list({ kinds: [1, 9], fromMs: second })).toEqual(
      idsOf((f) => f.timestampMs >= second),
    );
    expect(await list({ toMs: second })).toEqual(idsOf((f) => f.timestampMs < second));
    const [row] = await listFacts(db, 7, { limit: 1, agentVersion: '2', success: true });
    expect(row).toMatchObject({
      agentId: 'triage',
      agentVersion: '2',
      taskType: 'email',
      taskKind: 'invoice',
      kind: 1,
      success: true,
      tokens: null,
      costUsd: null,
    });
  });

  it('finds the facts of a task and of a session', async () => {
    const at = START + 1_000;
    const facts: TestFact[] = [
      { tenantId: 8, taskId: 't', timestampMs: at, kind: 0, sessionId: 's' },
      { tenantId: 8, taskId: 't', timestampMs: at + DAY_MS, kind: 1, sessionId: 's' },
      { tenantId: 8, taskId: 't', timestampMs: at + 2 * DAY_MS, kind: 2 },
      { tenantId: 8, taskId: 'u', timestampMs: at, kind: 1, sessionId: 's' },
      { tenantId: 9, taskId: 't', timestampMs: at, kind: 1, sessionId: 's' },
    ];
    await ingest(db, batchOf(facts));
    const found = await factsOfTask(db, 8, ref(8, 't'));
    expect(found.map((entry) => entry.row.kind)).toEqual([0, 1, 2]);
    expect(found.map((entry) => entry.line)).toEqual(facts.slice(0, 3).map(lineOf));
    expect(await factsOfTask(db, 9, ref(8, 't'))).toEqual([]);
    expect(await listFacts(db, 8, { sessionRef: ref(8, 's'), limit: 10 })).toHaveLength(3);
    expect(await listFacts(db, 8, { sessionRef: '0', limit: 10 })).toHaveLength(0);
  });

  it('searches words within the tenant and the other conditions', async () => {
    const at = START + 5_000;
    await ingest(
      db,
      batchOf([
        { tenantId: 9, taskId: 'w1', timestampMs: at, text: 'Refund the invoice of Ångström' },
        { tenantId: 9, taskId: 'w2', timestampMs: at + DAY_MS, text: 'the invoice was paid' },
        { tenantId: 8, taskId: 'w3', timestampMs: at, text: 'refund' },
      ]),
    );
    const search = async (words: string, more = {}): Promise<number> =>
      (await listFacts(db, 9, { search: words, limit: 10, ...more })).length;
    expect(await search('refund')).toBe(1);
    expect(await search('INVOICE')).toBe(2);
    expect(await search('invoice -paid')).toBe(1);
    expect(await search('"invoice was"')).toBe(1);
    expect(await search('ångström')).toBe(1);
    expect(await search('invoice', { fromMs: at + 1 })).toBe(1);
    expect(await search("') or true --")).toBe(0);
  });

  it('scans documents ascending in pages', async () => {
    const facts = someFacts(2, 501, 'a').map((fact) => ({ line: lineOf(fact), id: idOf(fact) }));
    const expected = facts.sort((a, b) => (a.id < b.id ? -1 : 1));
    const seen: { id: string; line: string }[] = [];
    for (;;) {
      const after = seen.at(-1)?.id;
      const range = { fromMs: START, toMs: START + 3 * DAY_MS, kinds: [1], limit: 100 };
      const page = await scanDocuments(db, 2, after === undefined ? range : { ...range, after });
      seen.push(...page);
      if (page.length === 0) break;
    }
    expect(seen.map(({ id }) => id)).toEqual(expected.map(({ id }) => id));
    expect(seen.map(({ line }) => line)).toEqual(expected.map(({ line }) => line));
    expect(boundOf(START) < (seen[0]?.id ?? '')).toBe(true);
  });
});
