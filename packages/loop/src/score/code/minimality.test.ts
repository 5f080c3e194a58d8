import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { changeLabel, lineFactor, rewardMultiplier } from './minimality.ts';

const share = fc.double({ min: 0, max: 1, noNaN: true });
const lines = fc.integer({ min: 0, max: 100_000 });

describe('minimality', () => {
  // AA-12 and AA-12b; the second goes below zero in the original.
  test.each([
    [0, 1],
    [9, 1],
    [10, 1],
    [30, 0.9],
    [50, 0.8],
    [75, 0.65],
    [100, 0.5],
    [300, 0.4],
    [500, 0.3],
    [750, 0.2],
    [1000, 0.1],
    [1500, 0.1],
    [3000, 0.1],
  ])('%i changed lines give the factor %d', (changed, factor) =>
    expect(lineFactor(changed)).toBeCloseTo(factor, 12),
  );

  test('more lines are never better', () => {
    fc.assert(
      fc.property(lines, lines, (a, b) => {
        expect(lineFactor(Math.max(a, b))).toBeLessThanOrEqual(lineFactor(Math.min(a, b)));
      }),
    );
  });

  test.each([
    [{ similarity: 1, changedLines: 0, scaffoldingPenalty: 0 }, 1],
    [{ similarity: 0.95, changedLines: 30, scaffoldingPenalty: 0 }, 0.935],
    [{ similarity: 0.95, changedLines: 30, scaffoldingPenalty: 0.5 }, 0.4675],
    [
      { similarity: 0.95, changedLines: 30, scaffoldingPenalty: 0.5, scaffoldingWeight: 0.5 },
      0.70125,
    ],
    [{ similarity: 0, changedLines: 5000, scaffoldingPenalty: 0 }, 0.1],
    [{ similarity: 1, changedLines: 1, scaffoldingPenalty: 1 }, 0.1],
  ])('%o gives %d', (size, expected) => expect(rewardMultiplier(size)).toBeCloseTo(expected, 12));

  test('stays within 0.1..1 and falls with the penalty', () => {
    fc.assert(
      fc.property(share, lines, share, share, (similarity, changedLines, first, second) => {
        const at = (scaffoldingPenalty: number): number =>
          rewardMultiplier({ similarity, changedLines, scaffoldingPenalty });
        expect(at(first)).toBeGreaterThanOrEqual(0.1);
        expect(at(first)).toBeLessThanOrEqual(1);
        expect(at(Math.max(first, second))).toBeLessThanOrEqual(at(Math.min(first, second)));
      }),
    );
  });

  test('labels', () => {
    expect([1, 0.8, 0.79, 0.5, 0.49, 0.1].map(changeLabel)).toEqual([
      'minimal',
      'minimal',
      'moderate',
      'moderate',
      'extensive',
      'extensive',
    ]);
  });
});
