import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bootstrapMean, seededRandom } from './bootstrap.ts';
import {
  betaQuantile,
  chiSquared1Tail,
  normalCdf,
  normalQuantile,
  studentCdf,
  studentQuantile,
} from './distributions.ts';
import { addValue, type LogHistogram, mergeHistogram, quantileOf } from './histogram.ts';
import { mcnemarExact } from './mcnemar.ts';
import {
  addMoment,
  correlate,
  meanInterval,
  mergeMoments,
  momentsOfSums,
  NO_MOMENTS,
  varianceOf,
} from './moments.ts';
import { benjaminiHochberg, holm } from './multiplicity.ts';
import { pairedDifference } from './paired.ts';
import { wilson } from './proportion.ts';
import { gaussLegendre, integrate, panelRule } from './quadrature.ts';
import { roundHalfEven } from './rounding.ts';
import { betaIncomplete, erf, erfc, lnGamma } from './special.ts';

describe('special functions', () => {
  it.each([
    [0.5, 0.5204998778130465],
    [1, 0.8427007929497149],
    [2.5, 0.999593047982555],
    [3, 0.9999779095030014],
  ])('erf(%d)', (x, value) => {
    expect(Math.abs(erf(x) - value)).toBeLessThan(1e-15);
    expect(erf(-x)).toBe(-erf(x));
  });

  it.each([
    [2, 0.004677734981047266],
    [5, 1.5374597944280349e-12],
    [10, 2.088487583762545e-45],
  ])('erfc(%d) keeps its relative precision', (x, value) => {
    expect(Math.abs(erfc(x) / value - 1)).toBeLessThan(1e-13);
  });

  it('knows factorials', () => {
    expect(lnGamma(6)).toBeCloseTo(Math.log(120), 13);
    expect(lnGamma(0.5)).toBeCloseTo(0.5 * Math.log(Math.PI), 13);
    expect(lnGamma(171)).toBeCloseTo(706.5730622457874, 10);
  });

  it('integrates the beta density', () => {
    expect(betaIncomplete(2, 1, 0.3)).toBeCloseTo(0.09, 14);
    expect(betaIncomplete(2, 3, 0.4)).toBeCloseTo(0.5248, 13);
    expect(betaIncomplete(0.5, 0.5, 0.25)).toBeCloseTo(1 / 3, 13);
  });
});

describe('distributions', () => {
  it('agree with tables', () => {
    expect(normalQuantile(0.975)).toBeCloseTo(1.959963984540054, 13);
    expect(normalQuantile(1e-10)).toBeCloseTo(-6.361340902404056, 10);
    expect(normalCdf(-10)).toBeCloseTo(7.61985302416047e-24, 35);
    expect(studentQuantile(0.975, 3)).toBeCloseTo(3.182446305284263, 11);
    expect(studentQuantile(0.975, 99)).toBeCloseTo(1.9842169515864096, 11);
    expect(studentCdf(2, 5)).toBeCloseTo(0.9490302605850709, 12);
    expect(chiSquared1Tail(3.841458820694124)).toBeCloseTo(0.05, 12);
  });

  it.each([
    [10, 25, 0.211255, 0.613347],
    [17, 20, 0.621073, 0.967929],
    [5, 5, 0.478176, 1],
  ])('Clopper-Pearson of %d/%d through beta quantiles', (k, n, low, high) => {
    expect(betaQuantile(0.025, k, n - k + 1)).toBeCloseTo(low, 6);
    expect(k === n ? 1 : betaQuantile(0.975, k + 1, n - k)).toBeCloseTo(high, 6);
  });

  it('quantile undoes distribution', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-6, max: 1 - 1e-6, noNaN: true }), (p) => {
        expect(Math.abs(normalCdf(normalQuantile(p)) - p)).toBeLessThan(1e-13);
      }),
    );
  });
});

describe('intervals and tests', () => {
  it.each([
    [10, 25, 0.234033, 0.592605],
    [46, 100, 0.365608, 0.557351],
    [850, 1000, 0.826531, 0.87079],
    [0, 5, 0, 0.434482],
    [5, 5, 0.565518, 1],
    [200, 200, 0.981155, 1],
  ])('Wilson %d/%d', (k, n, low, high) => {
    const interval = wilson(k, n);
    expect(interval.low).toBeCloseTo(low, 6);
    expect(interval.high).toBeCloseTo(high, 6);
  });

  it.each([
    [10, 3, 0.0922851563],
    [5, 0, 0.0625],
    [12, 12, 1],
  ])('McNemar %d:%d', (b, c, p) => {
    expect(mcnemarExact(b, c)).toBeCloseTo(p, 9);
  });

  it('paired difference without families', () => {
    const items = Array.from({ length: 100 }, (_, i) => ({
      difference: i < 3 ? 1 : i < 13 ? -1 : 0,
      cluster: String(i),
    }));
    const { mean, standardError, degreesOfFreedom } = pairedDifference(items);
    expect(mean).toBeCloseTo(-0.07, 12);
    expect(standardError).toBeCloseTo(0.0355477, 7);
    const half = studentQuantile(0.975, degreesOfFreedom) * standardError;
    expect(mean - half).toBeCloseTo(-0.140534, 6);
    expect(mean + half).toBeCloseTo(0.000534, 6);
  });

  it('clustered standard error', () => {
    const families = [
      [1, 1, 0],
      [0, 0],
      [1, 1, 1, 1],
      [0, 1],
    ];
    const items = families.flatMap((family, c) =>
      family.map((difference) => ({ difference, cluster: String(c) })),
    );
    expect(pairedDifference(items).standardError).toBeCloseTo(0.205119, 6);
  });

  it('adjusts for many tests', () => {
    const close = (got: number[], wanted: number[]): void =>
      got.forEach((p, i) => {
        expect(p).toBeCloseTo(wanted[i] ?? Number.NaN, 12);
      });
    close(holm([0.01, 0.04, 0.03, 0.005]), [0.03, 0.06, 0.06, 0.02]);
    close(benjaminiHochberg([0.01, 0.04, 0.03, 0.005]), [0.02, 0.04, 0.04, 0.02]);
  });

  it('bootstraps repeatably around the mean', () => {
    const values = Array.from({ length: 200 }, (_, i) => [i % 4 === 0 ? 1 : 0]);
    const interval = bootstrapMean(values, seededRandom(7), 2000);
    expect(interval).toEqual(bootstrapMean(values, seededRandom(7), 2000));
    expect(interval.low).toBeGreaterThan(0.17);
    expect(interval.high).toBeLessThan(0.33);
    expect(interval.mean).toBe(0.25);
  });
});

describe('moments and correlation', () => {
  it('merge as if seen together', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: -5, max: 5, noNaN: true })), fc.nat(20), (xs, cut) => {
        const of = (part: number[]) => part.reduce(addMoment, NO_MOMENTS);
        const merged = mergeMoments(of(xs.slice(0, cut)), of(xs.slice(cut)));
        const whole = of(xs);
        expect(merged.n).toBe(whole.n);
        expect(merged.mean).toBeCloseTo(whole.mean, 10);
        expect(merged.m2).toBeCloseTo(whole.m2, 8);
      }),
    );
  });

  it('mean interval by t, from sums', () => {
    const moments = momentsOfSums(5, 15, 55);
    expect(varianceOf(moments)).toBeCloseTo(2.5, 12);
    const { low, high } = meanInterval(moments);
    expect(low).toBeCloseTo(3 - 1.963243, 5);
    expect(high).toBeCloseTo(3 + 1.963243, 5);
    expect(meanInterval(NO_MOMENTS).mean).toBeNaN();
  });

  it('correlates and is silent without spread', () => {
    const c = correlate([
      [1, 2],
      [2, 1],
      [3, 4],
      [4, 3],
      [5, 5],
    ]);
    expect(c.r).toBeCloseTo(0.8, 12);
    expect(c.low).toBeCloseTo(Math.tanh(Math.atanh(0.8) - 1.959964 / Math.SQRT2), 6);
    expect(
      correlate([
        [1, 1],
        [1, 2],
        [1, 3],
      ]).r,
    ).toBeNull();
    expect(correlate([[1, 1]]).r).toBeNull();
  });
});

describe('rounding', () => {
  it.each([
    [0.125, 2, 0.12],
    [0.375, 2, 0.38],
    [2.675, 2, 2.67],
    [84.525, 2, 84.53],
    [2.5, 0, 2],
    [-2.5, 0, -2],
  ])('rounds %d to %d digits like Python', (value, digits, rounded) => {
    expect(roundHalfEven(value, digits)).toBe(rounded);
  });
});

describe('histogram', () => {
  it('knows quantiles to 1 % and merges exactly', () => {
    const left: LogHistogram = new Map();
    const right: LogHistogram = new Map();
    for (let i = 1; i <= 1000; i++) addValue(i % 2 === 0 ? left : right, i);
    mergeHistogram(left, right);
    for (const q of [0.5, 0.95, 0.99]) {
      const exact = Math.ceil(q * 1000);
      expect(Math.abs((quantileOf(left, q) ?? 0) / exact - 1)).toBeLessThan(0.0105);
    }
    expect(quantileOf(new Map(), 0.5)).toBeNull();
  });
});

describe('quadrature', () => {
  it('is exact for polynomials and running integrals of them', () => {
    const rule = gaussLegendre(5);
    expect(integrate((x) => 9 * x ** 8, 0, 2, 1, rule)).toBeCloseTo(512, 9);
    const panel = panelRule(8);
    for (let i = 0; i < 8; i++) {
      let sum = 0;
      for (let j = 0; j < 8; j++) {
        sum += (panel.cumulative[i * 8 + j] ?? 0) * (panel.nodes[j] ?? 0) ** 6;
      }
      expect(sum).toBeCloseTo(((panel.nodes[i] ?? 0) ** 7 + 1) / 7, 13);
    }
  });
});
