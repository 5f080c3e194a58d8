import { describe, expect, it } from 'vitest';
import { summarisePairs, summariseScores } from './judge-summary.ts';
import { noVerdict } from './no-verdict.ts';
import type { PairVerdict } from './pair-judge.ts';

const score = (value: number, cluster = String(value)) => ({
  verdict: { kind: 'scored' as const, score: value },
  cluster,
});

describe('summary of scores', () => {
  it('counts the unscored apart and never as 0', () => {
    const summary = summariseScores([
      score(1),
      score(0.5),
      { verdict: noVerdict('the reply is empty'), cluster: 'x' },
      { verdict: noVerdict('model.timeout', 'host'), cluster: 'y' },
      { verdict: noVerdict('model.timeout', 'other host'), cluster: 'z' },
    ]);
    expect(summary).toMatchObject({
      n: 5,
      scored: 2,
      mean: { mean: 0.75, n: 2 },
      unscored: { 'model.timeout': 2, 'the reply is empty': 1 },
    });
    expect(Object.keys(summary.unscored)[0]).toBe('model.timeout');
  });

  it('has no mean of nothing and no narrow interval of little', () => {
    expect(summariseScores([]).mean).toBeNull();
    const few = summariseScores([score(1, 'a'), score(1, 'b'), score(1, 'c')]).mean;
    expect(few).toMatchObject({ mean: 1, high: 1 });
    expect(few?.low).toBeLessThan(0.5);
  });
});

describe('summary of pairs', () => {
  const pair = (
    winner: 'a' | 'b' | 'tie',
    orders: 'agree' | 'flip' | 'lean',
    likedPlace: 'first' | 'second' | null = null,
  ) => ({
    kind: 'scored' as const,
    winner,
    orders,
    likedPlace,
    reasons: [null, null] as const,
  });
  const items = (verdicts: readonly PairVerdict[]) =>
    verdicts.map((verdict, at) => ({ verdict, cluster: String(at) }));

  it('counts ties by half and says to which place flips went', () => {
    const summary = summarisePairs(
      items([
        pair('a', 'agree'),
        pair('b', 'agree'),
        pair('a', 'agree'),
        pair('tie', 'flip', 'first'),
        pair('tie', 'flip', 'second'),
        pair('tie', 'flip', 'first'),
        pair('tie', 'lean'),
        noVerdict('the reply is empty'),
      ]),
    );
    expect(summary).toMatchObject({
      n: 8,
      scored: 7,
      wins: { a: 2, b: 1, tie: 4 },
      flips: { toFirst: 2, toSecond: 1 },
      better: 'unclear',
    });
    expect(summary.shareOfA?.mean).toBeCloseTo(4 / 7, 12);
  });

  it('names a better one only when chance does not explain it', () => {
    const wins = (a: number, b: number) =>
      summarisePairs(
        items([
          ...Array.from({ length: a }, () => pair('a', 'agree')),
          ...Array.from({ length: b }, () => pair('b', 'agree')),
        ]),
      ).better;
    expect([wins(5, 2), wins(40, 10), wins(10, 40), wins(0, 0)]).toEqual([
      'unclear',
      'a',
      'b',
      'unclear',
    ]);
  });
});
