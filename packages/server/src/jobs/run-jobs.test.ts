import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { startJobs } from './run-jobs.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const idle = { openDaysAhead: async () => undefined, maintainStore: async () => undefined };

test('a job never overlaps itself and goes on after a failure', async () => {
  let running = 0;
  let most = 0;
  let runs = 0;
  const failures: string[] = [];
  const rollUpAll = async (): Promise<number> => {
    running += 1;
    runs += 1;
    most = Math.max(most, running);
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    running -= 1;
    if (runs === 1) throw new Error('first time fails');
    return 0;
  };
  const jobs = startJobs({ ...idle, rollUpAll }, (job) => failures.push(job));
  await vi.advanceTimersByTimeAsync(10_000);
  expect(most).toBe(1);
  expect(runs).toBe(4);
  expect(failures).toEqual(['rollup']);
  const stopped = jobs.stop();
  await vi.advanceTimersByTimeAsync(5_000);
  await stopped;
  const before = runs;
  await vi.advanceTimersByTimeAsync(10_000);
  expect(runs).toBe(before);
});
