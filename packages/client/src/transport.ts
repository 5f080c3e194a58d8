import type { Clock } from './clock.ts';
import { AssayClientError, messageOf } from './errors.ts';

/** The part of `fetch` that the client uses. */
export type Fetch = (
  url: string,
  init: {
    method: string;
    headers: Record<string, string>;
    body?: Uint8Array<ArrayBuffer> | string;
    signal: AbortSignal;
    /** Whether the process may end while this request is unanswered. */
    isBackground?: boolean;
  },
) => Promise<{
  status: number;
  headers: { get(name: string): string | null };
  text(): Promise<string>;
}>;

/** One request. `path` starts with a slash. */
export interface WireRequest {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array<ArrayBuffer> | string;
  readonly timeoutMs: number;
  /** Whether the process may end while this request is unanswered. */
  readonly isBackground?: boolean;
  /** Gives up early. */
  readonly signal?: AbortSignal;
}

/** What came back. */
export interface WireAnswer {
  readonly status: number;
  readonly retryAfter: string | null;
  readonly text: string;
}

/** Sends one request; throws `client.network` or `client.timeout`, never for a status. */
export type Transport = (request: WireRequest) => Promise<WireAnswer>;

/** Where requests go. */
export interface TransportOptions {
  readonly url: string;
  readonly apiKey: string | undefined;
  readonly fetch: Fetch;
  readonly clock: Clock;
}

/** A transport over `fetch` that adds the key and enforces the time limit. */
export function createTransport(options: TransportOptions): Transport {
  const base = options.url.replace(/\/+$/, '');
  const authorization: Record<string, string> =
    options.apiKey === undefined ? {} : { authorization: `Bearer ${options.apiKey}` };
  return async (request) => {
    const controller = new AbortController();
    let isTimedOut = false;
    const abort = (): void => controller.abort();
    if (request.signal?.aborted === true) abort();
    request.signal?.addEventListener('abort', abort);
    const cancel = options.clock.after(request.timeoutMs, () => {
      isTimedOut = true;
      controller.abort();
    });
    try {
      const response = await options.fetch(`${base}${request.path}`, {
        method: request.method,
        headers: { ...authorization, ...request.headers },
        ...(request.body === undefined ? {} : { body: request.body }),
        signal: controller.signal,
        ...(request.isBackground === true ? { isBackground: true } : {}),
      });
      const text = await response.text();
      return { status: response.status, retryAfter: response.headers.get('retry-after'), text };
    } catch (thrown) {
      if (isTimedOut) {
        const message = `no answer from ${base} within ${request.timeoutMs} ms`;
        throw new AssayClientError('client.timeout', message, { cause: thrown });
      }
      const cause = thrown instanceof Error && thrown.cause !== undefined ? thrown.cause : thrown;
      const message = `cannot reach ${base}: ${messageOf(cause)}`;
      throw new AssayClientError('client.network', message, { cause: thrown });
    } finally {
      cancel();
      request.signal?.removeEventListener('abort', abort);
    }
  };
}

/** Parses JSON text; undefined when it is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** Whether a value is a JSON object. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The error that a refused request means, from its problem document when there is one. */
export function errorOfAnswer(answer: WireAnswer): AssayClientError {
  const parsed = parseJson(answer.text);
  const problem = isObject(parsed) ? parsed : {};
  const word = (key: string): string | undefined => {
    const value = problem[key];
    return typeof value === 'string' ? value : undefined;
  };
  const serverCode = word('code');
  const fix = word('fix');
  const message = word('detail') ?? word('title') ?? `the server answered ${answer.status}`;
  return new AssayClientError('client.http', message, {
    status: answer.status,
    ...(serverCode === undefined ? {} : { serverCode }),
    ...(fix === undefined ? {} : { fix }),
  });
}
