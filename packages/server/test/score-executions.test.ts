import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readScoringConfig } from '../src/config.ts';
import type { RunningServer } from '../src/main.ts';
import { send, startServer } from './server-under-test.ts';

let server: RunningServer;
let key = '';

beforeAll(async () => {
  server = await startServer({ scoring: readScoringConfig({ ASSAY_SANDBOX: '1' }) });
  key = server.adminKey ?? '';
});
afterAll(() => server?.close());

const execute = (items: unknown) =>
  send(server.url, key, 'POST', '/v1/score/executions', { items });

const item = (id: string, code: string, more: object = {}) => ({
  id,
  language: 'javascript',
  code,
  checks: [{ call: 'add', args: [2, 3], expected: 5 }],
  ...more,
});

describe('POST /v1/score/executions', () => {
  it('says what is right, what is wrong, and what ends by itself or not at all', async () => {
    const { status, json } = await execute([
      item('right', 'function add(a, b) { return a + b; }'),
      item('wrong', 'function add(a, b) { return a - b; }'),
      item('broken', 'function add(a, b { return a'),
      item('endless', 'function add() { for (;;); }', { limits: { wallMs: 300 } }),
    ]);
    expect(status).toBe(200);
    const kinds = json.items.map((one: { id: string; outcome: { kind: string } }) => [
      one.id,
      one.outcome.kind,
    ]);
    expect(kinds).toEqual([
      ['right', 'passed'],
      ['wrong', 'assertion-failed'],
      ['broken', 'syntax-error'],
      ['endless', 'timeout'],
    ]);
    expect(json.items[0].correctness).toEqual({ kind: 'scored', score: 1 });
    expect(json.items[1].correctness).toEqual({ kind: 'scored', score: 0 });
    expect(json.summary).toMatchObject({ n: 4, byKind: { passed: 1 } });
  }, 60_000);

  it('holds requests to their limits', async () => {
    const long = await execute([item('a', '', { limits: { wallMs: 60_000 } })]);
    expect(long.json).toMatchObject({ code: 'request.invalid', path: '$.items[0].limits.wallMs' });
    const many = await execute(Array.from({ length: 21 }, (_, i) => item(`i${i}`, '')));
    expect(many.json).toMatchObject({ code: 'request.invalid', path: '$.items' });
    expect((await execute([{ ...item('a', ''), checks: undefined }])).status).toBe(422);
    expect((await execute('none')).status).toBe(422);
  });

  it('is not there unless the server says so', async () => {
    const plain = await startServer();
    try {
      const admin = plain.adminKey;
      const path = '/v1/score/executions';
      const body = { items: [item('a', 'function add() {}')] };
      const answer = await send(plain.url, admin, 'POST', path, body);
      expect(answer.status).toBe(422);
      expect(answer.json.code).toBe('score.sandbox-off');
    } finally {
      await plain.close();
    }
  });
});
