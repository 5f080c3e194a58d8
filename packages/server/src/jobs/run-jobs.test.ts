import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { DutyRunner, PeriodicDuty } from '../engine/periodic-duty.ts';
import { startJobs } from './run-jobs.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const idle = { maintainEmbedded: async () => undefined, duties: [] };
const runner: DutyRunner = { runDue: async () => 'done' };

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
  const jobs = startJobs({ ...idle, rollUpAll }, runner, (job) => failures.push(job));
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

test('every duty is looked at each minute, and told to end when the server stops', async () => {
  const seen: string[] = [];
  const duty = (job: string): PeriodicDuty => ({
    job,
    slotOf: (nowMs) => nowMs,
    leaseMs: 1,
    run: async () => undefined,
  });
  const slow: DutyRunner = {
    runDue: async ({ job }, signal) => {
      seen.push(job);
      if (job === 'long') await new Promise((end) => signal.addEventListener('abort', end));
      return 'done';
    },
  };
  const duties = [duty('long'), duty('short')];
  const jobs = startJobs({ ...idle, duties, rollUpAll: async () => 0 }, slow, () => undefined);
  await vi.advanceTimersByTimeAsync(3 * 60_000 + 1);
  await jobs.stop();
  expect(seen.filter((job) => job === 'long')).toHaveLength(1);
  expect(seen.filter((job) => job === 'short')).toHaveLength(3);
});
