// By name: within a cell the global of that name is gone.
import { Buffer } from 'node:buffer';

/**
 * Kinds of frames between the server and a cell. `ask` and `answer` are passed on between the two
 * cells of a check without being read; everything else is between one cell and the server.
 */
export const FRAME = {
  /** Server to cell: a {@link CellCommand}. */
  command: 1,
  /** Cell to server: the result of a command. */
  result: 2,
  /** One interpreter asks the other. */
  ask: 3,
  answer: 4,
  /** Cell to server: the run cannot go on; a {@link CellFailure}. */
  failed: 5,
  /** Server to the cell that waits for an answer: there will be none. */
  abort: 6,
  /** Cell to server: the interpreter is there. */
  ready: 7,
  /** Python: the memory of a started interpreter, in either direction. */
  snapshot: 8,
} as const;

/** Kind of a frame. */
export type FrameKind = (typeof FRAME)[keyof typeof FRAME];

/** A frame as it was read. */
export interface Frame {
  readonly kind: number;
  readonly payload: Buffer;
}

/** Bytes before the payload: its length, little-endian, and the kind. */
export const FRAME_HEADER_BYTES = 5;

/** Frames with values are smaller than this, so that no cell can fill the memory of the server. */
export const MAX_FRAME_BYTES: number = 16 * 1024 * 1024;

/** What comes before a payload of so many bytes. */
export function frameHeader(kind: FrameKind, payloadBytes: number): Buffer {
  const header = Buffer.alloc(FRAME_HEADER_BYTES);
  header.writeUInt32LE(payloadBytes, 0);
  header.writeUInt8(kind, 4);
  return header;
}

/** A frame in bytes. */
export function encodeFrame(kind: FrameKind, payload: string | Uint8Array): Buffer {
  const body = typeof payload === 'string' ? Buffer.from(payload, 'utf8') : payload;
  return Buffer.concat([frameHeader(kind, body.length), body]);
}

/** What the server asks of a cell. */
export type CellCommand =
  /** Makes a fresh interpreter. */
  | {
      readonly do: 'open';
      readonly role: 'candidate' | 'test';
      readonly wallMs: number;
      readonly memoryBytes: number;
      readonly outputBytes: number;
      readonly valueBytes: number;
    }
  /** Candidate: runs the code. */
  | { readonly do: 'load'; readonly source: string }
  /** Test: parses it; the result names what the candidate might define. */
  | { readonly do: 'prepare'; readonly source: string }
  /** Test: runs what was prepared. */
  | { readonly do: 'run'; readonly names: readonly string[]; readonly entryPoint: string | null }
  /** Gives what was printed and forgets the interpreter. */
  | { readonly do: 'finish' };

/** Why a run cannot go on, as the cell sees it. */
export interface CellFailure {
  readonly kind: 'syntax-error' | 'runtime-error' | 'timeout' | 'memory-exceeded';
  readonly message: string;
  /** Name of the error that was thrown, where there was one. */
  readonly name?: string;
}

/** Result of a command. */
export type CellResult<T> = { readonly ok: T } | { readonly failed: CellFailure };
