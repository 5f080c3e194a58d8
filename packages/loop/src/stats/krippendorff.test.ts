import { describe, expect, it } from 'vitest';
import { krippendorffAlpha } from './krippendorff.ts';

// Four coders, twelve units, the worked example of Krippendorff 2011, section C.
const UNITS = [
  [1, 1, 1],
  [2, 2, 3, 2],
  [3, 3, 3, 3],
  [3, 3, 3, 3],
  [2, 2, 2, 2],
  [1, 2, 3, 4],
  [4, 4, 4, 4],
  [1, 1, 2, 1],
  [2, 2, 2, 2],
  [5, 5, 5],
  [1, 1],
  [3],
];

describe('krippendorffAlpha', () => {
  it.each([
    ['nominal', 0.743],
    ['ordinal', 0.815],
    ['interval', 0.849],
  ] as const)('gives the published %s alpha', (metric, alpha) => {
    expect(krippendorffAlpha(UNITS, metric)).toBeCloseTo(alpha, 3);
  });

  it('is 1 for full agreement, null where nothing varies or nothing was coded twice', () => {
    expect(
      krippendorffAlpha(
        [
          [1, 1],
          [2, 2],
        ],
        'nominal',
      ),
    ).toBe(1);
    expect(
      krippendorffAlpha(
        [
          [1, 1],
          [1, 1],
        ],
        'interval',
      ),
    ).toBeNull();
    expect(krippendorffAlpha([[1], [2]], 'nominal')).toBeNull();
    expect(krippendorffAlpha([], 'ordinal')).toBeNull();
  });

  it('does not ask who gave which value', () => {
    const turned = UNITS.map((unit) => unit.toReversed());
    expect(krippendorffAlpha(turned, 'ordinal')).toBe(krippendorffAlpha(UNITS, 'ordinal'));
  });
});
