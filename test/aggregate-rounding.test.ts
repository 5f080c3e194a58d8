import { spawnSync } from 'node:child_process';
import { aggregateOf } from '@assay/loop';
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { describe, expect, it } from 'vitest';

const hasPython = spawnSync('python3', ['--version']).status === 0;

/** Weighted values as cards have them: counts over n, rounded shares, and any number at all. */
function inputs(count: number): (readonly [number, number])[][] {
  const generator = xoroshiro128plus(20_260_101);
  const random = (): number => uniformFloat64(generator);
  const whole = (below: number): number => Math.floor(random() * below);
  const value = (): number => {
    const kind = whole(3);
    if (kind === 0) return whole(401) / 400;
    return kind === 1 ? whole(10_001) / 10_000 : random();
  };
  return Array.from({ length: count }, () =>
    Array.from({ length: 1 + whole(6) }, () => [whole(4) === 0 ? random() : 1 + whole(3), value()]),
  );
}

describe.skipIf(!hasPython)('aggregates beside Python (needs python3)', () => {
  it('are equal to the last digit on 10,000 random inputs', () => {
    const cases = inputs(10_000);
    const { stdout, status } = spawnSync('python3', ['test/peers/aggregate_rounding.py'], {
      input: cases.map((pairs) => JSON.stringify(pairs)).join('\n'),
      encoding: 'utf8',
      maxBuffer: 1 << 24,
    });
    expect(status).toBe(0);
    const expected = stdout.trim().split('\n').map(Number);
    expect(expected).toHaveLength(cases.length);
    const ours = cases.map((pairs) =>
      aggregateOf(pairs.map(([weight, value], at) => ({ metric: `m${at}`, weight, value }))),
    );
    const differing = cases.filter((_, at) => ours[at] !== expected[at]);
    expect(differing).toEqual([]);
  });
});
