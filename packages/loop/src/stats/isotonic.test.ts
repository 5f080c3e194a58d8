import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { centredKnots, fitIsotonic, type IsotonicPoint, interpolate } from './isotonic.ts';

const pointsOf = (ys: readonly number[]): IsotonicPoint[] => ys.map((y, x) => ({ x, y }));
const fitted = (points: readonly IsotonicPoint[], x: number): number =>
  fitIsotonic(points).find((block) => block.lowX <= x && x <= block.highX)?.value ?? Number.NaN;

const anyPoint = fc.record({
  x: fc.integer({ min: 0, max: 8 }),
  y: fc.integer({ min: 0, max: 10 }),
  weight: fc.integer({ min: 1, max: 4 }),
});

describe('isotonic regression', () => {
  it('pools what falls and leaves what rises', () => {
    const points = pointsOf([1, 3, 2, 4, 3.5, 5]);
    expect(points.map((point) => fitted(points, point.x))).toEqual([1, 2.5, 2.5, 3.75, 3.75, 5]);
    expect(fitIsotonic([])).toEqual([]);
  });

  it('averages equal x before it looks for falls', () => {
    const blocks = fitIsotonic([
      { x: 1, y: 3 },
      { x: 2, y: 1 },
      { x: 2, y: 9 },
    ]);
    expect(blocks.map((block) => block.value)).toEqual([3, 5]);
  });

  it('weighs', () => {
    const blocks = fitIsotonic([
      { x: 0, y: 1, weight: 3 },
      { x: 1, y: 0, weight: 1 },
    ]);
    expect(blocks).toEqual([{ lowX: 0, highX: 1, meanX: 0.25, value: 0.75, weight: 4 }]);
  });

  it('is the max-min of the means of all stretches', () => {
    fc.assert(
      fc.property(fc.array(anyPoint, { minLength: 1, maxLength: 12 }), (points) => {
        const xs = [...new Set(points.map((point) => point.x))].sort((p, q) => p - q);
        const meanOf = (from: number, to: number): number => {
          const inside = points.filter((point) => point.x >= from && point.x <= to);
          const weight = inside.reduce((sum, point) => sum + (point.weight ?? 1), 0);
          return inside.reduce((sum, point) => sum + point.y * (point.weight ?? 1), 0) / weight;
        };
        for (const x of xs) {
          const expected = Math.max(
            ...xs
              .filter((from) => from <= x)
              .map((from) => Math.min(...xs.filter((to) => to >= x).map((to) => meanOf(from, to)))),
          );
          expect(fitted(points, x)).toBeCloseTo(expected, 9);
        }
      }),
    );
  });

  it('gives knots whose line never falls and keeps the range of y', () => {
    fc.assert(
      fc.property(fc.array(anyPoint, { minLength: 1, maxLength: 20 }), (points) => {
        const knots = centredKnots(fitIsotonic(points));
        let before = Number.NEGATIVE_INFINITY;
        for (let x = -1; x <= 9; x += 0.125) {
          const value = interpolate(knots, x);
          expect(value).toBeGreaterThanOrEqual(before);
          before = value;
        }
        expect(interpolate(knots, -1)).toBeGreaterThanOrEqual(
          Math.min(...points.map((point) => point.y)) - 1e-12,
        );
        expect(before).toBeLessThanOrEqual(Math.max(...points.map((point) => point.y)) + 1e-12);
      }),
    );
  });

  it('interpolates between knots and is flat beyond', () => {
    const knots = [
      [1, 10],
      [3, 20],
    ] as const;
    expect([0, 1, 2, 3, 4].map((x) => interpolate(knots, x))).toEqual([10, 10, 15, 20, 20]);
    expect(interpolate([], 1)).toBeNaN();
  });
});
