import { type ChildProcess, spawn } from 'node:child_process';
import type { Duplex } from 'node:stream';
import { type CellKind, cellCommandLine } from './cell-command.ts';
import {
  FRAME_HEADER_BYTES,
  type Frame,
  type FrameKind,
  frameHeader,
  MAX_FRAME_BYTES,
} from './frames.ts';

/** A process that holds one interpreter, as the server sees it. */
export interface Cell {
  readonly kind: CellKind;
  /** Waits for the next frame; null when the process has ended, for whatever reason. */
  next(): Promise<Frame | null>;
  send(kind: FrameKind, payload: string | Uint8Array): void;
  /** Ends the process at once. */
  kill(): void;
  /** Whether the process has ended. */
  hasEnded(): boolean;
  /** What the process said on its error output, for a message: at most 2,000 characters. */
  lastWords(): string;
  /** Whether it may keep this process alive. */
  keepAlive(isKept: boolean): void;
}

/** Larger than any snapshot; more is a defect. */
const MAX_SNAPSHOT_BYTES = 256 * 1024 * 1024;
/** The interpreters say one thing at a time; more of it unread is an attack. */
const MAX_UNREAD_FRAMES = 16;
const MAX_WORDS = 2_000;

/**
 * Starts the process of a cell. It says `ready` when its interpreter is there.
 * @throws Error when a library of the interpreter is not installed
 */
export function startCell(kind: CellKind): Cell {
  const { command, args, env } = cellCommandLine(kind);
  const child = spawn(command, args, {
    cwd: '/',
    env,
    // The last one only tells the cell when this process is gone.
    stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'ipc'],
    windowsHide: true,
  });
  return cellOf(kind, child);
}

function cellOf(kind: CellKind, child: ChildProcess): Cell {
  const stream = child.stdio[3] as Duplex;
  const frames = frameQueue(kind === 'python-snapshot' ? MAX_SNAPSHOT_BYTES : MAX_FRAME_BYTES);
  let words = '';
  let ended = false;
  const end = (): void => {
    ended = true;
    frames.end();
  };
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    words = (words + text).slice(0, MAX_WORDS);
  });
  stream.on('data', (bytes: Buffer) => {
    if (!frames.add(bytes)) child.kill('SIGKILL');
  });
  // The exit says it all; a broken pipe on the way there is no news.
  stream.on('error', () => {});
  child.on('error', (error) => {
    words = error.message;
    end();
  });
  child.on('close', end);
  return {
    kind,
    next: frames.next,
    send: (frameKind, payload) => {
      if (ended || !stream.writable) return;
      // In two parts: a snapshot is not copied for every cell that starts from it.
      const body = typeof payload === 'string' ? Buffer.from(payload, 'utf8') : payload;
      stream.write(frameHeader(frameKind, body.length));
      stream.write(body);
    },
    kill: () => {
      child.kill('SIGKILL');
    },
    hasEnded: () => ended,
    lastWords: () => words.trim(),
    keepAlive: (isKept) => {
      const action = isKept ? 'ref' : 'unref';
      child[action]();
      child.channel?.[action]();
      for (const pipe of [stream, child.stderr]) {
        (pipe as unknown as { ref(): void; unref(): void } | null)?.[action]();
      }
    },
  };
}

interface FrameQueue {
  /** Takes bytes; false when they announce a frame that is too large, or nobody reads them. */
  add(bytes: Buffer): boolean;
  next(): Promise<Frame | null>;
  end(): void;
}

/** Cuts a stream of bytes into frames and hands them out one by one. */
function frameQueue(maxFrameBytes: number): FrameQueue {
  const ready: (Frame | null)[] = [];
  let waiting: ((frame: Frame | null) => void) | null = null;
  let chunks: Buffer[] = [];
  let size = 0;
  let isOver = false;
  const hand = (frame: Frame | null): void => {
    if (waiting === null) {
      ready.push(frame);
      return;
    }
    const resolve = waiting;
    waiting = null;
    resolve(frame);
  };
  const neededBytes = (): number => {
    if (size < FRAME_HEADER_BYTES) return FRAME_HEADER_BYTES;
    if ((chunks[0]?.length ?? 0) < FRAME_HEADER_BYTES) chunks = [Buffer.concat(chunks)];
    return FRAME_HEADER_BYTES + (chunks[0]?.readUInt32LE(0) ?? 0);
  };
  const cut = (): void => {
    for (let needed = neededBytes(); size >= needed; needed = neededBytes()) {
      if (size < FRAME_HEADER_BYTES) return;
      const all = chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks);
      hand({ kind: all.readUInt8(4), payload: all.subarray(FRAME_HEADER_BYTES, needed) });
      const rest = all.subarray(needed);
      chunks = rest.length > 0 ? [rest] : [];
      size = rest.length;
    }
  };
  return {
    add: (bytes) => {
      chunks.push(bytes);
      size += bytes.length;
      if (neededBytes() > maxFrameBytes) return false;
      cut();
      return ready.length <= MAX_UNREAD_FRAMES;
    },
    next: () => {
      const frame = ready.shift();
      if (frame !== undefined) return Promise.resolve(frame);
      if (isOver) return Promise.resolve(null);
      return new Promise((resolve) => {
        waiting = resolve;
      });
    },
    end: () => {
      isOver = true;
      if (waiting !== null) hand(null);
    },
  };
}
