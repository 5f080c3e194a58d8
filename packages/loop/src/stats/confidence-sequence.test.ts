import { describe, expect, it } from 'vitest';
import { seededRandom } from './bootstrap.ts';
import {
  addToSequence,
  boundedSequenceInterval,
  EMPTY_SEQUENCE,
  sequenceHalfWidth,
  sequenceScale,
} from './confidence-sequence.ts';
import { addMoment, NO_MOMENTS } from './moments.ts';

describe('asymptotic confidence sequence', () => {
  it('agrees with golden numbers', () => {
    expect(sequenceScale()).toBeCloseTo(0.0793615, 7);
    const golden = [
      [50, 0.436082],
      [100, 0.303521],
      [200, 0.216479],
      [500, 0.141008],
      [1000, 0.102512],
    ] as const;
    for (const [t, width] of golden) expect(sequenceHalfWidth(t)).toBeCloseTo(width, 6);
    expect(sequenceHalfWidth(0)).toBe(Number.POSITIVE_INFINITY);
  });

  it('rarely misses however often it is looked at, unlike a fixed interval', () => {
    const random = seededRandom(3);
    const rounds = 500;
    let missed = 0;
    let missedFixed = 0;
    for (let round = 0; round < rounds; round++) {
      let moments = NO_MOMENTS;
      let isOut = false;
      let isOutFixed = false;
      for (let t = 1; t <= 500; t++) {
        moments = addMoment(moments, random() + random() + random());
        if (t < 10) continue;
        const deviation = Math.sqrt(moments.m2 / (t - 1));
        const error = Math.abs(moments.mean - 1.5);
        isOut ||= error > deviation * sequenceHalfWidth(t);
        isOutFixed ||= error > (1.96 * deviation) / Math.sqrt(t);
      }
      missed += Number(isOut);
      missedFixed += Number(isOutFixed);
    }
    expect(missed / rounds).toBeLessThan(0.05);
    expect(missedFixed / rounds).toBeGreaterThan(0.3);
  });
});

describe('empirical-Bernstein confidence sequence', () => {
  it('agrees with golden numbers', () => {
    let state = EMPTY_SEQUENCE;
    const seen = new Map<number, { mean: number; low: number }>();
    for (let t = 1; t <= 500; t++) {
      state = addToSequence(state, [1, 1, 0, 1][(t - 1) % 4] ?? 0);
      seen.set(t, boundedSequenceInterval(state));
    }
    for (const [t, mean, half] of [
      [100, 0.749637, 0.151285],
      [500, 0.749718, 0.071174],
    ] as const) {
      const interval = seen.get(t) ?? expect.fail();
      expect(interval.mean).toBeCloseTo(mean, 6);
      expect(interval.mean - interval.low).toBeCloseTo(half, 6);
    }
  });

  it('rarely misses from the first value on', () => {
    const random = seededRandom(8);
    let missed = 0;
    for (let round = 0; round < 300; round++) {
      let state = EMPTY_SEQUENCE;
      let isOut = false;
      for (let t = 1; t <= 300; t++) {
        state = addToSequence(state, random() < 0.8 ? 1 : 0);
        const { low, high } = boundedSequenceInterval(state);
        isOut ||= low > 0.8 || high < 0.8;
      }
      missed += Number(isOut);
    }
    expect(missed / 300).toBeLessThan(0.05);
  });

  it('knows nothing before the first value', () => {
    expect(boundedSequenceInterval(EMPTY_SEQUENCE)).toMatchObject({ low: 0, high: 1, n: 0 });
  });
});
