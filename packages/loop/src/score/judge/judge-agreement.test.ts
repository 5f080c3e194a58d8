import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { type ClassPair, measureClassAgreement, measureScoreAgreement } from './judge-agreement.ts';

const repeat = (count: number, judge: string, label: string, from: number): ClassPair[] =>
  Array.from({ length: count }, (_, at) => ({ judge, label, cluster: `${from + at}` }));

// 624 of 699 alike, 47 times yes for a no, 28 times no for a yes, every item by itself.
const TABLE = [
  ...repeat(213, 'yes', 'yes', 0),
  ...repeat(47, 'yes', 'no', 213),
  ...repeat(28, 'no', 'yes', 260),
  ...repeat(411, 'no', 'no', 288),
];

describe('agreement of classes', () => {
  it('is share, kappa and table', () => {
    const result = measureClassAgreement(TABLE);
    expect(result.agreement.mean).toBeCloseTo(0.8927, 4);
    expect(result.kappa).toBeCloseTo(0.76687463, 8);
    expect(result.confusion).toEqual([
      { judge: 'no', label: 'no', count: 411 },
      { judge: 'no', label: 'yes', count: 28 },
      { judge: 'yes', label: 'no', count: 47 },
      { judge: 'yes', label: 'yes', count: 213 },
    ]);
  });

  it('has the interval of kappa that the closed form gives for independent items', () => {
    // Fleiss, Cohen and Everitt 1969: standard error .0253317.
    const [low, high] = measureClassAgreement(TABLE).kappaInterval ?? [0, 0];
    expect((high - low) / 2 / 1.96).toBeCloseTo(0.02533, 3);
  });

  it('is less sure when items come in clusters', () => {
    const clustered = TABLE.map((pair, at) => ({ ...pair, cluster: String(Math.floor(at / 20)) }));
    const alone = measureClassAgreement(TABLE);
    const together = measureClassAgreement(clustered);
    expect(together.agreement.mean).toBe(alone.agreement.mean);
    expect(together.agreement.low).toBeLessThan(alone.agreement.low - 0.02);
    expect(together.kappaInterval?.[0]).toBeLessThan((alone.kappaInterval?.[0] ?? 0) - 0.02);
  });

  it('knows what it cannot know', () => {
    expect(() => measureClassAgreement([])).toThrow(RangeError);
    expect(measureClassAgreement(repeat(5, 'yes', 'yes', 0))).toMatchObject({
      kappa: null,
      kappaInterval: null,
    });
    expect(measureClassAgreement(repeat(2, 'yes', 'no', 0)).kappa).toBe(0);
  });
});

describe('agreement of scores', () => {
  const pair = (judge: number, label: number, cluster: number) => ({
    judge,
    label,
    cluster: String(cluster),
  });

  it('finds the side to which a judge errs', () => {
    const kind = Array.from({ length: 40 }, (_, at) =>
      pair(0.7 + (at % 3) / 10, (at % 7) / 10, at),
    );
    expect(measureScoreAgreement(kind).direction).toBe('too generous');
    const strict = kind.map(({ judge, label, cluster }) => ({
      judge: label,
      label: judge,
      cluster,
    }));
    expect(measureScoreAgreement(strict).direction).toBe('too strict');
    expect(measureScoreAgreement(strict).error.mean).toBeCloseTo(
      -measureScoreAgreement(kind).error.mean,
      12,
    );
  });

  it('does not take one cluster for evidence', () => {
    const one = Array.from({ length: 50 }, () => pair(1, 0, 1));
    const result = measureScoreAgreement(one);
    expect(result).toMatchObject({
      direction: 'unclear',
      error: { mean: 1 },
      meanAbsoluteError: 1,
    });
  });

  it('counts sides', () => {
    const result = measureScoreAgreement([pair(1, 0, 1), pair(0.5, 0.5, 2), pair(0, 1, 3)]);
    expect(result.counts).toEqual({ above: 1, equal: 1, below: 1 });
    expect(result.error.mean).toBe(0);
    expect(result.alpha).toBeLessThan(0);
  });
});

const FILE = new URL(
  '../../../../../../shared/data/trajectories/judgments-devai.jsonl.gz',
  import.meta.url,
);

interface Judgment {
  readonly agent: string;
  readonly judge: string;
  readonly task_id: string;
  readonly requirements: readonly {
    readonly requirement_id: number;
    readonly satisfied: boolean;
  }[];
}

describe.skipIf(!existsSync(FILE))('a real judge (needs the shared data)', () => {
  const read = (): { task: string; judge: number; label: number }[] => {
    const rows = gunzipSync(readFileSync(FILE))
      .toString('utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Judgment);
    // One task has three spellings; its leading number is the same in all.
    const keyOf = (row: Judgment, id: number): string =>
      `${row.agent} ${Number.parseInt(row.task_id, 10)} ${id}`;
    const labels = new Map<string, number>();
    for (const row of rows.filter(({ judge }) => judge === 'human')) {
      for (const one of row.requirements) {
        labels.set(keyOf(row, one.requirement_id), Number(one.satisfied));
      }
    }
    return rows
      .filter(({ judge }) => judge !== 'human')
      .flatMap((row) =>
        row.requirements.map((one) => ({
          task: String(Number.parseInt(row.task_id, 10)),
          judge: Number(one.satisfied),
          label: labels.get(keyOf(row, one.requirement_id)) ?? Number.NaN,
        })),
      );
  };

  it('agrees with people on .893 of 699 and errs to the generous side, not surely', () => {
    const rows = read();
    const scores = rows.map(({ judge, label, task }) => ({ judge, label, cluster: task }));
    const classes = scores.map((one) => ({
      judge: String(one.judge),
      label: String(one.label),
      cluster: one.cluster,
    }));
    const byClass = measureClassAgreement(classes);
    const byScore = measureScoreAgreement(scores);
    expect(byClass.agreement.n).toBe(699);
    expect(byClass.agreement.clusters).toBe(35);
    expect(byClass.agreement.mean).toBeCloseTo(624 / 699, 12);
    expect(byClass.kappa).toBeCloseTo(0.767, 3);
    expect(byScore.counts).toEqual({ above: 47, equal: 624, below: 28 });
    expect(byScore.error.mean).toBeCloseTo(19 / 699, 12);
    // 699 independent items would prove the direction; 35 tasks do not.
    expect(byScore.direction).toBe('unclear');
    const alone = scores.map((one, at) => ({ ...one, cluster: String(at) }));
    expect(measureScoreAgreement(alone).direction).toBe('too generous');
  });
});
