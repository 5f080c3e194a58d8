import { createAssay } from '@assay/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningServer } from '../src/main.ts';
import { send, startServer } from './server-under-test.ts';

let server: RunningServer;
let key = '';
let scorer = '';

beforeAll(async () => {
  server = await startServer();
  key = server.adminKey ?? '';
  scorer = (await call('GET', '/v1/score/settings')).json.scorer;
});

afterAll(() => server?.close());

const call = (method: string, path: string, body?: unknown) =>
  send(server.url, key, method, path, body);

const QUERY = 'How does a heat pump warm a house in winter?';
const ANSWER =
  'A heat pump moves heat from the cold outside air into the house: a refrigerant evaporates outside, is compressed, and gives its heat off inside.';
const REASONING = 'The outside air holds heat. The compressor raises its temperature.';
const DAY_MS = 86_400_000;

/** Asks again until it is as expected: the background has no clock of ours. */
const eventually = (path: string, read: (json: unknown) => unknown, expected: unknown) =>
  expect
    .poll(async () => read((await call('GET', path)).json), { timeout: 30_000 })
    .toEqual(expected);

describe('POST /v1/score', () => {
  it('scores one response, the answer the same with and without reasoning', async () => {
    const direct = await call('POST', '/v1/score', { query: QUERY, response: ANSWER });
    expect(direct.status).toBe(200);
    expect(direct.json.results).toHaveLength(1);
    const [plain] = direct.json.results;
    expect(plain).toMatchObject({
      index: 0,
      kind: 'scored',
      scorer,
      modelType: 'direct',
      reasoning: null,
      consistency: null,
      trust: 'uncalibrated-heuristic',
      probability: null,
      corrected: null,
    });
    expect(plain.factors).toBeUndefined();
    expect(plain.composite).toBe(plain.answer);
    const both = await call('POST', '/v1/score', {
      query: QUERY,
      response: ANSWER,
      reasoning: REASONING,
    });
    const [thought] = both.json.results;
    expect(thought).toMatchObject({ modelType: 'reasoning', answer: plain.answer });
    expect(thought.composite).toBeCloseTo(0.7 * thought.answer + 0.3 * thought.reasoning, 9);
  });

  it('answers the client as it answers everybody', async () => {
    const client = createAssay({ url: server.url, apiKey: key });
    const item = { id: 'one', query: QUERY, response: ANSWER };
    const [result] = await client.api.scoreResponses([item], { debug: true });
    const answer = await call('POST', '/v1/score?debug=true', item);
    expect(result).toEqual(answer.json.results[0]);
    await expect(client.api.scoreResponses([{ query: '', response: '' }])).rejects.toMatchObject({
      code: 'client.http',
      status: 422,
    });
    await client.close();
  });

  it('gives the breakdown with debug', async () => {
    const answer = await call('POST', '/v1/score?debug=true', { query: QUERY, response: ANSWER });
    const [score] = answer.json.results;
    expect(Object.keys(score.factors).length).toBeGreaterThan(3);
    expect(score.explanation.length).toBeGreaterThan(0);
    expect(answer.json.settings).toMatchObject({ answerShare: 0.7, minThreshold: 0.1 });
    expect((await call('POST', '/v1/score?debug=perhaps', {})).json.path).toBe('$.query.debug');
  });

  it('takes up to 1,000 items, in order, and gives the same scores in any order', async () => {
    const items = Array.from({ length: 1_000 }, (_, i) => ({
      id: `i${i}`,
      query: QUERY,
      response: `${ANSWER} Example ${i % 7}.`,
    }));
    const answer = await call('POST', '/v1/score', { items });
    expect(answer.status).toBe(200);
    const ids = answer.json.results.map((one: { id: string }) => one.id);
    expect(ids).toEqual(items.map((one) => one.id));
    const back = await call('POST', '/v1/score', { items: items.slice(0, 20).reverse() });
    const composites = (json: { results: { composite: number }[] }) =>
      json.results.map((one) => one.composite);
    expect(composites(back.json).reverse()).toEqual(composites(answer.json).slice(0, 20));
    const many = await call('POST', '/v1/score', { items: [...items, items[0]] });
    expect(many.status).toBe(422);
    expect(many.json).toMatchObject({ code: 'request.invalid', path: '$.items' });
  });

  it.each([
    [{ query: QUERY, response: null }, '$.response'],
    [{ query: QUERY }, '$.response'],
    [{ query: QUERY, response: ['text'] }, '$.response'],
    [{ query: null, response: ANSWER }, '$.query'],
    [{ query: '  ', response: ANSWER }, '$.query'],
    [{ query: QUERY, response: ANSWER, reasoning: 7 }, '$.reasoning'],
    [{ items: [] }, '$.items'],
    [{ items: [{ query: QUERY, response: ANSWER }, { query: QUERY }] }, '$.items[1].response'],
    [{ query: QUERY, response: 'x'.repeat(1_000_001) }, '$.response'],
    [[], '$'],
    ['text', '$'],
  ])('refuses what has no content: %#', async (body, path) => {
    const answer = await call('POST', '/v1/score', body);
    expect(answer.status).toBe(typeof body === 'string' ? 400 : 422);
    if (typeof body !== 'string') expect(answer.json.path).toBe(path);
  });

  it('never scores an empty answer above 0', async () => {
    const answer = await call('POST', '/v1/score', { query: QUERY, response: ' ' });
    const [score] = answer.json.results;
    expect(score.kind === 'unscored' || score.composite === 0).toBe(true);
  });
});

describe('POST /v1/score/diff', () => {
  it('compares files without keeping them', async () => {
    const before = [{ path: 'a.ts', text: 'export const one = 1;\nexport const two = 2;\n' }];
    const after = [{ path: 'a.ts', text: 'export const one = 1;\nexport const two = 3;\n' }];
    const { json } = await call('POST', '/v1/score/diff', { before, after, isWholeChange: true });
    expect(json).toMatchObject({
      version: 'code-comparison/1',
      metrics: { fileTouchCount: 1 },
      lines: { added: 1, removed: 1, same: 1 },
    });
    expect(json.metrics.astSimilarity).toBeGreaterThan(0.5);
    const same = await call('POST', '/v1/score/diff', { before, after: before });
    expect(same.json.metrics).toMatchObject({ fileTouchCount: 0, rewardMultiplier: 1 });
    const twice = await call('POST', '/v1/score/diff', { before: [...before, ...before], after });
    expect(twice.json).toMatchObject({ code: 'request.invalid', path: '$.before' });
    expect((await call('POST', '/v1/score/diff', { before })).json.path).toBe('$.after');
  });
});

describe('settings of scores', () => {
  it('belong to the tenant, have a version of their own, and go back to the server', async () => {
    const changed = await call('PUT', '/v1/score/settings', {
      weights: { alignment: 2, novelty: 0 },
      minThreshold: 0.25,
    });
    expect(changed.json).toMatchObject({ minThreshold: 0.25, isBackground: false });
    expect(changed.json.scorer).toMatch(/^response-score\/\d+\+[a-z-]+\/\d+\+[0-9a-f]{8}$/);
    const own = await call('POST', '/v1/score', { query: QUERY, response: ANSWER });
    expect(own.json.results[0].scorer).toBe(changed.json.scorer);
    const back = await call('PUT', '/v1/score/settings', { weights: null, minThreshold: null });
    expect(back.json).toMatchObject({ scorer, minThreshold: 0.1, own: {} });
    for (const wrong of [{ weights: { density: 0 } }, { weights: { x: 1 } }, { answerShare: 2 }]) {
      expect((await call('PUT', '/v1/score/settings', wrong)).status).toBe(422);
    }
    const made = await call('POST', '/v1/keys', { roles: ['writer'] });
    const refused = await send(server.url, made.json.key, 'PUT', '/v1/score/settings', {});
    expect(refused.status).toBe(403);
  });
});

/** A whole task with a response. */
const recorded = (name: string, at: number, over: object = {}) => ({
  kind: 'execution',
  taskId: name,
  timestamp: at,
  agentId: 'pump',
  agentVersion: '1',
  taskType: 'explain',
  success: true,
  prompt: QUERY,
  response: ANSWER,
  ...over,
});

describe('recorded responses', () => {
  const at = Date.now() - 60_000;

  it('are scored on demand when nobody scored them before, each once', async () => {
    const facts = [
      recorded('old-1', at),
      recorded('old-2', at + 1, { reasoning: REASONING }),
      recorded('old-3', at + 2, { response: null }),
    ];
    expect((await call('POST', '/v1/records', facts)).json).toMatchObject({ accepted: 3 });
    const range = { from: at - 1_000, to: at + 1_000 };
    const first = await call('POST', '/v1/score/backfill', range);
    expect(first.json).toEqual({ scored: 2, unscored: 0, withoutResponse: 1, nextCursor: null });
    const again = await call('POST', '/v1/score/backfill', range);
    expect(again.json).toMatchObject({ scored: 0, withoutResponse: 1 });
    const page = await call('POST', '/v1/score/backfill', { ...range, limit: 1 });
    expect(page.json.nextCursor).not.toBeNull();
    const wrong = await call('POST', '/v1/score/backfill', { from: 'yesterday' });
    expect(wrong.json.path).toBe('$.from');
  });

  it('are scored in the background once the tenant wants it, as on demand', async () => {
    await call('PUT', '/v1/score/settings', { isBackground: true });
    const facts = Array.from({ length: 10 }, (_, i) => recorded(`new-${i}`, at + 10 + i));
    expect((await call('POST', '/v1/records', facts)).json).toMatchObject({ accepted: 10 });
    const n = (json: unknown) => (json as { items: { n: number }[] }).items.map((one) => one.n);
    await eventually('/v1/score/distribution?agent=pump', n, [11, 1]);
    const asked = await call('POST', '/v1/score', { query: QUERY, response: ANSWER });
    const [score] = asked.json.results;
    const grouped = await call('GET', '/v1/score/distribution?by=agent,modelType&agent=pump');
    const [direct, reasoning] = grouped.json.items;
    expect(direct).toMatchObject({ agentId: 'pump', modelType: 'direct', unscoredN: 0, n: 11 });
    expect(direct.composite.mean).toBeCloseTo(score.composite, 5);
    expect(direct.histogram[Math.round(100 * score.composite)]).toBe(11);
    expect(direct.p50).toBeCloseTo(score.composite, 1);
    expect(reasoning).toMatchObject({ modelType: 'reasoning', n: 1 });
    const run = await call('GET', '/v1/runs/new-3');
    expect(run.json.attempts[0].evaluation).toMatchObject({
      evaluator: 'assay.response-score',
      evaluatorVersion: scorer,
      overallScore: null,
    });
    const metrics = await call('GET', '/metrics');
    expect(metrics.text).toContain('assay_scores_total{status="scored"} 10');
    await call('PUT', '/v1/score/settings', { isBackground: null });
  });

  it('are grouped by version, agent and day, and filtered', async () => {
    const by = 'agent,version,taskType,taskKind,modelType,scorer,day';
    const { json } = await call('GET', `/v1/score/distribution?by=${by}&modelType=reasoning`);
    expect(json.scorer).toBeNull();
    expect(json.items).toMatchObject([
      { agentId: 'pump', agentVersion: '1', taskType: 'explain', taskKind: '', scorer, n: 1 },
    ]);
    expect(json.items[0].period).toMatch(/T00:00:00.000Z$/);
    const nobody = await call('GET', '/v1/score/distribution?agent=nobody');
    expect(nobody.json.items).toEqual([]);
    expect((await call('GET', '/v1/score/distribution?by=shoe')).status).toBe(422);
  });
});

/** Score facts as the background would record them, with scores that a test chooses. */
function scoredTask(name: string, at: number, score: number, isReasoning: boolean, group: number) {
  return {
    kind: 'evaluation',
    taskId: name,
    timestamp: at,
    agentId: isReasoning ? 'thinker' : 'talker',
    taskType: 'made',
    evaluator: 'assay.response-score',
    evaluatorVersion: scorer,
    factKey: `assay.${scorer}`,
    overallScore: null,
    metrics: [
      { name: 'composite', value: score },
      { name: 'answer', value: score },
      { name: 'modelType', label: isReasoning ? 'reasoning' : 'direct' },
      { name: 'promptRef', label: String(1_000 + group) },
    ],
  };
}

describe('what scores are worth', () => {
  it('is an uncalibrated heuristic until there are labels enough', async () => {
    const labels = Array.from({ length: 150 }, (_, i) => ({
      id: `l${i}`,
      group: `g${i % 40}`,
      score: (i % 40) / 40,
      label: i % 40 > 19 ? 1 : 0,
      taskType: 'explain',
    }));
    const kept = await call('POST', '/v1/score/labels', { labels });
    expect(kept.json).toEqual({ kept: 150, withoutScore: [] });
    const few = await call('POST', '/v1/score/calibrations', { activate: true });
    expect(few.status).toBe(201);
    expect(few.json.items).toMatchObject([
      { taskType: 'explain', isActive: false, calibration: { kind: 'uncalibrated', needed: 200 } },
    ]);
    const { id } = few.json.items[0];
    const early = await call('POST', `/v1/score/calibrations/${id}/activate`, {});
    expect(early.json.code).toBe('score.not-calibrated');

    const more = labels.map((one) => ({ ...one, id: `m${one.id}` }));
    await call('POST', '/v1/score/labels', { labels: more });
    expect((await call('GET', '/v1/score/labels')).json.items).toEqual([
      { taskType: 'explain', scorer, n: 300 },
    ]);
    const fit = await call('POST', '/v1/score/calibrations', {});
    expect(fit.json.items).toMatchObject([
      { isActive: false, calibration: { kind: 'calibrated', n: 300, scorerVersion: scorer } },
    ]);
    expect(fit.json.items[0].calibration.heldOut.pairAccuracy).toBeGreaterThan(0.9);
    const made = fit.json.items[0].id;
    const active = await call('POST', `/v1/score/calibrations/${made}/activate`, {});
    expect(active.json.isActive).toBe(true);
    const item = { query: QUERY, response: ANSWER };
    const typed = await call('POST', '/v1/score', { ...item, taskType: 'explain' });
    expect(typed.json.results[0]).toMatchObject({
      trust: 'calibrated',
      probability: { calibrationId: made },
    });
    const untyped = await call('POST', '/v1/score', item);
    expect(untyped.json.results[0].trust).toBe('uncalibrated-heuristic');
    const list = (await call('GET', '/v1/score/calibrations')).json.items;
    expect(list.map((one: { isActive: boolean }) => one.isActive)).toEqual([true, false]);
    const back = await call('POST', '/v1/score/calibrations/rollback', { taskType: 'explain' });
    expect(back.json).toEqual({ taskType: 'explain', activeId: null });
    const gone = await call('POST', '/v1/score/calibrations/rollback', { taskType: 'explain' });
    expect(gone.status).toBe(404);
    expect((await call('POST', '/v1/score/calibrations/none/activate', {})).status).toBe(404);
    expect((await call('POST', '/v1/score/calibrations/%00/activate', {})).status).toBe(422);
  });

  it('reads the score of a labelled task from the record', async () => {
    const labels = [
      { taskId: 'new-1', label: 1 },
      { taskId: 'nobody', label: 0 },
    ];
    const kept = await call('POST', '/v1/score/labels', { labels });
    expect(kept.json).toEqual({ kept: 1, withoutScore: [1] });
    const wrong = await call('POST', '/v1/score/labels', { labels: [{ id: 'x', label: 1 }] });
    expect(wrong.json.path).toBe('$.labels[0]');
  });

  it('finds a bias that is there, corrects it on demand and undoes the correction', async () => {
    expect((await call('GET', '/v1/score/bias')).json.verdict).toBe('no-anchors');
    const at = Date.now() - 20 * DAY_MS;
    const facts: object[] = [];
    for (let i = 0; i < 400; i++) {
      const isReasoning = i % 2 === 1;
      const group = Math.floor(i / 2);
      const truth = ((group * 7) % 10) / 10;
      const noise = (((i * 37) % 11) - 5) / 200;
      const score = 0.2 + 0.5 * truth + (isReasoning ? 0.1 : 0) + noise;
      const when = at + (group % 12) * DAY_MS + i;
      facts.push(scoredTask(`made-${i}`, when, score, isReasoning, group));
      facts.push({
        kind: 'rating',
        taskId: `made-${i}`,
        timestamp: when + 5,
        source: 'human',
        score: truth,
      });
    }
    expect((await call('POST', '/v1/records', facts)).json).toMatchObject({ accepted: 800 });
    const report = (await call('GET', '/v1/score/bias')).json;
    expect(report).toMatchObject({ verdict: 'correct', correction: null, prompts: 200 });
    expect(report.effect.mean).toBeCloseTo(0.1, 1);
    const made = await call('POST', '/v1/score/bias/corrections', { action: 'make' });
    expect(made.json).toMatchObject({ isChanged: true, correction: { replaces: null } });
    const again = await call('POST', '/v1/score/bias/corrections', { action: 'make' });
    expect(again.json).toMatchObject({ isChanged: false, correction: made.json.correction });

    const meanOf = async (modelType: string) => {
      const query = `by=modelType&taskType=made&modelType=${modelType}`;
      return (await call('GET', `/v1/score/distribution?${query}`)).json.items[0];
    };
    await expect.poll(async () => (await meanOf('reasoning'))?.n, { timeout: 30_000 }).toBe(200);
    const [direct, reasoning] = [await meanOf('direct'), await meanOf('reasoning')];
    expect(direct.correctedMean).toBeNull();
    expect(reasoning.correctedMean).toBeCloseTo(direct.composite.mean, 1);
    expect(reasoning.composite.mean - direct.composite.mean).toBeCloseTo(0.1, 1);
    const item = { query: QUERY, response: ANSWER, reasoning: REASONING };
    const [score] = (await call('POST', '/v1/score', item)).json.results;
    expect(score.corrected.value).toBeLessThan(score.composite);
    await call('PUT', '/v1/score/settings', { isBiasCorrected: false });
    expect((await call('POST', '/v1/score', item)).json.results[0].corrected).toBeNull();
    await call('PUT', '/v1/score/settings', { isBiasCorrected: null });

    const undone = await call('POST', '/v1/score/bias/corrections', { action: 'undo' });
    expect(undone.json).toEqual({ correction: null, isChanged: true, report: null });
    expect((await call('POST', '/v1/score', item)).json.results[0].corrected).toBeNull();
    expect((await call('GET', '/v1/score/bias/corrections')).json.items).toEqual([]);
  });

  it('goes over the days by model type', async () => {
    const { json } = await call('GET', '/v1/score/trends?taskType=made');
    expect(json.items.map((one: { modelType: string }) => one.modelType)).toEqual([
      'direct',
      'reasoning',
    ]);
    expect(json.items[0].periods).toHaveLength(12);
    expect(json.items[0].trend).toBe('stable');
    const short = await call('GET', '/v1/score/trends?agent=pump');
    expect(short.json.items[0].trend).toBe('not-enough-data');
  });
});
