import { describe, expect, it } from 'vitest';
import { priorOf } from './assay-desk.ts';

describe('priorOf', () => {
  it('gives the mean fair reward per kind, worth at most 20 observations', () => {
    const items = Array.from({ length: 30 }, (_, index) => ({
      id: `mail-${index}`,
      category: index < 25 ? 'html' : 'plain-long',
      score: 1,
      reward: index < 25 ? 0.8 : 0.4,
    }));
    const prior = priorOf(items);
    expect(prior['html']?.mean).toBeCloseTo(0.8, 12);
    expect(prior['html']?.n).toBe(20);
    expect(prior['plain-long']?.n).toBe(5);
  });
});
