/** Shortest wait after a failure, ms. */
export const RETRY_BASE_MS = 200;
/** Longest wait that the client chooses by itself, ms. */
export const RETRY_CAP_MS = 5_000;
/** Longest wait that a server may ask for, ms. */
export const RETRY_AFTER_CAP_MS = 300_000;

/**
 * The next wait by decorrelated jitter: uniform between the base and three times the last wait,
 * at most the cap (M. Brooker, "Exponential Backoff and Jitter", AWS 2015).
 */
export function nextWaitMs(lastWaitMs: number, random01: number): number {
  const upper = Math.max(RETRY_BASE_MS, lastWaitMs * 3);
  return Math.min(RETRY_CAP_MS, RETRY_BASE_MS + random01 * (upper - RETRY_BASE_MS));
}

/** Milliseconds that a `Retry-After` header asks for (seconds or an HTTP date); null if none. */
export function retryAfterMs(header: string | null | undefined, nowMs: number): number | null {
  if (header === null || header === undefined || header.trim() === '') return null;
  const text = header.trim();
  const wait = /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : Date.parse(text) - nowMs;
  if (!Number.isFinite(wait)) return null;
  return Math.min(RETRY_AFTER_CAP_MS, Math.max(0, wait));
}

/** Whether a status says that the same request may succeed later. */
export function isRetryableStatus(status: number): boolean {
  return status === 408 || status === 429 || status >= 500;
}
