import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../src/database.ts';
import { addIngestCounts, collectionHealth, correlations } from '../../src/health.ts';
import { type AggregateRow, aggregates, evidenceRows } from '../../src/learn.ts';
import { ensurePartitions } from '../../src/partitions.ts';
import { ingest } from '../../src/record.ts';
import { rebuildDays, rollUp, tenantsWithWork } from '../../src/rollups.ts';
import { createTenant } from '../../src/tenants.ts';
import { BACKENDS } from './backends.ts';
import { addDictionary, batchOf, numbers, type TestFact } from './facts.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const START = Date.UTC(2026, 10, 1);
const ALL = { fromMs: START, toMs: START + 3 * DAY_MS };

/** Smallest value with at least a share p of the values at or below it. */
function percentileDisc(values: readonly number[], p: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(p * sorted.length) - 1)] ?? Number.NaN;
}

/** Three days of runs, evaluations and decisions of one tenant. */
function facts(tenantId: number, count: number): TestFact[] {
  const random = numbers(tenantId);
  return Array.from({ length: count }, (_, i) => ({
    tenantId,
    taskId: `${i}`,
    timestampMs: START + Math.floor(random() * 3 * DAY_MS),
    kind: [1, 1, 1, 2, 9, 0, 8][i % 7] ?? 1,
    agentId: 1 + Math.floor(random() * 2),
    typeId: 1 + Math.floor(random() * 2),
    success: i % 5 === 0 ? null : random() < 0.7,
    latencyMs: i % 11 === 0 ? null : Math.round(Math.exp(4 + 3 * random() + 2 * random())),
    tokens: i % 13 === 0 ? null : 100 + Math.floor(random() * 1_000),
    quality: i % 3 === 0 ? null : Math.fround(random()),
    costUsd: i % 4 === 0 ? null : Math.fround(random() / 100),
  }));
}

const isRun = (fact: TestFact): boolean => fact.kind === 1 || fact.kind === 9;

/** [bucket, count, bucket, count, ...] of a packed histogram. */
function bucketsOf(pack: unknown): number[] {
  const buckets: number[] = [];
  let rest = BigInt(String(pack));
  for (let bucket = 0; rest > 0n; bucket++) {
    const count = rest % 10n ** 12n;
    if (count > 0n) buckets.push(bucket, Number(count));
    rest /= 10n ** 12n;
  }
  return buckets;
}

describe.each(BACKENDS)('rollups on $name', ({ open }) => {
  let db: Database;
  let close: () => Promise<void>;
  const stored = new Map<number, TestFact[]>();

  beforeAll(async () => {
    ({ db, close } = await open());
    await ensurePartitions(db, START, START + 3 * DAY_MS);
    for (const slug of ['a', 'b', 'c', 'd']) {
      const tenantId = await createTenant(db, slug, START);
      await addDictionary(db, tenantId);
    }
  });
  afterAll(() => close?.());

  async function store(tenantId: number, all: readonly TestFact[], size: number): Promise<void> {
    for (let at = 0; at < all.length; at += size)
      await ingest(db, batchOf(all.slice(at, at + size)));
    stored.set(tenantId, [...(stored.get(tenantId) ?? []), ...all]);
  }

  async function only(tenantId: number): Promise<AggregateRow | undefined> {
    return (await aggregates(db, tenantId, { ...ALL, by: [] }))[0];
  }

  it('counts every run once with two rollers at work', async () => {
    await store(1, facts(1, 3_000), 200);
    await store(2, facts(2, 300), 50);
    expect(await tenantsWithWork(db)).toEqual([1, 2]);
    const drain = async (): Promise<number> => {
      let sum = 0;
      for (;;) {
        const rolled = await rollUp(db, 1, 4, START);
        if (rolled === 0) return sum;
        sum += rolled;
      }
    };
    const blocks = await Promise.all([drain(), drain()]);
    expect(blocks.reduce((a, b) => a + b, 0)).toBe(45); // 15 batches, 3 days each
    expect(await tenantsWithWork(db)).toEqual([2]);
    expect((await only(1))?.n).toBe((stored.get(1) ?? []).filter(isRun).length);
  });

  it('neither loses nor doubles what was claimed in a transaction that died', async () => {
    const dying = db.tenantTransaction([2], async (run) => {
      await run('update doc_block set rolled = true where tenant_id = 2 and not rolled');
      throw new Error('the process dies here');
    });
    await expect(dying).rejects.toThrow('dies here');
    expect(await rollUp(db, 2, 1_000, START)).toBe(18);
    expect((await only(2))?.n).toBe((stored.get(2) ?? []).filter(isRun).length);
    // A resend makes a block that no row points to: it adds nothing.
    await ingest(db, batchOf((stored.get(2) ?? []).slice(3, 33)));
    expect(await rollUp(db, 2, 1_000, START)).toBeGreaterThan(0);
    expect((await only(2))?.n).toBe((stored.get(2) ?? []).filter(isRun).length);
  });

  it('agrees with a plain loop in every figure and group', async () => {
    const rows = await aggregates(db, 1, { ...ALL, by: ['version', 'taskKind', 'day'] });
    expect(rows).toHaveLength(12);
    for (const row of rows) {
      const own = (stored.get(1) ?? []).filter(
        (fact) =>
          String(fact.agentId) === row.agentVersion &&
          (fact.typeId === 1 ? '' : 'invoice') === row.taskKind &&
          Math.floor(fact.timestampMs / DAY_MS) * DAY_MS === row.periodMs,
      );
      const runs = own.filter(isRun);
      const known = (key: 'latencyMs' | 'tokens' | 'costUsd'): number[] =>
        runs.flatMap((fact) => fact[key] ?? []);
      const quality = own
        .filter((fact) => isRun(fact) || fact.kind === 2)
        .flatMap((fact) => fact.quality ?? []);
      const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
      expect(row).toMatchObject({
        agentId: 'triage',
        n: runs.length,
        ok: runs.filter((fact) => fact.success === true).length,
        successN: runs.filter((fact) => fact.success !== null).length,
        qualityN: quality.length,
        tokensN: known('tokens').length,
        tokens: sum(known('tokens')),
        costN: known('costUsd').length,
        latencyN: known('latencyMs').length,
      });
      const mean = sum(quality) / quality.length;
      expect(row.qualityMean).toBeCloseTo(mean, 9);
      const variance = sum(quality.map((q) => (q - mean) ** 2)) / (quality.length - 1);
      expect(row.qualitySd).toBeCloseTo(Math.sqrt(variance), 6);
      expect(row.costUsd).toBeCloseTo(sum(known('costUsd')), 9);
      expect(row.latencyMeanMs).toBeCloseTo(sum(known('latencyMs')) / row.latencyN, 6);
      for (const [value, p] of [
        [row.latencyP50Ms, 0.5],
        [row.latencyP95Ms, 0.95],
        [row.latencyP99Ms, 0.99],
      ] as const) {
        const exact = percentileDisc(known('latencyMs'), p);
        expect(Math.abs((value ?? 0) - exact) / exact).toBeLessThanOrEqual(0.0101);
      }
    }
  });

  it('answers alike from hours, from days and from both', async () => {
    const from = START + 5 * HOUR_MS;
    const to = START + 2 * DAY_MS + 7 * HOUR_MS;
    const mixed = await aggregates(db, 1, { fromMs: from, toMs: to, by: ['agent'] });
    const hours = await aggregates(db, 1, { fromMs: from, toMs: to, by: ['agent', 'hour'] });
    expect(mixed).toHaveLength(1);
    expect(mixed[0]?.n).toBe(hours.reduce((sum, row) => sum + row.n, 0));
    const runs = (stored.get(1) ?? []).filter(
      (fact) => isRun(fact) && fact.timestampMs >= from && fact.timestampMs < to,
    );
    expect(mixed[0]?.n).toBe(runs.length);
    const exact = percentileDisc(
      runs.flatMap((fact) => fact.latencyMs ?? []),
      0.95,
    );
    expect(Math.abs((mixed[0]?.latencyP95Ms ?? 0) - exact) / exact).toBeLessThanOrEqual(0.0101);
    const one = await aggregates(db, 1, {
      ...ALL,
      by: ['agent', 'taskType'],
      agentKey: 'triage',
      taskType: 'email',
    });
    expect(one.map((row) => row.n)).toEqual([(await only(1))?.n]);
    expect(await aggregates(db, 1, { ...ALL, by: ['agent'], agentKey: 'nobody' })).toEqual([]);
    const short = await aggregates(db, 1, { fromMs: START, toMs: START + HOUR_MS, by: ['agent'] });
    expect(short[0]?.n).toBe(
      (stored.get(1) ?? []).filter((f) => isRun(f) && f.timestampMs < START + HOUR_MS).length,
    );
  });

  it('rebuilds days to the same figures', async () => {
    const days = [0, 1, 2].map((i) => START + i * DAY_MS);
    const read = async (): Promise<unknown> => {
      const [result] = await db.tenantBatch(
        [1],
        [{ text: 'select * from rollup_day where tenant_id = 1 order by hour, agent_id, type_id' }],
      );
      return JSON.parse(
        JSON.stringify(result?.rows, (_, value) =>
          typeof value === 'number' && !Number.isInteger(value)
            ? Number(value.toPrecision(10))
            : value,
        ),
      );
    };
    const before = await read();
    await rebuildDays(db, 1, days);
    await rebuildDays(db, 1, days);
    expect(await read()).toEqual(before);
  });

  it('holds to the golden histograms', async () => {
    const latencies = [100, 200, 300, 400, 1_000];
    await store(
      3,
      latencies.map((latencyMs, i) => ({
        tenantId: 3,
        taskId: `g${i}`,
        timestampMs: START + i,
        latencyMs,
        quality: [0, 0.004, 0.5, 0.996, 1][i] ?? null,
      })),
      5,
    );
    await rollUp(db, 3, 10, START);
    const [result] = await db.tenantBatch(
      [3],
      [
        {
          text: 'select lat_pack::text as lat, q_pack::text as quality from rollup_hour where tenant_id = 3',
        },
      ],
    );
    expect(bucketsOf(result?.rows[0]?.['lat'])).toEqual([231, 1, 265, 1, 286, 1, 300, 1, 346, 1]);
    expect(bucketsOf(result?.rows[0]?.['quality'])).toEqual([0, 2, 50, 1, 100, 2]);
    const row = await only(3);
    expect(row?.latencyP50Ms).toBeCloseTo(301.743, 3);
    expect(row?.latencyP95Ms).toBeCloseTo(1_001.742, 3);
    expect(row?.latencyP99Ms).toBeCloseTo(1_001.742, 3);
    expect(row).toMatchObject({ ok: 0, successN: 0, tokensN: 0, latencyMeanMs: 400 });
  });

  it('counts every known latency in the histogram of its day', async () => {
    const [result] = await db.tenantBatch(
      [1],
      [{ text: 'select lat_pack::text as pack, lat_n from rollup_day where tenant_id = 1' }],
    );
    for (const row of result?.rows ?? []) {
      const counts = bucketsOf(row['pack']).filter((_, at) => at % 2 === 1);
      expect(counts.reduce((sum, count) => sum + count, 0)).toBe(Number(row['lat_n']));
    }
    expect(result?.rows).toHaveLength(12);
  });

  it('gives the evidence per hour', async () => {
    const rows = await evidenceRows(db, 1, START);
    const n = rows.reduce((sum, row) => sum + row.n, 0);
    expect(n).toBe((await only(1))?.n);
    expect(await evidenceRows(db, 1, START + 4 * DAY_MS)).toEqual([]);
    expect(rows.map((row) => row.hourMs)).toEqual(
      rows.map((row) => row.hourMs).sort((a, b) => a - b),
    );
  });

  it('correlates over tasks, joining an evaluation with its run', async () => {
    const random = numbers(4);
    const all = Array.from({ length: 200 }, (_, i) => {
      const base = { tenantId: 4, taskId: `${i}`, timestampMs: START + i * 1_000 };
      const quality = random();
      return [
        { ...base, kind: 1, latencyMs: Math.round(1_000 * (1 - quality)), tokens: 100 },
        { ...base, kind: 2, quality },
        { ...base, kind: 0 },
      ];
    }).flat();
    await store(4, [...all, { tenantId: 4, taskId: 'open', timestampMs: START + 1, kind: 0 }], 200);
    const found = await correlations(db, 4, ALL);
    expect(found).toHaveLength(6);
    const pair = found.find((one) => one.a === 'quality' && one.b === 'latencyMs');
    expect(pair?.n).toBe(200);
    expect(pair?.r).toBeLessThan(-0.99);
    expect(pair?.low).toBeLessThanOrEqual(pair?.r ?? -2);
    expect(found.find((one) => one.a === 'quality' && one.b === 'tokens')).toMatchObject({
      r: null,
      low: null,
    });
    expect(found.find((one) => one.b === 'costUsd')).toMatchObject({ n: 0, r: null });
  });

  it('says how complete the record is', async () => {
    while ((await rollUp(db, 4, 50, START)) > 0);
    await addIngestCounts(db, 4, { accepted: 5, duplicates: 1, rejected: 2 }, START + 10);
    await addIngestCounts(db, 4, { accepted: 1, duplicates: 0, rejected: 0 }, START + HOUR_MS);
    const health = await collectionHealth(db, 4, ALL);
    expect(health.volume).toEqual([{ dayMs: START, agentId: 'triage', taskType: 'email', n: 200 }]);
    expect(health.received).toEqual([
      { dayMs: START, accepted: 6, duplicates: 1, rejected: 2, lastAtMs: START + HOUR_MS },
    ]);
    expect(health.coverage).toEqual({
      runs: 200,
      success: 0,
      quality: 200,
      latency: 200,
      tokens: 200,
      cost: 0,
    });
    expect(health.decisions).toEqual({ sampled: 201, tracked: 200, share: 200 / 201 });
    expect((await collectionHealth(db, 3, ALL)).decisions.share).toBeNull();
  });
});
