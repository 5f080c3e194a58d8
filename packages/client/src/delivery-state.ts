import type { Clock } from './clock.ts';
import { AssayClientError, messageOf } from './errors.ts';
import type { LineQueue, Lines } from './line-queue.ts';
import type { PostOptions } from './post-records.ts';
import type { Spool } from './spool.ts';

/** What has happened to facts since the client was made. */
export interface ClientStats {
  /** Facts taken over from the caller. */
  readonly recorded: number;
  /** Facts that a server acknowledged as stored, duplicates included. */
  readonly delivered: number;
  /** Of those delivered: facts that the server had already. */
  readonly duplicates: number;
  /** Facts that the server refused for good. */
  readonly rejected: number;
  /** Facts thrown away because memory or the spool was full, or a file was torn. */
  readonly dropped: number;
  /** Facts that could not be written as JSON. */
  readonly invalid: number;
  /** Facts in memory, not acknowledged. */
  readonly buffered: number;
  /** Facts on disk, not acknowledged. */
  readonly spooled: number;
  /** Requests that have to be sent again. */
  readonly retries: number;
  /** Whether the last request got through. */
  readonly isServerUp: boolean;
}

/** What a flush achieved. Counts are of this flush, except the two of what is left. */
export interface FlushResult {
  /** Facts that the server committed meanwhile. */
  readonly delivered: number;
  /** Facts that are left on disk. */
  readonly spooled: number;
  /** Facts that are left in memory only. */
  readonly buffered: number;
  readonly rejected: number;
  readonly dropped: number;
}

/** How facts are delivered. */
export interface DeliveryOptions {
  readonly post: PostOptions;
  readonly clock: Clock;
  readonly random: () => number;
  readonly batchSize: number;
  readonly maxBatchBytes: number;
  readonly maxBufferBytes: number;
  readonly flushIntervalMs: number;
  /** Writes lines to disk while the process exits; null = no spool. */
  readonly spoolAtExit: ((body: Uint8Array<ArrayBuffer> | null) => void) | null;
  /** Opens the spool; null = no spool. */
  readonly openSpool: ((onDropped: DropListener) => Promise<Spool>) | null;
  readonly onError: (error: AssayClientError) => void;
}

/** Told how many facts were thrown away, and why. */
export type DropListener = (count: number, reason: string) => void;

/** A flush that waits. */
export interface Waiter {
  readonly upTo: number;
  readonly finish: () => void;
}

/** Everything that delivery knows; one per client. */
export interface State {
  readonly options: DeliveryOptions;
  readonly queue: LineQueue;
  /** Taken from the queue and not acknowledged; sent before the queue. */
  held: Lines | null;
  sending: Lines | null;
  sendingSinceMs: number | null;
  /** Gives up the request that is on its way, when the client closes. */
  readonly abort: AbortController;
  spilling: Lines | null;
  spool: Spool | null;
  spoolOpening: Promise<void> | null;
  spoolBrokenUntilMs: number;
  /** The run of the pump, while there is one. */
  pumping: Promise<void> | null;
  isClosed: boolean;
  /** Whether the server turned this client away; a flush need not wait then. */
  isRefused: boolean;
  isServerUp: boolean;
  turn: number;
  maxLines: number;
  waitMs: number;
  nextAttemptAtMs: number;
  /** No request before this time: the server asked for it. */
  notBeforeMs: number;
  adoptAtMs: number;
  cancelTimer: (() => void) | null;
  timerAtMs: number;
  droppedSinceReport: number;
  waiters: Waiter[];
  counts: Record<
    'recorded' | 'delivered' | 'duplicates' | 'rejected' | 'dropped' | 'invalid' | 'retries',
    number
  >;
}

/** Wait after the disk refused a write. */
const DISK_WAIT_MS = 5_000;

/** Hands an error to the caller without ever throwing. */
export function report(state: State, error: AssayClientError): void {
  try {
    state.options.onError(error);
  } catch {
    // The caller's listener must not disturb delivery.
  }
}

/** Size of what is in memory, UTF-16 units. */
export function bufferedSize(state: State): number {
  return (
    state.queue.size +
    (state.held?.size ?? 0) +
    (state.sending?.size ?? 0) +
    (state.spilling?.size ?? 0)
  );
}

/** Number of facts in memory. */
export function bufferedCount(state: State): number {
  const { queue, held, sending, spilling } = state;
  const length = (lines: Lines | null): number => lines?.lines.length ?? 0;
  return queue.length + length(held) + length(sending) + length(spilling);
}

/** Number of the earliest fact that is not settled, Infinity when all are. */
export function lowestSeq(state: State): number {
  const { queue, held, sending, spilling, spool } = state;
  return Math.min(
    queue.length > 0 ? queue.headSeq : Number.POSITIVE_INFINITY,
    held?.firstSeq ?? Number.POSITIVE_INFINITY,
    sending?.firstSeq ?? Number.POSITIVE_INFINITY,
    spilling?.firstSeq ?? Number.POSITIVE_INFINITY,
    spool?.firstSeq ?? Number.POSITIVE_INFINITY,
  );
}

/** Counts facts that had to be thrown away. */
export function dropped(state: State, count: number): void {
  state.counts.dropped += count;
  state.droppedSinceReport += count;
}

/** Tells the caller about facts thrown away since the last time. */
export function reportDropped(state: State): void {
  const count = state.droppedSinceReport;
  if (count === 0) return;
  state.droppedSinceReport = 0;
  const limit = state.options.maxBufferBytes;
  const message = `${count} facts thrown away: more than ${limit} bytes wait for the server`;
  report(state, new AssayClientError('client.dropped', message, { count }));
}

/** Leaves the disk alone for a while after it refused. */
export function diskFailed(state: State, thrown: unknown): void {
  state.spoolBrokenUntilMs = state.options.clock.now() + DISK_WAIT_MS;
  const message = `the spool cannot be used: ${messageOf(thrown)}`;
  report(state, new AssayClientError('client.spool', message, { cause: thrown }));
}

/** The spool, unless there is none or the disk refused lately. */
export function usableSpool(state: State): Spool | null {
  return state.options.clock.now() >= state.spoolBrokenUntilMs ? state.spool : null;
}
