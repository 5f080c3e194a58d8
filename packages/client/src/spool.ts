import type * as FsPromises from 'node:fs/promises';
import { describeOwner, isOwnerAlive, LOCK_RENEW_MS, type SpoolOwner } from './spool-owner.ts';

/** A piece of a segment that is to be sent. */
export interface SpoolBatch {
  readonly body: Uint8Array<ArrayBuffer>;
  readonly count: number;
}

/** Facts on disk that no server has acknowledged yet. Used by one delivery loop at a time. */
export interface Spool {
  /** Appends whole lines and waits until they are on disk. Throws when the disk refuses. */
  append(body: Uint8Array<ArrayBuffer>, count: number, firstSeq: number): Promise<void>;
  /** The oldest lines on disk; the same ones again until {@link Spool.advance}. */
  next(maxLines: number, maxBytes: number): Promise<SpoolBatch | null>;
  /** Forgets the batch of the last {@link Spool.next}; deletes a segment that is done. */
  advance(batch: SpoolBatch): Promise<void>;
  /** Takes over the segments of processes that are gone; the number of segments taken. */
  adopt(): Promise<number>;
  /** Facts on disk. */
  readonly count: number;
  /** Whether anything is on disk. */
  readonly isEmpty: boolean;
  /** Lowest sequence number on disk (0 for adopted facts), Infinity when empty. */
  readonly firstSeq: number;
  /** Releases the lock, so that another process may take over what is left. */
  close(): Promise<void>;
}

/** How a spool is kept. */
export interface SpoolOptions {
  readonly directory: string;
  readonly maxBytes: number;
  readonly maxSegmentBytes: number;
  /** Name of this owner, unique among all processes, without a dot. */
  readonly ownerId: string;
  /** Told when facts were thrown away: over the size limit, or a torn end of a file. */
  readonly onDropped: (count: number, reason: string) => void;
}

interface Segment {
  readonly path: string;
  bytes: number;
  /** Facts that are left in it. */
  count: number;
  firstSeq: number;
  isSealed: boolean;
}

interface State {
  readonly fs: typeof FsPromises;
  readonly options: SpoolOptions;
  readonly owner: SpoolOwner;
  readonly lockPath: string;
  readonly segments: Segment[];
  nextNumber: number;
  renewedAtMs: number;
  reading: { segment: Segment; body: Uint8Array<ArrayBuffer>; offset: number } | null;
}

const NEWLINE = 10;
// Facts may hold prompts: only the user who runs the process may read them.
const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;
const SEGMENT_NAME = /^(.+)-(\d+)\.ndjson$/;

function nextPath(state: State): string {
  state.nextNumber += 1;
  return `${state.options.directory}/${state.options.ownerId}-${state.nextNumber}.ndjson`;
}

function countNewlines(body: Uint8Array, limit = Number.POSITIVE_INFINITY): [number, number] {
  let count = 0;
  let end = 0;
  while (count < limit) {
    const at = body.indexOf(NEWLINE, end);
    if (at < 0) break;
    count += 1;
    end = at + 1;
  }
  return [count, end];
}

// The lock is there before the first segment, and is renewed for readers on other hosts.
async function holdLock(state: State): Promise<void> {
  const nowMs = Date.now();
  if (nowMs - state.renewedAtMs < LOCK_RENEW_MS) return;
  await state.fs.mkdir(state.options.directory, { recursive: true, mode: FOLDER_MODE });
  await state.fs.writeFile(state.lockPath, JSON.stringify(state.owner));
  state.renewedAtMs = nowMs;
}

async function dropSegment(state: State, segment: Segment): Promise<void> {
  const { count } = segment;
  await state.fs.rm(segment.path, { force: true });
  const at = state.segments.indexOf(segment);
  if (at >= 0) state.segments.splice(at, 1);
  if (state.reading?.segment === segment) state.reading = null;
  state.options.onDropped(count, `the spool is larger than ${state.options.maxBytes} bytes`);
}

async function makeRoom(state: State, bytes: number): Promise<void> {
  let total = state.segments.reduce((sum, segment) => sum + segment.bytes, bytes);
  while (total > state.options.maxBytes) {
    const oldest = state.segments[0];
    if (oldest === undefined) return;
    total -= oldest.bytes;
    await dropSegment(state, oldest);
  }
}

function openSegment(state: State, bytes: number, firstSeq: number): Segment {
  const last = state.segments.at(-1);
  if (last !== undefined && !last.isSealed) {
    if (last.bytes + bytes <= state.options.maxSegmentBytes) return last;
    last.isSealed = true;
  }
  const segment = { path: nextPath(state), bytes: 0, count: 0, firstSeq, isSealed: false };
  state.segments.push(segment);
  return segment;
}

async function append(
  state: State,
  body: Uint8Array<ArrayBuffer>,
  count: number,
  firstSeq: number,
): Promise<void> {
  await holdLock(state);
  await makeRoom(state, body.byteLength);
  const segment = openSegment(state, body.byteLength, firstSeq);
  try {
    // Opened anew each time: were the file taken over meanwhile, a fresh one would appear.
    const file = await state.fs.open(segment.path, 'a', FILE_MODE);
    try {
      await file.writeFile(body);
      await file.datasync();
    } finally {
      await file.close();
    }
  } catch (thrown) {
    // What follows a half-written line would be read as its end: never append here again.
    segment.isSealed = true;
    if (segment.count === 0) state.segments.splice(state.segments.indexOf(segment), 1);
    throw thrown;
  }
  segment.bytes += body.byteLength;
  segment.count = segment.count + count;
  segment.firstSeq = Math.min(segment.firstSeq, firstSeq);
}

// A torn last line is what a crash leaves: kept when it is whole but for its newline.
function withoutTornEnd(state: State, body: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  if (body.byteLength === 0 || body[body.byteLength - 1] === NEWLINE) return body;
  const start = body.lastIndexOf(NEWLINE) + 1;
  const tail = new TextDecoder().decode(body.subarray(start));
  try {
    JSON.parse(tail);
    return new TextEncoder().encode(`${new TextDecoder().decode(body)}\n`);
  } catch {
    state.options.onDropped(1, 'the last line of a segment was cut off by a crash');
    return body.subarray(0, start);
  }
}

async function forgetSegment(state: State, segment: Segment): Promise<void> {
  await state.fs.rm(segment.path, { force: true });
  const at = state.segments.indexOf(segment);
  if (at >= 0) state.segments.splice(at, 1);
  state.reading = null;
}

async function openNext(state: State): Promise<State['reading']> {
  while (state.reading === null) {
    const segment = state.segments[0];
    if (segment === undefined) return null;
    segment.isSealed = true;
    let raw: Uint8Array<ArrayBuffer>;
    try {
      const { buffer, byteOffset, byteLength } = await state.fs.readFile(segment.path);
      raw = new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength);
    } catch (thrown) {
      if ((thrown as { code?: unknown }).code !== 'ENOENT') throw thrown;
      // Someone removed or took the file; whatever it held is no longer ours to send.
      await forgetSegment(state, segment);
      continue;
    }
    const body = withoutTornEnd(state, raw);
    segment.count = countNewlines(body)[0];
    if (segment.count === 0) await forgetSegment(state, segment);
    else state.reading = { segment, body, offset: 0 };
  }
  return state.reading;
}

async function next(state: State, maxLines: number, maxBytes: number): Promise<SpoolBatch | null> {
  const reading = await openNext(state);
  if (reading === null) return null;
  const rest = reading.body.subarray(reading.offset);
  let [count, end] = countNewlines(rest.subarray(0, maxBytes), maxLines);
  // One line may be longer than a batch.
  if (count === 0) [count, end] = countNewlines(rest, 1);
  return { body: rest.subarray(0, end), count };
}

async function advance(state: State, batch: SpoolBatch): Promise<void> {
  const { reading } = state;
  // The segment may have been dropped over the size limit while the batch was on its way.
  if (reading === null || batch.body.buffer !== reading.body.buffer) return;
  reading.offset += batch.body.byteLength;
  reading.segment.count = Math.max(0, reading.segment.count - batch.count);
  if (reading.offset >= reading.body.byteLength) await forgetSegment(state, reading.segment);
}

async function adopt(state: State): Promise<number> {
  const { fs, options } = state;
  if (state.segments.length > 0) await holdLock(state);
  const names = (await fs.readdir(options.directory).catch(() => [])).sort();
  const alive = new Map<string, boolean>();
  let adopted = 0;
  for (const name of names) {
    const owner = SEGMENT_NAME.exec(name)?.[1];
    if (owner === undefined || owner === options.ownerId) continue;
    const lockPath = `${options.directory}/${owner}.lock`;
    const isAlive = alive.get(owner) ?? (await isOwnerAlive(fs, lockPath, state.owner));
    alive.set(owner, isAlive);
    if (isAlive) continue;
    await holdLock(state);
    const path = nextPath(state);
    try {
      // Of several processes that try, the rename lets one succeed.
      await fs.rename(`${options.directory}/${name}`, path);
      const body = await fs.readFile(path);
      const [count] = countNewlines(body);
      const bytes = body.byteLength;
      state.segments.unshift({ path, bytes, count, firstSeq: 0, isSealed: true });
      adopted += 1;
    } catch {
      // Taken by another process.
    }
  }
  for (const [owner, isAlive] of alive) {
    if (!isAlive) await fs.rm(`${options.directory}/${owner}.lock`, { force: true });
  }
  return adopted;
}

/** Opens a spool in a directory, which is created when the first fact is written. */
export async function openSpool(options: SpoolOptions): Promise<Spool> {
  const [fs, os] = await Promise.all([import('node:fs/promises'), import('node:os')]);
  const state: State = {
    fs,
    options,
    owner: await describeOwner(fs, os.hostname()),
    lockPath: `${options.directory}/${options.ownerId}.lock`,
    segments: [],
    nextNumber: 0,
    renewedAtMs: Number.NEGATIVE_INFINITY,
    reading: null,
  };
  // One at a time: a segment must not be read while a line is being written to it.
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(run: () => Promise<T>): Promise<T> => {
    const turn = last.then(run);
    last = turn.catch(() => undefined);
    return turn;
  };
  return {
    append: (body, count, firstSeq) => inTurn(() => append(state, body, count, firstSeq)),
    next: (maxLines, maxBytes) => inTurn(() => next(state, maxLines, maxBytes)),
    advance: (batch) => inTurn(() => advance(state, batch)),
    adopt: () => inTurn(() => adopt(state)),
    get count() {
      return state.segments.reduce((sum, segment) => sum + segment.count, 0);
    },
    get isEmpty() {
      return state.segments.length === 0;
    },
    get firstSeq() {
      return state.segments.reduce(
        (lowest, segment) => Math.min(lowest, segment.firstSeq),
        Number.POSITIVE_INFINITY,
      );
    },
    close: () =>
      inTurn(async () => {
        // Where there never was a lock the folder may not even be one.
        if (state.renewedAtMs === Number.NEGATIVE_INFINITY) return;
        await fs.rm(state.lockPath, { force: true });
        state.renewedAtMs = Number.NEGATIVE_INFINITY;
      }),
  };
}

/**
 * Writes lines to a spool while the process exits, when nothing can be waited for, and releases
 * the lock. Works before the spool has been opened. Throws when the disk refuses.
 */
export function spoolAtExit(
  directory: string,
  ownerId: string,
  body: Uint8Array<ArrayBuffer> | null,
): void {
  const fs = process.getBuiltinModule('node:fs');
  if (body !== null) {
    fs.mkdirSync(directory, { recursive: true, mode: FOLDER_MODE });
    // Segments of an open spool count from 1.
    fs.writeFileSync(`${directory}/${ownerId}-0.ndjson`, body, { mode: FILE_MODE });
  }
  fs.rmSync(`${directory}/${ownerId}.lock`, { force: true });
}
