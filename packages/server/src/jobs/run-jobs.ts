import type { DutyRunner } from '../engine/periodic-duty.ts';
import type { Upkeep } from '../engine/upkeep.ts';

/** Jobs that run until they are stopped. */
export interface RunningJobs {
  /** Interrupts what can be interrupted, lets the rest finish and starts nothing more. */
  stop(): Promise<void>;
}

/** Called with the name of the job when it failed; it will be tried again. */
export type OnJobError = (job: string, error: unknown) => void;

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;

/** Runs `work` again and again with a pause between; never twice at once. */
function repeat(everyMs: number, work: () => Promise<unknown>): RunningJobs {
  let isStopped = false;
  let timer: NodeJS.Timeout | undefined;
  let current: Promise<unknown> = Promise.resolve();
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

/**
 * Starts the jobs of a server: rollups every half second and, each minute, upkeep of an embedded
 * store and a look at every duty that all processes share.
 */
export function startJobs(upkeep: Upkeep, runner: DutyRunner, onError: OnJobError): RunningJobs {
  const stopping = new AbortController();
  const guarded = (job: string, work: () => Promise<unknown>) => async (): Promise<void> => {
    try {
      await work();
    } catch (error) {
      onError(job, error);
    }
  };
  const jobs = [
    repeat(SECOND_MS / 2, guarded('rollup', upkeep.rollUpAll)),
    repeat(MINUTE_MS, guarded('upkeep', upkeep.maintainEmbedded)),
    // Each at its own pace: one that takes hours must not keep the others waiting.
    ...upkeep.duties.map((duty) => repeat(MINUTE_MS, () => runner.runDue(duty, stopping.signal))),
  ];
  return {
    stop: async () => {
      stopping.abort(new Error('the server stops'));
      await Promise.all(jobs.map((job) => job.stop()));
    },
  };
}
