import type { CheckOutcome } from '@assay/loop';
import type { Cell } from './cell.ts';
import type { ConversationBroken } from './conversation.ts';
import type { ValueGraph } from './guest/value-graph.ts';

type Distribute<T> = T extends unknown
  ? Omit<T, 'checksPassed' | 'checksFailed' | 'durationMs' | 'output'>
  : never;

/** Kind and message of an outcome. */
export type Fault = Distribute<CheckOutcome>;

/** Name and message of something that was thrown. */
export interface Thrown {
  readonly name: string;
  readonly message: string;
}

const MAX_MESSAGE = 1_000;

/** What a thrown error says about the code. */
export function thrownFault({ name, message }: Thrown): Fault {
  const text = (name && message ? `${name}: ${message}` : name || message).slice(0, MAX_MESSAGE);
  if (name === 'ModuleNotFoundError') {
    const module = /["']([^"']*)["']/.exec(message)?.[1] ?? '';
    return { kind: 'missing-module', message: text, module };
  }
  const isMemory = name === 'MemoryError' || (name === 'InternalError' && /memory/.test(message));
  return { kind: isMemory ? 'memory-exceeded' : 'runtime-error', message: text };
}

/** Name and message of a thrown value that has crossed. */
export function thrownOf({ r, g }: ValueGraph): Thrown {
  if (!Array.isArray(r) || r[0] !== '#') return { name: '', message: String(r) };
  const node = g[r[1]];
  if (node?.k === 'error') return { name: String(node.v[0]), message: String(node.v[1]) };
  if (node?.k === 'ref' && node.e) return { name: String(node.e[0]), message: String(node.e[1]) };
  return { name: '', message: 'something that is no error was thrown' };
}

/**
 * What a broken conversation says. Before the code has been loaded the sandbox or the test is at
 * fault; afterwards the code is, also when the interpreter of the test gives up: nothing but the
 * code's values could make it.
 */
export function faultOf(broken: ConversationBroken, test: Cell | null): Fault {
  const { breakdown, cell } = broken;
  if (breakdown.kind === 'nonsense') {
    return { kind: 'runtime-error', message: 'the interpreter was tampered with' };
  }
  if (breakdown.kind === 'ended') {
    const isMemory = /memory/i.test(breakdown.lastWords);
    return isMemory
      ? { kind: 'memory-exceeded', message: 'the interpreter ran out of memory' }
      : { kind: 'runtime-error', message: 'the interpreter ended' };
  }
  const { failure } = breakdown;
  if (cell === test && failure.kind === 'syntax-error') {
    return { kind: 'infrastructure', message: `the test does not parse: ${failure.message}` };
  }
  if (failure.kind !== 'runtime-error') {
    return { kind: failure.kind, message: failure.message.slice(0, MAX_MESSAGE) };
  }
  const prefix = failure.name ? `${failure.name}: ` : '';
  const message = failure.message.startsWith(prefix)
    ? failure.message.slice(prefix.length)
    : failure.message;
  return thrownFault({ name: failure.name ?? '', message });
}
