import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../src/clock.ts';
import { type Assay, type AssayClientError, type AssayOptions, createAssay } from '../src/index.ts';
import { type FakeServer, type Mode, startFakeServer } from './fake-server.ts';

let server: FakeServer;
let folder: string;
let errors: AssayClientError[];
const open: Assay[] = [];

beforeEach(async () => {
  server = await startFakeServer();
  folder = mkdtempSync(join(tmpdir(), 'assay-client-'));
  errors = [];
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((assay) => assay.close({ timeoutMs: 0 })));
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

function connect(options: AssayOptions = {}): Assay {
  const assay = createAssay({
    url: server.url,
    apiKey: 'assay_test_key',
    onError: (error) => void errors.push(error),
    ...options,
  });
  open.push(assay);
  return assay;
}

function record(assay: Assay, count: number): void {
  for (let i = 0; i < count; i += 1) {
    assay.tracker.execution({ taskId: `task-${i}`, agentId: 'a', success: true, latencyMs: i });
  }
}

describe('flush', () => {
  it('resolves once the server has committed', async () => {
    const assay = connect();
    record(assay, 1_200);
    expect(await assay.flush()).toEqual({
      delivered: 1_200,
      spooled: 0,
      buffered: 0,
      rejected: 0,
      dropped: 0,
    });
    expect(server.facts.length).toBe(1_200);
    expect(errors).toEqual([]);
  });

  it.each<Mode>(['fails', 'busy', 'hangs', 'resets', 'commits-then-resets', 'html', 'forbidden'])(
    'puts facts on disk while the server %s, and delivers each once afterwards',
    async (mode) => {
      server.mode = mode;
      const assay = connect({ spoolDirectory: folder, requestTimeoutMs: 100 });
      record(assay, 50);
      const result = await assay.flush({ timeoutMs: 300 });
      expect(result).toMatchObject({ delivered: 0, rejected: 0, dropped: 0 });
      expect(result.spooled + result.buffered).toBe(50);
      expect(errors.length).toBeGreaterThan(0);
      await assay.close({ timeoutMs: 0 });
      expect(readdirSync(folder).length).toBe(1);

      server.mode = 'up';
      const next = connect({ spoolDirectory: folder });
      expect(await next.flush()).toMatchObject({ delivered: 50, spooled: 0, dropped: 0 });
      expect(server.facts.length).toBe(50);
      await next.close();
      expect(readdirSync(folder)).toEqual([]);
    },
  );

  it('returns at once when the key is refused, and says so', async () => {
    server.mode = 'forbidden';
    const assay = connect();
    record(assay, 3);
    expect(await assay.flush({ timeoutMs: 30_000 })).toMatchObject({ delivered: 0, buffered: 3 });
    expect(errors[0]).toMatchObject({ status: 401, serverCode: 'auth.unknown-key' });
  });

  it('waits as long as Retry-After asks', async () => {
    server.mode = 'busy';
    const assay = connect({ random: () => 0 });
    record(assay, 1);
    const flushed = assay.flush();
    await expect.poll(() => server.batches.length).toBe(1);
    server.mode = 'up';
    await flushed;
    const [first, second] = server.batches;
    expect((second?.atMs ?? 0) - (first?.atMs ?? 0)).toBeGreaterThanOrEqual(990);
  });
});

describe('rejections', () => {
  it('are reported with code and path, counted and never sent again', async () => {
    server.rejectText = '"task-7"';
    const assay = connect();
    record(assay, 20);
    expect(await assay.flush()).toMatchObject({ delivered: 19, rejected: 1 });
    expect(errors[0]).toMatchObject({ code: 'client.rejected', count: 1 });
    expect(errors[0]?.rejections).toEqual([
      { index: 7, code: 'record.invalid', path: '$.taskId', message: 'not wanted' },
    ]);
    expect(server.batches.length).toBe(1);
  });

  it('of a whole batch are reported the same way', async () => {
    server.rejectText = 'task';
    const assay = connect();
    record(assay, 2);
    expect(await assay.flush()).toMatchObject({ delivered: 0, rejected: 2 });
  });

  it('of a batch that is too large lead to smaller ones, from memory and from disk', async () => {
    server.maxLines = 3;
    const assay = connect({ spoolDirectory: folder });
    record(assay, 40);
    expect(await assay.flush()).toMatchObject({ delivered: 40, rejected: 0 });
    server.mode = 'resets';
    record(assay, 40);
    await assay.close({ timeoutMs: 0 });
    server.mode = 'up';
    expect(await connect({ spoolDirectory: folder }).flush()).toMatchObject({ delivered: 40 });
  });
});

describe('facts', () => {
  it('that are not JSON are counted and reported, and disturb nothing', async () => {
    const assay = connect();
    const circular: Record<string, unknown> = {};
    circular['self'] = circular;
    const hostile = {
      toJSON: () => {
        throw new Error('no');
      },
    };
    for (const bad of [circular, 10n, hostile]) {
      assay.tracker.toolCall({ taskId: 't', toolName: 'x', arguments: bad });
    }
    record(assay, 1);
    expect(await assay.flush()).toMatchObject({ delivered: 1 });
    expect(assay.stats()).toMatchObject({ invalid: 3, recorded: 1 });
    expect(errors.map(({ code }) => code)).toEqual(Array(3).fill('client.invalid-fact'));
  });

  it('keep the time of the call, and what the caller changes later has no effect', async () => {
    const assay = connect({ clock: { ...systemClock, now: () => 1234 } });
    const fact = { taskId: 't', agentId: 'a', response: 'before' };
    assay.tracker.execution(fact);
    fact.response = 'after';
    assay.tracker.execution({ ...fact, timestamp: new Date(0) });
    await assay.flush();
    expect(server.facts.map((line) => JSON.parse(line))).toEqual([
      { ...fact, response: 'before', kind: 'execution', timestamp: 1234 },
      { ...fact, kind: 'execution', timestamp: '1970-01-01T00:00:00.000Z' },
    ]);
  });

  it('of one kind in one millisecond stay apart', async () => {
    const assay = connect();
    for (let i = 0; i < 3; i += 1) {
      assay.tracker.toolCall({ taskId: 't', toolName: 'x', timestamp: 1 });
      assay.tracker.turn({ taskId: 't', turnNumber: 1, timestamp: 1 });
      assay.tracker.rating({ taskId: 't', source: 'human', timestamp: 1 });
    }
    await assay.flush();
    expect(server.facts.length).toBe(9);
  });

  it('are compressed when asked for and large', async () => {
    const assay = connect({ gzip: true });
    record(assay, 1);
    await assay.flush();
    record(assay, 400);
    await assay.flush();
    expect(server.batches.map(({ encoding }) => encoding)).toEqual(['identity', 'gzip']);
    expect(server.facts.length).toBe(401);
  });

  it('are thrown away with a count when recorded after close', async () => {
    const assay = connect();
    await assay.close();
    record(assay, 2);
    expect(assay.stats()).toMatchObject({ recorded: 0, dropped: 2 });
  });

  it('survive a listener that throws, at once or later', async () => {
    server.mode = 'fails';
    const assay = connect({
      onError: async () => {
        throw new Error('listener');
      },
    });
    record(assay, 1);
    await assay.flush({ timeoutMs: 50 });
    server.mode = 'up';
    expect(await assay.flush()).toMatchObject({ delivered: 1 });
  });
});
