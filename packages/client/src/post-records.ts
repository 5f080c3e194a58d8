import type { Clock } from './clock.ts';
import { AssayClientError, messageOf, type Rejection } from './errors.ts';
import { isRetryableStatus, retryAfterMs } from './retry.ts';
import {
  errorOfAnswer,
  isObject,
  parseJson,
  type Transport,
  type WireAnswer,
} from './transport.ts';

/** What became of a batch of facts. */
export type PostOutcome =
  | {
      readonly kind: 'committed';
      readonly accepted: number;
      readonly duplicates: number;
      readonly rejections: readonly Rejection[];
    }
  /** Nothing is known to be stored; the same batch may be sent again. */
  | { readonly kind: 'retry'; readonly error: AssayClientError; readonly waitMs: number | null }
  /** The server does not take anything from this client: wrong key or address. */
  | { readonly kind: 'refused'; readonly error: AssayClientError }
  /** The batch as a whole is unacceptable: too large or unreadable. */
  | { readonly kind: 'unacceptable'; readonly error: AssayClientError };

/** How batches are sent. */
export interface PostOptions {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly requestTimeoutMs: number;
  /** Bodies of at least this many bytes are compressed; Infinity = never. */
  readonly gzipFromBytes: number;
}

async function gzip(body: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const packed = new Blob([body]).stream().pipeThrough(new CompressionStream('gzip'));
  return new Uint8Array(await new Response(packed).arrayBuffer());
}

function rejectionsOf(results: readonly unknown[]): Rejection[] {
  const rejections: Rejection[] = [];
  for (const result of results) {
    if (!isObject(result) || result['status'] !== 'rejected') continue;
    const { index, code, path, message } = result;
    rejections.push({
      index: typeof index === 'number' ? index : -1,
      code: typeof code === 'string' ? code : 'unknown',
      message: typeof message === 'string' ? message : 'refused by the server',
      ...(typeof path === 'string' ? { path } : {}),
    });
  }
  return rejections;
}

// A proxy's login page also comes with status 200: only an account of every fact is a receipt.
function receiptOf(answer: WireAnswer, count: number): PostOutcome | null {
  const body = parseJson(answer.text);
  if (!isObject(body)) return null;
  const { accepted, duplicates, rejected, results } = body;
  if (typeof accepted !== 'number' || typeof duplicates !== 'number') return null;
  if (typeof rejected !== 'number' || accepted + duplicates + rejected !== count) return null;
  const rejections = rejectionsOf(Array.isArray(results) ? results : []);
  while (rejections.length < rejected) {
    rejections.push({ index: -1, code: 'unknown', message: 'refused by the server' });
  }
  return { kind: 'committed', accepted, duplicates, rejections };
}

function outcomeOfAnswer(answer: WireAnswer, count: number, nowMs: number): PostOutcome {
  const { status } = answer;
  if (status === 200 || status === 201 || status === 422) {
    const receipt = receiptOf(answer, count);
    if (receipt !== null) return receipt;
  }
  if (status >= 200 && status < 300) {
    const message = `status ${status} without a receipt for the ${count} facts sent`;
    const error = new AssayClientError('client.bad-answer', message, { status });
    return { kind: 'retry', error, waitMs: null };
  }
  const error = errorOfAnswer(answer);
  if (isRetryableStatus(status)) {
    return { kind: 'retry', error, waitMs: retryAfterMs(answer.retryAfter, nowMs) };
  }
  const isAboutBatch = status === 400 || status === 413 || status === 415 || status === 422;
  return isAboutBatch ? { kind: 'unacceptable', error } : { kind: 'refused', error };
}

/** Sends `count` NDJSON lines and says what became of them. Never throws. */
export async function postRecords(
  options: PostOptions,
  body: Uint8Array<ArrayBuffer>,
  count: number,
  signal: AbortSignal,
): Promise<PostOutcome> {
  try {
    const isPacked = body.byteLength >= options.gzipFromBytes;
    const answer = await options.transport({
      method: 'POST',
      path: '/v1/records',
      headers: {
        'content-type': 'application/x-ndjson',
        prefer: 'return=minimal',
        ...(isPacked ? { 'content-encoding': 'gzip' } : {}),
      },
      body: isPacked ? await gzip(body) : body,
      timeoutMs: options.requestTimeoutMs,
      isBackground: true,
      signal,
    });
    return outcomeOfAnswer(answer, count, options.clock.now());
  } catch (thrown) {
    const error =
      thrown instanceof AssayClientError
        ? thrown
        : new AssayClientError('client.network', messageOf(thrown), { cause: thrown });
    return { kind: 'retry', error, waitMs: null };
  }
}
