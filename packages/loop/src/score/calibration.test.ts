import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../stats/bootstrap.ts';
import {
  calibratedProbability,
  calibrateScores,
  type LabelledScore,
  type ScoreCalibration,
} from './calibration.ts';

const OPTIONS = { scorerVersion: 'response-score/1' };

/** Scores whose chance of a good label is `chance(score)`, `perGroup` answers to each query. */
function generate(
  n: number,
  chance: (score: number) => number,
  { seed = 1, perGroup = 4 } = {},
): LabelledScore[] {
  const random = seededRandom(seed);
  return Array.from({ length: n }, (_, i) => {
    const score = random();
    return {
      id: String(i),
      group: `query ${Math.floor(i / perGroup)}`,
      score,
      label: random() < chance(score) ? 1 : 0,
    };
  });
}

function calibrated(found: ScoreCalibration): Extract<ScoreCalibration, { kind: 'calibrated' }> {
  return found.kind === 'calibrated' ? found : expect.fail(found.reason);
}

describe('calibration', () => {
  it.each(['isotonic', 'logistic'] as const)('%s finds the chance behind a score', (method) => {
    const chance = (score: number) => 1 / (1 + Math.exp(-4 * (score - 0.6)));
    const found = calibrated(calibrateScores(generate(4000, chance), { ...OPTIONS, method }));
    for (const score of [0.2, 0.5, 0.8]) {
      const error = (calibratedProbability(found, score) ?? Number.NaN) - chance(score);
      expect(Math.abs(error)).toBeLessThan(0.06);
    }
    expect(found.heldOut.pairAccuracy).toBeGreaterThan(0.65);
    expect(found.heldOut.ci.low).toBeGreaterThan(0.6);
    expect(found.heldOut.brier).toBeLessThan(found.heldOut.baselineBrier);
    expect(found.heldOut.scope).toBe('within-groups');
  });

  it('says that it is uncalibrated, and how many labels are needed, below 200', () => {
    const found = calibrateScores(
      generate(199, (score) => score),
      OPTIONS,
    );
    expect(found).toMatchObject({ kind: 'uncalibrated', n: 199, needed: 200 });
    expect(calibratedProbability(found, 0.5)).toBeNull();
    expect(
      calibrateScores(
        generate(200, (score) => score),
        OPTIONS,
      ).kind,
    ).toBe('calibrated');
    expect(calibrateScores([], OPTIONS)).toMatchObject({ kind: 'uncalibrated', n: 0 });
  });

  it('refuses labels that cannot teach: one group, one label', () => {
    const one = generate(300, (score) => score, { perGroup: 300 });
    expect(calibrateScores(one, OPTIONS)).toMatchObject({ kind: 'uncalibrated' });
    const same = generate(300, () => 1);
    expect(calibrateScores(same, OPTIONS)).toMatchObject({ kind: 'uncalibrated' });
  });

  it('claims no agreement for a score that tells nothing or lies', () => {
    for (const chance of [() => 0.5, (score: number) => 1 - score]) {
      for (const method of ['isotonic', 'logistic'] as const) {
        const { heldOut } = calibrated(
          calibrateScores(generate(1200, chance, { seed: 4 }), { ...OPTIONS, method }),
        );
        expect(heldOut.ci.low).toBeLessThan(0.5);
        expect(heldOut.pairAccuracy).toBeLessThan(0.55);
      }
    }
  });

  it('never shows a query to the curve that judges it', () => {
    // The score names its query, and labels differ by query: memory would be right, knowledge not.
    const random = seededRandom(9);
    const labelled = Array.from({ length: 1500 }, (_, i) => {
      const query = Math.floor(i / 5);
      return {
        id: String(i),
        group: `query ${query}`,
        score: query / 300,
        label: (Math.floor(query * 7919) % 13) / 13 + 0.001 * random(),
      };
    });
    const { heldOut } = calibrated(calibrateScores(labelled, { ...OPTIONS, method: 'isotonic' }));
    expect(heldOut.brier).toBeGreaterThan(0.95 * heldOut.baselineBrier);
  });

  it('compares across queries when every query has one answer', () => {
    const { heldOut } = calibrated(
      calibrateScores(
        generate(400, (score) => score, { perGroup: 1 }),
        OPTIONS,
      ),
    );
    expect(heldOut.scope).toBe('across-groups');
    expect(heldOut.ci.low).toBeGreaterThan(0.6);
    expect(heldOut.ci.clusters).toBe(400);
  });

  it('never falls and stays within 0..1, whatever the labels', () => {
    fc.assert(
      fc.property(fc.integer(), fc.constantFrom('isotonic', 'logistic'), (seed, method) => {
        const found = calibrated(
          calibrateScores(
            generate(220, (score) => Math.sin(9 * score) ** 2, { seed }),
            { ...OPTIONS, method },
          ),
        );
        let before = 0;
        for (let score = -0.5; score <= 1.5; score += 0.01) {
          const probability = calibratedProbability(found, score) ?? Number.NaN;
          expect(probability).toBeGreaterThanOrEqual(before);
          expect(probability).toBeLessThanOrEqual(1);
          before = probability;
        }
      }),
      { numRuns: 20 },
    );
  });

  it('survives JSON and changes its version with the labels and the scorer', () => {
    const labelled = generate(500, (score) => score);
    const found = calibrated(calibrateScores(labelled, OPTIONS));
    const again = JSON.parse(JSON.stringify(found)) as ScoreCalibration;
    expect(calibratedProbability(again, 0.37)).toBe(calibratedProbability(found, 0.37));
    expect(calibrated(calibrateScores(labelled, OPTIONS)).version).toBe(found.version);
    const other = calibrateScores(labelled, { scorerVersion: 'response-score/2' });
    expect(calibrated(other).version).not.toBe(found.version);
    expect(calibrated(calibrateScores(labelled.slice(1), OPTIONS)).version).not.toBe(found.version);
  });

  it('does not depend on the order of the labels', () => {
    const labelled = generate(300, (score) => score);
    const forth = calibrated(calibrateScores(labelled, { ...OPTIONS, method: 'isotonic' }));
    const back = calibrated(
      calibrateScores([...labelled].reverse(), { ...OPTIONS, method: 'isotonic' }),
    );
    expect(calibratedProbability(back, 0.4)).toBeCloseTo(
      calibratedProbability(forth, 0.4) ?? Number.NaN,
      12,
    );
    expect(back.heldOut.pairAccuracy).toBeCloseTo(forth.heldOut.pairAccuracy, 12);
  });

  it('refuses labels and scores that are none', () => {
    const item = { id: 'x', group: 'g', score: 0.5, label: 0.5 };
    expect(() => calibrateScores([{ ...item, label: 5 }], OPTIONS)).toThrow(RangeError);
    expect(() => calibrateScores([{ ...item, score: Number.NaN }], OPTIONS)).toThrow(RangeError);
  });
});
