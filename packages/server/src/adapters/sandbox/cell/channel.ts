import { Buffer } from 'node:buffer';
import { readSync, writeSync } from 'node:fs';
import { encodeFrame, FRAME_HEADER_BYTES, type Frame, type FrameKind } from '../frames.ts';

/** The only way out of a cell: frames, read and written synchronously. */
export interface Channel {
  /** Waits for the next frame; null when the server has gone. */
  read(): Frame | null;
  write(kind: FrameKind, payload: string | Uint8Array): void;
  /** Waits for bytes; how many came, 0 when the server has gone. */
  readBytes(target: Uint8Array): number;
  /** Writes all bytes. */
  writeBytes(source: Uint8Array): void;
}

// Kept here: the module `fs` loses its functions before any foreign code runs.
const readFrom = readSync;
const writeTo = writeSync;
const sleepBuffer = new Int32Array(new SharedArrayBuffer(4));

/** Opens the channel on a file descriptor that the server has given to the process. */
export function openChannel(descriptor: number): Channel {
  const readBytes = (target: Uint8Array): number =>
    retrying(() => readFrom(descriptor, target, 0, target.length, null));
  const writeBytes = (source: Uint8Array): void => {
    let offset = 0;
    while (offset < source.length) {
      offset += retrying(() => writeTo(descriptor, source, offset, source.length - offset));
    }
  };
  const fill = (target: Buffer): boolean => {
    let offset = 0;
    while (offset < target.length) {
      const count = readBytes(target.subarray(offset));
      if (count === 0) return false;
      offset += count;
    }
    return true;
  };
  return {
    readBytes,
    writeBytes,
    read: () => {
      const header = Buffer.alloc(FRAME_HEADER_BYTES);
      if (!fill(header)) return null;
      const payload = Buffer.alloc(header.readUInt32LE(0));
      return fill(payload) ? { kind: header.readUInt8(4), payload } : null;
    },
    write: (kind, payload) => writeBytes(encodeFrame(kind, payload)),
  };
}

/** A descriptor that does not block says EAGAIN instead of waiting. */
function retrying(action: () => number): number {
  for (;;) {
    try {
      return action();
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EAGAIN')) throw error;
      Atomics.wait(sleepBuffer, 0, 0, 1);
    }
  }
}
