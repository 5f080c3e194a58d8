import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../stats/bootstrap.ts';
import type { AnchoredScore } from './anchored-score.ts';
import { measureBias } from './bias.ts';
import {
  type BiasMonitor,
  createBiasMonitor,
  mergeBiasMonitors,
  readBiasMonitor,
  watchBias,
} from './bias-monitor.ts';
import { defaultBiasPolicy } from './bias-policy.ts';

const POLICY = defaultBiasPolicy('response-score/1');
const EMPTY = createBiasMonitor(POLICY.scorerVersion);

/** Answers in the order of their prompts, four to a prompt. */
function simulate(seed: number, n: number, bias: number): AnchoredScore[] {
  const random = seededRandom(seed);
  let quirk = 0;
  return Array.from({ length: n }, (_, i) => {
    if (i % 4 === 0) quirk = 0.1 * (random() - 0.5);
    const isThought = i % 2 === 1;
    const truth = Math.min(1, random() * 0.8 + (isThought ? 0.2 : 0));
    const score = 0.3 + 0.3 * truth + quirk + 0.2 * (random() - 0.5) + (isThought ? bias : 0);
    return {
      id: `${seed}-${i}`,
      group: `prompt ${seed} ${i >> 2}`,
      modelType: isThought ? 'reasoning' : 'direct',
      score: Math.min(1, Math.max(0, score)),
      truth,
    };
  });
}

describe('bias monitor', () => {
  it('comes to the same bits in any order and any division', () => {
    const items = simulate(1, 300, 0.05);
    const whole = watchBias(EMPTY, items);
    fc.assert(
      fc.property(
        fc.shuffledSubarray(items, { minLength: items.length }),
        fc.nat(items.length),
        (shuffled, cut) => {
          const left = watchBias(EMPTY, shuffled.slice(0, cut));
          const right = watchBias(EMPTY, shuffled.slice(cut));
          const merged = mergeBiasMonitors(right, left);
          expect(merged).toEqual(whole);
          expect(readBiasMonitor(merged, POLICY).n).toBe(300);
        },
      ),
      { numRuns: 30 },
    );
    const stored = JSON.parse(JSON.stringify(whole)) as BiasMonitor;
    expect(readBiasMonitor(stored, POLICY)).toEqual(readBiasMonitor(whole, POLICY));
  });

  it('agrees with the full measurement on the effect', () => {
    const items = simulate(2, 1200, 0.08);
    const { effect, verdict } = readBiasMonitor(watchBias(EMPTY, items), POLICY);
    const full = measureBias(items, POLICY);
    expect(effect?.mean).toBeCloseTo(full.effect?.mean ?? Number.NaN, 4);
    expect(verdict).toBe('correct');
    expect(effect?.low).toBeCloseTo(full.effect?.low ?? Number.NaN, 2);
    expect(effect?.high).toBeCloseTo(full.effect?.high ?? Number.NaN, 2);
  });

  it('rarely cries wolf however often it is looked at', () => {
    let alarms = 0;
    const rounds = 60;
    for (let seed = 0; seed < rounds; seed++) {
      const items = simulate(1000 + seed, 1200, 0);
      let monitor = EMPTY;
      let isAlarm = false;
      for (let at = 40; at <= items.length; at += 40) {
        monitor = watchBias(monitor, items.slice(at - 40, at));
        const { effect } = readBiasMonitor(monitor, POLICY);
        if (at >= 120 && effect !== null) isAlarm ||= effect.low > 0 || effect.high < 0;
      }
      alarms += Number(isAlarm);
    }
    expect(alarms / rounds).toBeLessThanOrEqual(0.05);
  });

  it('says nothing before there is enough, and passes over unknown truth', () => {
    expect(readBiasMonitor(EMPTY, POLICY)).toEqual({
      n: 0,
      effect: null,
      verdict: 'not-enough-evidence',
    });
    const few = watchBias(EMPTY, simulate(3, 100, 0.3));
    expect(readBiasMonitor(few, POLICY).verdict).toBe('not-enough-evidence');
    const blind = simulate(3, 100, 0.3).map((item) => ({ ...item, truth: null }));
    expect(watchBias(few, blind)).toEqual(few);
  });

  it('needs no spread of truth', () => {
    const items = simulate(4, 800, 0.1).map((item) => ({ ...item, truth: 1 }));
    expect(readBiasMonitor(watchBias(EMPTY, items), POLICY).verdict).toBe('correct');
  });

  it('keeps scorers apart', () => {
    expect(() => mergeBiasMonitors(EMPTY, createBiasMonitor('response-score/2'))).toThrow(
      RangeError,
    );
  });

  it('stays small', () => {
    const monitor = watchBias(EMPTY, simulate(5, 20_000, 0));
    expect(JSON.stringify(monitor).length).toBeLessThan(32_000);
  });
});
