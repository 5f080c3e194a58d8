import { expect, it } from 'vitest';
import { fnv1a } from './fnv.ts';

it.each([
  ['', 0x811c9dc5],
  ['a', 0xe40c292c],
  ['foobar', 0xbf9cf968],
])('hashes %j as published', (text, hash) => {
  expect(fnv1a(text)).toBe(hash);
});

it('hashes the UTF-8 bytes of every length', () => {
  const ofBytes = (text: string): number => {
    let hash = 0x811c9dc5n;
    for (const byte of new TextEncoder().encode(text)) {
      hash = ((hash ^ BigInt(byte)) * 0x01000193n) & 0xffffffffn;
    }
    return Number(hash);
  };
  for (const text of ['é', '漢字', '😀 a', 'aé漢😀']) expect(fnv1a(text)).toBe(ofBytes(text));
});
