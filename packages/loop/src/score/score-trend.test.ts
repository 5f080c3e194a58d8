import { describe, expect, it } from 'vitest';
import { seededRandom } from '../stats/bootstrap.ts';
import type { ModelType } from './anchored-score.ts';
import { scoreTrends, sumScorePeriods, type TimedScore } from './score-trend.ts';

const DAY_MS = 86_400_000;

/** Twenty scores a day that drift by `perDay`. */
function days(n: number, perDay: number, modelType: ModelType = 'direct', seed = 1): TimedScore[] {
  const random = seededRandom(seed);
  return Array.from({ length: n * 20 }, (_, i) => {
    const day = Math.floor(i / 20);
    return {
      timeMs: day * DAY_MS + (i % 20) * 1000,
      modelType,
      score: 0.5 + perDay * day + 0.2 * (random() - 0.5),
    };
  });
}

const trendsOf = (scores: readonly TimedScore[]) => scoreTrends(sumScorePeriods(scores, DAY_MS));

describe('trends of scores', () => {
  it.each([
    [0.01, 'improving'],
    [-0.01, 'degrading'],
    [0, 'stable'],
    [0.0005, 'stable'],
  ] as const)('%d a day is %s', (perDay, trend) => {
    expect(trendsOf(days(20, perDay))).toMatchObject([{ modelType: 'direct', trend }]);
  });

  it('keeps model types apart, each with intervals and numbers', () => {
    const [direct, reasoning] = trendsOf([
      ...days(15, 0.01, 'direct', 2),
      ...days(15, -0.01, 'reasoning', 3),
    ]);
    expect(direct).toMatchObject({ modelType: 'direct', trend: 'improving' });
    expect(reasoning).toMatchObject({ modelType: 'reasoning', trend: 'degrading' });
    expect(direct?.periods).toHaveLength(15);
    expect(direct?.periods[3]?.score).toMatchObject({ n: 20 });
  });

  it('covers the true change about as often as it says', () => {
    let covered = 0;
    for (let seed = 0; seed < 150; seed++) {
      const change = trendsOf(days(15, 0.01, 'direct', seed))[0]?.change;
      if (change != null && change.low <= 0.14 && 0.14 <= change.high) covered += 1;
    }
    expect(covered / 150).toBeGreaterThan(0.9);
    expect(covered / 150).toBeLessThan(0.995);
  });

  it('has not enough data below 8 periods, or with thin ones', () => {
    expect(trendsOf(days(7, 0.05))).toMatchObject([
      { trend: 'not-enough-data', change: null, pValue: null },
    ]);
    const thin = days(20, 0.05).filter((_, i) => i % 20 < 4);
    const [found] = trendsOf(thin);
    expect(found?.trend).toBe('not-enough-data');
    expect(found?.periods).toHaveLength(20);
    expect(found?.periods.every((period) => !period.isCounted)).toBe(true);
    expect(trendsOf([])).toEqual([]);
  });

  it('is as strict with two types as with one', () => {
    let named = 0;
    for (let seed = 0; seed < 200; seed++) {
      const found = scoreTrends(
        sumScorePeriods(
          [...days(12, 0, 'direct', seed), ...days(12, 0, 'reasoning', 1000 + seed)],
          DAY_MS,
        ),
        { minimumEffect: 0 },
      );
      named += Number(found.some((one) => one.trend !== 'stable'));
    }
    expect(named / 200).toBeLessThan(0.08);
  });

  it('does not depend on the order of scores', () => {
    const scores = days(10, 0.01).map((one) => ({
      ...one,
      score: Math.round(one.score * 64) / 64,
    }));
    expect(trendsOf([...scores].reverse())).toEqual(trendsOf(scores));
  });
});
