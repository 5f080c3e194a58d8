import { expect, it } from 'vitest';
import { createUniformSource } from './uniform-source.ts';

it('gives numbers in [0, 1) that fill the range and do not repeat across fills', () => {
  const next = createUniformSource();
  const numbers = Array.from({ length: 20_000 }, next);
  expect(numbers.every((u) => u >= 0 && u < 1)).toBe(true);
  expect(new Set(numbers).size).toBe(numbers.length);
  const tenths = new Array<number>(10).fill(0);
  for (const u of numbers) tenths[Math.floor(u * 10)] = (tenths[Math.floor(u * 10)] ?? 0) + 1;
  // 2,000 expected in each; six standard deviations are 255.
  expect(Math.max(...tenths.map((n) => Math.abs(n - 2_000)))).toBeLessThan(255);
});
