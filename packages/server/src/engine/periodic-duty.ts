import { claimSlot, finishSlot, postponeSlot, proposeSlots, renewSlot } from '@assay/store';
import type { EngineContext } from './context.ts';

/** One run of a periodic duty. */
export interface DutyTurn {
  /** Start of the period that the run is for, ms since 1970. */
  readonly slotMs: number;
  /** 1 for the first try of the period. */
  readonly attempt: number;
  /** Aborted when the server stops or another process has taken over: end soon, change no more. */
  readonly signal: AbortSignal;
}

/** Work that is done once per period by all server processes of a store together. */
export interface PeriodicDuty {
  /** Name in the history. */
  readonly job: string;
  /** Start of the period in which a time lies, ms since 1970: {@link hourOf}, {@link dayOf} ... */
  slotOf(nowMs: number): number;
  /** A process that has not renewed its claim for so long counts as gone. ms */
  readonly leaseMs: number;
  /**
   * Does the work. It may be interrupted anywhere and is then done again, so a repetition must
   * change nothing. What it returns is the note in the history: counts, no names of any tenant.
   */
  run(turn: DutyTurn): Promise<unknown>;
}

/** What became of a look at a duty. */
export type DutyOutcome =
  /** Done by this process now, or known to be done. */
  | 'done'
  /** Another process does it or has done it, or it has failed and waits. */
  | 'not-ours'
  /** Failed; it will be tried again. */
  | 'failed';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** 1970 began on a Thursday. */
const FIRST_MONDAY_MS = 4 * DAY_MS;

/** Start of the UTC hour of a time. */
export function hourOf(nowMs: number): number {
  return Math.floor(nowMs / HOUR_MS) * HOUR_MS;
}

/** Start of the UTC day of a time. */
export function dayOf(nowMs: number): number {
  return Math.floor(nowMs / DAY_MS) * DAY_MS;
}

/** Start of the week of a time: Monday, UTC. */
export function weekOf(nowMs: number): number {
  const week = 7 * DAY_MS;
  return Math.floor((nowMs - FIRST_MONDAY_MS) / week) * week + FIRST_MONDAY_MS;
}

/** Start of the UTC month of a time. */
export function monthOf(nowMs: number): number {
  const at = new Date(nowMs);
  return Date.UTC(at.getUTCFullYear(), at.getUTCMonth());
}

/** Runs periodic duties for one process. */
export interface DutyRunner {
  /** Does a duty if its period is open and no other process has it. Never throws for its failure. */
  runDue(duty: PeriodicDuty, signal: AbortSignal): Promise<DutyOutcome>;
}

/** Longest wait before a failed duty is tried again. */
const MAX_WAIT_MS = HOUR_MS;

function waitOf(attempt: number): number {
  return Math.min(MAX_WAIT_MS, MINUTE_MS * 2 ** Math.min(10, attempt - 1));
}

/** Code or class of a failure. The history is shown to every tenant: messages may hold data. */
function nameOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  if (typeof code === 'string') return code;
  return error instanceof Error ? error.name : 'unknown';
}

/** Renews the claim while the work runs; aborts the work when the claim is lost. */
function keepClaim(
  renew: () => Promise<boolean>,
  leaseMs: number,
  lost: AbortController,
): () => void {
  const timer = setInterval(() => {
    renew().then(
      (isOurs) => {
        if (!isOurs) lost.abort(new Error('another process has taken over'));
      },
      () => undefined, // the store is away: the next renewal, or the end of the lease, decides
    );
  }, leaseMs / 3);
  timer.unref();
  return () => clearInterval(timer);
}

/**
 * A runner that claims slots in the store, so that each period is worked once however many
 * processes look. A process that dies loses its claim when the lease ends; the next one to look
 * starts again. A failure frees the claim after a wait that doubles from a minute to an hour.
 * @param by name of this process in the history
 */
export function createDutyRunner(
  context: EngineContext,
  by: string,
  onFailure: (job: string, error: unknown) => void,
): DutyRunner {
  const { db, now } = context;
  const doneMs = new Map<string, number>();

  /** Stopped on purpose: whoever looks next may go on at once. */
  function postponement(stop: AbortSignal, attempt: number, error: unknown) {
    return stop.aborted
      ? { untilMs: now(), note: { stopped: true } }
      : { untilMs: now() + waitOf(attempt), note: { failed: nameOf(error) } };
  }

  async function work(
    duty: PeriodicDuty,
    slot: { readonly slotMs: number; readonly attempt: number },
    stop: AbortSignal,
  ): Promise<DutyOutcome> {
    const { job, leaseMs } = duty;
    const hold = { ...slot, by };
    const lost = new AbortController();
    const signal = AbortSignal.any([stop, lost.signal]);
    const renew = (): Promise<boolean> => renewSlot(db, job, { ...hold, nowMs: now(), leaseMs });
    const release = keepClaim(renew, leaseMs, lost);
    try {
      const note = await duty.run({ ...slot, signal });
      signal.throwIfAborted();
      const isOurs = await finishSlot(db, job, { ...hold, nowMs: now(), note });
      if (isOurs) doneMs.set(job, slot.slotMs);
      return isOurs ? 'done' : 'not-ours';
    } catch (error) {
      const isEnded = stop.aborted || lost.signal.aborted;
      if (!isEnded) onFailure(job, error);
      await postponeSlot(db, job, { ...hold, ...postponement(stop, slot.attempt, error) });
      return isEnded ? 'not-ours' : 'failed';
    } finally {
      release();
    }
  }

  return {
    async runDue(duty, signal) {
      const slotMs = duty.slotOf(now());
      if (doneMs.get(duty.job) === slotMs) return 'done';
      try {
        await proposeSlots(db, duty.job, { fromMs: slotMs, toMs: slotMs, intervalMs: HOUR_MS });
        const claim = { by, nowMs: now(), leaseMs: duty.leaseMs };
        const slot = await claimSlot(db, duty.job, claim);
        return slot === null ? 'not-ours' : await work(duty, slot, signal);
      } catch (error) {
        onFailure(duty.job, error);
        return 'failed';
      }
    },
  };
}
