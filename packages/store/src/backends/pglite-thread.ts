import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type {
  NumberedRequest,
  WorkerAnswer,
  WorkerMessage,
  WorkerReady,
  WorkerRequest,
  WorkerStart,
} from './pglite-messages.ts';
import { fromPlainError, storeError } from './store-error.ts';

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

/**
 * Starts the thread and waits until the engine is open.
 *
 * PGlite has neither a statement timeout nor a cancel: when nothing is answered for `limitMs`, the
 * thread is ended, as safe as a kill -9, and a new one opens the directory.
 */
export async function startPgliteThread(options: ThreadOptions): Promise<PgliteThread> {
  const pending = new Map<number, Pending>();
  let nextId = 0;
  let lastAnswerAt = performance.now();
  let isClosed = false;
  const first = await startGeneration();
  let current: Promise<Generation> = Promise.resolve(first);

  function startGeneration(): Promise<Generation> {
    return openWorker(options.start, onMessage, onExit);
  }

  function onMessage(message: WorkerMessage): void {
    if (message.kind !== 'answer' && message.kind !== 'error') return;
    lastAnswerAt = performance.now();
    const waiting = pending.get(message.id);
    pending.delete(message.id);
    if (message.kind === 'answer') waiting?.resolve(message.value);
    else waiting?.reject(fromPlainError(message.error));
  }

  function onExit(): void {
    failAll(storeError('57P01', 'the embedded database stopped in the middle of this statement'));
    if (isClosed || options.start.directory === null) return;
    current = startGeneration();
    current.catch(() => undefined); // whoever sends next hears of it
  }

  function failAll(error: Error): void {
    const waiting = [...pending.values()];
    pending.clear();
    for (const { reject } of waiting) reject(error);
  }

  async function send(request: WorkerRequest): Promise<WorkerAnswer> {
    if (isClosed && request.kind !== 'close') {
      throw storeError('57P01', 'the embedded database is closed');
    }
    const { worker } = await current;
    if (pending.size === 0) lastAnswerAt = performance.now();
    nextId += 1;
    return post(worker, pending, { id: nextId, request });
  }

  const stopWatching = watch(options.limitMs, async () => {
    const waiting = [...pending.values()];
    if (waiting.length === 0 || !waiting.every((entry) => entry.isLimited)) return;
    if (performance.now() - lastAnswerAt < options.limitMs) return;
    failAll(storeError('57014', `no answer for ${options.limitMs} ms: the statement was ended`));
    const { worker } = await current;
    await worker.terminate();
  });

  return {
    ready: first.ready,
    send,
    close: async () => {
      if (isClosed) return;
      isClosed = true;
      stopWatching();
      try {
        await send({ kind: 'close' });
      } finally {
        const generation = await current.catch(() => null);
        await generation?.worker.terminate();
      }
    },
  };
}

function post(
  worker: Worker,
  pending: Map<number, Pending>,
  message: NumberedRequest,
): Promise<WorkerAnswer> {
  return new Promise((resolve, reject) => {
    const isLimited = !UNLIMITED.has(message.request.kind);
    pending.set(message.id, { isLimited, resolve, reject });
    try {
      worker.postMessage(message);
    } catch (error) {
      pending.delete(message.id); // a parameter that cannot be cloned
      reject(error instanceof Error ? error : new Error(String(error)));
    }
  });
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
  onExit: () => void,
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
      if (isReady) onExit();
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
