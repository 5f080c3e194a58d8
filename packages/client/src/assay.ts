import { type Api, createApi } from './api.ts';
import { type Clock, systemClock } from './clock.ts';
import { createDelivery, type Delivery } from './delivery.ts';
import type { ClientStats, FlushResult } from './delivery-state.ts';
import type { AssayClientError } from './errors.ts';
import { onExit } from './exit.ts';
import { createNodeFetch } from './node-http.ts';
import { createRoute, type Route } from './route.ts';
import { createSerialiser } from './serialise.ts';
import { openSpool, spoolAtExit } from './spool.ts';
import { createTrack, type Track } from './track.ts';
import { createTracker, type Tracker } from './tracker.ts';
import { createTransport, type Fetch, type Transport } from './transport.ts';

/** How a client behaves; everything has a default. */
export interface AssayOptions {
  /** Address of the server; `ASSAY_URL` or http://127.0.0.1:7070 when absent. */
  readonly url?: string;
  /** Key of the server; `ASSAY_API_KEY` when absent. */
  readonly apiKey?: string;
  /** Folder for facts that the server does not take now. Without it they stay in memory. */
  readonly spoolDirectory?: string;
  /** Size limit of this client's part of the spool, bytes; 256 MiB when absent. */
  readonly maxSpoolBytes?: number;
  /** Size limit of facts in memory, characters; 16 Mi when absent. Then the oldest go. */
  readonly maxBufferBytes?: number;
  /** Facts in one request at most; 500 when absent. */
  readonly batchSize?: number;
  /** How long a fact waits for company, ms; 200 when absent. */
  readonly flushIntervalMs?: number;
  /** Time limit of one request, ms; 10,000 when absent. */
  readonly requestTimeoutMs?: number;
  /** Whether requests are compressed; by default only those to another machine. */
  readonly gzip?: boolean;
  readonly fetch?: Fetch;
  readonly clock?: Clock;
  /** Uniform random numbers 0 <= r < 1. */
  readonly random?: () => number;
  /** Told of everything that goes wrong in the background. What it throws is ignored. */
  readonly onError?: (error: AssayClientError) => void;
}

/** A client of one server. */
export interface Assay {
  readonly tracker: Tracker;
  readonly track: Track;
  readonly route: Route;
  readonly api: Api;
  /**
   * Waits until the server has committed every fact recorded so far, or until `timeoutMs`
   * (10,000 when absent), then puts the rest on disk. Never throws.
   */
  flush(options?: { readonly timeoutMs?: number }): Promise<FlushResult>;
  /** Flushes and ends the client; facts recorded later are dropped. Never throws. */
  close(options?: { readonly timeoutMs?: number }): Promise<FlushResult>;
  stats(): ClientStats;
}

const DEFAULT_URL = 'http://127.0.0.1:7070';
const MAX_BATCH_BYTES = 256 * 1024;
const MAX_SEGMENT_BYTES = 4 * 1024 * 1024;
const GZIP_FROM_BYTES = 8 * 1024;
const FLUSH_TIMEOUT_MS = 10_000;
const EXIT_TIMEOUT_MS = 1_000;
const API_TIMEOUT_MS = 30_000;

function environment(name: string): string | undefined {
  const host = globalThis as { process?: { env?: Record<string, string | undefined> } };
  return host.process?.env?.[name];
}

// On one machine compression costs more time than it saves.
function gzipFrom(gzip: boolean | undefined, url: string): number {
  const isLocal = /^https?:\/\/(localhost|127\.|\[::1\])/.test(url);
  return (gzip ?? !isLocal) ? GZIP_FROM_BYTES : Number.POSITIVE_INFINITY;
}

function defaultFetch(): Fetch {
  const host = globalThis as { process?: { versions?: { node?: string } } };
  if (typeof host.process?.versions?.node === 'string') return createNodeFetch();
  // Browsers refuse a fetch that is called as the method of another object.
  return globalThis.fetch.bind(globalThis) as unknown as Fetch;
}

function newClientId(clock: Clock): string {
  const pid = (globalThis as { process?: { pid?: number } }).process?.pid ?? 0;
  return `${pid}-${clock.now().toString(36)}-${crypto.randomUUID().slice(0, 8)}`;
}

function deliveryOf(
  options: AssayOptions,
  url: string,
  transport: Transport,
  report: (error: AssayClientError) => void,
  clientId: string,
): Delivery {
  const clock = options.clock ?? systemClock;
  const { spoolDirectory } = options;
  const maxBytes = options.maxSpoolBytes ?? 256 * 1024 * 1024;
  const maxBufferBytes = options.maxBufferBytes ?? 16 * 1024 * 1024;
  return createDelivery({
    post: {
      transport,
      clock,
      requestTimeoutMs: options.requestTimeoutMs ?? 10_000,
      gzipFromBytes: gzipFrom(options.gzip, url),
    },
    clock,
    random: options.random ?? Math.random,
    batchSize: Math.max(1, options.batchSize ?? 500),
    maxBatchBytes: Math.min(MAX_BATCH_BYTES, Math.ceil(maxBufferBytes / 8)),
    maxBufferBytes,
    flushIntervalMs: options.flushIntervalMs ?? 200,
    spoolAtExit:
      spoolDirectory === undefined ? null : (body) => spoolAtExit(spoolDirectory, clientId, body),
    openSpool:
      spoolDirectory === undefined
        ? null
        : (onDropped) =>
            openSpool({
              directory: spoolDirectory,
              maxBytes,
              maxSegmentBytes: Math.min(MAX_SEGMENT_BYTES, Math.ceil(maxBytes / 8)),
              ownerId: clientId,
              onDropped,
            }),
    onError: report,
  });
}

function finisher(delivery: Delivery): Pick<Assay, 'flush' | 'close'> {
  let isFinishing = false;
  const removeHook = onExit({
    beforeExit: () => {
      if (isFinishing || delivery.stats().buffered === 0) return;
      isFinishing = true;
      void delivery.flush(EXIT_TIMEOUT_MS);
    },
    exit: () => delivery.spoolSync(),
  });
  return {
    flush: (options) => delivery.flush(options?.timeoutMs ?? FLUSH_TIMEOUT_MS),
    close: async (options) => {
      const result = await delivery.close(options?.timeoutMs ?? FLUSH_TIMEOUT_MS);
      removeHook();
      return result;
    },
  };
}

/** Makes a client. It starts nothing that would keep the process alive. */
export function createAssay(options: AssayOptions = {}): Assay {
  const url = options.url ?? environment('ASSAY_URL') ?? DEFAULT_URL;
  const clock = options.clock ?? systemClock;
  const random = options.random ?? Math.random;
  const report = (error: AssayClientError): void => {
    try {
      // A listener may be an async function, whose failure would end the process.
      void Promise.resolve(options.onError?.(error) as unknown).catch(() => undefined);
    } catch {
      // A listener that throws must not disturb the task.
    }
  };
  const transport = createTransport({
    url,
    apiKey: options.apiKey ?? environment('ASSAY_API_KEY'),
    fetch: options.fetch ?? defaultFetch(),
    clock,
  });
  const clientId = newClientId(clock);
  const delivery = deliveryOf(options, url, transport, report, clientId);
  const tracker = createTracker(
    createSerialiser(() => clock.now(), clientId),
    delivery,
    report,
  );
  const newId = (): string => crypto.randomUUID();
  const route = createRoute({ transport, clock, random, newId, tracker, report });
  const monotonicMs = (): number => performance.now();
  return {
    tracker,
    route,
    track: createTrack({ route, tracker, clock, monotonicMs, newId, report }),
    api: createApi(transport, API_TIMEOUT_MS),
    ...finisher(delivery),
    stats: () => delivery.stats(),
  };
}
