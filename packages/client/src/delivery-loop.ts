import {
  bufferedCount,
  bufferedSize,
  diskFailed,
  lowestSeq,
  report,
  reportDropped,
  type State,
  usableSpool,
} from './delivery-state.ts';
import { AssayClientError, messageOf } from './errors.ts';
import { encodeLines, joinLines, type Lines, splitLines } from './line-queue.ts';
import { type PostOutcome, postRecords } from './post-records.ts';
import { nextWaitMs } from './retry.ts';
import type { SpoolBatch } from './spool.ts';

/** While a request is unanswered for this long, what queues up goes to disk. */
const SPILL_AFTER_MS = 1_000;
/** How often segments of processes that are gone are looked for. */
const ADOPT_EVERY_MS = 30_000;
/** Wait after an error that is not foreseen, ms. */
const RECOVER_MS = 1_000;
/** Wait after the server turned this client away (wrong key or address). */
const REFUSED_WAIT_MS = 30_000;

/** Ends the flushes whose facts are all settled. */
export function settleWaiters(state: State): void {
  if (state.waiters.length === 0) return;
  const lowest = lowestSeq(state);
  for (const waiter of [...state.waiters]) {
    if (state.isRefused || lowest > waiter.upTo) waiter.finish();
  }
}

/** Runs the next tick in `delayMs` at the latest. */
export function schedule(state: State, delayMs: number): void {
  const atMs = state.options.clock.now() + delayMs;
  if (state.cancelTimer !== null) {
    if (state.timerAtMs <= atMs) return;
    state.cancelTimer();
  }
  state.timerAtMs = atMs;
  state.cancelTimer = state.options.clock.after(delayMs, () => {
    state.cancelTimer = null;
    tick(state).catch((thrown: unknown) => {
      // Nothing is expected here; delivery goes on rather than end the caller's process.
      report(state, new AssayClientError('client.spool', messageOf(thrown), { cause: thrown }));
      schedule(state, RECOVER_MS);
    });
  });
}

/** Opens the spool when there is to be one. */
export async function openSpoolOnce(state: State): Promise<void> {
  const { openSpool } = state.options;
  if (state.spool !== null || openSpool === null) return;
  state.spoolOpening ??= (async () => {
    try {
      state.spool = await openSpool((count, reason) => {
        state.counts.dropped += count;
        report(
          state,
          new AssayClientError('client.dropped', `${count} facts: ${reason}`, { count }),
        );
      });
    } catch (thrown) {
      diskFailed(state, thrown);
    }
  })();
  await state.spoolOpening;
  if (state.spool === null) state.spoolOpening = null;
}

/** Looks for segments of processes that are gone, now and then. */
export async function adoptNow(state: State): Promise<void> {
  const nowMs = state.options.clock.now();
  const spool = usableSpool(state);
  if (spool === null || nowMs < state.adoptAtMs) return;
  state.adoptAtMs = nowMs + ADOPT_EVERY_MS;
  await spool.adopt().catch((thrown: unknown) => diskFailed(state, thrown));
}

/** Moves everything in memory to disk, in slices so that no slice holds up the task. */
export async function spill(state: State): Promise<void> {
  const { maxBatchBytes } = state.options;
  while (state.spilling === null) {
    const spool = usableSpool(state);
    if (spool === null) return;
    const lines = state.held ?? state.queue.take(Number.POSITIVE_INFINITY, maxBatchBytes);
    if (lines === null) return;
    state.held = null;
    state.spilling = lines;
    try {
      await spool.append(encodeLines(lines.lines), lines.lines.length, lines.firstSeq);
    } catch (thrown) {
      state.held = joinLines(state.spilling, state.held);
      diskFailed(state, thrown);
    } finally {
      state.spilling = null;
    }
  }
}

function afterFailure(state: State, error: AssayClientError, waitMs: number | null): void {
  const { clock, random } = state.options;
  state.counts.retries += 1;
  state.isServerUp = false;
  state.waitMs = nextWaitMs(state.waitMs, random());
  const nowMs = clock.now();
  state.notBeforeMs = nowMs + (waitMs ?? 0);
  state.nextAttemptAtMs = Math.max(state.notBeforeMs, nowMs + state.waitMs);
  // An answer that is no longer wanted is no news.
  if (!state.abort.signal.aborted) report(state, error);
}

// True when the batch is settled (stored or refused for good), false when it must come again.
function settle(state: State, outcome: PostOutcome, count: number): boolean {
  const { clock, batchSize } = state.options;
  if (outcome.kind === 'retry') {
    afterFailure(state, outcome.error, outcome.waitMs);
    return false;
  }
  if (outcome.kind === 'refused') {
    afterFailure(state, outcome.error, null);
    state.nextAttemptAtMs = clock.now() + REFUSED_WAIT_MS;
    state.isRefused = true;
    return false;
  }
  state.isServerUp = true;
  state.isRefused = false;
  state.waitMs = 0;
  state.nextAttemptAtMs = clock.now();
  if (outcome.kind === 'unacceptable') {
    // Halves the batch until the fact that spoils it stands alone.
    state.maxLines = Math.ceil(count / 2);
    if (count > 1) return false;
    state.counts.rejected += 1;
    const { message, status, serverCode } = outcome.error;
    const details = { count: 1, ...(status === undefined ? {} : { status }) };
    report(
      state,
      new AssayClientError('client.rejected', message, {
        ...details,
        ...(serverCode === undefined ? {} : { serverCode }),
      }),
    );
    return true;
  }
  state.maxLines = Math.min(batchSize, state.maxLines * 2);
  state.counts.delivered += outcome.accepted + outcome.duplicates;
  state.counts.duplicates += outcome.duplicates;
  state.counts.rejected += outcome.rejections.length;
  const rejections = outcome.rejections.slice(0, 100);
  const first = rejections[0];
  if (first !== undefined) {
    const number = outcome.rejections.length;
    const message = `the server refused ${number} facts, the first: ${first.message}`;
    report(state, new AssayClientError('client.rejected', message, { count: number, rejections }));
  }
  return true;
}

async function sendFromMemory(state: State): Promise<boolean> {
  const { maxBatchBytes, post, clock } = state.options;
  let lines: Lines | null;
  if (state.held === null) lines = state.queue.take(state.maxLines, maxBatchBytes);
  else [lines, state.held] = splitLines(state.held, state.maxLines);
  if (lines === null) return false;
  state.sending = lines;
  state.sendingSinceMs = clock.now();
  const outcome = await postRecords(
    post,
    encodeLines(lines.lines),
    lines.lines.length,
    state.abort.signal,
  );
  state.sending = null;
  state.sendingSinceMs = null;
  if (!settle(state, outcome, lines.lines.length)) state.held = joinLines(lines, state.held);
  return true;
}

async function sendFromSpool(state: State): Promise<boolean> {
  const { maxBatchBytes, post, clock } = state.options;
  const spool = usableSpool(state);
  if (spool === null || spool.isEmpty) return false;
  let batch: SpoolBatch | null;
  try {
    batch = await spool.next(state.maxLines, maxBatchBytes);
    if (batch === null) return false;
    state.sendingSinceMs = clock.now();
    const outcome = await postRecords(post, batch.body, batch.count, state.abort.signal);
    if (settle(state, outcome, batch.count)) await spool.advance(batch);
  } catch (thrown) {
    diskFailed(state, thrown);
    return false;
  } finally {
    state.sendingSinceMs = null;
  }
  return true;
}

// Fresh facts and those from the disk take turns, so that neither waits for the other.
async function step(state: State): Promise<boolean> {
  if (state.abort.signal.aborted) return false;
  if (state.options.clock.now() < state.nextAttemptAtMs) return false;
  state.turn += 1;
  const isSpoolTurn = state.turn % 2 === 0;
  const [first, second] = isSpoolTurn
    ? [sendFromSpool, sendFromMemory]
    : [sendFromMemory, sendFromSpool];
  return (await first(state)) || (await second(state));
}

async function pumpOnce(state: State): Promise<void> {
  await openSpoolOnce(state);
  await adoptNow(state);
  while (await step(state)) settleWaiters(state);
  if (!state.isServerUp) await spill(state);
}

/** Sends until nothing is left or the server fails, then moves the rest to disk. */
function pump(state: State): Promise<void> {
  if (state.pumping !== null) return Promise.resolve();
  state.pumping = pumpOnce(state).finally(() => {
    state.pumping = null;
    settleWaiters(state);
  });
  return state.pumping;
}

async function tick(state: State): Promise<void> {
  const { clock, flushIntervalMs, maxBufferBytes } = state.options;
  reportDropped(state);
  const { sendingSinceMs } = state;
  const isSlow = sendingSinceMs !== null && clock.now() - sendingSinceMs >= SPILL_AFTER_MS;
  if (isSlow || bufferedSize(state) > maxBufferBytes / 2) await spill(state);
  await pump(state);
  if (state.isClosed && state.waiters.length === 0) return;
  if (bufferedCount(state) > 0) schedule(state, flushIntervalMs);
  else if (state.spool?.isEmpty === false) {
    schedule(state, Math.max(flushIntervalMs, state.nextAttemptAtMs - clock.now()));
  } else if (state.spool !== null) schedule(state, ADOPT_EVERY_MS);
}
