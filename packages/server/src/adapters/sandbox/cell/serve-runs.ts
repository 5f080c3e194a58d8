import { type CellCommand, type CellResult, FRAME } from '../frames.ts';
import type { Channel } from './channel.ts';
import { type Interpreter, type OpenInterpreter, RunAborted, RunFailed } from './interpreter.ts';

/**
 * Serves the server until it goes. Between `open` and `finish` nothing is asynchronous: while foreign
 * code has an interpreter, no event loop turns, so nothing that it started elsewhere can complete.
 */
export async function serveRuns(channel: Channel, open: OpenInterpreter): Promise<void> {
  for (;;) {
    const frame = channel.read();
    if (frame === null) return;
    if (frame.kind !== FRAME.command) continue;
    const command = JSON.parse(frame.payload.toString('utf8')) as CellCommand;
    if (command.do !== 'open') continue;
    const limit = command.valueBytes;
    const interpreter: Interpreter = await open(command, (text) =>
      askOtherSide(channel, interpreter, text, limit),
    );
    reply(channel, { ok: null });
    const isOver = serveRun(channel, interpreter, limit);
    interpreter.close();
    if (isOver) return;
  }
}

/** Serves one run; true when the server has gone. */
function serveRun(channel: Channel, interpreter: Interpreter, limit: number): boolean {
  for (;;) {
    const frame = channel.read();
    if (frame === null) return true;
    if (frame.kind === FRAME.ask) answerAsk(channel, interpreter, frame.payload, limit);
    if (frame.kind !== FRAME.command) continue;
    const command = JSON.parse(frame.payload.toString('utf8')) as CellCommand;
    reply(channel, perform(interpreter, command));
    if (command.do === 'finish') return false;
  }
}

function perform(interpreter: Interpreter, command: CellCommand): CellResult<unknown> {
  try {
    switch (command.do) {
      case 'load':
        interpreter.load(command.source);
        return { ok: null };
      case 'prepare':
        return { ok: interpreter.prepare(command.source) };
      case 'run':
        return { ok: interpreter.run(command.names, command.entryPoint) };
      case 'finish':
        return { ok: interpreter.output() };
      default:
        return { failed: { kind: 'runtime-error', message: 'the run is already open' } };
    }
  } catch (error) {
    return { failed: failureOf(error) };
  }
}

function reply(channel: Channel, result: CellResult<unknown>): void {
  channel.write(FRAME.result, JSON.stringify(result));
}

function answerAsk(
  channel: Channel,
  interpreter: Interpreter,
  payload: Buffer,
  limit: number,
): void {
  try {
    const answer = interpreter.answer(payload.toString('utf8'));
    channel.write(FRAME.answer, within(answer, limit));
  } catch (error) {
    channel.write(FRAME.failed, JSON.stringify(failureOf(error)));
  }
}

/** Sends an ask and waits; asks that come back in the meantime are answered from within. */
function askOtherSide(
  channel: Channel,
  interpreter: Interpreter,
  text: string,
  limit: number,
): string {
  channel.write(FRAME.ask, within(text, limit));
  for (;;) {
    const frame = channel.read();
    if (frame === null || frame.kind === FRAME.abort) throw new RunAborted('the run was ended');
    if (frame.kind === FRAME.answer) return frame.payload.toString('utf8');
    if (frame.kind === FRAME.ask) answerAsk(channel, interpreter, frame.payload, limit);
  }
}

function within(text: string, limit: number): string {
  if (text.length <= limit) return text;
  throw new RunFailed({ kind: 'runtime-error', message: `a value has more than ${limit} bytes` });
}

function failureOf(error: unknown): RunFailed['failure'] {
  if (error instanceof RunFailed) return error.failure;
  const message = error instanceof Error ? error.message : String(error);
  return { kind: 'runtime-error', message: `the interpreter stopped: ${message}` };
}
