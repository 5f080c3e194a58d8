import { createHash, randomUUID } from 'node:crypto';
import type { ScoreCalibration } from '@assay/loop';
import type { Database } from '@assay/store';
import { createTenant, openStore, putState, rollUp, scoreDistribution } from '@assay/store';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createScoringPool, type ScoringPool } from '../adapters/scoring/scoring-pool.ts';
import type { EngineContext } from './context.ts';
import { createEngine, type Engine } from './engine.ts';
import { evidenceOf } from './learn.ts';
import { lineOf } from './raw-lines.ts';
import { getRun } from './runs.ts';
import { catchUpDuty } from './score-catch-up.ts';
import { DEFAULT_SCORING, type ScoreNote, type ScoringParts } from './scoring.ts';

let db: Database;
let pool: ScoringPool;
const faults: unknown[] = [];
const notes: ScoreNote[] = [];
const NOW = Date.now();

beforeAll(async () => {
  db = await openStore({ kind: 'pglite', directory: 'memory' });
  pool = createScoringPool({ threads: 1, factorsModule: null });
});

afterAll(async () => {
  await pool.close();
  await db.close();
});

const context = (): EngineContext => ({
  db,
  dataDirectory: '/nowhere',
  now: Date.now,
  newId: randomUUID,
  random: () => 0.5,
  hash: (text) => createHash('sha256').update(text).digest('hex'),
  hashBytes: (bytes) => createHash('sha256').update(bytes).digest('hex'),
});

/** An engine whose pool outlives it. */
function open(scoring: ScoringParts = {}): Promise<Engine> {
  return createEngine({
    context: context(),
    recordWindowDays: 400,
    newSecret: () => randomUUID().replaceAll('-', ''),
    pause: () => Promise.resolve(),
    onFault: (error) => faults.push(error),
    scoring: {
      pool: { ...pool, close: async () => undefined },
      defaults: { ...DEFAULT_SCORING, isBackground: true },
      onScored: (note) => notes.push(note),
      ...scoring,
    },
  });
}

let count = 0;

function execution(over: Record<string, unknown> = {}) {
  count += 1;
  return {
    kind: 'execution',
    taskId: `task-${count}`,
    timestamp: NOW + count,
    agentId: 'a',
    agentVersion: '1',
    taskType: 'mail',
    success: true,
    prompt: 'How does a heat pump warm a house in winter?',
    response: `A heat pump moves heat from the outside air into the house, sample ${count}.`,
    ...over,
  };
}

const tenant = (name: string): Promise<number> => createTenant(db, name, NOW);

describe('background scoring', () => {
  it('records a score for every response, none for what holds no response', async () => {
    const tenantId = await tenant('plain');
    const engine = await open();
    const withResponse = [
      execution({ response: '' }),
      execution({ reasoning: 'First the outside air gives its heat to the pump.' }),
      execution(),
    ];
    const without = [execution({ response: null }), execution({ prompt: undefined })];
    await engine.record(tenantId, [...withResponse, ...without].map(lineOf));
    await engine.scoring.queue.idle();
    const evaluations = await Promise.all(
      [...withResponse, ...without].map(
        async (one) => (await getRun(engine.context, tenantId, one.taskId)).evaluations,
      ),
    );
    expect(evaluations.map((one) => one.length)).toEqual([1, 1, 1, 0, 0]);
    const [, reasoned, direct] = evaluations.map((one) => one[0]);
    expect(direct).toMatchObject({
      timestamp: withResponse[2]?.timestamp,
      agentId: 'a',
      agentVersion: '1',
      taskType: 'mail',
      overallScore: null,
      unscoredReason: 'a text score does not judge correctness',
    });
    const typeOf = (one: typeof direct) =>
      one?.metrics?.find((metric) => metric.name === 'modelType')?.label;
    expect([typeOf(reasoned), typeOf(direct)]).toEqual(['reasoning', 'direct']);
    expect(evidenceOf(await engine.memory(tenantId), {})[0]?.quality ?? null).toBeNull();
    expect(notes.filter((note) => note.tenantId === tenantId)).toHaveLength(3);
    expect(JSON.stringify(notes)).not.toMatch(/heat|winter/);
    await engine.close();
  });

  it('is off unless the server or the tenant says so', async () => {
    const tenantId = await tenant('quiet');
    const engine = await open({ defaults: DEFAULT_SCORING });
    const before = execution();
    await engine.record(tenantId, [lineOf(before)]);
    await engine.scoring.settings.change(tenantId, { isBackground: true });
    const after = execution();
    await engine.record(tenantId, [lineOf(after)]);
    await engine.scoring.queue.idle();
    const found = await Promise.all(
      [before, after].map((one) => getRun(engine.context, tenantId, one.taskId)),
    );
    expect(found.map((run) => run.evaluations.length)).toEqual([0, 1]);
    await engine.scoring.settings.change(tenantId, { isBackground: null });
    expect((await engine.scoring.settings.of(tenantId)).isBackground).toBe(false);
    await engine.close();
  });

  it('adds nothing when it scores again, also after a restart', async () => {
    const tenantId = await tenant('again');
    const facts = [execution(), execution({ attempt: 2 }), execution()];
    const group = facts.map((fact) => ({
      tenantId,
      taskRef: '1',
      line: new TextEncoder().encode(JSON.stringify(fact)),
    }));
    const first = await open();
    await first.record(tenantId, facts.map(lineOf));
    await first.scoring.queue.idle();
    expect(await first.scoring.scoreLines(tenantId, group)).toMatchObject({ known: 3 });
    await first.close();
    const second = await open();
    await second.memory(tenantId);
    expect(await second.scoring.scoreLines(tenantId, group)).toMatchObject({ known: 3 });
    await rollUp(db, tenantId, 100, NOW);
    const range = { fromMs: NOW - 1_000, toMs: NOW + 100_000, by: [] };
    expect(await scoreDistribution(db, tenantId, range)).toMatchObject([{ n: 3 }]);
    await second.scoring.settings.change(tenantId, { weights: { density: 1 } });
    expect(await second.scoring.scoreLines(tenantId, group)).toMatchObject({ known: 0 });
    const { evaluations } = await getRun(second.context, tenantId, facts[0]?.taskId ?? '');
    expect(new Set(evaluations.map((one) => one.evaluatorVersion)).size).toBe(2);
    await second.close();
  });

  it('never makes an acknowledgement wait, and drops what does not fit', async () => {
    const tenantId = await tenant('flood');
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const slow: ScoringPool = {
      ...pool,
      run: async (work) => {
        await held;
        return pool.run(work);
      },
      close: async () => undefined,
    };
    const engine = await open({ pool: slow, maxQueueItems: 20 });
    const facts = Array.from({ length: 60 }, () => execution());
    const answer = await engine.record(tenantId, facts.map(lineOf));
    expect(answer.accepted).toBe(60);
    release();
    await engine.scoring.queue.idle();
    const { scored, dropped } = engine.scoring.queue.figures;
    expect(scored + dropped).toBe(60);
    expect(dropped).toBeGreaterThanOrEqual(24);
    await engine.close();
  });

  it('catches up hourly with what was dropped, once', async () => {
    const tenantId = await tenant('dropped');
    const engine = await open({ maxQueueItems: 1 });
    const past = { timestamp: NOW - 3_600_000 };
    const facts = Array.from({ length: 6 }, () => execution(past));
    await engine.record(tenantId, facts.map(lineOf));
    await engine.scoring.queue.idle();
    expect(engine.scoring.queue.figures.dropped).toBe(5);
    const duty = catchUpDuty(engine);
    const turn = { slotMs: 0, attempt: 1, signal: new AbortController().signal };
    await duty.run(turn);
    const counts = await Promise.all(
      facts.map(async ({ taskId }) => {
        return (await getRun(engine.context, tenantId, taskId)).evaluations.length;
      }),
    );
    expect(counts).toEqual([1, 1, 1, 1, 1, 1]);
    expect(await duty.run(turn)).toEqual({ scored: 0 });
    await engine.close();
  });

  it('records why a response that breaks its thread has no score', async () => {
    const tenantId = await tenant('broken');
    const breaking: ScoringPool = {
      ...pool,
      run: async (work) =>
        (await pool.run(work)).map((outcome, at) =>
          at === 1 ? { kind: 'failed' as const, reason: 'scoring broke twice: x' } : outcome,
        ),
      close: async () => undefined,
    };
    const engine = await open({ pool: breaking });
    const facts = [execution(), execution()];
    await engine.record(tenantId, facts.map(lineOf));
    await engine.scoring.queue.idle();
    const run = await getRun(engine.context, tenantId, facts[1]?.taskId ?? '');
    expect(run.evaluations).toMatchObject([
      { overallScore: null, unscoredReason: 'scoring broke twice: x' },
    ]);
    expect(engine.scoring.queue.figures).toMatchObject({ scored: 1, unscored: 1 });
    await engine.close();
  });

  it('lets a calibrated probability count only where nobody else has judged', async () => {
    const tenantId = await tenant('calibrated');
    const engine = await open();
    const { settings } = await engine.scoring.settings.of(tenantId);
    const calibration = {
      kind: 'calibrated',
      method: 'logistic',
      coefficients: [1, 0],
      n: 300,
      version: 'v',
      scorerVersion: settings.scorer,
    } as unknown as ScoreCalibration;
    const stored = { id: 'c', taskType: 'mail', sources: [], createdAtMs: NOW, calibration };
    await putState(db, tenantId, 'score-calibration', 'c', stored, NOW);
    await engine.scoring.settings.saveCalibrations(tenantId, { mail: ['c'] });
    await engine.scoring.settings.change(tenantId, { isEvidence: true });
    const plain = execution();
    const judged = execution();
    const self = execution({ qualityScore: 0.2 });
    const other = execution({ taskType: 'chat' });
    const verdict = { ...judged, kind: 'evaluation', overallScore: 0, evaluator: 'tests' };
    await engine.record(tenantId, [verdict, plain, judged, self, other].map(lineOf));
    await engine.scoring.queue.idle();
    const scoresOf = async (taskId: string) =>
      (await getRun(engine.context, tenantId, taskId)).evaluations.map((one) => one.overallScore);
    expect(await scoresOf(plain.taskId)).toEqual([expect.closeTo(1 / (1 + Math.exp(-1)), 9)]);
    expect((await scoresOf(judged.taskId)).sort()).toEqual([0, null]);
    expect(await scoresOf(self.taskId)).toEqual([null]);
    expect(await scoresOf(other.taskId)).toEqual([null]);
    const cells = evidenceOf(await engine.memory(tenantId), { taskType: 'mail' });
    expect(cells[0]?.quality?.n).toBe(3);
    await engine.close();
    expect(faults).toEqual([]);
  });
});
