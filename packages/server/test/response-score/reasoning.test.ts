import { describe, expect, test } from 'vitest';
import { QUESTIONS } from './gaming-catalogue.ts';
import { FRANCE, PARIS, score } from './scored-text.ts';

describe('reasoning', () => {
  const sound =
    'The question names a country and asks for its seat of government. The French parliament sits in Paris, so the capital of France is Paris.';

  test('never changes the answer score, however it comes', () => {
    for (const { query, honest, reasoning } of QUESTIONS) {
      const direct = score({ query, response: honest });
      const apart = score({ query, response: honest, reasoning });
      const tagged = score({ query, response: `<think>\n${reasoning}\n</think>\n\n${honest}` });
      const half = score({ query, response: `${reasoning}</think>${honest}` });
      expect(apart.answer).toBe(direct.answer);
      expect(tagged.answer).toBe(direct.answer);
      expect(half.answer).toBe(direct.answer);
      expect(tagged.reasoning).toBe(apart.reasoning);
      expect(direct.reasoning).toBeNull();
      expect([direct.modelType, apart.modelType, tagged.modelType]).toEqual([
        'direct',
        'reasoning',
        'reasoning',
      ]);
    }
  });

  test('that is sound never lowers a score', () => {
    for (const { query, honest, reasoning } of QUESTIONS) {
      const direct = score({ query, response: honest });
      const reasoned = score({ query, response: honest, reasoning });
      expect(reasoned.consistency?.verdict).toBe('consistent');
      expect(reasoned.composite).toBeGreaterThanOrEqual(direct.composite);
    }
  });

  test('that contradicts is told apart from reasoning that supports', () => {
    const support = score({ query: FRANCE, response: PARIS, reasoning: sound });
    const other = score({
      query: FRANCE,
      response: PARIS,
      reasoning: 'The capital of France must be Lyon.',
    });
    const noise = score({ query: FRANCE, response: PARIS, reasoning: 'blah blah' });
    expect(support.consistency?.verdict).toBe('consistent');
    expect(other.consistency?.verdict).toBe('contradicts');
    expect(other.consistency?.evidence.join(' ')).toMatch(/lyon/);
    expect(noise.consistency?.verdict).toBe('unsupported');
    expect((support.reasoning ?? 0) - (other.reasoning ?? 1)).toBeGreaterThan(0.3);
  });

  test.each([
    ['The answer is 7.', '3 plus 4 is 7. The answer is 7.', 'consistent'],
    ['The answer is 8.', '3 plus 4 is 7. The answer is 7.', 'contradicts'],
    ['B', 'Option A fails. Option C is out of range. So the answer is B.', 'consistent'],
    ['B', 'Option B fails. So the answer is C.', 'contradicts'],
    ['No, it does not.', 'It looks so at first. Therefore, yes.', 'contradicts'],
    [
      'The water level does not rise when the ice melts.',
      'Ice displaces its own weight. So the water level does rise when the ice melts.',
      'contradicts',
    ],
    [
      'Prices increase when supply falls.',
      'Less supply, same demand. So prices decrease when supply falls.',
      'contradicts',
    ],
    [
      'The culprit is the gardener.',
      'It could be the cook or the gardener, I am not sure.',
      'unknown',
    ],
  ])('"%s" after "%s" is %s', (response, reasoning, verdict) => {
    expect(score({ query: 'What follows?', response, reasoning }).consistency?.verdict).toBe(
      verdict,
    );
  });

  test('without an answer is worth nothing', () => {
    const moved = score({ query: FRANCE, response: '<think>The capital of France is Paris.' });
    expect(moved.answer).toBe(0);
    expect(moved.composite).toBe(0);
    expect(moved.flags).toEqual(expect.arrayContaining(['empty', 'unclosed-reasoning']));
  });

  test('share of the answer in the composite is a setting', () => {
    const input = { query: FRANCE, response: PARIS, reasoning: 'blah blah' };
    const { answer, reasoning, composite } = score(input, { answerShare: 0.5 });
    expect(composite).toBeCloseTo(0.5 * answer + 0.5 * (reasoning ?? 0), 12);
  });
});
