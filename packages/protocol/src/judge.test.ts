import { describe, expect, it } from 'vitest';
import { judgeItemSchema, judgePairItemSchema, readRubric, withCriteria } from './judge.ts';

describe('rubrics', () => {
  it('get their defaults', () => {
    const rubric = readRubric({
      criteria: ['is polite', { name: 'right', weight: 2, levels: { 1: 'wrong', 5: 'right' } }],
    });
    expect(rubric).toEqual({
      scale: { min: 1, max: 5 },
      criteria: [
        { name: 'is polite', description: 'is polite', weight: 1 },
        {
          name: 'right',
          description: 'right',
          weight: 2,
          levels: [
            { grade: 1, meaning: 'wrong' },
            { grade: 5, meaning: 'right' },
          ],
        },
      ],
    });
  });

  it.each([
    ['nothing', {}],
    ['no criteria', { criteria: [] }],
    ['an empty criterion', { criteria: ['  '] }],
    ['two of one name', { criteria: ['a', 'a'] }],
    ['no weight', { criteria: [{ name: 'a', weight: 0 }] }],
    ['a weight below zero', { criteria: [{ name: 'a', weight: -1 }] }],
    ['a scale of one grade', { scale: { min: 1, max: 1 }, criteria: ['a'] }],
    ['an infinite scale', { scale: { min: 1, max: Number.POSITIVE_INFINITY }, criteria: ['a'] }],
    ['a level off the scale', { criteria: [{ name: 'a', levels: { 6: 'x' } }] }],
    ['a level that is no grade', { criteria: [{ name: 'a', levels: { good: 'x' } }] }],
    ['a misspelt field', { criteria: [{ name: 'a', wieght: 1 }] }],
  ])('are refused with %s', (_, value) => {
    expect(() => readRubric(value)).toThrow(
      expect.objectContaining({ code: 'judge.rubric-invalid' }),
    );
  });

  it('take the criteria of an item on their own scale', () => {
    const base = readRubric({ scale: { min: 0, max: 10 }, criteria: ['a'] });
    expect(withCriteria(base, undefined)).toBe(base);
    expect(withCriteria(base, 'names the capital')).toEqual({
      scale: { min: 0, max: 10 },
      criteria: [{ name: 'names the capital', description: 'names the capital', weight: 1 }],
    });
    expect(() => withCriteria(base, [{ name: 'b', levels: { 11: 'x' } }])).toThrow();
  });
});

describe('items', () => {
  it('take a number for an id and a truth value for a label', () => {
    const item = { id: 7, query: 'q', response: 'r', label: true, source: 'kept by others' };
    expect(judgeItemSchema.parse(item)).toEqual({ id: '7', query: 'q', response: 'r', label: 1 });
  });

  it.each([
    { id: '', query: 'q', response: 'r' },
    { id: 'a', query: 'q' },
    { id: 'a', query: 'q', response: null },
    { id: 'a', query: 'q', response: 'r', label: 2 },
    { id: 'a', query: 'q', response: 'r', criteria: [] },
  ])('are refused: %j', (item) => {
    expect(judgeItemSchema.safeParse(item).success).toBe(false);
  });

  it('come in pairs', () => {
    const pair = { id: 'a', query: 'q', response_a: 'x', response_b: '', preferred: 'tie' };
    expect(judgePairItemSchema.parse(pair)).toEqual(pair);
    expect(judgePairItemSchema.safeParse({ ...pair, preferred: 'A' }).success).toBe(false);
  });
});
