import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';

/** What the commands that score items need from the outside. */
export interface ScoreIo {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Bytes of a file; `-` is the standard input. */
  open(path: string): Readable;
  /** Writes to the standard output; resolves when more may be written. */
  out(text: string): Promise<void>;
  /** Writes to the standard error output. */
  err(text: string): void;
  /** Aborted when the user has had enough. */
  readonly signal: AbortSignal;
  /** Whether somebody watches the standard error output. */
  readonly isWatched: boolean;
}

/**
 * The process's own input and output. The first Ctrl-C ends the work in good order, a second one at
 * once; so does a reader that went away, as `head` does.
 */
export function processIo(): ScoreIo {
  const controller = new AbortController();
  process.once('SIGINT', () => controller.abort(new Error('interrupted')));
  // Every write that is still under way fails then, not only the first.
  process.stdout.on('error', () => controller.abort(new Error('the reader went away')));
  return {
    env: process.env,
    open: (path) => (path === '-' ? process.stdin : createReadStream(path)),
    out: (text) =>
      new Promise((resolve) => {
        const { signal } = controller;
        const isTaken = process.stdout.destroyed || process.stdout.write(text);
        if (isTaken || signal.aborted) return resolve();
        process.stdout.once('drain', resolve);
        signal.addEventListener('abort', () => resolve(), { once: true });
      }),
    err: (text) => {
      process.stderr.write(text);
    },
    signal: controller.signal,
    isWatched: process.stderr.isTTY === true,
  };
}
