import { Buffer } from 'node:buffer';
import type { CellCommand, CellFailure } from '../frames.ts';

/** Settings of a fresh interpreter. */
export type OpenSettings = Extract<CellCommand, { do: 'open' }>;

/** An interpreter in a cell, made for one run. Its methods throw {@link RunFailed}. */
export interface Interpreter {
  /** Candidate: runs the code. */
  load(source: string): void;
  /** Test: parses the program; gives the names that the candidate might define. */
  prepare(source: string): readonly string[];
  /** Test: runs the program; gives a report as JSON. */
  run(names: readonly string[], entryPoint: string | null): string;
  /** Answers an ask of the other side, JSON in and out. */
  answer(ask: string): string;
  /** What was printed, cut to its limit. */
  output(): string;
  close(): void;
}

/** Asks the other side and waits for its answer. */
export type AskOtherSide = (text: string) => string;

/** Makes a fresh interpreter. */
export type OpenInterpreter = (
  settings: OpenSettings,
  ask: AskOtherSide,
) => Promise<Interpreter> | Interpreter;

/** Ends a run: the interpreter cannot go on. */
export class RunFailed extends Error {
  readonly failure: CellFailure;

  constructor(failure: CellFailure) {
    super(failure.message);
    this.failure = failure;
  }
}

/** Ends a run because the server has said so. */
export class RunAborted extends Error {}

/** Text that grows to a limit and then stays. */
export function boundedText(limitBytes: number): { add(text: string): void; text(): string } {
  let text = '';
  let bytes = 0;
  return {
    add: (more) => {
      if (bytes >= limitBytes) return;
      const room = limitBytes - bytes;
      const part = Buffer.from(more, 'utf8').subarray(0, room);
      // A cut character would become a replacement character: leave it out.
      text += part.length < room ? more : part.toString('utf8').replace(/\ufffd+$/, '');
      bytes += part.length;
    },
    text: () => text,
  };
}
