const OFFSET = 0x811c9dc5;
const PRIME = 0x01000193;

/**
 * FNV-1a hash of a text's UTF-8 bytes, 32 bits, 0 to 2^32 - 1. Splits data repeatably and names
 * versions; not for secrets. A lone surrogate is hashed as the three bytes of its code point.
 */
export function fnv1a(text: string): number {
  let hash = OFFSET;
  const add = (byte: number): void => {
    hash = Math.imul(hash ^ byte, PRIME);
  };
  for (const character of text) {
    const point = character.codePointAt(0) ?? 0;
    if (point < 0x80) {
      add(point);
      continue;
    }
    if (point < 0x800) add(0xc0 | (point >> 6));
    else {
      if (point < 0x10000) add(0xe0 | (point >> 12));
      else {
        add(0xf0 | (point >> 18));
        add(0x80 | ((point >> 12) & 0x3f));
      }
      add(0x80 | ((point >> 6) & 0x3f));
    }
    add(0x80 | (point & 0x3f));
  }
  return hash >>> 0;
}
