import { deflateRawSync } from 'node:zlib';

/** Longest text that is compressed, in UTF-16 units. */
const MAX_CHARACTERS = 60_000;

/** Deflated size over size in bytes of UTF-8, without headers; 1 for the empty text. */
export function compressedRatio(text: string): number {
  const bytes = Buffer.from(text.slice(0, MAX_CHARACTERS), 'utf8');
  return bytes.length === 0 ? 1 : deflateRawSync(bytes, { level: 6 }).length / bytes.length;
}
