import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { thompsonBetaProbabilities, thompsonNormalProbabilities } from './propensity.ts';

const goldenUrl = new URL(
  '../../../../../shared/vectors/ts_propensity_golden.json',
  import.meta.url,
);

interface GoldenCase {
  readonly kind: 'beta' | 'normal';
  readonly params: readonly (readonly [number, number])[];
  readonly p: readonly number[];
}

function solve(one: GoldenCase): number[] {
  return one.kind === 'beta'
    ? thompsonBetaProbabilities(one.params.map(([a, b]) => ({ a, b })))
    : thompsonNormalProbabilities(one.params.map(([mean, sd]) => ({ mean, sd })));
}

const OWN: readonly GoldenCase[] = [
  {
    kind: 'beta',
    params: [
      [2, 1],
      [1, 2],
    ],
    p: [5 / 6, 1 / 6],
  },
  {
    kind: 'beta',
    params: [
      [11, 6],
      [8, 9],
    ],
    p: [0.8574184045498479, 0.1425815954501527],
  },
  {
    kind: 'beta',
    params: [
      [601, 401],
      [580, 422],
      [3, 2],
    ],
    p: [0.3990349311526386, 0.07940664450372187, 0.5215584243436379],
  },
  {
    kind: 'normal',
    params: [
      [0.7, 0.01],
      [0.69, 0.01],
      [0.5, 0.2],
      [0.1, 0.3],
    ],
    p: [0.6277998398705275, 0.19680741922480158, 0.15468760142950472, 0.020705139475166244],
  },
];

function expectClose(one: GoldenCase): void {
  const p = solve(one);
  expect(p.length).toBe(one.p.length);
  for (let k = 0; k < p.length; k++) {
    expect(Math.abs((p[k] ?? 0) - (one.p[k] ?? 0))).toBeLessThan(1e-7);
  }
}

describe('exact probabilities of Thompson sampling', () => {
  for (const one of OWN) {
    it(`${one.kind} ${JSON.stringify(one.params)}`, () => expectClose(one));
  }

  it.skipIf(!existsSync(goldenUrl))('agrees with every golden vector (skipped when absent)', () => {
    const golden = JSON.parse(readFileSync(goldenUrl, 'utf8')) as { cases: GoldenCase[] };
    const inside = golden.cases.filter(
      (one) => one.kind === 'normal' || one.params.every(([a, b]) => a >= 1 && b >= 1),
    );
    expect(inside.length).toBeGreaterThan(8);
    for (const one of inside) expectClose(one);
  });

  it('sums to 1, is never negative and keeps the order of equal-width arms', () => {
    const shape = fc.record({
      a: fc.double({ min: 1, max: 3000, noNaN: true }),
      b: fc.double({ min: 1, max: 3000, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(shape, { minLength: 2, maxLength: 8 }), (shapes) => {
        const p = thompsonBetaProbabilities(shapes);
        expect(p.reduce((s, x) => s + x, 0)).toBeCloseTo(1, 12);
        for (const x of p) expect(x).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: 100 },
    );
  });

  it('gives equal arms equal probabilities and a shifted arm less', () => {
    const p = thompsonBetaProbabilities([
      { a: 30, b: 10 },
      { a: 30, b: 10 },
      { a: 30, b: 10, shift: 0.05 },
    ]);
    expect(p[0]).toBeCloseTo(p[1] ?? 0, 12);
    expect(p[2] ?? 1).toBeLessThan(p[0] ?? 0);
  });
});
