import { describe, expect, it } from 'vitest';
import { meanOf, pairedDifference, wilson } from './intervals.ts';

describe('wilson', () => {
  it('gives the published interval of 8 in 10', () => {
    const { value, low, high } = wilson(8, 10);
    expect(value).toBe(0.8);
    expect(low).toBeCloseTo(0.4902, 4);
    expect(high).toBeCloseTo(0.9433, 4);
  });

  it('stays within 0..1 and says nothing of nothing', () => {
    expect(wilson(0, 5).low).toBe(0);
    expect(wilson(5, 5).high).toBe(1);
    expect(wilson(0, 0)).toMatchObject({ low: 0, high: 1, n: 0 });
    expect(wilson(0, 0).value).toBeNaN();
  });
});

describe('meanOf', () => {
  it('has the normal interval of the mean', () => {
    const { value, low, high } = meanOf([1, 2, 3, 4]);
    expect(value).toBe(2.5);
    expect(high - value).toBeCloseTo(1.959964 * Math.sqrt(5 / 3 / 4), 5);
    expect(value - low).toBeCloseTo(high - value, 12);
  });
});

describe('pairedDifference', () => {
  it('is the mean of the differences', () => {
    expect(pairedDifference([1, 1, 0, 1], [1, 0, 0, 0]).value).toBe(0.5);
  });
});
