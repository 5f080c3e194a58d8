import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from './bootstrap.ts';
import {
  addClusterSums,
  contrastInterval,
  contrastOf,
  fitClustered,
  type RegressionRow,
  sumClusters,
} from './clustered-regression.ts';
import { fitLogistic, logistic, logisticValue } from './logistic.ts';
import { invertMatrix, multiply } from './matrix.ts';

const fitRows = (rows: readonly RegressionRow[]) =>
  fitClustered(sumClusters(rows).values()) ?? expect.fail('no fit');

describe('matrix', () => {
  it('inverts, pivoting where the corner is 0', () => {
    const matrix = [
      [0, 2, 1],
      [1, 1, 0],
      [3, 0, 4],
    ];
    const inverse = invertMatrix(matrix) ?? expect.fail('singular');
    const product = matrix.map((row) =>
      multiply(
        inverse.map((_, j) => inverse.map((r) => r[j] ?? 0)),
        row,
      ),
    );
    product.forEach((row, i) => {
      row.forEach((value, j) => {
        expect(value).toBeCloseTo(i === j ? 1 : 0, 12);
      });
    });
  });

  it('refuses singular matrices', () => {
    expect(
      invertMatrix([
        [1, 2],
        [2, 4],
      ]),
    ).toBeNull();
    expect(invertMatrix([[0]])).toBeNull();
  });
});

describe('clustered regression', () => {
  it('is the clustered standard error of a mean with a constant alone', () => {
    const families = [
      [1, 1, 0],
      [0, 0],
      [1, 1, 1, 1],
      [0, 1],
    ];
    const rows = families.flatMap((family, c) =>
      family.map((y) => ({ x: [1], y, cluster: String(c) })),
    );
    const interval = contrastInterval(fitRows(rows), [1]);
    expect(contrastOf(fitRows(rows), [1]).standardError).toBeCloseTo(0.205119, 6);
    expect(interval.low).toBeCloseTo(-0.0164, 4);
    expect(interval.high).toBeCloseTo(1.2891, 4);
  });

  it('is the difference of two means with a 0/1 regressor', () => {
    const groups = [
      [0.2, 0.5, 0.6],
      [0.9, 0.4, 0.8, 0.7],
    ];
    const rows = groups.flatMap((values, r) =>
      values.map((y, i) => ({ x: [1, r], y, cluster: `${r}-${i}` })),
    );
    const meanOf = (values: readonly number[]) => values.reduce((p, q) => p + q, 0) / values.length;
    const sandwich = groups.reduce(
      (sum, values) =>
        sum + values.reduce((part, y) => part + (y - meanOf(values)) ** 2, 0) / values.length ** 2,
      0,
    );
    const { value, standardError } = contrastOf(fitRows(rows), [0, 1]);
    expect(value).toBeCloseTo(meanOf(groups[1] ?? []) - meanOf(groups[0] ?? []), 12);
    expect(standardError).toBeCloseTo(Math.sqrt((7 / 6) * (6 / 5) * sandwich), 12);
  });

  it('recovers a plane exactly and without error', () => {
    const rows = Array.from({ length: 20 }, (_, i) => {
      const [p, q] = [i % 5, (i * i) % 7];
      return { x: [1, p, q], y: 3 - 2 * p + 0.5 * q, cluster: String(i % 4) };
    });
    const fit = fitRows(rows);
    [3, -2, 0.5].forEach((value, i) => {
      expect(fit.coefficients[i]).toBeCloseTo(value, 10);
    });
    expect(contrastOf(fit, [0, 1, 0]).standardError).toBeLessThan(1e-9);
  });

  it('covers the truth about as often as it says when rows come in families', () => {
    const random = seededRandom(11);
    let covered = 0;
    const rounds = 400;
    for (let round = 0; round < rounds; round++) {
      const rows: RegressionRow[] = [];
      for (let c = 0; c < 30; c++) {
        const shared = random() - 0.5;
        const treated = c % 2;
        for (let i = 0; i < 6; i++) {
          const y = 0.3 * treated + shared + 0.3 * (random() - 0.5);
          rows.push({ x: [1, treated], y, cluster: String(c) });
        }
      }
      const { low, high } = contrastInterval(fitRows(rows), [0, 1]);
      if (low <= 0.3 && 0.3 <= high) covered += 1;
    }
    expect(covered / rounds).toBeGreaterThan(0.91);
    expect(covered / rounds).toBeLessThan(0.98);
  });

  it('refuses what nothing identifies', () => {
    const row = (x: number[], cluster: string) => ({ x, y: 1, cluster });
    expect(fitClustered([])).toBeNull();
    expect(fitClustered(sumClusters([row([1], 'a'), row([1], 'a')]).values())).toBeNull();
    const collinear = ['a', 'b', 'c', 'd'].map((cluster) => row([1, 1], cluster));
    expect(fitClustered(sumClusters(collinear).values())).toBeNull();
    expect(fitClustered(sumClusters([row([1, 0], 'a'), row([1, 1], 'b')]).values())).toBeNull();
  });

  it('adds parts of a cluster in any order', () => {
    const number = fc.integer({ min: -9, max: 9 });
    fc.assert(
      fc.property(fc.array(fc.tuple(number, number), { minLength: 2 }), fc.nat(), (pairs, cut) => {
        const rows = pairs.map(([p, y]) => ({ x: [1, p], y, cluster: 'one' }));
        const at = 1 + (cut % (rows.length - 1));
        const sums = (part: RegressionRow[]) =>
          sumClusters(part).get('one') ?? expect.fail('no sums');
        const late = sums(rows.slice(at));
        const early = sums(rows.slice(0, at));
        expect(addClusterSums(late, early)).toEqual(sums(rows));
      }),
    );
  });
});

describe('logistic regression', () => {
  it('gives the log odds of a two by two table', () => {
    const cell = (x: number, y: number, weight: number) => ({ x: [x], y, weight });
    const { coefficients, isConverged } = fitLogistic(
      [cell(0, 1, 20), cell(0, 0, 30), cell(1, 1, 45), cell(1, 0, 5)],
      0,
    );
    expect(isConverged).toBe(true);
    expect(coefficients[0]).toBeCloseTo(Math.log(20 / 30), 10);
    expect(coefficients[1]).toBeCloseTo(Math.log(9) - Math.log(20 / 30), 10);
    expect(logisticValue(coefficients, [1])).toBeCloseTo(0.9, 10);
  });

  it('keeps separable data finite, the steeper the smaller the ridge', () => {
    const rows = Array.from({ length: 20 }, (_, i) => ({ x: [i / 20], y: i < 10 ? 0 : 1 }));
    const slopes = [1, 0.1, 0.01].map((ridge) => fitLogistic(rows, ridge).coefficients[1] ?? 0);
    expect(slopes.every((slope) => Number.isFinite(slope) && slope > 0)).toBe(true);
    expect(slopes).toEqual([...slopes].sort((p, q) => p - q));
  });

  it('has a gradient of 0 at its answer, with two features and shares as labels', () => {
    const random = seededRandom(5);
    const rows = Array.from({ length: 200 }, () => {
      const x = [random() * 4 - 2, random() * 4 - 2];
      return { x, y: Math.round(10 * logistic((x[0] ?? 0) - 0.5 * (x[1] ?? 0))) / 10 };
    });
    const { coefficients } = fitLogistic(rows, 0.5);
    for (let i = 0; i < 3; i++) {
      const gradient = rows.reduce(
        (sum, { x, y }) => {
          const feature = i === 0 ? 1 : (x[i - 1] ?? 0);
          return sum + (logisticValue(coefficients, x) - y) * feature;
        },
        i === 0 ? 0 : 0.5 * (coefficients[i] ?? 0),
      );
      expect(Math.abs(gradient)).toBeLessThan(1e-8);
    }
    expect(coefficients[1]).toBeGreaterThan(0.8);
    expect(coefficients[2]).toBeLessThan(-0.35);
  });

  it('answers for one class only, and refuses nothing at all', () => {
    const { coefficients } = fitLogistic([
      { x: [0.5], y: 1 },
      { x: [0.1], y: 1 },
    ]);
    expect(logisticValue(coefficients, [0.3])).toBeGreaterThan(0.99);
    expect(() => fitLogistic([])).toThrow(RangeError);
  });
});
