import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  RESPONSE_SCORE_EVALUATOR,
  RESPONSE_SCORE_VERSION,
  type ResponseToScore,
} from '@assay/loop';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LEXICON_VERSION } from '../text/lexicon-version.ts';
import type { ScoringSettings, ScoringWork } from './scoring-messages.ts';
import { createScoringPool, type ScoringPool, type ScoringPoolOptions } from './scoring-pool.ts';

let folder = '';
const pools: ScoringPool[] = [];
const settings: ScoringSettings = {
  scorer: 'test/1',
  weights: {},
  answerShare: 0.7,
  minThreshold: 0.1,
  isEvidence: false,
  calibrations: {},
  correction: null,
};

/** A factor that does to its thread what the response says. */
const FACTORS = `export default [{
  name: 'trap',
  weight: 0,
  score({ response }) {
    if (response.startsWith('exit')) process.exit(7);
    if (response.startsWith('loop')) for (;;);
    if (response.startsWith('throw')) throw new TypeError(response);
    if (response.startsWith('eat')) { const all = []; for (;;) all.push(new Array(1e6).fill(all)); }
    return 0.5;
  },
}];`;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'assay-scoring-'));
  await writeFile(join(folder, 'factors.mjs'), FACTORS);
  await writeFile(join(folder, 'wrong.mjs'), 'export default [{ name: "no score", weight: -1 }];');
});

afterAll(async () => {
  await Promise.all(pools.map((pool) => pool.close()));
  await rm(folder, { recursive: true, force: true });
});

function open(options: Partial<ScoringPoolOptions> = {}): ScoringPool {
  const factorsModule = join(folder, 'factors.mjs');
  const pool = createScoringPool({ threads: 1, factorsModule, ...options });
  pools.push(pool);
  return pool;
}

const item = (response: string): ResponseToScore => ({
  query: 'What is the capital of France?',
  response,
});
const responses = (...texts: string[]): Extract<ScoringWork, { kind: 'responses' }> => ({
  kind: 'responses',
  items: texts.map((text) => ({ input: item(text), taskType: '' })),
  settings,
});

describe('scoring in threads', () => {
  test('answers in order, and alike in every thread', async () => {
    const pool = open({ threads: 2 });
    const texts = Array.from({ length: 30 }, (_, i) => `Paris, with ${i} districts.`);
    const groups = [texts.slice(0, 7), texts.slice(7, 8), texts.slice(8)];
    const apart = (await Promise.all(groups.map((group) => pool.run(responses(...group))))).flat();
    const together = await pool.run(responses(...texts));
    expect(apart).toEqual(together);
    expect(apart).toHaveLength(30);
    const first = apart[0];
    if (first?.kind !== 'done' || first.value.score.kind !== 'scored') throw new Error('no score');
    expect(first.value.score.factors['custom.trap']).toBe(0.5);
    // Settings name this version before any thread has loaded its words.
    expect(first.value.score.version).toBe(`${RESPONSE_SCORE_VERSION}+${LEXICON_VERSION}`);
    expect(await pool.run(responses())).toEqual([]);
  });

  test('makes the evaluation of a recorded execution, and none without a response', async () => {
    const fact = {
      kind: 'execution',
      taskId: 't',
      timestamp: 1_000,
      agentId: 'a',
      prompt: 'What is the capital of France?',
      response: 'The capital of France is Paris.',
    };
    const lines = [fact, { ...fact, response: undefined }].map((one) => ({
      tenantId: 3,
      isJudged: false,
      line: new TextEncoder().encode(JSON.stringify(one)),
    }));
    const outcomes = await open().run({ kind: 'lines', items: lines, settings });
    expect(outcomes).toMatchObject([
      {
        kind: 'done',
        value: {
          fact: {
            taskId: 't',
            timestamp: 1_000,
            overallScore: null,
            evaluator: RESPONSE_SCORE_EVALUATOR,
            evaluatorVersion: 'test/1',
          },
          score: { kind: 'scored' },
        },
      },
      { kind: 'done', value: null },
    ]);
  });

  test.each(['exit', 'loop', 'eat'])(
    'survives a response that makes its thread %s, and fails that one alone',
    async (trap) => {
      const pool = open({ itemLimitMs: 3_000, groupLimitMs: 3_000 });
      const outcomes = await pool.run(responses('Paris.', `${trap} now`, 'Lyon.'));
      expect(outcomes.map((one) => one.kind)).toEqual(['done', 'failed', 'done']);
      const failed = outcomes[1];
      expect(failed?.kind === 'failed' && failed.reason).toMatch(/^scoring broke twice/);
      const [after] = await pool.run(responses('Paris.'));
      expect(after?.kind).toBe('done');
    },
    60_000,
  );

  test('fails an item that throws without its text, and keeps its thread', async () => {
    const [bad, good] = await open().run(responses('throw my secret', 'Paris.'));
    expect(bad).toEqual({ kind: 'failed', reason: 'scoring failed: TypeError' });
    expect(good?.kind).toBe('done');
  });

  test('refuses work when too much waits, and factors that are none', async () => {
    const pool = open({ maxWaiting: 1 });
    const running = [pool.run(responses('Paris.')), pool.run(responses('Lyon.'))];
    await expect(pool.run(responses('Nice.'))).rejects.toMatchObject({ code: 'score.busy' });
    expect((await Promise.all(running)).flat().map((one) => one.kind)).toEqual(['done', 'done']);
    for (const name of ['wrong.mjs', 'missing.mjs']) {
      const wrong = open({ factorsModule: join(folder, name) });
      await expect(wrong.run(responses('Paris.'))).rejects.toMatchObject({
        message: expect.stringContaining(name),
      });
    }
    const closed = open();
    await closed.close();
    await expect(closed.run(responses('Paris.'))).rejects.toMatchObject({ code: 'server.closing' });
  });

  test('scores nothing in the thread of the caller', async () => {
    const pool = open({ itemLimitMs: 2_000 });
    await pool.run(responses('Paris.'));
    const looping = pool.run(responses('loop'));
    let turns = 0;
    const ticking = setInterval(() => {
      turns += 1;
    }, 20);
    const [outcome] = await looping;
    clearInterval(ticking);
    expect(outcome?.kind).toBe('failed');
    expect(turns).toBeGreaterThan(20);
  }, 60_000);
});
