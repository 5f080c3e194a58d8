import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../src/database.ts';
import { ensurePartitions } from '../../src/partitions.ts';
import { ingest } from '../../src/record.ts';
import { rollUp } from '../../src/rollups.ts';
import type { IngestScore } from '../../src/score.ts';
import {
  anchoredScores,
  judgedTasks,
  scoreDistribution,
  scoresOfTasks,
  unscoredRuns,
} from '../../src/score-queries.ts';
import { createTenant } from '../../src/tenants.ts';
import { BACKENDS } from './backends.ts';
import { addDictionary, batchOf, idOf, numbers, ref, type TestFact } from './facts.ts';

const DAY_MS = 86_400_000;
const START = Date.UTC(2026, 10, 1);
const ALL = { fromMs: START, toMs: START + 3 * DAY_MS };
const SCORER = 'response-score/1';

interface Scored {
  readonly fact: TestFact;
  readonly score: IngestScore;
}

/** Evaluations with scores over three days; every tenth response could not be scored. */
function scored(tenantId: number, count: number): Scored[] {
  const random = numbers(tenantId);
  return Array.from({ length: count }, (_, i) => {
    const fact: TestFact = {
      tenantId,
      taskId: `s${i}`,
      timestampMs: START + Math.floor(random() * 3 * DAY_MS),
      kind: 2,
      agentId: 1 + (i % 2),
      typeId: 1 + (i % 3 === 0 ? 1 : 0),
    };
    const composite = i % 10 === 9 ? null : Math.fround(random());
    const score: IngestScore = {
      tenantId,
      id: idOf(fact),
      scorer: i % 4 === 0 ? 'response-score/0' : SCORER,
      isReasoning: i % 5 === 0,
      isBelow: composite !== null && composite < 0.1,
      composite,
      answer: composite,
      reasoning: i % 5 === 0 && composite !== null ? 0.5 : null,
      promptRef: `${i % 7}`,
    };
    return { fact, score };
  });
}

function histogramOf(values: readonly number[]): number[] {
  const counts = new Array<number>(101).fill(0);
  for (const value of values) {
    const bucket = Math.round(value * 100);
    counts[bucket] = (counts[bucket] ?? 0) + 1;
  }
  return counts;
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

describe.each(BACKENDS)('scores on $name', ({ open }) => {
  let db: Database;
  let close: () => Promise<void>;
  const items = scored(1, 400);

  beforeAll(async () => {
    ({ db, close } = await open());
    await ensurePartitions(db, START, START + 3 * DAY_MS);
    for (const slug of ['a', 'b']) {
      const tenantId = await createTenant(db, slug, START);
      await addDictionary(db, tenantId);
    }
    for (let at = 0; at < items.length; at += 50) {
      const part = items.slice(at, at + 50);
      const batch = {
        ...batchOf(part.map(({ fact }) => fact)),
        scores: part.map(({ score }) => score),
      };
      await ingest(db, batch);
      await ingest(db, batch); // a batch that is sent again changes nothing
      if (at % 100 === 0) await rollUp(db, 1, 3, START);
    }
    while ((await rollUp(db, 1, 10, START)) > 0);
  });
  afterAll(() => close?.());

  it('are summed up once each, per day, agent, type, model type and version', async () => {
    const [all] = await scoreDistribution(db, 1, { ...ALL, by: [] });
    const values = items.flatMap(({ score }) => score.composite ?? []);
    expect(all).toMatchObject({ n: values.length, unscoredN: 40 });
    expect(all?.belowN).toBe(values.filter((value) => value < 0.1).length);
    expect(all?.compositeSum).toBeCloseTo(sum(values), 3);
    expect(all?.compositeSq).toBeCloseTo(sum(values.map((value) => value * value)), 3);
    expect(sum(all?.histogram ?? [])).toBe(values.length);

    const by = await scoreDistribution(db, 1, { ...ALL, by: ['version', 'modelType', 'scorer'] });
    for (const row of by) {
      const own = items.filter(
        ({ fact, score }) =>
          String(fact.agentId) === row.agentVersion &&
          score.isReasoning === row.isReasoning &&
          score.scorer === row.scorer,
      );
      const known = own.flatMap(({ score }) => score.composite ?? []);
      expect(row.n).toBe(known.length);
      expect(row.unscoredN).toBe(own.length - known.length);
      expect(row.histogram).toEqual(histogramOf(known));
    }
    expect(sum(by.map((row) => row.n + row.unscoredN))).toBe(items.length);
  });

  it('are bounded by days and filters', async () => {
    const range = { fromMs: START + DAY_MS + 5, toMs: START + 2 * DAY_MS };
    const days = await scoreDistribution(db, 1, { ...range, by: ['day'] });
    expect(days.map((row) => row.dayMs)).toEqual([START + DAY_MS]);
    const filter = { agentKey: 'triage', taskType: 'email', isReasoning: true, scorer: SCORER };
    const [some] = await scoreDistribution(db, 1, { ...ALL, ...filter, by: [] });
    const own = items.filter(({ score }) => score.isReasoning && score.scorer === SCORER);
    expect((some?.n ?? 0) + (some?.unscoredN ?? 0)).toBe(own.length);
    expect(await scoreDistribution(db, 1, { ...ALL, by: [], agentKey: 'nobody' })).toEqual([]);
    expect(await scoreDistribution(db, 2, { ...ALL, by: [] })).toEqual([]);
  });

  it('are joined with what others said of the same task', async () => {
    const run = (taskId: string, over: Partial<TestFact> = {}): TestFact => ({
      tenantId: 2,
      taskId,
      timestampMs: START + 1_000,
      kind: 1,
      ...over,
    });
    const score = (taskId: string, composite: number): Scored => {
      const fact = run(taskId, { kind: 2, quality: 0.99 });
      return {
        fact,
        score: {
          tenantId: 2,
          id: idOf(fact),
          scorer: SCORER,
          isReasoning: false,
          isBelow: false,
          composite,
          answer: composite,
          reasoning: null,
          promptRef: '-5',
        },
      };
    };
    const names = ['rated', 'judged', 'whole', 'nobody', 'twice'];
    const scores = names.map((name, i) => score(name, (i + 1) / 10));
    const later = { timestampMs: START + 60_000 };
    const facts = [
      ...['rated', 'judged', 'nobody', 'twice'].map((name) => run(name)),
      run('rated', { ...later, kind: 4, quality: 1 }),
      run('rated', { ...later, kind: 2, quality: 0.25, timestampMs: START + 70_000 }),
      run('judged', { ...later, kind: 2, quality: 0.75 }),
      run('whole', { kind: 9, quality: 0.5 }),
      run('twice', later),
      run('twice', { ...later, kind: 4, quality: 1 }),
      run('never scored'),
    ];
    await ingest(db, {
      ...batchOf([...facts, ...scores.map((one) => one.fact)]),
      scores: scores.map((one) => one.score),
    });
    const rows = await anchoredScores(db, 2, { ...ALL, scorer: SCORER, limit: 100 });
    const byTask = new Map(rows.map((row) => [row.taskRef, row]));
    const truthOf = (name: string) => byTask.get(ref(2, name))?.truth;
    expect(names.map(truthOf)).toEqual([1, 0.75, 0.5, null, undefined]);
    expect(byTask.get(ref(2, 'rated'))).toMatchObject({
      promptRef: '-5',
      agentId: 'triage',
      taskType: 'email',
      truthKind: 4,
    });
    expect(byTask.get(ref(2, 'rated'))?.composite).toBeCloseTo(0.1, 6);
    expect(await anchoredScores(db, 2, { ...ALL, scorer: 'another', limit: 9 })).toEqual([]);
    const only = { ...ALL, scorer: SCORER, limit: 9, taskType: 'other' };
    expect(await anchoredScores(db, 2, only)).toEqual([]);

    const found = await scoresOfTasks(db, 2, SCORER, [ref(2, 'judged'), ref(2, 'never scored')]);
    expect([...found.keys()]).toEqual([ref(2, 'judged')]);
    expect(await scoresOfTasks(db, 1, SCORER, [ref(2, 'judged')])).toEqual(new Map());

    const judged = await judgedTasks(
      db,
      2,
      [...names, 'never scored'].map((name) => ref(2, name)),
    );
    const expected = ['rated', 'judged', 'whole', 'twice'].map((name) => ref(2, name));
    expect([...judged].sort()).toEqual(expected.sort());

    const page = { ...ALL, scorer: SCORER, limit: 100 };
    const open = await unscoredRuns(db, 2, page);
    expect(open.runs.map(({ id }) => id)).toEqual(
      [idOf(run('never scored')), idOf(run('twice', later))].sort(),
    );
    expect(open.runs.map(({ taskRef }) => taskRef)).toContain(ref(2, 'never scored'));
    expect(open.next).toBeNull();
    const first = await unscoredRuns(db, 2, { ...page, limit: 2 });
    expect(first.next).not.toBeNull();
  });
});
