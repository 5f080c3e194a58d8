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
    const prior = priorOf('triage', items);
    expect(prior.map(({ taskType, taskKind, n }) => [taskType, taskKind, n])).toEqual([
      ['triage', 'html', 20],
      ['triage', 'plain-long', 5],
    ]);
    expect(prior[0]?.mean).toBeCloseTo(0.8, 12);
  });
});
