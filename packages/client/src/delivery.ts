import { adoptNow, openSpoolOnce, schedule, settleWaiters, spill } from './delivery-loop.ts';
import {
  bufferedCount,
  bufferedSize,
  type ClientStats,
  type DeliveryOptions,
  diskFailed,
  dropped,
  type FlushResult,
  reportDropped,
  type State,
  type Waiter,
} from './delivery-state.ts';
import { createLineQueue, encodeLines, joinLines } from './line-queue.ts';

/** Brings lines to the server, by way of the disk when it must. */
export interface Delivery {
  push(line: string): void;
  countInvalid(): void;
  flush(timeoutMs: number): Promise<FlushResult>;
  close(timeoutMs: number): Promise<FlushResult>;
  /** Writes what is in memory to the spool at once; for the exit of the process. */
  spoolSync(): void;
  stats(): ClientStats;
}

function push(state: State, line: string): void {
  const { queue, options } = state;
  if (state.isClosed) {
    dropped(state, 1);
    return;
  }
  queue.push(line);
  state.counts.recorded += 1;
  while (bufferedSize(state) > options.maxBufferBytes) {
    // A batch that came back is older than anything in the queue.
    const count = state.held?.lines.length ?? Math.min(1, queue.length);
    if (count === 0) break;
    if (state.held === null) queue.dropOldest();
    else state.held = null;
    dropped(state, count);
  }
  const isFull = queue.length === options.batchSize || queue.size > options.maxBufferBytes / 2;
  schedule(state, isFull ? 0 : options.flushIntervalMs);
}

async function flush(state: State, timeoutMs: number): Promise<FlushResult> {
  const before = { ...state.counts };
  await openSpoolOnce(state);
  await adoptNow(state);
  // Someone waits: try at once instead of at the end of the current pause.
  if (!state.isServerUp) state.nextAttemptAtMs = state.notBeforeMs;
  state.isRefused = false;
  await new Promise<void>((resolve) => {
    // This timer does hold the process, for the caller waits.
    const deadline = setTimeout(() => waiter.finish(), timeoutMs);
    const waiter: Waiter = {
      upTo: state.queue.headSeq + state.queue.length - 1,
      finish: () => {
        clearTimeout(deadline);
        state.waiters = state.waiters.filter((other) => other !== waiter);
        resolve();
      },
    };
    state.waiters.push(waiter);
    settleWaiters(state);
    schedule(state, 0);
  });
  if (bufferedCount(state) > 0) await spill(state);
  reportDropped(state);
  return resultSince(state, before);
}

function resultSince(state: State, before: State['counts']): FlushResult {
  const { counts } = state;
  return {
    delivered: counts.delivered - before.delivered,
    spooled: state.spool?.count ?? 0,
    buffered: bufferedCount(state),
    rejected: counts.rejected - before.rejected,
    dropped: counts.dropped - before.dropped,
  };
}

function spoolSync(state: State): void {
  const { held, sending, spilling, queue, options } = state;
  if (options.spoolAtExit === null || state.isClosed) return;
  const rest = queue.take(Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY);
  const all = joinLines(joinLines(sending, spilling), joinLines(held, rest));
  state.held = null;
  try {
    options.spoolAtExit(all === null ? null : encodeLines(all.lines));
  } catch (thrown) {
    dropped(state, all?.lines.length ?? 0);
    diskFailed(state, thrown);
  }
}

async function close(state: State, timeoutMs: number): Promise<FlushResult> {
  const before = { ...state.counts };
  await flush(state, timeoutMs);
  state.isClosed = true;
  // What is still on its way would be lost with the process: take it back, put it on disk.
  state.abort.abort();
  await state.pumping;
  await spill(state);
  dropped(state, bufferedCount(state));
  reportDropped(state);
  state.cancelTimer?.();
  state.cancelTimer = null;
  await state.spool?.close();
  const result = resultSince(state, before);
  return { ...result, buffered: 0 };
}

function newState(options: DeliveryOptions): State {
  return {
    options,
    queue: createLineQueue(),
    held: null,
    sending: null,
    sendingSinceMs: null,
    abort: new AbortController(),
    spilling: null,
    spool: null,
    spoolOpening: null,
    spoolBrokenUntilMs: Number.NEGATIVE_INFINITY,
    pumping: null,
    isClosed: false,
    isRefused: false,
    isServerUp: true,
    turn: 0,
    maxLines: options.batchSize,
    waitMs: 0,
    nextAttemptAtMs: Number.NEGATIVE_INFINITY,
    notBeforeMs: Number.NEGATIVE_INFINITY,
    adoptAtMs: Number.NEGATIVE_INFINITY,
    cancelTimer: null,
    timerAtMs: 0,
    droppedSinceReport: 0,
    waiters: [],
    counts: {
      recorded: 0,
      delivered: 0,
      duplicates: 0,
      rejected: 0,
      dropped: 0,
      invalid: 0,
      retries: 0,
    },
  };
}

/** Makes the delivery of one client; it looks at the spool directory at once. */
export function createDelivery(options: DeliveryOptions): Delivery {
  const state = newState(options);
  if (options.openSpool !== null) schedule(state, 0);
  return {
    push: (line) => push(state, line),
    countInvalid: () => {
      state.counts.invalid += 1;
    },
    flush: (timeoutMs) => flush(state, timeoutMs),
    close: (timeoutMs) => close(state, timeoutMs),
    spoolSync: () => spoolSync(state),
    stats: () => ({
      ...state.counts,
      buffered: bufferedCount(state),
      spooled: state.spool?.count ?? 0,
      isServerUp: state.isServerUp,
    }),
  };
}
