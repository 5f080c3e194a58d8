/** Consecutive facts as NDJSON lines, with the number of the first one recorded. */
export interface Lines {
  readonly lines: readonly string[];
  /** Sequence number of the earliest fact among the lines. */
  readonly firstSeq: number;
  /** Length in UTF-16 units, newlines included. */
  readonly size: number;
}

/** First in, first out; numbers every line from 1. */
export interface LineQueue {
  push(line: string): void;
  /** Takes at most `maxLines` lines and about `maxSize` units; null when empty. */
  take(maxLines: number, maxSize: number): Lines | null;
  /** Throws away the oldest line. */
  dropOldest(): void;
  readonly length: number;
  readonly size: number;
  /** Number of the oldest line, or of the next one when empty. */
  readonly headSeq: number;
}

const COMPACT_FROM = 4096;

/** An empty queue. */
export function createLineQueue(): LineQueue {
  let lines: string[] = [];
  let head = 0;
  let headSeq = 1;
  let size = 0;
  // Cutting off the front now and then keeps `push` and `take` cheap on average.
  const compact = (): void => {
    if (head < COMPACT_FROM || head * 2 < lines.length) return;
    lines = lines.slice(head);
    head = 0;
  };
  const shift = (): string => {
    const line = lines[head] ?? '';
    lines[head] = '';
    head += 1;
    headSeq += 1;
    size -= line.length + 1;
    return line;
  };
  return {
    push(line) {
      lines.push(line);
      size += line.length + 1;
    },
    take(maxLines, maxSize) {
      const firstSeq = headSeq;
      const taken: string[] = [];
      let takenSize = 0;
      while (head < lines.length && taken.length < maxLines) {
        const next = (lines[head] ?? '').length + 1;
        if (taken.length > 0 && takenSize + next > maxSize) break;
        taken.push(shift());
        takenSize += next;
      }
      compact();
      return taken.length === 0 ? null : { lines: taken, firstSeq, size: takenSize };
    },
    dropOldest() {
      if (head < lines.length) shift();
      compact();
    },
    get length() {
      return lines.length - head;
    },
    get size() {
      return size;
    },
    get headSeq() {
      return headSeq;
    },
  };
}

/** Joins two runs of lines. */
export function joinLines(first: Lines | null, second: Lines | null): Lines | null {
  if (first === null) return second;
  if (second === null) return first;
  return {
    lines: [...first.lines, ...second.lines],
    firstSeq: Math.min(first.firstSeq, second.firstSeq),
    size: first.size + second.size,
  };
}

/** Splits a run after `count` lines; the second part is null when nothing is left. */
export function splitLines(run: Lines, count: number): [Lines, Lines | null] {
  if (count >= run.lines.length) return [run, null];
  const sizeOf = (lines: readonly string[]): number =>
    lines.reduce((sum, line) => sum + line.length + 1, 0);
  const part = (lines: readonly string[]): Lines => ({
    lines,
    firstSeq: run.firstSeq,
    size: sizeOf(lines),
  });
  return [part(run.lines.slice(0, count)), part(run.lines.slice(count))];
}

const encoder = new TextEncoder();

/** The NDJSON bytes of lines, each ended by a newline. */
export function encodeLines(lines: readonly string[]): Uint8Array<ArrayBuffer> {
  return encoder.encode(`${lines.join('\n')}\n`);
}
