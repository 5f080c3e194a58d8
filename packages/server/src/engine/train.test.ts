import { createHash, randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTenant, type Database, openStore } from '@assay/store';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EngineContext } from './context.ts';
import { createEngine, type Engine } from './engine.ts';
import { createScorecard, gateScorecards, listScorecards, scorecardMarkdown } from './gate.ts';
import { lineOf } from './raw-lines.ts';
import { createBatch, listBatches, readBatchFile } from './train.ts';

const NOW = Date.UTC(2026, 0, 15);
const sha256 = (input: string | Uint8Array): string =>
  createHash('sha256').update(input).digest('hex');

let directory: string;
let db: Database;
let context: EngineContext;
let engine: Engine;
let tenantId: number;
let otherId: number;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'assay-train-'));
  db = await openStore({ kind: 'pglite', directory: 'memory' });
  context = {
    db,
    dataDirectory: directory,
    now: () => NOW,
    newId: randomUUID,
    random: () => 0.5,
    hash: sha256,
    hashBytes: sha256,
  };
  tenantId = await createTenant(db, 'one', NOW);
  otherId = await createTenant(db, 'two', NOW);
  engine = await createEngine({
    context,
    recordWindowDays: 400,
    newSecret: () => 'x'.repeat(40),
    pause: async () => {},
    onFault: (error) => {
      throw error;
    },
  });
  await engine.record(
    tenantId,
    Array.from({ length: 60 }, (_, at) =>
      lineOf({
        kind: 'execution',
        taskId: `mail-${at}`,
        timestamp: NOW - 86_400_000 + at,
        agentId: `agent-${at % 2}`,
        agentVersion: '1.0.0',
        taskType: `type-${at % 3}`,
        success: true,
        latencyMs: 2,
        qualityScore: at < 50 ? 0.9 : 0.1,
      }),
    ),
  );
});

afterAll(async () => {
  await engine.close();
  await db.close();
  await rm(directory, { recursive: true, force: true });
});

const BODY = { trainingType: 'sft-warmup', requiredMetrics: ['quality'], allowNotReady: true };

describe('createBatch', () => {
  it('says what is missing instead of an unready batch', async () => {
    await expect(createBatch(context, tenantId, { trainingType: 'grpo' })).rejects.toMatchObject({
      code: 'batch.not-ready',
      detail: expect.stringContaining('complete-metrics kept 60 out'),
    });
    await expect(createBatch(context, tenantId, { trainingType: 'x' })).rejects.toMatchObject({
      code: 'request.invalid',
      path: '$.trainingType',
    });
  });

  it('writes files that match the manifest, and marks exactly once under concurrency', async () => {
    const outcomes = await Promise.allSettled([
      createBatch(context, tenantId, BODY),
      createBatch(context, tenantId, BODY),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    const [batch] = await listBatches(context, tenantId);
    if (batch === undefined) throw new Error('no batch');
    expect(batch).toMatchObject({ ready: false, counts: { exported: 50, belowQuality: 10 } });
    for (const { name, bytes, sha256: digest } of batch.files) {
      const file = await readBatchFile(context, tenantId, batch.id, name);
      expect([file.bytes.byteLength, sha256(file.bytes)]).toEqual([bytes, digest]);
      expect(new TextDecoder().decode(file.bytes)).not.toContain('mail-1');
    }
    const manifest = await readBatchFile(context, tenantId, batch.id, 'manifest.json');
    expect(JSON.parse(new TextDecoder().decode(manifest.bytes))).toEqual(batch);
  });

  it('serves no other file, no other tenant, and no changed bytes', async () => {
    const [batch] = await listBatches(context, tenantId);
    const id = batch?.id ?? '';
    for (const [tenant, name] of [
      [tenantId, '../../../etc/passwd'],
      [otherId, 'train.jsonl'],
    ] as const) {
      await expect(readBatchFile(context, tenant, id, name)).rejects.toMatchObject({
        code: 'batch.not-found',
      });
    }
    const path = join(directory, 'batches', String(tenantId), id, 'lineage.jsonl');
    await writeFile(path, `${await readFile(path, 'utf8')}x`);
    await expect(readBatchFile(context, tenantId, id, 'lineage.jsonl')).rejects.toMatchObject({
      code: 'internal',
    });
  });
});

describe('gateScorecards', () => {
  const items = (right: number, prefix = 'gate') =>
    Array.from({ length: 200 }, (_, at) => ({ id: `${prefix}-${at}`, score: Number(at < right) }));
  const card = async (version: string, right: number, prefix?: string) =>
    (
      await createScorecard(context, tenantId, {
        agentId: 'linear',
        version,
        name: 'mail of September',
        items: items(right, prefix),
      })
    ).id;

  it('passes a better version, stops a worse one, and believes in one first release', async () => {
    const first = await card('1.0.0', 160);
    const better = await card('1.1.0', 190);
    const gate = (candidate: string, more: object) =>
      gateScorecards(context, tenantId, { candidate, ...more });
    expect((await gate(first, { firstRelease: true })).verdict).toBe('passed');
    expect((await gate(better, { firstRelease: true })).verdict).toBe('missing');
    expect((await gate(better, { baseline: first })).verdict).toBe('passed');
    const worse = await card('1.2.0', 120);
    expect((await gate(worse, { baseline: better })).verdict).toBe('regressed');
    expect(await scorecardMarkdown(context, tenantId, worse)).toContain('**60 / 100**');
    expect(await listScorecards(context, tenantId, { agentId: 'linear' })).toHaveLength(3);
  });

  it('refuses a gate set that was trained on', async () => {
    const [batch] = await listBatches(context, tenantId);
    const base = await card('2.0.0', 100, 'mail');
    const trained = await card('2.1.0', 200, 'mail');
    const verdict = await gateScorecards(context, tenantId, {
      candidate: trained,
      baseline: base,
      trainedOnBatches: [batch?.id],
    });
    expect(verdict.verdict).toBe('not-comparable');
    expect(verdict.reasons[0]).toMatchObject({ code: 'contaminated' });
  });

  it('keeps tenants apart and names the fault of a body', async () => {
    const [stored] = await listScorecards(context, tenantId);
    await expect(
      gateScorecards(context, otherId, { candidate: stored?.id, firstRelease: true }),
    ).rejects.toMatchObject({ code: 'scorecard.not-found' });
    await expect(
      createScorecard(context, tenantId, {
        agentId: 'a',
        version: '1',
        name: 'n',
        items: [{ id: 'x', score: 2 }],
      }),
    ).rejects.toMatchObject({ code: 'request.invalid', path: '$.items[0].score' });
  });
});
