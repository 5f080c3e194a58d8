import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { fromPlainError, storeError } from '../store-error.ts';
import type {
  NumberedRequest,
  WorkerAnswer,
  WorkerMessage,
  WorkerReady,
  WorkerRequest,
  WorkerStart,
} from './pglite-messages.ts';

/** The worker thread that runs PGlite, reopened when it dies. */
export interface PgliteThread {
  readonly ready: WorkerReady;
  send(request: WorkerRequest): Promise<WorkerAnswer>;
  /** Checkpoints, closes the database and ends the thread. */
  close(): Promise<void>;
}

/** How the thread is started and watched. */
export interface ThreadOptions {
  readonly start: WorkerStart;
  /** Longest time without any answer while statements wait, ms; 0 = no limit. */
  readonly limitMs: number;
}

interface Pending {
  readonly isLimited: boolean;
  resolve(answer: WorkerAnswer): void;
  reject(error: Error): void;
}

interface Generation {
  readonly worker: Worker;
  readonly ready: WorkerReady;
}

/** Requests that may take long on purpose: schema changes and upkeep run through `exec`. */
const UNLIMITED: ReadonlySet<WorkerRequest['kind']> = new Set(['exec', 'close', 'syncs']);

/** Still served while closing, which waits for the transactions that are open. */
const OF_OPEN_TRANSACTION: ReadonlySet<WorkerRequest['kind']> = new Set(['run', 'finish']);

/**
 * Starts the thread and waits until the engine is open.
 *
 * PGlite has neither a statement timeout nor a cancel: when nothing is answered for `limitMs`, the
 * thread is ended, as safe as a kill -9, and a new one opens the directory.
 */
export async function startPgliteThread(options: ThreadOptions): Promise<PgliteThread> {
  const ledger = createLedger();
  let isClosed = false;
  let live: Worker | null = null;
  const first = await startGeneration();
  let current: Promise<Generation> = Promise.resolve(first);

  async function startGeneration(): Promise<Generation> {
    const generation = await openWorker(options.start, ledger.settle, onExit);
    live = generation.worker;
    return generation;
  }

  function onExit(worker: Worker): void {
    if (worker !== live) return; // ended on purpose
    live = null;
    ledger.failAll('57P01', 'the embedded database stopped in the middle of this statement');
    if (!isClosed && options.start.directory !== null) replaceWith(startGeneration());
  }

  function replaceWith(next: Promise<Generation>): void {
    current = next;
    next.catch(() => undefined); // whoever sends next hears of it
  }

  const stopWatching = watch(options.limitMs, async () => {
    if (!ledger.isOverdue(options.limitMs)) return;
    const { worker } = await current;
    live = null; // before anything is told: the next request must wait for the next thread
    replaceWith(worker.terminate().then(startGeneration));
    ledger.failAll('57014', `no answer for ${options.limitMs} ms: the statement was ended`);
  });

  return {
    ready: first.ready,
    send: async (request) => {
      const isAllowed = !isClosed || (live !== null && OF_OPEN_TRANSACTION.has(request.kind));
      if (!isAllowed) throw storeError('57P01', 'the embedded database is closed');
      const { worker } = await current;
      return ledger.post(worker, request);
    },
    close: async () => {
      if (isClosed) return;
      isClosed = true;
      stopWatching();
      const generation = await current.catch(() => null);
      if (generation === null) return;
      try {
        await ledger.post(generation.worker, { kind: 'close' });
      } finally {
        live = null;
        await generation.worker.terminate();
      }
    },
  };
}

/** Requests that wait for their answer. */
interface Ledger {
  post(worker: Worker, request: WorkerRequest): Promise<WorkerAnswer>;
  settle(message: WorkerMessage): void;
  failAll(code: string, message: string): void;
  /** Whether only limited requests wait, and none was answered for so long. */
  isOverdue(limitMs: number): boolean;
}

function createLedger(): Ledger {
  const pending = new Map<number, Pending>();
  let lastId = 0;
  let lastAnswerAt = 0;
  return {
    post: (worker, request) =>
      new Promise((resolve, reject) => {
        lastId += 1;
        if (pending.size === 0) lastAnswerAt = performance.now();
        const message: NumberedRequest = { id: lastId, request };
        worker.postMessage(message); // throws, and so rejects, when a parameter cannot be cloned
        pending.set(lastId, { isLimited: !UNLIMITED.has(request.kind), resolve, reject });
      }),
    settle: (message) => {
      if (message.kind !== 'answer' && message.kind !== 'error') return;
      lastAnswerAt = performance.now();
      const waiting = pending.get(message.id);
      pending.delete(message.id);
      if (message.kind === 'answer') waiting?.resolve(message.value);
      else waiting?.reject(fromPlainError(message.error));
    },
    failAll: (code, message) => {
      const waiting = [...pending.values()];
      pending.clear();
      for (const { reject } of waiting) reject(storeError(code, message));
    },
    isOverdue: (limitMs) => {
      const waiting = [...pending.values()];
      if (waiting.length === 0 || !waiting.every(({ isLimited }) => isLimited)) return false;
      return performance.now() - lastAnswerAt >= limitMs;
    },
  };
}

/** Calls `check` several times within each limit; no limit, no calls. */
function watch(limitMs: number, check: () => Promise<void>): () => void {
  if (limitMs === 0) return () => undefined;
  const periodMs = Math.max(50, Math.min(1000, limitMs / 4));
  const timer = setInterval(() => void check().catch(() => undefined), periodMs);
  timer.unref();
  return () => clearInterval(timer);
}

function openWorker(
  start: WorkerStart,
  onMessage: (message: WorkerMessage) => void,
  onExit: (worker: Worker) => void,
): Promise<Generation> {
  return new Promise((resolve, reject) => {
    // Flags of this process (loaders, conditions) are for its own sources, not for the compiled worker.
    const worker = new Worker(workerFile(), { workerData: start, execArgv: [] });
    let isReady = false;
    let failure: Error | null = null;
    worker.on('message', (message: WorkerMessage) => {
      if (message.kind === 'ready') {
        isReady = true;
        resolve({ worker, ready: message.ready });
      } else if (message.kind === 'failed') {
        failure = fromPlainError(message.error); // told on exit, when the directory is closed
        void worker.terminate();
      } else {
        onMessage(message);
      }
    });
    worker.on('error', (error) => {
      if (!isReady) reject(error);
    });
    worker.on('exit', (code) => {
      if (isReady) onExit(worker);
      else reject(failure ?? storeError('store.start', `the database ended at start (${code})`));
    });
  });
}

/** A worker thread loads compiled JavaScript, also when this file runs from its TypeScript source. */
function workerFile(): string {
  const isSource = import.meta.url.endsWith('.ts');
  const relative = isSource ? '../../dist/backends/pglite-worker.js' : './pglite-worker.js';
  const file = fileURLToPath(new URL(relative, import.meta.url));
  if (!existsSync(file)) {
    throw storeError('store.not_built', `${file} is missing: run the build (npx tsc -b) first`);
  }
  return file;
}
