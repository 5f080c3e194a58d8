import { expect, it } from 'vitest';
import { mannKendall, senSlope } from './trend-test.ts';

const RISING = [0.72, 0.74, 0.71, 0.75, 0.78, 0.77, 0.8, 0.79, 0.83, 0.82];
const TIED = [5, 5, 6, 7, 7, 7, 8, 6, 9, 9];
const seriesOf = (values: readonly number[]) => values.map((value, i) => ({ timeMs: i, value }));

it('agrees with golden Mann-Kendall numbers, ties included', () => {
  const rising = mannKendall(RISING);
  expect(rising).toMatchObject({ s: 35, variance: 125 });
  expect(rising.z).toBeCloseTo(3.041052, 6);
  expect(rising.pValue).toBeCloseTo(0.002358, 6);
  const tied = mannKendall(TIED);
  expect(tied.s).toBe(31);
  expect(tied.variance).toBeCloseTo(118.333333, 6);
  expect(tied.z).toBeCloseTo(2.757831, 6);
  expect(tied.pValue).toBeCloseTo(0.005819, 6);
});

it('agrees with golden Sen numbers and cuts its interval at the 12th and 34th of 45 slopes', () => {
  const { slope, low, high } = senSlope(seriesOf(RISING)) ?? expect.fail('no slope');
  expect(slope).toBeCloseTo(0.0125, 12);
  expect(low).toBeCloseTo(0.01, 12);
  expect(high).toBeCloseTo(0.016, 12);
  expect(senSlope(seriesOf(TIED))?.slope).toBeCloseTo(0.5, 12);
});

it('takes points in any order and needs two times', () => {
  expect(senSlope(seriesOf(RISING).reverse())).toEqual(senSlope(seriesOf(RISING)));
  expect(senSlope([{ timeMs: 1, value: 2 }])).toBeNull();
  expect(senSlope([0, 1].map((value) => ({ timeMs: 5, value })))).toBeNull();
});

it('sees nothing in a constant series', () => {
  expect(mannKendall([1, 1, 1, 1])).toMatchObject({ s: 0, variance: 0, z: 0, pValue: 1 });
});
