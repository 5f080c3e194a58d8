/** Longest line that is read, in bytes. */
export const MAX_LINE_BYTES: number = 64 * 1024 * 1024;
/** Largest file with one JSON document over several lines, in bytes. */
export const MAX_DOCUMENT_BYTES: number = 256 * 1024 * 1024;

/** A JSON value with the line that it starts on, or why there is none. */
export type JsonValue =
  | { readonly line: number; readonly value: unknown; readonly message?: undefined }
  | { readonly line: number; readonly message: string };

interface Line {
  readonly line: number;
  /** null when the line is longer than is read. */
  readonly bytes: Buffer | null;
}

const NEWLINE = 0x0a;
const BOM = Buffer.from([0xef, 0xbb, 0xbf]);

/** Lines that are not blank; holds one line in memory, whatever the size of the file. */
async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Line> {
  let held: Uint8Array[] = [];
  let size = 0;
  let line = 1;
  const take = (part: Uint8Array): void => {
    size += part.length;
    if (size <= MAX_LINE_BYTES) held.push(part);
    else held = [];
  };
  const finish = (): Line | null => {
    const bytes = size > MAX_LINE_BYTES ? null : Buffer.concat(held);
    held = [];
    size = 0;
    return bytes !== null && isBlank(bytes) ? null : { line, bytes };
  };
  for await (const chunk of chunks) {
    let from = 0;
    for (let at = chunk.indexOf(NEWLINE); at !== -1; at = chunk.indexOf(NEWLINE, from)) {
      take(chunk.subarray(from, at));
      const found = finish();
      if (found !== null) yield found;
      line += 1;
      from = at + 1;
    }
    take(chunk.subarray(from));
  }
  const last = finish();
  if (last !== null) yield last;
}

function isBlank(bytes: Buffer): boolean {
  return bytes.every((byte) => byte === 0x20 || byte === 0x09 || byte === 0x0d);
}

function parse({ line, bytes }: Line): JsonValue {
  if (bytes === null) return { line, message: `the line has more than ${MAX_LINE_BYTES} bytes` };
  const text = bytes.subarray(0, 3).equals(BOM) ? bytes.subarray(3) : bytes;
  try {
    return { line, value: JSON.parse(text.toString('utf8')) };
  } catch (error) {
    return { line, message: error instanceof Error ? error.message : 'not JSON' };
  }
}

/** True when a line looks like the beginning of a document over several lines. */
function isOpening(bytes: Buffer | null): boolean {
  return bytes !== null && /[[{,:]\s*$/.test(bytes.subarray(-16).toString('utf8'));
}

function* elementsOf(parsed: JsonValue): Generator<JsonValue> {
  if (parsed.message === undefined && Array.isArray(parsed.value)) {
    for (const value of parsed.value) yield { line: parsed.line, value };
  } else {
    yield parsed;
  }
}

/** Joins all lines to one document; when that is none, each line is taken for itself. */
async function* documentOf(first: Line, rest: AsyncIterable<Line>): AsyncGenerator<JsonValue> {
  const lines = [first];
  let size = first.bytes?.length ?? 0;
  for await (const next of rest) {
    size += next.bytes?.length ?? 0;
    if (next.bytes === null || size > MAX_DOCUMENT_BYTES) {
      yield { line: next.line, message: `the document has more than ${MAX_DOCUMENT_BYTES} bytes` };
      return;
    }
    lines.push(next);
  }
  const newline = Buffer.from('\n');
  const bytes = Buffer.concat(lines.flatMap((part) => [part.bytes ?? newline, newline]));
  const whole = parse({ line: first.line, bytes });
  const parts = lines.map(parse);
  const isLines = whole.message !== undefined && parts.some((part) => part.message === undefined);
  if (isLines && lines.length > 1) for (const part of parts) yield* elementsOf(part);
  else yield* elementsOf(whole);
}

/**
 * Reads JSON values from bytes: one per line, or one document over many lines. An array gives its
 * elements. A line that is not JSON gives a message and does not end the reading.
 */
export async function* jsonValuesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<JsonValue> {
  const lines = linesOf(chunks);
  const { value: first, done } = await lines.next();
  if (done === true) return;
  const parsed = parse(first);
  if (parsed.message !== undefined && isOpening(first.bytes)) {
    yield* documentOf(first, lines);
    return;
  }
  yield* elementsOf(parsed);
  for await (const line of lines) yield* elementsOf(parse(line));
}
