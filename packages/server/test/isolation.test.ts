import { randomUUID } from 'node:crypto';
import { OPERATIONS } from '@assay/protocol';
import { createTenant, openStore } from '@assay/store';
import type { FastifyInstance } from 'fastify';
import { fastify } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEngine } from '../src/engine/engine.ts';
import { createApp } from '../src/http/app.ts';
import { createContext } from '../src/main.ts';

let app: FastifyInstance;
let close: () => Promise<void>;
const keys: Record<'own' | 'foreign', string> = { own: '', foreign: '' };
let scorecardId = '';
let keyId = '';
let calibrationId = '';

/** Text that only the first tenant has ever sent. */
const SECRET = 'zanzibar';

function ask(whose: 'own' | 'foreign', method: string, url: string, body?: unknown) {
  return app.inject({
    method: method as 'GET',
    url,
    headers: {
      authorization: `Bearer ${keys[whose]}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
  });
}

beforeAll(async () => {
  const db = await openStore({ kind: 'pglite', directory: 'memory' });
  const engine = await createEngine({
    context: createContext(db, '/nowhere'),
    recordWindowDays: 400,
    newSecret: () => randomUUID().replaceAll('-', ''),
    pause: () => Promise.resolve(),
    onFault: (error) => {
      throw error;
    },
  });
  app = createApp({
    engine,
    log: fastify().log,
    rateLimitPerSecond: 0,
    publicDirectory: '/nowhere',
    version: '0.0.0',
  });
  for (const name of ['own', 'foreign'] as const) {
    const tenantId = await createTenant(db, name, Date.now());
    const request = { name, roles: ['admin' as const], scopes: [] };
    keys[name] = (await engine.tenants.createKey(tenantId, request)).key;
  }
  close = async () => {
    await app.close();
    await engine.close();
    await db.close();
  };
  await fill();
});

afterAll(() => close());

/** Everything that can be stored, by the first tenant, with the secret in every name. */
async function fill(): Promise<void> {
  const fact = {
    kind: 'execution',
    taskId: `task-${SECRET}`,
    timestamp: Date.now(),
    sessionId: `session-${SECRET}`,
    agentId: `agent-${SECRET}`,
    agentVersion: '1',
    taskType: `type-${SECRET}`,
    success: true,
    qualityScore: 0.5,
    prompt: `tell me of ${SECRET}`,
    response: `${SECRET} lies in the ocean off the coast of Africa.`,
  };
  expect((await ask('own', 'POST', '/v1/records', [fact])).statusCode).toBe(200);
  await ask('own', 'PUT', `/v1/agents/agent-${SECRET}`, { version: '1' });
  await ask('own', 'PUT', `/v1/policies/policy-${SECRET}`, { floor: 0.05 });
  const route = { taskId: `route-${SECRET}`, taskType: 'x' };
  const durable = { ...route, record: 'durable' };
  expect((await ask('own', 'POST', '/v1/route', durable)).statusCode).toBe(200);
  const card = await ask('own', 'POST', '/v1/scorecards', {
    agentId: `agent-${SECRET}`,
    version: '1.0.0',
    name: `card ${SECRET}`,
    items: [
      { id: 'one', score: 1 },
      { id: 'two', score: 0 },
    ],
  });
  const stored = card.json() as { id: string; card: object };
  scorecardId = stored.id;
  const published = await ask('own', 'POST', '/v1/hub/agents', { card: stored.card });
  expect(published.statusCode).toBe(201);
  const since = Date.now() - 3_600_000;
  const scored = await ask('own', 'POST', '/v1/score/backfill', { from: since });
  expect(scored.json()).toMatchObject({ scored: 1 });
  const labels = Array.from({ length: 220 }, (_, i) => ({
    id: `${SECRET}-${i}`,
    group: `${SECRET}-${i % 20}`,
    taskType: `type-${SECRET}`,
    score: (i % 20) / 20,
    label: i % 20 > 9 ? 1 : 0,
  }));
  await ask('own', 'POST', '/v1/score/labels', { labels });
  const fitted = await ask('own', 'POST', '/v1/score/calibrations', { activate: true });
  calibrationId = (fitted.json() as { items: { id: string }[] }).items[0]?.id ?? '';
  const made = await ask('own', 'POST', '/v1/keys', { name: SECRET, roles: ['reader'] });
  keyId = (made.json() as { keyId: string }).keyId;
}

/** Paths of the first tenant's things. */
function paths(): string[] {
  const names: Readonly<Record<string, string>> = {
    taskId: `task-${SECRET}`,
    sessionId: `session-${SECRET}`,
    scorecardId,
    agentId: `agent-${SECRET}`,
    version: '1.0.0',
    batchId: 'none',
    file: 'manifest.json',
  };
  return Object.values(OPERATIONS)
    .filter((one) => one.method === 'GET' && one.answers !== 'text/event-stream')
    .map((one) => one.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => names[name] ?? name));
}

describe('two tenants', () => {
  it('are not one: the first sees its own things', async () => {
    const seen = await Promise.all(paths().map((path) => ask('own', 'GET', path)));
    const withSecret = seen.filter((one) => one.body.includes(SECRET));
    expect(withSecret.length).toBeGreaterThanOrEqual(9);
  });

  it('read nothing of each other on any route', async () => {
    for (const path of paths()) {
      const answer = await ask('foreign', 'GET', path);
      const body = answer.body
        .replaceAll(path, '')
        .replaceAll(`task-${SECRET}`, '')
        .replaceAll(`agent-${SECRET}`, '');
      // A 404 may repeat the name that was asked for, and nothing else.
      expect([path, body.replaceAll(`session-${SECRET}`, '').includes(SECRET)]).toEqual([
        path,
        false,
      ]);
      if (path.includes(SECRET) || path.includes(scorecardId)) {
        expect([path, answer.statusCode]).toEqual([path, 404]);
      }
    }
  });

  it.each([
    '/v1/runs',
    `/v1/runs?q=${SECRET}`,
    '/v1/evidence',
    '/v1/agents',
    '/v1/aggregates',
    '/v1/score/distribution',
    '/v1/score/labels',
    '/v1/score/calibrations',
  ])('count nothing of each other: %s', async (path) => {
    expect((await ask('foreign', 'GET', path)).json()).toMatchObject({ items: [] });
  });

  it('cannot use what is not theirs', async () => {
    const version = { fromVersion: '1', toVersion: '2' };
    const promote = await ask('foreign', 'POST', `/v1/agents/agent-${SECRET}/promote`, version);
    expect(promote.statusCode).toBe(404);
    const gate = { candidate: scorecardId, firstRelease: true };
    expect((await ask('foreign', 'POST', '/v1/gate', gate)).statusCode).toBe(404);
    const route = { taskId: 'x', taskType: 'x', policy: `policy-${SECRET}` };
    expect((await ask('foreign', 'POST', '/v1/route', route)).statusCode).toBe(404);
    expect(
      (await ask('foreign', 'POST', '/v1/route', { taskId: 'x', taskType: 'x' })).json(),
    ).toMatchObject({ code: 'route.no-candidate' });
    const activate = `/v1/score/calibrations/${calibrationId}/activate`;
    expect((await ask('own', 'POST', activate, {})).statusCode).toBe(200);
    expect((await ask('foreign', 'POST', activate, {})).statusCode).toBe(404);
    const rollback = { taskType: `type-${SECRET}` };
    const back = await ask('foreign', 'POST', '/v1/score/calibrations/rollback', rollback);
    expect(back.statusCode).toBe(404);
    const label = { labels: [{ taskId: `task-${SECRET}`, label: 1 }] };
    const labelled = await ask('foreign', 'POST', '/v1/score/labels', label);
    expect(labelled.json()).toEqual({ kept: 0, withoutScore: [0] });
    const responses = { query: 'where?', response: 'There.', taskType: `type-${SECRET}` };
    const trusts = ['own', 'foreign'].map(async (whose) => {
      const answer = await ask(whose as 'own', 'POST', '/v1/score', responses);
      return (answer.json() as { results: { trust: string }[] }).results[0]?.trust;
    });
    expect(await Promise.all(trusts)).toEqual(['calibrated', 'uncalibrated-heuristic']);
    const backfill = await ask('foreign', 'POST', '/v1/score/backfill', { from: 0 });
    expect(backfill.json()).toMatchObject({ scored: 0, withoutResponse: 0 });
    expect((await ask('foreign', 'DELETE', `/v1/keys/${keyId}`)).statusCode).toBe(404);
    expect((await ask('own', 'GET', '/v1/keys')).body).toContain('"revokedAt":null');
  });

  it('may have facts of the same name', async () => {
    const fact = {
      kind: 'execution',
      taskId: 'shared',
      timestamp: Date.now(),
      agentId: 'shared',
      success: true,
    };
    for (const whose of ['own', 'foreign'] as const) {
      const answer = await ask(whose, 'POST', '/v1/records', [fact]);
      expect(answer.json()).toMatchObject({ accepted: 1 });
      expect((await ask(whose, 'GET', '/v1/runs/shared')).json()).toMatchObject({ factCount: 1 });
    }
  });
});
