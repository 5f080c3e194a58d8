import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { AssayError } from '@assay/protocol';
import type { ItemOutcome, ScoringMessage, ScoringStart, ScoringWork } from './scoring-messages.ts';

/** The thread ended or took too long in the middle of some work. */
export class ScoringBroke extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = 'ScoringBroke';
  }
}

/** A thread that scores; started by its first work, and again by the next one after it broke. */
export interface ScoringThread {
  /**
   * Does some work; only one at a time.
   * @throws ScoringBroke when the thread ended or took longer than `limitMs`
   * @throws AssayError `config.invalid`, `internal` when the thread cannot start
   */
  run(work: ScoringWork, limitMs: number): Promise<readonly ItemOutcome<unknown>[]>;
  /** Ends the thread. */
  close(): Promise<void>;
}

/** A thread may take this much memory before it is ended alone. */
const MAX_HEAP_MB = 512;
/** Longest start: loading the words of a language on a busy machine. */
const START_LIMIT_MS = 60_000;

/** A worker thread loads compiled JavaScript, also when this file runs from its TypeScript source. */
function workerFile(): string {
  const isSource = import.meta.url.endsWith('.ts');
  const relative = isSource
    ? '../../../dist/adapters/scoring/scoring-worker.js'
    : './scoring-worker.js';
  const file = fileURLToPath(new URL(relative, import.meta.url));
  if (existsSync(file)) return file;
  throw new AssayError('internal', { detail: `${file} is missing: run the build first` });
}

function startWorker(start: ScoringStart): Promise<Worker> {
  return new Promise((resolve, reject) => {
    // Flags of this process (loaders, conditions) are for its own sources, not for the compiled worker.
    const worker = new Worker(workerFile(), {
      workerData: start,
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB },
    });
    const timer = setTimeout(() => void worker.terminate(), START_LIMIT_MS);
    const fail = (cause: unknown): void => {
      clearTimeout(timer);
      const detail = cause instanceof Error ? cause.message : `ended with ${String(cause)}`;
      reject(new AssayError('internal', { detail: `scoring cannot start: ${detail}`, cause }));
    };
    worker.once('error', fail);
    worker.once('exit', fail);
    worker.once('message', (message: ScoringMessage) => {
      if (message.kind !== 'ready') return;
      clearTimeout(timer);
      worker.off('error', fail).off('exit', fail);
      resolve(worker);
    });
  });
}

/** A thread that is not started yet. */
export function createScoringThread(start: ScoringStart): ScoringThread {
  let starting: Promise<Worker> | null = null;
  let lastId = 0;
  let isClosed = false;

  async function startOne(): Promise<Worker> {
    const worker = await startWorker(start);
    worker.on('error', () => undefined);
    worker.on('exit', forget);
    return worker;
  }

  function forget(): void {
    starting = null;
  }

  /** Waits for the answer to a request; ends the thread when it is late. */
  function ask(worker: Worker, work: ScoringWork, limitMs: number) {
    lastId += 1;
    const id = lastId;
    return new Promise<readonly ItemOutcome<unknown>[]>((resolve, reject) => {
      const onMessage = (message: ScoringMessage): void => {
        if (message.kind !== 'answer' || message.id !== id) return;
        release();
        resolve(message.outcomes);
      };
      const onExit = (): void => broke('the thread ended');
      const broke = (reason: string): void => {
        release();
        worker.off('exit', forget);
        forget();
        void worker.terminate();
        reject(new ScoringBroke(reason));
      };
      const timer = setTimeout(() => broke(`no score within ${limitMs} ms`), limitMs);
      const release = (): void => {
        clearTimeout(timer);
        worker.off('exit', onExit).off('message', onMessage);
        worker.unref();
      };
      worker.ref();
      worker.on('exit', onExit).on('message', onMessage);
      worker.postMessage({ id, work });
    });
  }

  return {
    async run(work, limitMs) {
      if (isClosed) throw new AssayError('server.closing');
      starting ??= startOne();
      let worker: Worker;
      try {
        worker = await starting;
      } catch (error) {
        starting = null;
        throw error;
      }
      return ask(worker, work, limitMs);
    },
    async close() {
      isClosed = true;
      const worker = await starting?.catch(() => null);
      await worker?.terminate();
    },
  };
}
