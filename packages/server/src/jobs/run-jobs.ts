import type { Upkeep } from '../engine/upkeep.ts';

/** Jobs that run until they are stopped. */
export interface RunningJobs {
  /** Lets the job that runs finish and starts no other. */
  stop(): Promise<void>;
}

/** Called with the name of the job when it failed; it will be tried again. */
export type OnJobError = (job: string, error: unknown) => void;

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** Runs `work` again and again with a pause between; never twice at once. */
function repeat(everyMs: number, work: () => Promise<void>): RunningJobs {
  let isStopped = false;
  let timer: NodeJS.Timeout | undefined;
  let current: Promise<void> = Promise.resolve();
  const plan = (): void => {
    if (isStopped) return;
    timer = setTimeout(() => {
      current = work().finally(plan);
    }, everyMs);
    timer.unref();
  };
  plan();
  return {
    async stop() {
      isStopped = true;
      clearTimeout(timer);
      await current;
    },
  };
}

/** Starts the duties of a server: rollups every half second, maintenance, partitions ahead. */
export function startJobs(upkeep: Upkeep, onError: OnJobError): RunningJobs {
  const guarded = (job: string, work: () => Promise<unknown>) => async (): Promise<void> => {
    try {
      await work();
    } catch (error) {
      onError(job, error);
    }
  };
  const jobs = [
    repeat(SECOND_MS / 2, guarded('rollup', upkeep.rollUpAll)),
    repeat(MINUTE_MS, guarded('maintenance', upkeep.maintainStore)),
    repeat(HOUR_MS, guarded('partitions', upkeep.openDaysAhead)),
  ];
  return {
    stop: async () => {
      await Promise.all(jobs.map((job) => job.stop()));
    },
  };
}
