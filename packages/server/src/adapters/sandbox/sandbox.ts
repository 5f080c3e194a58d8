import {
  type CheckOutcome,
  DEFAULT_EXECUTION_LIMITS,
  type ExecutionCheck,
  type ExecutionLimits,
} from '@assay/loop';
import type { Cell } from './cell.ts';
import { type CellPool, createCellPool } from './cell-pool.ts';
import { ConversationBroken, command } from './conversation.ts';
import { FRAME, FRAME_HEADER_BYTES, MAX_FRAME_BYTES } from './frames.ts';
import { type CheckCells, type Finding, outcomeOf, runCheck } from './run-check.ts';
import { createTurns } from './turns.ts';

/** Executes code that nobody vouches for. */
export interface Sandbox {
  /**
   * Executes a check. Whatever the code does is an outcome.
   * @throws the reason of the signal when it is aborted
   */
  check(request: ExecutionCheck, signal?: AbortSignal): Promise<CheckOutcome>;
  /** Ends every process; checks that are under way come out as infrastructure. */
  close(): void;
}

/** Settings of a sandbox. */
export interface SandboxOptions {
  /** Checks at the same time, 1 or more; 2 when absent. Further ones wait for their turn. */
  readonly concurrency?: number;
  /** Limits of a check that names none. */
  readonly limits?: Partial<ExecutionLimits>;
  /** After this many milliseconds without work no process is kept; 60,000 when absent. */
  readonly idleMs?: number;
  /** Milliseconds from any fixed moment. */
  readonly now?: () => number;
}

/** The interpreter itself notices the time first, where it can. */
const GRACE_MS = 250;
/** An interpreter that is to be opened and is not by then is not coming. */
const OPEN_MS = 30_000;

/**
 * Makes a sandbox. No process is started before the first check. Each check has an interpreter of
 * its own in a process of its own, and a test has another one.
 */
export function createSandbox(options: SandboxOptions = {}): Sandbox {
  const { concurrency = 2, idleMs = 60_000, now = () => performance.now() } = options;
  const pool = createCellPool({ spare: 2 * concurrency, idleMs });
  const turns = createTurns(concurrency);
  const closing = new AbortController();
  return {
    check: async (request, signal) => {
      const wanted = { ...DEFAULT_EXECUTION_LIMITS, ...options.limits, ...request.limits };
      const valueBytes = Math.min(wanted.valueBytes, MAX_FRAME_BYTES - FRAME_HEADER_BYTES);
      const limits = { ...wanted, valueBytes };
      await turns.take(signal);
      try {
        return await checkOnce({ request, limits, pool, now, closing: closing.signal }, signal);
      } finally {
        turns.give();
      }
    },
    close: () => {
      closing.abort();
      pool.close();
    },
  };
}

interface OneCheck {
  readonly request: ExecutionCheck;
  readonly limits: ExecutionLimits;
  readonly pool: CellPool;
  readonly now: () => number;
  /** Aborted when the sandbox is closed. */
  readonly closing: AbortSignal;
}

async function checkOnce(one: OneCheck, signal?: AbortSignal): Promise<CheckOutcome> {
  const { request, limits, pool, now } = one;
  const cells = await acquireCells(pool, request);
  if ('fault' in cells) {
    const finding = {
      kind: 'infrastructure',
      message: cells.fault,
      ...nothingChecked(request),
    } as const;
    return outcomeOf(finding, { durationMs: 0, output: '' });
  }
  const both = [cells.candidate, ...(cells.test ? [cells.test] : [])];
  const killBoth = (): void => {
    for (const cell of both) cell.kill();
  };
  signal?.addEventListener('abort', killBoth);
  if (signal?.aborted) killBoth();
  let startedAt: number | null = null;
  let isTimeUp = false;
  let timer = setTimeout(killBoth, OPEN_MS);
  const onStart = (): void => {
    startedAt = now();
    clearTimeout(timer);
    timer = setTimeout(() => {
      isTimeUp = true;
      killBoth();
    }, limits.wallMs + GRACE_MS);
  };
  const found = await runCheck(request, cells, limits, { onStart });
  clearTimeout(timer);
  const durationMs = startedAt === null ? 0 : now() - startedAt;
  const output = await giveBack(pool, cells);
  signal?.removeEventListener('abort', killBoth);
  signal?.throwIfAborted();
  return outcomeOf(
    settled(found, { isUnderWay: startedAt !== null && !one.closing.aborted, isTimeUp }),
    {
      durationMs,
      output,
    },
  );
}

/** Before the code was loaded, or when the sandbox is closed, nothing is its fault; after the hard limit everything is lateness. */
function settled(found: Finding, at: { isUnderWay: boolean; isTimeUp: boolean }): Finding {
  const { checksPassed, checksFailed } = found;
  if (at.isTimeUp) {
    return { kind: 'timeout', message: 'the time is up', checksPassed, checksFailed };
  }
  if (at.isUnderWay || found.kind === 'infrastructure') return found;
  return { kind: 'infrastructure', message: found.message, checksPassed, checksFailed };
}

function nothingChecked({ oracle }: ExecutionCheck): {
  checksPassed: number;
  checksFailed: number;
} {
  return { checksPassed: 0, checksFailed: oracle.kind === 'calls' ? oracle.checks.length : 1 };
}

async function acquireCells(
  pool: CellPool,
  { language, oracle }: ExecutionCheck,
): Promise<CheckCells | { readonly fault: string }> {
  const wanted = oracle.kind === 'test' ? [language, language] : [language];
  const got = await Promise.allSettled(wanted.map((each) => pool.acquire(each)));
  const cells = got.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const [candidate, test = null] = cells;
  if (candidate !== undefined && cells.length === wanted.length) return { candidate, test };
  for (const cell of cells) pool.release(cell, false);
  const failed = got.find((result) => result.status === 'rejected');
  return { fault: failed?.reason instanceof Error ? failed.reason.message : 'no interpreter' };
}

/** Ends the run in both cells and hands them back; gives what the candidate has printed. */
async function giveBack(pool: CellPool, { candidate, test }: CheckCells): Promise<string> {
  const [output] = await Promise.all([
    finish(pool, candidate),
    test === null ? null : finish(pool, test),
  ]);
  return output;
}

const FINISH_MS = 500;

/** A cell that is still busy, or says anything but what it printed, is not used again. */
async function finish(pool: CellPool, cell: Cell): Promise<string> {
  const timer = setTimeout(cell.kill, FINISH_MS);
  let output: string | null = null;
  try {
    cell.send(FRAME.abort, '');
    output = await command<string>(cell, { do: 'finish' });
  } catch (error) {
    if (!(error instanceof ConversationBroken)) throw error;
  } finally {
    clearTimeout(timer);
  }
  const isIntact = typeof output === 'string';
  pool.release(cell, isIntact);
  return isIntact && output !== null ? output : '';
}
