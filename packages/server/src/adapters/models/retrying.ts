import type { ModelFault } from './model-fault.ts';

/** Time and chance, so that tests need neither. */
export interface ModelClock {
  /** ms since 1970 */
  now(): number;
  /** Resolves after `ms`; rejects with the reason of the signal when that is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** A signal that aborts with a `TimeoutError` after `ms`. */
  deadline(ms: number): AbortSignal;
  /** Uniform in [0, 1). */
  random(): number;
}

/** How often and how long to try again. */
export interface RetryPolicy {
  /** Further attempts after the first; 0 = none. */
  readonly maxRetries: number;
  /** Most ms that one request may spend waiting; a longer `Retry-After` ends it at once. */
  readonly maxWaitMs: number;
}

/** Said when a request has to wait, so that nobody looks at a silent screen. */
export interface ModelWait {
  readonly reason: string;
  readonly waitMs: number;
}

const FIRST_WAIT_MS = 500;

/**
 * Runs attempts until one succeeds. A wait that the endpoint asked for holds for all requests of the
 * same retrier, so that a limit which one meets is not run into by the others. Waits without such a
 * word double from half a second and are drawn from the upper half, so that requests part.
 */
export function createRetrier(
  policy: RetryPolicy,
  clock: ModelClock,
  faultOf: (error: unknown) => ModelFault,
  onWait: (wait: ModelWait) => void = () => {},
): <Reply>(attempt: () => Promise<Reply>, signal?: AbortSignal) => Promise<Reply> {
  let pausedUntil = 0;
  const pause = async (signal?: AbortSignal): Promise<number> => {
    const ms = Math.max(0, pausedUntil - clock.now());
    if (ms > 0) await clock.sleep(ms, signal);
    return ms;
  };
  return async (attempt, signal) => {
    let waited = 0;
    for (let retries = 0; ; retries += 1) {
      waited += await pause(signal);
      try {
        return await attempt();
      } catch (error) {
        signal?.throwIfAborted();
        const fault = faultOf(error);
        const own = FIRST_WAIT_MS * 2 ** retries * (0.5 + clock.random() / 2);
        const waitMs = fault.retryAfterMs ?? own;
        const isLast = retries >= policy.maxRetries || waited + waitMs > policy.maxWaitMs;
        if (!fault.isRetryable || isLast) throw fault.error;
        onWait({ reason: fault.error.message, waitMs });
        // A wait that was asked for is taken by all, at the top of the loop.
        if (fault.retryAfterMs !== null) {
          pausedUntil = Math.max(pausedUntil, clock.now() + waitMs);
          continue;
        }
        waited += waitMs;
        await clock.sleep(waitMs, signal);
      }
    }
  };
}
