import { describe, expect, it } from 'vitest';
import { seededRandom } from './bootstrap.ts';
import { type LabelledItem, predictionPoweredMean } from './prediction-powered.ts';

const items = (...pairs: readonly (readonly [number, number])[]): LabelledItem[] =>
  pairs.map(([label, judge]) => ({ label, judge }));

describe('predictionPoweredMean', () => {
  it('is mean_N f + mean_n (y - f) with both variances', () => {
    const labelled = items([1, 1], [0, 1], [1, 0.5], [0, 0.5]);
    const unlabelled = [1, 0, 1, 1, 0.5];
    // f: mean .7, variance .2; y - f: 0, -1, .5, -.5: mean -.25, variance 1.25/3.
    const result = predictionPoweredMean(labelled, unlabelled, 'full');
    const half = 1.959963984540054 * Math.sqrt(0.2 / 5 + 1.25 / 3 / 4);
    expect(result?.estimate.mean).toBeCloseTo(0.45, 12);
    expect(result?.estimate.high).toBeCloseTo(0.45 + half, 9);
    expect(result?.estimate.low).toBeCloseTo(0.45 - half, 9);
    expect(result).toMatchObject({ reliance: 1, fromLabels: { mean: 0.5, n: 4 } });
    expect(result?.judgeMean).toBeCloseTo(0.7, 12);
  });

  it('needs two items of either sort', () => {
    expect(predictionPoweredMean(items([1, 1]), [1, 0])).toBeNull();
    expect(predictionPoweredMean(items([1, 1], [0, 0]), [1])).toBeNull();
  });

  it('relies on a judge not at all when it says the same of everything', () => {
    const result = predictionPoweredMean(items([1, 0.5], [0, 0.5], [1, 0.5]), [0.5, 0.5]);
    expect(result?.reliance).toBe(0);
    expect(result?.estimate.mean).toBeCloseTo(2 / 3, 12);
  });

  // 60 labels, 600 judgments; the judge is right with probability `skill`, else says 1.
  const simulate = (skill: number) => {
    const random = seededRandom(11);
    const draw = (): LabelledItem => {
      const label = Number(random() < 0.4);
      return { label, judge: random() < skill ? label : 1 };
    };
    let covered = 0;
    let width = 0;
    let plainWidth = 0;
    for (let run = 0; run < 400; run += 1) {
      const labelled = Array.from({ length: 60 }, draw);
      const unlabelled = Array.from({ length: 600 }, () => draw().judge);
      const result = predictionPoweredMean(labelled, unlabelled);
      if (result === null) throw new Error('no estimate');
      const { estimate, fromLabels } = result;
      covered += Number(estimate.low <= 0.4 && 0.4 <= estimate.high);
      width += estimate.high - estimate.low;
      plainWidth += fromLabels.high - fromLabels.low;
    }
    return { coverage: covered / 400, gain: width / plainWidth };
  };

  it.each([
    [0.9, 0.75],
    [0.5, 0.98],
    [0, 1.01],
  ])('holds the truth with a judge of skill %d and is no wider than the labels', (skill, most) => {
    const { coverage, gain } = simulate(skill);
    // 400 runs at 95 %: within three standard errors of .95, less a little for the normal interval.
    expect(coverage).toBeGreaterThan(0.91);
    expect(gain).toBeLessThan(most);
  });
});
