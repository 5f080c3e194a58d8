import type { Database } from '@assay/store';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { attribute, bytesOf, NOW, spanOf, traceOf } from './otlp-payload.ts';
import { openMemoryStore, type SteppedServer, startSteppedServer } from './stepped-server.ts';

let db: Database;
let server: SteppedServer;
/** Whether the store refuses counts. */
let isFailing = false;

beforeAll(async () => {
  db = await openMemoryStore();
  const failing = new Proxy(db, {
    get(target, name, receiver) {
      if (name !== 'tenantBatch') return Reflect.get(target, name, receiver);
      return async (...args: Parameters<Database['tenantBatch']>) => {
        if (isFailing && args[1].some((one) => one.text.includes('insert into ingest_health'))) {
          throw new Error('the store is away');
        }
        return target.tenantBatch(...args);
      };
    },
  });
  server = await startSteppedServer(failing, { startMs: NOW, context: { db: failing } });
});

afterAll(async () => {
  await server.close();
  await db.close();
});

interface ExportAnswer {
  readonly partialSuccess?: {
    readonly rejectedSpans?: string;
    readonly rejectedLogRecords?: string;
    readonly errorMessage?: string;
  };
}

async function send(path: string, payload: object): Promise<ExportAnswer> {
  const answer = await fetch(`${server.url}${path}`, {
    method: 'POST',
    headers: { ...server.headers, 'content-type': 'application/json' },
    body: bytesOf(payload) as Uint8Array<ArrayBuffer>,
  });
  expect(answer.status).toBe(200);
  return (await answer.json()) as ExportAnswer;
}

interface Health {
  readonly received: readonly { accepted: number; duplicates: number; rejected: number }[];
}

async function received(): Promise<Health['received'][number]> {
  const { received: days } = await server.get<Health>('/v1/health/collection');
  return days[0] ?? { accepted: 0, duplicates: 0, rejected: 0 };
}

const logsOf = (...logRecords: object[]): object => ({
  resourceLogs: [{ scopeLogs: [{ logRecords }] }],
});

const evaluation = {
  eventName: 'gen_ai.evaluation.result',
  traceId: '5b8efff798038103d269b633813fc60c',
  timeUnixNano: `${NOW}000000`,
  attributes: [attribute('gen_ai.evaluation.name', 'quality')],
};
const greeting = { body: { stringValue: 'the service has started' }, timeUnixNano: `${NOW}000000` };

describe('answers to exporters', () => {
  it('say how many spans were refused, and collection health counts them', async () => {
    const before = await received();
    const bad = { ...spanOf(2), spanId: 'abc' };
    const { partialSuccess } = await send('/v1/traces', traceOf(spanOf(1), bad));
    expect(partialSuccess).toMatchObject({
      rejectedSpans: '1',
      errorMessage: expect.stringContaining('spanId must be 8 bytes'),
    });
    await server.step(0);
    const after = await received();
    expect(after.accepted - before.accepted).toBe(1);
    expect(after.rejected - before.rejected).toBe(1);
  });

  it('warn of log records that nobody keeps, and reject none of them', async () => {
    const before = await received();
    expect(await send('/v1/logs', logsOf(greeting, evaluation, greeting))).toEqual({
      partialSuccess: { errorMessage: expect.stringMatching(/^2 log records were ignored/) },
    });
    expect(await send('/v1/logs', logsOf(evaluation))).toEqual({});
    await server.step(0);
    expect((await received()).rejected).toBe(before.rejected);
  });

  it('are counted in the end although the store was away for a while', async () => {
    const before = await received();
    isFailing = true;
    await send('/v1/traces', traceOf(spanOf(11), spanOf(12)));
    await expect(server.step(0)).rejects.toThrow('the store is away');
    await send('/v1/traces', traceOf(spanOf(13)));
    await expect(server.step(0)).rejects.toThrow('the store is away');
    isFailing = false;
    await server.step(0);
    expect((await received()).accepted - before.accepted).toBe(3);
    await server.step(0);
    expect((await received()).accepted - before.accepted).toBe(3);
  });
});
