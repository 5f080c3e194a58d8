import { describe, expect, it } from 'vitest';
import { mcnemarExact } from './mcnemar.ts';
import { pairedDifference } from './paired.ts';
import { roundHalfEven } from './rounding.ts';

describe('roundHalfEven', () => {
  // Python 3: round(x, digits)
  it.each([
    [0.125, 2, 0.12],
    [0.375, 2, 0.38],
    [2.675, 2, 2.67],
    [84.525, 2, 84.53],
    [84.52499999999999, 2, 84.52],
    [2.5, 0, 2],
    [3.5, 0, 4],
    [-0.125, 2, -0.12],
    [-2.5, 0, -2],
    [1.005, 2, 1.0],
    [12.345, 2, 12.35],
    [0.5, 0, 0],
    [55.55555555555556, 2, 55.56],
    [1e300, 2, 1e300],
  ])('rounds %d to %d digits as Python does', (value, digits, expected) => {
    expect(roundHalfEven(value, digits)).toBe(expected);
  });
});

describe('mcnemarExact', () => {
  it.each([
    [10, 3, 0.0922851563],
    [5, 0, 0.0625],
    [12, 12, 1],
    [0, 0, 1],
  ])('gives the golden value for %d : %d', (b, c, p) => {
    expect(mcnemarExact(b, c)).toBeCloseTo(p, 9);
    expect(mcnemarExact(c, b)).toBe(mcnemarExact(b, c));
  });

  it('does not underflow and refuses what is not a count', () => {
    expect(mcnemarExact(86, 2)).toBeLessThan(1e-20);
    expect(mcnemarExact(2_000, 1_990)).toBeGreaterThan(0.8);
    expect(() => mcnemarExact(1.5, 0)).toThrow(RangeError);
  });
});

describe('pairedDifference', () => {
  const single = (values: readonly number[]) =>
    values.map((difference, at) => ({ difference, cluster: String(at) }));

  it('gives the ordinary standard error without families', () => {
    const values = [...Array(3).fill(1), ...Array(10).fill(-1), ...Array(87).fill(0)];
    const paired = pairedDifference(single(values));
    expect(paired.mean).toBeCloseTo(-0.07, 12);
    expect(paired.standardError).toBeCloseTo(0.0355477, 7);
    expect(paired.degreesOfFreedom).toBe(99);
  });

  it('gives the clustered standard error with the finite-cluster correction', () => {
    const clusters = [
      [1, 1, 0],
      [0, 0],
      [1, 1, 1, 1],
      [0, 1],
    ];
    const items = clusters.flatMap((values, at) =>
      values.map((difference) => ({ difference, cluster: String(at) })),
    );
    expect(pairedDifference(items).standardError).toBeCloseTo(0.205119, 5);
  });

  it('refuses a single family', () => {
    expect(() => pairedDifference([{ difference: 1, cluster: 'a' }])).toThrow(RangeError);
  });
});
