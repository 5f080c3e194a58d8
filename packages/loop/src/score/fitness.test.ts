import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addMoment, type Moments, NO_MOMENTS } from '../stats/moments.ts';
import {
  DEFAULT_FITNESS,
  fitnessOf,
  selectTopPerformers,
  type VariantMeasurement,
} from './fitness.ts';

const momentsOf = (values: readonly number[]): Moments => values.reduce(addMoment, NO_MOMENTS);
/** Moments of n values around a mean. */
const around = (mean: number, spread: number, n = 100): Moments => ({
  n,
  mean,
  m2: spread * spread * (n - 1),
});

function variant(id: string, changes: Partial<VariantMeasurement> = {}): VariantMeasurement {
  return {
    id,
    quality: around(0.7, 0.1),
    latencyMs: around(1500, 300),
    costUsd: around(0.004, 0.001),
    ...changes,
  };
}

const fitness = (one: VariantMeasurement): number => {
  const [found] = fitnessOf([one]).variants;
  return found?.kind === 'scored' ? found.fitness.mean : Number.NaN;
};

describe('fitness', () => {
  it('weighs quality 0.6 and performance 0.4', () => {
    const one = variant('a', {
      quality: momentsOf([0.8, 0.8]),
      latencyMs: momentsOf([2000, 2000]),
      costUsd: momentsOf([0, 0]),
    });
    expect(fitnessOf([one]).variants).toMatchObject([
      { parts: { quality: 0.8, latency: 0.5, cost: 1 } },
    ]);
    expect(fitness(one)).toBeCloseTo(0.6 * 0.8 + 0.4 * 0.75, 12);
  });

  it('faster, cheaper and better are never worse (ME-B10)', () => {
    const latency = fc.double({ min: 0, max: 1e6, noNaN: true });
    const cost = fc.double({ min: 0, max: 100, noNaN: true });
    const quality = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(latency, cost, quality, latency, cost, quality, (l1, c1, q1, l2, c2, q2) => {
        const of = (l: number, c: number, q: number) =>
          variant('a', {
            latencyMs: around(l, 10),
            costUsd: around(c, 0.1),
            quality: around(q, 0.1),
          });
        const worse = of(Math.max(l1, l2), Math.max(c1, c2), Math.min(q1, q2));
        const better = of(Math.min(l1, l2), Math.min(c1, c2), Math.max(q1, q2));
        expect(fitness(better)).toBeGreaterThanOrEqual(fitness(worse));
        const rival = variant('rival');
        const rankOf = (one: VariantMeasurement): number =>
          [...selectTopPerformers([rival, one], 2).selected].find((found) => found.id === 'a')
            ?.rank ?? Number.NaN;
        expect(rankOf(better)).toBeLessThanOrEqual(rankOf(worse));
      }),
    );
  });

  it('does not change when another variant joins', () => {
    const [alone] = fitnessOf([variant('a')]).variants;
    const [first] = fitnessOf([variant('a'), variant('b', { latencyMs: around(1, 0.1) })]).variants;
    expect(first).toEqual(alone);
  });

  it('lists unscored variants apart, never as 0', () => {
    const { selected, tied, others, unscored } = selectTopPerformers(
      [
        variant('none', { quality: null }),
        variant('empty', { quality: NO_MOMENTS }),
        variant('poor', { quality: around(0.05, 0.01) }),
        variant('good'),
      ],
      5,
    );
    expect(selected.map((one) => one.id)).toEqual(['good', 'poor']);
    expect([...tied, ...others]).toEqual([]);
    expect(unscored.map((one) => one.id)).toEqual(['none', 'empty']);
  });

  it('does not reward a missing measurement', () => {
    const slow = variant('slow', { latencyMs: around(60_000, 100) });
    const silent = variant('silent', { latencyMs: null });
    const found = selectTopPerformers([slow, silent], 2);
    expect(found.selected.map((one) => one.id)).toEqual(['slow']);
    expect(found.unscored).toMatchObject([
      { id: 'silent', reason: 'its latency was not measured' },
    ]);
  });

  it('leaves out what nobody measured, and says so', () => {
    const free = (id: string) => variant(id, { costUsd: null });
    const report = fitnessOf([free('a'), free('b')]);
    expect(report.leftOut).toEqual(['cost']);
    expect(report.variants.map((one) => one.kind)).toEqual(['scored', 'scored']);
    const onlyQuality = fitnessOf([variant('a', { costUsd: null, latencyMs: null })]);
    expect(onlyQuality.leftOut).toEqual(['latency', 'cost']);
    expect(onlyQuality.variants).toMatchObject([{ fitness: { mean: 0.7 } }]);
  });

  it('ranks by what is sure and names the ties at the cut', () => {
    const { selected, tied, others } = selectTopPerformers(
      [
        variant('best', { quality: around(0.95, 0.05) }),
        variant('close', { quality: around(0.7, 0.1) }),
        variant('closer', { quality: around(0.71, 0.1) }),
        variant('bad', { quality: around(0.2, 0.05) }),
      ],
      2,
    );
    expect(selected.map((one) => [one.id, one.rank])).toEqual([
      ['best', 1],
      ['closer', 2],
    ]);
    expect(tied.map((one) => [one.id, one.rank])).toEqual([['close', 2]]);
    expect(others.map((one) => [one.id, one.rank])).toEqual([['bad', 4]]);
  });

  it('is sure of little after few runs, however equal they are', () => {
    const lucky = variant('lucky', { quality: momentsOf([1]) });
    const { selected, tied } = selectTopPerformers([lucky, variant('known')], 1);
    const { low, high } = selected[0]?.fitness ?? expect.fail();
    expect(high - low).toBeGreaterThan(0.8);
    expect(tied.map((one) => one.rank)).toEqual([1]);
    const equal = variant('equal', { quality: momentsOf([0.5, 0.5, 0.5]) });
    const [found] = selectTopPerformers([equal], 1).selected;
    expect((found?.fitness.high ?? 0) - (found?.fitness.low ?? 0)).toBeGreaterThan(0.3);
    const oneTime = variant('once', { latencyMs: momentsOf([100]) });
    expect(selectTopPerformers([oneTime], 1).selected[0]?.fitness.high).toBe(Infinity);
  });

  it('takes a mean without a known spread as exact, and says so', () => {
    const latencyMs = { n: 50, mean: 1500, m2: null };
    const [known] = fitnessOf([variant('a')]).variants;
    const report = fitnessOf([variant('a', { latencyMs })]);
    expect(report.withoutSpread).toEqual(['latency']);
    const [found] = report.variants;
    if (known?.kind !== 'scored' || found?.kind !== 'scored') expect.fail();
    expect(found.fitness.mean).toBe(known.fitness.mean);
    expect(found.fitness.low).toBeGreaterThan(known.fitness.low);
    expect(fitnessOf([variant('a')]).withoutSpread).toEqual([]);
  });

  it('selects none and everything', () => {
    expect(selectTopPerformers([variant('a')], 0)).toMatchObject({ selected: [], tied: [] });
    expect(selectTopPerformers([], 3).selected).toEqual([]);
  });

  it('refuses weights that turn the direction round', () => {
    expect(() => fitnessOf([], { ...DEFAULT_FITNESS, performanceWeight: -1 })).toThrow(RangeError);
    expect(() => fitnessOf([], { ...DEFAULT_FITNESS, latencyShare: 1.5 })).toThrow(RangeError);
    expect(() => fitnessOf([], { ...DEFAULT_FITNESS, qualityWeight: 0 })).toThrow(RangeError);
    expect(() => fitnessOf([], { ...DEFAULT_FITNESS, halfLatencyMs: 0 })).toThrow(RangeError);
  });
});
