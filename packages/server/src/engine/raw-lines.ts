import { Buffer, isUtf8 } from 'node:buffer';

/** One fact as it was sent: its bytes are what is stored. */
export interface RawLine {
  /** JSON without a line feed. */
  readonly bytes: Buffer;
  /** The parsed JSON when somebody has parsed it already. */
  readonly value?: unknown;
  /** False when the bytes are not UTF-8. Absent = true. */
  readonly isText?: boolean;
  /** True for a span that has yet to be compared with the execution of its trace. Absent = false. */
  readonly isUnsettled?: boolean;
}

const LINE_FEED = 0x0a;

function isBlank(bytes: Uint8Array): boolean {
  for (const byte of bytes) {
    if (byte !== 0x20 && byte !== 0x09 && byte !== 0x0d) return false;
  }
  return true;
}

/** Splits NDJSON at line feeds without copying; blank lines are left out. */
export function splitLines(body: Buffer): RawLine[] {
  const isText = isUtf8(body);
  const lines: RawLine[] = [];
  let start = body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf ? 3 : 0;
  while (start < body.length) {
    const found = body.indexOf(LINE_FEED, start);
    const end = found === -1 ? body.length : found;
    const bytes = body.subarray(start, end);
    if (end > start && !(bytes.length < 64 && isBlank(bytes))) {
      lines.push(isText || isUtf8(bytes) ? { bytes } : { bytes, isText: false });
    }
    start = end + 1;
  }
  return lines;
}

/** The line of a parsed value; line feeds inside texts are escaped by JSON. */
export function lineOf(value: unknown): RawLine {
  return { bytes: Buffer.from(JSON.stringify(value) ?? 'null'), value };
}
