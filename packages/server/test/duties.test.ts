import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type Database, listSlots } from '@assay/store';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  createDutyRunner,
  type DutyRunner,
  dayOf,
  hourOf,
  monthOf,
  type PeriodicDuty,
  weekOf,
} from '../src/engine/periodic-duty.ts';
import { contextOn, type SharedStore, startSharedStore, type TestClock } from './shared-store.ts';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const START = Date.UTC(2026, 10, 1, 12, 30);

let store: SharedStore;
let dbs: Database[];
const clock: TestClock = { nowMs: START };
const failures: unknown[] = [];
const never = new AbortController().signal;

beforeAll(async () => {
  store = await startSharedStore();
  dbs = await Promise.all([store.open(), store.open(), store.open()]);
  await first().exec('create table effect (slot_ms bigint, by text)');
});
afterAll(() => store?.stop());

beforeEach(async () => {
  clock.nowMs = START;
  failures.length = 0;
  await first().exec('truncate effect, job_slot');
});

function first(): Database {
  const [db] = dbs;
  if (db === undefined) throw new Error('not open');
  return db;
}

/** Three processes. */
function runners(): DutyRunner[] {
  return dbs.map((db, i) =>
    createDutyRunner(contextOn(db, clock), `p${i}`, (_job, error) => failures.push(error)),
  );
}

/** A duty whose effect is one row. */
function report(run?: PeriodicDuty['run']): PeriodicDuty {
  return {
    job: 'report',
    slotOf: hourOf,
    leaseMs: 5 * MINUTE_MS,
    run: async (turn) => {
      await first().query('insert into effect values ($1::bigint, $2::text)', [
        turn.slotMs,
        String(turn.attempt),
      ]);
      return run?.(turn);
    },
  };
}

async function effects(): Promise<unknown[]> {
  const { rows } = await first().query<{ slot_ms: number; by: string }>(
    'select slot_ms, by from effect order by 1, 2',
  );
  return rows.map((row) => [(row.slot_ms - hourOf(START)) / HOUR_MS, row.by]);
}

describe('a periodic duty', () => {
  it('is done once per period by three processes that look again and again', async () => {
    const all = runners();
    for (let hour = 0; hour < 12; hour++) {
      for (let look = 0; look < 3; look++) {
        await Promise.all(all.map((one) => one.runDue(report(), never)));
        clock.nowMs += 10 * MINUTE_MS;
      }
      clock.nowMs += 30 * MINUTE_MS;
    }
    expect(await effects()).toEqual(Array.from({ length: 12 }, (_, hour) => [hour, '1']));
    expect(failures).toEqual([]);
    const history = await listSlots(first(), { job: 'report' });
    expect(history).toHaveLength(12);
    expect(history.every((slot) => slot.doneAtMs !== null && slot.attempt === 1)).toBe(true);
  });

  it('is done by another process after the first was killed, when its lease has ended', async () => {
    const script = fileURLToPath(new URL('claim-and-hang.ts', import.meta.url));
    const child = spawn(
      process.execPath,
      [
        ...['--import', 'tsx', '--conditions=@assay/source', script],
        ...[store.url, String(START), String(5 * MINUTE_MS)],
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const exit = once(child, 'exit');
    const [text] = await Promise.race([once(child.stdout, 'data'), exit]);
    expect(String(text)).toBe('WORKING\n');
    child.kill('SIGKILL');
    await exit;
    const [second] = runners();
    clock.nowMs = START + 4 * MINUTE_MS;
    expect(await second?.runDue(report(), never)).toBe('not-ours');
    clock.nowMs = START + 6 * MINUTE_MS;
    expect(await second?.runDue(report(), never)).toBe('done');
    expect(await effects()).toEqual([
      [0, '2'],
      [0, 'child'],
    ]);
    expect((await listSlots(first()))[0]).toMatchObject({ by: 'p0', attempt: 2 });
  });

  it('that failed waits, longer each time, and is then tried again', async () => {
    const [one, two] = runners();
    let tries = 0;
    const duty = report(async () => {
      tries += 1;
      if (tries < 3) throw Object.assign(new Error('secret of a tenant'), { code: '53100' });
      return { tries };
    });
    expect(await one?.runDue(duty, never)).toBe('failed');
    expect((await listSlots(first()))[0]).toMatchObject({
      doneAtMs: null,
      note: { failed: '53100' },
    });
    clock.nowMs += 50_000;
    expect(await two?.runDue(duty, never)).toBe('not-ours');
    clock.nowMs += 11_000;
    expect(await two?.runDue(duty, never)).toBe('failed');
    clock.nowMs += 61_000;
    expect(await one?.runDue(duty, never)).toBe('not-ours');
    clock.nowMs += 60_000;
    expect(await one?.runDue(duty, never)).toBe('done');
    expect(failures).toHaveLength(2);
    expect((await listSlots(first()))[0]).toMatchObject({ attempt: 3, note: { tries: 3 } });
  });

  it('that was taken over ends, and its late finish is refused', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const [one, two] = runners();
    let isStarted: () => void = () => undefined;
    const started = new Promise<void>((resolve) => {
      isStarted = resolve;
    });
    const slow = report(async ({ signal, attempt }) => {
      if (attempt > 1) return;
      isStarted();
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
    });
    const slowly = one?.runDue(slow, never);
    await started;
    clock.nowMs += 6 * MINUTE_MS; // the timer of the renewal has not fired: the process was stopped
    expect(await two?.runDue(slow, never)).toBe('done');
    vi.advanceTimersByTime(2 * MINUTE_MS);
    vi.useRealTimers();
    expect(await slowly).toBe('not-ours');
    expect((await listSlots(first()))[0]).toMatchObject({ by: 'p1', attempt: 2 });
    expect(failures).toEqual([]);
  });

  it('keeps its claim while it works', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const [one, two] = runners();
    const slow = report(async () => {
      for (let i = 0; i < 8; i++) {
        clock.nowMs += 2 * MINUTE_MS;
        const before = (await listSlots(first()))[0]?.leaseUntilMs;
        vi.advanceTimersByTime(2 * MINUTE_MS);
        await vi.waitUntil(async () => (await listSlots(first()))[0]?.leaseUntilMs !== before);
        expect(await two?.runDue(report(), never)).toBe('not-ours');
      }
    });
    clock.nowMs = hourOf(START);
    expect(await one?.runDue(slow, never)).toBe('done');
    vi.useRealTimers();
    expect(await effects()).toEqual([[0, '1']]);
  });

  it('that a stopping server gives up is free at once', async () => {
    const [one, two] = runners();
    const stop = new AbortController();
    const duty = report(async ({ signal, attempt }) => {
      if (attempt === 1) stop.abort(new Error('the server stops'));
      signal.throwIfAborted();
    });
    expect(await one?.runDue(duty, stop.signal)).toBe('not-ours');
    clock.nowMs += 1;
    expect(await two?.runDue(duty, never)).toBe('done');
    expect(failures).toEqual([]);
  });

  it('of a period that was missed is done before the current one', async () => {
    const [one, two] = runners();
    const failing = report(async () => {
      throw new Error('no');
    });
    expect(await one?.runDue(failing, never)).toBe('failed');
    clock.nowMs += HOUR_MS;
    expect(await two?.runDue(report(), never)).toBe('done');
    expect(await two?.runDue(report(), never)).toBe('done');
    expect(await two?.runDue(report(), never)).toBe('done');
    expect(await effects()).toEqual([
      [0, '1'],
      [0, '2'],
      [1, '1'],
    ]);
  });
});

describe('periods', () => {
  it.each([
    ['2026-11-01T12:34:56.789Z', '2026-11-01T12', '2026-11-01', '2026-10-26', '2026-11-01'],
    ['2026-11-02T00:00:00.000Z', '2026-11-02T00', '2026-11-02', '2026-11-02', '2026-11-01'],
    ['2027-01-03T23:59:59.999Z', '2027-01-03T23', '2027-01-03', '2026-12-28', '2027-01-01'],
    ['1970-01-01T00:00:00.000Z', '1970-01-01T00', '1970-01-01', '1969-12-29', '1970-01-01'],
  ])('of %s', (at, hour, day, week, month) => {
    const ms = Date.parse(at);
    expect(new Date(hourOf(ms)).toISOString()).toBe(`${hour}:00:00.000Z`);
    expect(new Date(dayOf(ms)).toISOString()).toBe(`${day}T00:00:00.000Z`);
    expect(new Date(weekOf(ms)).toISOString()).toBe(`${week}T00:00:00.000Z`);
    expect(new Date(monthOf(ms)).toISOString()).toBe(`${month}T00:00:00.000Z`);
  });
});
