import { createHash } from 'node:crypto';
import type { SourceFile } from '@assay/loop';

/** Bytes that are looked at for a zero, which no text holds. Git looks at as many. */
const SNIFFED_BYTES = 8000;

const utf8 = new TextDecoder('utf-8', { fatal: true });
/** Gives each byte its own character, so that different bytes never become the same text. */
const oneBytePerCharacter = new TextDecoder('windows-1252');

/**
 * A file by its bytes: text in UTF-8 or, when it is not valid, in a one-byte encoding; a file with a
 * zero byte near its start is not text.
 */
export function decodeSource(path: string, bytes: Uint8Array): SourceFile {
  if (bytes.subarray(0, SNIFFED_BYTES).includes(0)) {
    return { path, text: null, digest: createHash('sha256').update(bytes).digest('hex') };
  }
  try {
    return { path, text: utf8.decode(bytes) };
  } catch {
    return { path, text: oneBytePerCharacter.decode(bytes) };
  }
}
