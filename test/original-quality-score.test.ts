import { describe, expect, it } from 'vitest';
import { FRESH, originalFactors, originalQualityScore } from '../bench/original-quality-score.ts';

const FRANCE = 'What is the capital of France?';
const PARIS = 'The capital of France is Paris.';

// Cases of reference/source-systems.md 6.4 whose texts are given there; all on a fresh scorer.
describe('the scorer that requirements/004 came out of', () => {
  it.each([
    ['ME-4', 'test', 'bad', 0.36225],
    ['ME-5', FRANCE, '', 0.0525],
    ['ME-6', FRANCE, PARIS, 0.56525],
    ['ME-7', FRANCE, 'The capital of France is Berlin.', 0.56525],
    ['ME-8', FRANCE, 'The answer is Paris.', 0.483875],
    ['ME-9', FRANCE, 'Perhaps Paris, but it depends.', 0.3045],
    ['ME-12', FRANCE, 'step method code example algorithm function', 0.588],
    [
      'ME-13',
      FRANCE,
      'What is the capital of France? 1. method 2. algorithm. For example, an implementation of the approach; however, the procedure - function, parameter, variable.',
      0.880417,
    ],
    [
      'ME-14',
      'Write a function that reverses a string',
      "const reverse = (s) => [...s].reverse().join('');",
      0.32725,
    ],
  ])('%s', (_, query, content, score) => {
    expect(originalQualityScore({ query, content })).toBeCloseTo(score, 6);
  });

  it.each([
    [
      'First, identify the country: France. Its capital is Paris. Therefore the answer is Paris.',
      0.439288,
    ],
    ['The capital of France must be Lyon.', 0.391433],
    ['blah blah', 0.341833],
  ])('ME-15b, reasoning %j', (reasoning, score) => {
    expect(originalQualityScore({ query: FRANCE, content: PARIS, reasoning })).toBeCloseTo(
      score,
      6,
    );
  });

  it('ME-5b: null is half', () => {
    expect(originalQualityScore({ query: FRANCE, content: null })).toBe(0.5);
    expect(originalQualityScore({ query: FRANCE, content: PARIS, reasoning: null })).toBe(0.5);
  });

  it('ME-6 factor by factor', () => {
    const factors = originalFactors(FRANCE, PARIS);
    expect(factors.completeness).toBeCloseTo(2 / 3, 12);
    expect(factors).toMatchObject({ actionability: 0.3, clarity: 0.4, depth: 0.3 });
    expect(factors.alignment).toBeCloseTo(0.8, 12);
    expect(factors.density).toBeCloseTo(1 / 3, 12);
  });

  it('ME-16: what was scored before moves the score, whatever the sign of the gap', () => {
    const input = { query: FRANCE, content: PARIS, reasoning: 'blah blah' };
    const raw = originalQualityScore(input, { direct: 0.5, reasoning: 0.5 });
    expect(raw).toBeCloseTo(0.341833, 6);
    for (const state of [
      { direct: 0.3, reasoning: 0.8 },
      { direct: 0.8, reasoning: 0.3 },
    ]) {
      expect(originalQualityScore(input, state)).toBeCloseTo(0.95 * raw, 9);
    }
    const direct = { query: FRANCE, content: PARIS };
    expect(originalQualityScore(direct, FRESH)).toBeCloseTo(
      1.05 * originalQualityScore(direct, { direct: 0.6, reasoning: 0.6 }),
      9,
    );
  });
});
