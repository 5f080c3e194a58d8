#!/usr/bin/env node
import { AssayError, errorEntry } from '@assay/protocol/errors';
import { CommanderError } from 'commander';
import { createProgram } from './program.ts';

const EXIT_FAULT = 1;
/** 1 means a fault, or a verdict, to the programs that run a command: usage is told apart. */
const EXIT_USAGE = 2;

function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof AssayError) return `${error.message}\n${errorEntry(error.code).fix}`;
  return 'code' in error ? error.message : (error.stack ?? error.message);
}

// A reader that has seen enough, such as `head`, is no fault and does not change the exit code.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

try {
  const words = process.argv.slice(2);
  await (await createProgram(words)).parseAsync(words, { from: 'user' });
} catch (error) {
  if (error instanceof CommanderError) {
    // It has said what is wrong, or shown the help that was asked for.
    process.exitCode = error.exitCode === EXIT_FAULT ? EXIT_USAGE : error.exitCode;
  } else {
    process.stderr.write(`assay: ${textOf(error)}\n`);
    process.exitCode = EXIT_FAULT;
  }
}
