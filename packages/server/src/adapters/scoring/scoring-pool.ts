import { AssayError } from '@assay/protocol';
import type { ItemOutcome, ScoringResults, ScoringStart, ScoringWork } from './scoring-messages.ts';
import { createScoringThread, ScoringBroke, type ScoringThread } from './scoring-thread.ts';

/** Work of one kind. */
type WorkOf<Kind extends ScoringWork['kind']> = Extract<ScoringWork, { kind: Kind }>;

/** Scores in threads, so that the thread of the requests never waits for a score. */
export interface ScoringPool {
  /**
   * Scores items and answers in their order. An item that breaks its thread is tried once more
   * alone; then it is `failed` with the reason.
   * @throws AssayError `score.busy` when too much waits, `server.closing`, `internal` when no thread
   *   can start, `config.invalid` when the factors of one's own cannot be loaded
   */
  run<Kind extends ScoringWork['kind']>(
    work: WorkOf<Kind>,
  ): Promise<readonly ItemOutcome<ScoringResults[Kind]>[]>;
  /** Requests that wait for a thread. */
  depth(): number;
  /** Ends the threads; what is in work is given up. */
  close(): Promise<void>;
}

/** What a pool is made of. */
export interface ScoringPoolOptions extends ScoringStart {
  readonly threads: number;
  /** Most requests that may wait. */
  readonly maxWaiting?: number;
  /** Longest time that one item may take, ms. */
  readonly itemLimitMs?: number;
  /** Longest time that a group may take, ms. */
  readonly groupLimitMs?: number;
}

/** Hands out threads in the order in which they are asked for. */
function createTurns(threads: readonly ScoringThread[], maxWaiting: number) {
  const free = [...threads];
  const waiting: ((thread: ScoringThread) => void)[] = [];
  return {
    take(): Promise<ScoringThread> | ScoringThread {
      const thread = free.pop();
      if (thread !== undefined) return thread;
      if (waiting.length >= maxWaiting) throw new AssayError('score.busy');
      return new Promise((resolve) => waiting.push(resolve));
    },
    give(thread: ScoringThread): void {
      const next = waiting.shift();
      if (next === undefined) free.push(thread);
      else next(thread);
    },
    depth: () => waiting.length,
  };
}

/** A pool whose threads are not started yet. */
export function createScoringPool(options: ScoringPoolOptions): ScoringPool {
  const { factorsModule, itemLimitMs = 10_000, groupLimitMs = 60_000 } = options;
  const threads = Array.from({ length: options.threads }, () =>
    createScoringThread({ factorsModule }),
  );
  const turns = createTurns(threads, options.maxWaiting ?? 64);

  async function attempt(
    work: ScoringWork,
    limitMs: number,
  ): Promise<readonly ItemOutcome<unknown>[]> {
    const thread = await turns.take();
    try {
      return await thread.run(work, limitMs);
    } finally {
      turns.give(thread);
    }
  }

  /** Nobody knows which item broke the group, so each is tried alone. */
  async function eachAlone(work: ScoringWork): Promise<readonly ItemOutcome<unknown>[]> {
    const outcomes: ItemOutcome<unknown>[] = [];
    for (const item of work.items) {
      const one = { ...work, items: [item] } as ScoringWork;
      try {
        outcomes.push(...(await attempt(one, itemLimitMs)));
      } catch (error) {
        if (!(error instanceof ScoringBroke)) throw error;
        outcomes.push({ kind: 'failed', reason: `scoring broke twice: ${error.message}` });
      }
    }
    return outcomes;
  }

  return {
    async run<Kind extends ScoringWork['kind']>(work: WorkOf<Kind>) {
      if (work.items.length === 0) return [];
      const limitMs = Math.min(groupLimitMs, itemLimitMs * work.items.length);
      let outcomes: readonly ItemOutcome<unknown>[];
      try {
        outcomes = await attempt(work, limitMs);
      } catch (error) {
        if (!(error instanceof ScoringBroke)) throw error;
        outcomes = await eachAlone(work);
      }
      return outcomes as readonly ItemOutcome<ScoringResults[Kind]>[];
    },
    depth: () => turns.depth(),
    async close() {
      await Promise.all(threads.map((thread) => thread.close()));
    },
  };
}
