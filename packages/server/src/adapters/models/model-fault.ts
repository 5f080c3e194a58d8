import { AssayError, type ErrorCode } from '@assay/protocol';
import { APICallError } from 'ai';

/** Why an attempt failed and whether another one may succeed. */
export interface ModelFault {
  readonly error: AssayError;
  readonly isRetryable: boolean;
  /** How long the endpoint asks to wait, ms; null when it does not say. */
  readonly retryAfterMs: number | null;
}

const LONGEST_DETAIL = 300;

/**
 * Reads what went wrong from an error of the AI SDK. The text keeps neither the key nor the request:
 * endpoints like to repeat both.
 *
 * @param nowMs time of the failure, ms since 1970, for a `Retry-After` that is a date.
 */
export function modelFaultOf(
  error: unknown,
  endpoint: string,
  secrets: readonly string[],
  nowMs: number,
): ModelFault {
  if (isTimeout(error)) return faultOf('model.timeout', endpoint, true, null);
  if (!APICallError.isInstance(error)) {
    // fetch throws a TypeError when a connection breaks, also in the middle of an answer.
    const isBroken = error instanceof TypeError;
    const detail = `${endpoint}: ${cleaned(messageOf(error), secrets)}`;
    return faultOf(isBroken ? 'model.unavailable' : 'model.invalid-reply', detail, isBroken, null);
  }
  const { statusCode, responseHeaders = {}, message } = error;
  const said = cleaned(message, secrets);
  if (statusCode === undefined) {
    return faultOf('model.unavailable', `${endpoint}: ${said}`, true, null);
  }
  const code = codeOf(statusCode, error);
  const isRetryable = RETRYABLE.has(code);
  const detail = `${endpoint} answered ${statusCode}: ${said}`;
  return faultOf(code, detail, isRetryable, retryAfterMs(responseHeaders, nowMs));
}

const RETRYABLE: ReadonlySet<ErrorCode> = new Set([
  'model.rate-limited',
  'model.unavailable',
  'model.invalid-reply',
]);

function codeOf(status: number, error: APICallError): ErrorCode {
  if (status >= 200 && status < 300) return 'model.invalid-reply';
  if (status === 402 || /insufficient_quota/.test(error.responseBody ?? '')) {
    return 'model.no-credit';
  }
  if (status === 401 || status === 403) return 'model.unauthorized';
  if (status === 404) return 'model.not-found';
  if (status === 429) return 'model.rate-limited';
  if (status >= 500 || status === 408 || status === 409 || status === 425) {
    return 'model.unavailable';
  }
  return 'model.refused';
}

/** Wait that the headers of an answer ask for, ms; null without one that makes sense. */
export function retryAfterMs(
  headers: Readonly<Record<string, string>>,
  nowMs: number,
): number | null {
  const milliseconds = Number.parseFloat(headers['retry-after-ms'] ?? '');
  if (milliseconds >= 0) return milliseconds;
  const given = headers['retry-after']?.trim() ?? '';
  if (given === '') return null;
  if (/^\d+(\.\d+)?$/.test(given)) return Number(given) * 1000;
  const date = Date.parse(given);
  return Number.isNaN(date) ? null : Math.max(0, date - nowMs);
}

function faultOf(
  code: ErrorCode,
  detail: string,
  isRetryable: boolean,
  retryAfter: number | null,
): ModelFault {
  return { error: new AssayError(code, { detail }), isRetryable, retryAfterMs: retryAfter };
}

function isTimeout(error: unknown): boolean {
  return error instanceof Error && error.name === 'TimeoutError';
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function cleaned(text: string, secrets: readonly string[]): string {
  const hidden = secrets
    .filter((secret) => secret !== '')
    .reduce((rest, secret) => rest.replaceAll(secret, '[key]'), text);
  const line = hidden.replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ').trim();
  return line.length > LONGEST_DETAIL ? `${line.slice(0, LONGEST_DETAIL)}…` : line;
}
