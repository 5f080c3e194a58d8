import type { Cell } from './cell.ts';
import {
  type CellCommand,
  type CellFailure,
  type CellResult,
  FRAME,
  type Frame,
} from './frames.ts';
import type { Answer, Ask } from './guest/message.ts';
import { isValueGraph } from './is-value-graph.ts';

/** Why a conversation cannot go on. */
export type Breakdown =
  /** A cell says that its interpreter cannot go on. */
  | { readonly kind: 'failed'; readonly failure: CellFailure }
  /** The process of a cell has ended. */
  | { readonly kind: 'ended'; readonly lastWords: string }
  /** A cell says what it has no right to say, or what makes no sense. */
  | { readonly kind: 'nonsense' };

/** Ends a conversation. */
export class ConversationBroken extends Error {
  readonly breakdown: Breakdown;
  /** The cell that is at fault. */
  readonly cell: Cell;

  constructor(cell: Cell, breakdown: Breakdown) {
    super(breakdown.kind);
    this.cell = cell;
    this.breakdown = breakdown;
  }
}

/** Gives a command and waits for its result. @throws ConversationBroken */
export async function command<T>(cell: Cell, given: CellCommand): Promise<T> {
  cell.send(FRAME.command, JSON.stringify(given));
  return resultOf<T>(cell, await nextFrame(cell));
}

/** Asks the candidate and waits for the answer. @throws ConversationBroken */
export async function ask(cell: Cell, asked: Ask): Promise<Answer> {
  cell.send(FRAME.ask, JSON.stringify(asked));
  const frame = await nextFrame(cell);
  if (frame.kind !== FRAME.answer) throw new ConversationBroken(cell, { kind: 'nonsense' });
  const answer = parsed<Answer>(cell, frame);
  if (typeof answer.thrown !== 'boolean' || !isValueGraph(answer.g)) {
    throw new ConversationBroken(cell, { kind: 'nonsense' });
  }
  return answer;
}

/**
 * Lets the test run: passes asks and answers on between the two cells until the test gives its
 * result. Only the cell whose turn it is is listened to. @throws ConversationBroken
 */
export async function relayTest<T>(test: Cell, candidate: Cell, run: CellCommand): Promise<T> {
  test.send(FRAME.command, JSON.stringify(run));
  let turn = test;
  for (;;) {
    const frame = await nextFrame(turn);
    if (frame.kind === FRAME.result && turn === test) return resultOf<T>(test, frame);
    if (frame.kind !== FRAME.ask && frame.kind !== FRAME.answer) {
      throw new ConversationBroken(turn, { kind: 'nonsense' });
    }
    turn = turn === test ? candidate : test;
    turn.send(frame.kind, frame.payload);
  }
}

async function nextFrame(cell: Cell): Promise<Frame> {
  const frame = await cell.next();
  if (frame === null) {
    throw new ConversationBroken(cell, { kind: 'ended', lastWords: cell.lastWords() });
  }
  if (frame.kind === FRAME.failed) throw failed(cell, parsed<CellFailure>(cell, frame));
  return frame;
}

function resultOf<T>(cell: Cell, frame: Frame): T {
  if (frame.kind !== FRAME.result) throw new ConversationBroken(cell, { kind: 'nonsense' });
  const result = parsed<CellResult<T>>(cell, frame);
  if ('failed' in result) throw failed(cell, result.failed);
  return result.ok;
}

const FAILURES: ReadonlySet<unknown> = new Set<CellFailure['kind']>([
  'syntax-error',
  'runtime-error',
  'timeout',
  'memory-exceeded',
]);

function failed(cell: Cell, failure: Partial<CellFailure> | null): ConversationBroken {
  const { kind, message, name } = failure ?? {};
  if (!FAILURES.has(kind)) return new ConversationBroken(cell, { kind: 'nonsense' });
  return new ConversationBroken(cell, {
    kind: 'failed',
    failure: {
      kind: kind as CellFailure['kind'],
      message: String(message),
      ...(name === undefined ? {} : { name: String(name) }),
    },
  });
}

function parsed<T>(cell: Cell, frame: Frame): T {
  try {
    const value: unknown = JSON.parse(frame.payload.toString('utf8'));
    if (typeof value === 'object' && value !== null) return value as T;
  } catch {
    // Falls through to the same end.
  }
  throw new ConversationBroken(cell, { kind: 'nonsense' });
}
