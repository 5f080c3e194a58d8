import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type RandomSource, seededRandom } from '../stats/bootstrap.ts';
import type { AnchoredScore } from './anchored-score.ts';
import { type BiasReport, measureBias } from './bias.ts';
import { applyBiasCorrection, type BiasCorrection, biasCorrection } from './bias-correction.ts';
import { defaultBiasPolicy } from './bias-policy.ts';

const SCORER = 'response-score/1';
/** One planned look, so that intervals cover as often as their level says. */
const POLICY = { ...defaultBiasPolicy(SCORER), looks: 'one' } as const;
const clip = (value: number): number => Math.min(1, Math.max(0, value));

interface World {
  readonly prompts?: number;
  /** Reasoning answers are better by this much, in truth. */
  readonly qualityGap?: number;
  /** The scorer adds this to reasoning answers. */
  readonly bias?: number;
  readonly scorer?: (truth: number) => number;
  /** Standard deviation of what people err by when they judge. */
  readonly judgeError?: number;
  readonly isMatched?: boolean;
  readonly noise?: number;
}

/** Mean 0, variance 1, nearly normal. */
function gauss(random: RandomSource): number {
  return (random() + random() + random() + random() - 2) * Math.sqrt(3);
}

/** Two direct and two reasoning answers to each prompt; difficulty is shared by a prompt. */
function simulate(seed: number, world: World = {}): AnchoredScore[] {
  const random = seededRandom(seed);
  const { prompts = 150, qualityGap = 0, bias = 0, judgeError = 0, noise = 0.08 } = world;
  const scorer = world.scorer ?? ((truth: number) => 0.2 + 0.5 * truth);
  return Array.from({ length: prompts }, (_, p) => {
    const difficulty = 0.08 * gauss(random);
    const quirk = 0.04 * gauss(random);
    return (['direct', 'reasoning', 'direct', 'reasoning'] as const).map((modelType, i) => {
      const isThought = modelType === 'reasoning';
      const quality = clip(0.4 - difficulty + (isThought ? qualityGap : 0) + 0.12 * gauss(random));
      const model = world.isMatched === true ? `model ${i >> 1}` : `model ${i}`;
      return {
        id: `${p}-${i}`,
        group: `prompt ${p}`,
        modelType,
        model,
        score: clip(scorer(quality) + quirk + noise * gauss(random) + (isThought ? bias : 0)),
        truth: clip(quality + judgeError * gauss(random)),
      };
    });
  }).flat();
}

const verdictsOf = (world: World, seeds: number): string[] =>
  Array.from({ length: seeds }, (_, i) => measureBias(simulate(100 + i, world), POLICY).verdict);

function correct(items: readonly AnchoredScore[], correction: BiasCorrection | null) {
  return items.map((item) => ({
    ...item,
    score: applyBiasCorrection(item.score, item.modelType, correction, SCORER).corrected,
  }));
}

const effectOf = (items: readonly AnchoredScore[]): number =>
  measureBias(items, POLICY).effect?.mean ?? Number.NaN;

describe('measuring a bias', () => {
  it.each([0.08, -0.08])('finds a planted bias of %d beside a real gap of quality', (bias) => {
    const report = measureBias(simulate(1, { bias, qualityGap: 0.2 }), POLICY);
    expect(report.verdict).toBe('correct');
    expect(Math.abs((report.effect?.mean ?? 0) - bias)).toBeLessThan(0.02);
    expect(Math.abs((report.truthGap?.mean ?? 0) - 0.2)).toBeLessThan(0.03);
    expect(report).toMatchObject({ prompts: 150, anchored: { direct: 300, reasoning: 300 } });
  });

  it('does not take a real difference of quality for a bias', () => {
    const report = measureBias(simulate(2, { qualityGap: 0.25 }), POLICY);
    expect(report.rawGap?.low).toBeGreaterThan(0.08);
    expect(report.verdict).not.toBe('correct');
    const corrected = verdictsOf({ qualityGap: 0.25 }, 50).filter((one) => one === 'correct');
    expect(corrected.length).toBeLessThanOrEqual(3);
  });

  it('covers the true effect about as often as it says', () => {
    let covered = 0;
    for (let seed = 0; seed < 150; seed++) {
      const { effect } = measureBias(
        simulate(seed, { prompts: 60, bias: 0.05, qualityGap: 0.15 }),
        POLICY,
      );
      if (effect !== null && effect.low <= 0.05 && 0.05 <= effect.high) covered += 1;
    }
    expect(covered / 150).toBeGreaterThan(0.9);
    expect(covered / 150).toBeLessThan(0.99);
  });

  it('does not correct a scorer that bends with the truth', () => {
    const scorer = (truth: number): number => 1 - (1 - truth) ** 4;
    const corrected = verdictsOf({ scorer, qualityGap: 0.3, noise: 0.03 }, 40).filter(
      (one) => one === 'correct',
    );
    expect(corrected.length).toBeLessThanOrEqual(2);
  });

  it('allows for the error of those who judged when it is told', () => {
    const world = { qualityGap: 0.3, judgeError: 0.12, noise: 0.03, prompts: 300 };
    const items = simulate(5, world);
    const plain = measureBias(items, POLICY);
    // Within a type quality varies by 0.12^2 + 0.08^2 and the judges err by 0.12^2 more.
    const truthReliability = (0.12 ** 2 + 0.08 ** 2) / (2 * 0.12 ** 2 + 0.08 ** 2);
    const told = measureBias(items, { ...POLICY, truthReliability });
    expect(plain.effect?.mean).toBeGreaterThan(0.04);
    expect(Math.abs(told.effect?.mean ?? 1)).toBeLessThan(0.015);
    expect(told.verdict).not.toBe('correct');
  });

  it('reports the gap without anchors and corrects nothing', () => {
    const blind = simulate(6, { bias: 0.1 }).map((item) => ({ ...item, truth: null }));
    const report = measureBias(blind, POLICY);
    expect(report).toMatchObject({ verdict: 'no-anchors', effect: null, truthGap: null });
    expect(report.rawGap?.low).toBeGreaterThan(0.05);
    expect(biasCorrection(report)).toBeNull();
    const half = simulate(6).map((item) =>
      item.modelType === 'direct' ? item : { ...item, truth: null },
    );
    expect(measureBias(half, POLICY).verdict).toBe('no-anchors');
    expect(measureBias([], POLICY)).toMatchObject({ verdict: 'no-anchors', rawGap: null });
  });

  it('asks for more answers rather than guess', () => {
    const few = measureBias(simulate(7, { prompts: 40, bias: 0.1 }), POLICY);
    expect(few.verdict).toBe('not-enough-evidence');
    expect(few.reason).toContain('100');
    const vague = measureBias(simulate(8, { prompts: 60, noise: 0.3 }), POLICY);
    expect(vague.verdict).toBe('not-enough-evidence');
    expect(vague.reason).toMatch(/about \d+ more anchored answers/);
    const onePrompt = simulate(9).map((item) => ({ ...item, group: 'same' }));
    expect(measureBias(onePrompt, POLICY).verdict).toBe('not-enough-evidence');
  });

  it('cannot tell type from truth when they go together', () => {
    const items = simulate(10).map((item) => ({
      ...item,
      truth: Number(item.modelType === 'reasoning'),
    }));
    expect(measureBias(items, POLICY)).toMatchObject({
      effect: null,
      verdict: 'not-enough-evidence',
    });
  });

  it('works where every answer is equally true', () => {
    const items = simulate(11, { bias: 0.1 }).map((item) => ({ ...item, truth: 1 }));
    expect(measureBias(items, POLICY).effect?.mean).toBeCloseTo(
      measureBias(items, POLICY).rawGap?.mean ?? Number.NaN,
      12,
    );
  });

  it('measures matched pairs of one model, and heeds them when they say the opposite', () => {
    const items = simulate(12, { bias: 0.1, qualityGap: 0.1, isMatched: true });
    const { matched } = measureBias(items, POLICY);
    expect(matched).toMatchObject({ pairs: 300, anchoredPairs: 300, prompts: 150 });
    expect(Math.abs((matched.effect?.mean ?? 0) - 0.1)).toBeLessThan(0.03);
    expect(measureBias(simulate(12), POLICY).matched).toMatchObject({ pairs: 0, effect: null });
    // Models that answer in both ways lose by it; others make the overall effect positive.
    const others = simulate(13, { bias: 0.3 }).map((item) => ({
      ...item,
      model: `other ${item.id}`,
    }));
    const split = measureBias(
      [...simulate(14, { bias: -0.1, isMatched: true }), ...others],
      POLICY,
    );
    expect(split.effect?.low).toBeGreaterThan(0);
    expect(split.verdict).toBe('not-enough-evidence');
    expect(split.reason).toContain('opposite');
  });

  it('widens the interval for those who look again and again', () => {
    const items = simulate(16, { bias: 0.1 });
    const often = measureBias(items, defaultBiasPolicy(SCORER)).effect ?? expect.fail();
    const once = measureBias(items, POLICY).effect ?? expect.fail();
    const ratio = (often.high - often.low) / (once.high - once.low);
    expect(ratio).toBeGreaterThan(1.4);
    expect(ratio).toBeLessThan(1.8);
    expect(often.mean).toBe(once.mean);
  });

  it('does not depend on the order', () => {
    const items = simulate(15, { bias: 0.05, isMatched: true });
    const forth = measureBias(items, POLICY);
    const back = measureBias([...items].reverse(), POLICY);
    expect(back.verdict).toBe(forth.verdict);
    expect(back.effect?.mean).toBeCloseTo(forth.effect?.mean ?? Number.NaN, 12);
    expect(back.effect?.low).toBeCloseTo(forth.effect?.low ?? Number.NaN, 10);
  });

  it('refuses scores that are none', () => {
    const [item] = simulate(1);
    if (item === undefined) expect.fail();
    expect(() => measureBias([{ ...item, score: 1.2 }], POLICY)).toThrow(RangeError);
    expect(() => measureBias([{ ...item, truth: Number.NaN }], POLICY)).toThrow(RangeError);
  });
});

describe('correcting a bias', () => {
  const biased = measureBias(simulate(20, { bias: 0.1 }), POLICY);

  it('raises what was scored too low (ME-B8) and keeps the raw score', () => {
    const report = measureBias(simulate(21, { bias: -0.15 }), POLICY);
    const correction = biasCorrection(report) ?? expect.fail(report.reason);
    const reasoning = applyBiasCorrection(0.5, 'reasoning', correction, SCORER);
    expect(reasoning).toMatchObject({ raw: 0.5, correctionVersion: correction.version });
    expect(reasoning.corrected).toBeGreaterThan(0.6);
    expect(applyBiasCorrection(0.5, 'direct', correction, SCORER)).toEqual({
      raw: 0.5,
      corrected: 0.5,
      correctionVersion: null,
    });
    expect(applyBiasCorrection(0.5, 'reasoning', null, SCORER).corrected).toBe(0.5);
    expect(applyBiasCorrection(0.5, 'reasoning', correction, 'other/2').corrected).toBe(0.5);
    expect(applyBiasCorrection(0.97, 'reasoning', correction, SCORER).corrected).toBe(1);
  });

  it('shrinks the gap between equally good answers and never widens or turns it', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 1e6 }),
        fc.double({ min: -0.25, max: 0.25, noNaN: true }),
        fc.double({ min: -0.2, max: 0.2, noNaN: true }),
        (seed, bias, qualityGap) => {
          const items = simulate(seed, { prompts: 60, bias, qualityGap });
          const correction = biasCorrection(measureBias(items, POLICY));
          const before = effectOf(items);
          const after = effectOf(correct(items, correction));
          expect(Math.abs(after)).toBeLessThanOrEqual(Math.abs(before) + 1e-9);
          // Cutting at 0 and 1 leaves a trace of the planted bias, never a new one of its own size.
          expect(after * Math.sign(before)).toBeGreaterThan(-0.01);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('stops at the largest correction that the policy allows', () => {
    const report = measureBias(simulate(22, { bias: 0.3 }), POLICY);
    const correction = biasCorrection(report) ?? expect.fail();
    expect(correction.reasoningShift).toBe(-POLICY.maximumCorrection);
    expect(biasCorrection(report, correction)).toBe(correction);
  });

  it('keeps what a new report confirms or cannot tell, replaces what it refutes, ends what is gone', () => {
    const first = biasCorrection(biased) ?? expect.fail();
    const again = measureBias(simulate(23, { bias: 0.1 }), POLICY);
    expect(biasCorrection(again, first)).toBe(first);
    const blind: BiasReport = { ...biased, verdict: 'no-anchors', effect: null };
    expect(biasCorrection(blind, first)).toBe(first);
    const moved = biasCorrection(measureBias(simulate(24, { bias: -0.1 }), POLICY), first);
    expect(moved).toMatchObject({ replaces: first.version });
    expect(moved?.version).not.toBe(first.version);
    expect(moved?.reasoningShift).toBeGreaterThan(0.05);
    const gone = measureBias(simulate(25, { prompts: 2000 }), POLICY);
    expect(gone.verdict).toBe('no-correction');
    expect(biasCorrection(gone, first)).toBeNull();
  });

  it('does not carry a correction over to another scorer', () => {
    const first = biasCorrection(biased) ?? expect.fail();
    const other = { ...blindReport(biased), policy: defaultBiasPolicy('response-score/2') };
    expect(biasCorrection(other, first)).toBeNull();
    const renewed = biasCorrection(
      { ...biased, policy: defaultBiasPolicy('response-score/2') },
      first,
    );
    expect(renewed).toMatchObject({ scorerVersion: 'response-score/2' });
    expect(renewed?.version).not.toBe(first.version);
  });

  it('survives JSON and comes to the same version from the same evidence', () => {
    const correction = biasCorrection(biased) ?? expect.fail();
    expect(biasCorrection(biased)).toEqual(correction);
    const again = JSON.parse(JSON.stringify(correction)) as BiasCorrection;
    expect(applyBiasCorrection(0.7, 'reasoning', again, SCORER)).toEqual(
      applyBiasCorrection(0.7, 'reasoning', correction, SCORER),
    );
  });
});

function blindReport(report: BiasReport): BiasReport {
  return { ...report, verdict: 'no-anchors', effect: null };
}

const FOLDER = '../shared/data/preference';
const isHere = existsSync(`${FOLDER}/graded-reasoning.jsonl.gz`);

function readLines<Row>(file: string): Row[] {
  return gunzipSync(readFileSync(`${FOLDER}/${file}`))
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Row);
}

describe.skipIf(!isHere)(
  isHere ? 'on graded answers' : `skipped: ${FOLDER} not found (real-data test)`,
  () => {
    interface Graded {
      readonly id: string;
      readonly query: string;
      readonly kind: 'direct' | 'reasoning';
      readonly model: string;
      readonly score: number;
    }
    const grades = (): AnchoredScore[] =>
      readLines<Graded>('graded-reasoning.jsonl.gz').map(({ id, query, kind, model, score }) => ({
        id,
        group: query,
        modelType: kind,
        model,
        score: score / 10,
        truth: score / 10,
      }));

    it('leaves the judge’s own grades alone although reasoning answers are graded higher', () => {
      const report = measureBias(grades(), POLICY);
      expect(report.rawGap?.mean).toBeCloseTo(0.167, 2);
      expect(report.rawGap?.low).toBeGreaterThan(0.05);
      expect(report.verdict).toBe('no-correction');
      expect(biasCorrection(report)).toBeNull();
    });

    it('takes out a planted bias and not the gap of quality', () => {
      const planted = grades().map((item) => ({
        ...item,
        score: 0.6 * item.score + (item.modelType === 'reasoning' ? 0.1 : 0),
      }));
      const correction = biasCorrection(measureBias(planted, POLICY)) ?? expect.fail();
      expect(correction.reasoningShift).toBeCloseTo(-0.1, 9);
      expect(measureBias(correct(planted, correction), POLICY).rawGap?.mean).toBeGreaterThan(0.09);
    });

    it('agrees with the judge on pairs, where equal group means would not', () => {
      interface Pair {
        readonly source: string;
        readonly preferred: 'a' | 'b';
        readonly score_a: number;
        readonly score_b: number;
        readonly reasoning_a: string | null;
      }
      const pairs = readLines<Pair>('preference-reasoning.jsonl.gz').filter((pair) =>
        pair.source.includes('reasoning vs direct'),
      );
      const agreement = (shift: number): number => {
        const right = pairs.filter(({ preferred, score_a, score_b, reasoning_a }) => {
          const a = score_a + (reasoning_a === null ? 0 : shift);
          const b = score_b + (reasoning_a === null ? shift : 0);
          return preferred === 'a' ? a > b : b > a;
        });
        return right.length / pairs.length;
      };
      const shift = 10 * (biasCorrection(measureBias(grades(), POLICY))?.reasoningShift ?? 0);
      expect(agreement(shift)).toBe(1);
      const equalMeans = measureBias(grades(), POLICY).rawGap?.mean ?? 0;
      expect(agreement(-10 * equalMeans)).toBeCloseTo(0.758, 2);
    });
  },
);
