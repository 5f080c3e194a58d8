import { describe, expect, it } from 'vitest';
import { seededRandom } from './bootstrap.ts';
import { clusteredShare } from './clustered-share.ts';
import { pairAgreement } from './pair-agreement.ts';
import { wilson } from './proportion.ts';

describe('clustered share', () => {
  const outcomes = (n: number, size: number) =>
    Array.from({ length: n }, (_, i) => ({
      value: Math.floor(i / size) % 2,
      cluster: String(Math.floor(i / size)),
    }));

  it('is close to Wilson when every item is its own family', () => {
    const share = clusteredShare(outcomes(400, 1));
    const plain = wilson(200, 400);
    expect(share.low).toBeCloseTo(plain.low, 2);
    expect(share.high).toBeCloseTo(plain.high, 2);
  });

  it('counts families of equal answers as one observation each', () => {
    const share = clusteredShare(outcomes(400, 10));
    const plain = wilson(20, 40);
    expect(share).toMatchObject({ n: 400, clusters: 40, mean: 0.5 });
    expect(share.high - share.low).toBeGreaterThan(plain.high - plain.low - 0.01);
  });

  it('stays within [0, 1] and is never sure of everything', () => {
    const all = clusteredShare(outcomes(40, 4).map((item) => ({ ...item, value: 1 })));
    expect(all.high).toBe(1);
    expect(all.low).toBeLessThan(wilson(10, 10).low);
    expect(clusteredShare([{ value: 1, cluster: 'a' }])).toMatchObject({ low: 0, high: 1 });
  });
});

describe('pair agreement', () => {
  const item = (group: string, predicted: number, label: number) => ({ group, predicted, label });

  it('compares within groups, ties counting half', () => {
    const found = pairAgreement([
      item('a', 0.9, 1),
      item('a', 0.1, 0),
      item('a', 0.1, 1),
      item('b', 0.2, 1),
      item('b', 0.8, 0),
      item('c', 0.5, 1),
    ]);
    expect(found).toMatchObject({ pairs: 3, n: 5, scope: 'within-groups' });
    expect(found?.accuracy.mean).toBeCloseTo(0.5, 12);
    expect(found?.accuracy.clusters).toBe(2);
  });

  it('compares all with all when no group holds two labels', () => {
    const found = pairAgreement([item('a', 0.9, 1), item('b', 0.1, 0), item('c', 0.2, 1)]);
    expect(found).toMatchObject({ pairs: 2, scope: 'across-groups' });
    expect(found?.accuracy.mean).toBe(1);
    expect(pairAgreement([item('a', 1, 1)])).toBeNull();
    const apart = [item('a', 1, 1), item('b', 1, 0)].map((one, fold) => ({ ...one, fold }));
    expect(pairAgreement(apart)).toBeNull();
  });

  it('takes 2,000 of very many items, the same ones in any order', () => {
    const random = seededRandom(4);
    const items = Array.from({ length: 5000 }, (_, i) =>
      item(String(i), random() + 0.2 * (i % 2), i % 2),
    );
    const found = pairAgreement(items) ?? expect.fail();
    expect(found.n).toBe(2000);
    expect(found.accuracy.mean).toBeCloseTo(0.68, 1);
    expect(pairAgreement([...items].reverse())?.accuracy.mean).toBe(found.accuracy.mean);
  });

  it('covers the truth about as often as it says although items are in many pairs', () => {
    // Scores of good and bad items are uniform on [0.2, 1.2] and [0, 1]: accuracy 1 - 0.8^2 / 2.
    const random = seededRandom(21);
    let covered = 0;
    for (let round = 0; round < 200; round++) {
      const items = Array.from({ length: 60 }, (_, i) => {
        const label = i % 2;
        return item(String(i), random() + 0.2 * label, label);
      });
      const { accuracy } = pairAgreement(items) ?? expect.fail();
      if (accuracy.low <= 0.68 && 0.68 <= accuracy.high) covered += 1;
    }
    expect(covered / 200).toBeGreaterThan(0.9);
    expect(covered / 200).toBeLessThan(0.99);
  });
});
