import { setTimeout as sleep } from 'node:timers/promises';
import type { ModelClock } from './retrying.ts';

/** The time of this machine. */
export const SYSTEM_CLOCK: ModelClock = {
  now: () => Date.now(),
  sleep: (ms, signal) =>
    sleep(ms, undefined, signal === undefined ? {} : { signal }).catch(() => {
      signal?.throwIfAborted();
    }),
  deadline: (ms) => AbortSignal.timeout(ms),
  random: () => Math.random(),
};
