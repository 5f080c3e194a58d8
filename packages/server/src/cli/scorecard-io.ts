import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { AssayError } from '@assay/protocol/errors';
import { hashFile, readFileText } from '../adapters/files/file-text.ts';
import { CommandFault } from './command-fault.ts';
import { callServer } from './connection.ts';
import { printable } from './printable.ts';
import type { ReadText } from './read-scorecard.ts';

/** What the commands of scorecards need from the outside. */
export interface ScorecardIo {
  readonly readFile: ReadText;
  /** SHA-256 of a file as 64 hex digits; null when it cannot be read. */
  hashFile(path: string): Promise<string | null>;
  /** Writes a file, with the folders above it; `mode` as of chmod, for what others must not read. */
  writeFile(path: string, text: string, mode?: number): Promise<void>;
  readonly callServer: typeof callServer;
  /** ms since 1970. */
  now(): number;
  out(text: string): void;
  err(text: string): void;
}

/** The files, the server and the clock of this machine. */
export const SCORECARD_IO: ScorecardIo = {
  readFile: readFileText,
  hashFile,
  writeFile: async (path, text, mode) => {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text, mode === undefined ? {} : { mode });
  },
  callServer,
  now: () => Date.now(),
  out: (text) => {
    process.stdout.write(text);
  },
  err: (text) => {
    process.stderr.write(text);
  },
};

/**
 * Runs a command of scorecards and gives its exit code: 0 done, 2 usage, 3 not a card, 70 internal.
 * Never throws.
 */
export async function runScorecardCommand(
  io: ScorecardIo,
  command: (io: ScorecardIo) => Promise<void>,
): Promise<number> {
  try {
    await command(io);
    return 0;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    io.err(`assay scorecard: ${printable(message)}\n`);
    if (error instanceof CommandFault) return error.exitCode;
    const isNoCard =
      error instanceof RangeError ||
      (error instanceof AssayError && error.code === 'scorecard.invalid');
    return isNoCard ? 3 : 70;
  }
}

/** Puts the values of an option that may be given again into one list. */
export function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}
