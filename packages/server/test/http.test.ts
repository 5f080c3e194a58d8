import { gzipSync } from 'node:zlib';
import { OPERATIONS, type Operation, type OperationId } from '@assay/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningServer } from '../src/main.ts';
import { send, startServer } from './server-under-test.ts';

let server: RunningServer;
let key = '';

beforeAll(async () => {
  server = await startServer({ otlpPort: 0 });
  key = server.adminKey ?? '';
});

afterAll(async () => {
  await server.close();
});

const call = (method: string, path: string, body?: unknown, headers = {}) =>
  send(server.url, key, method, path, body, headers);

const OPERATION_LIST = Object.entries(OPERATIONS) as [OperationId, Operation][];
const pathOf = (operation: Operation): string => operation.path.replaceAll(/\{\w+\}/g, 'x');

function execution(taskId: string, over: Record<string, unknown> = {}) {
  return {
    kind: 'execution',
    taskId,
    timestamp: new Date().toISOString(),
    agentId: 'a',
    agentVersion: '1',
    taskType: 'mail',
    success: true,
    latencyMs: 120,
    sessionId: 'session',
    prompt: 'find the zebra',
    ...over,
  };
}

describe('who may call', () => {
  const guarded = OPERATION_LIST.filter(([, operation]) => operation.role !== null);

  it.each(guarded)('%s asks for a key', async (_id, operation) => {
    const path = pathOf(operation);
    const without = await send(server.url, null, operation.method, path);
    expect(without.status).toBe(401);
    expect(without.headers.get('www-authenticate')).toContain('Bearer');
    const wrong = 'assay_abc_0123456789abcdef0123456789abcdef';
    expect((await send(server.url, wrong, operation.method, path)).status).toBe(401);
  });

  it('holds keys to their roles and scopes, and revokes them at once', async () => {
    const made = await call('POST', '/v1/keys', { name: 'reads', roles: ['reader'] });
    expect(made.status).toBe(201);
    const reader = made.json.key as string;
    expect((await send(server.url, reader, 'GET', '/v1/runs')).status).toBe(200);
    expect((await send(server.url, reader, 'POST', '/v1/records', [])).status).toBe(403);
    expect((await send(server.url, reader, 'GET', '/v1/keys')).status).toBe(403);
    const body = { roles: ['writer'], scopes: ['record'] };
    const scoped = (await call('POST', '/v1/keys', body)).json.key as string;
    expect((await send(server.url, scoped, 'POST', '/v1/records', [])).status).toBe(200);
    expect((await send(server.url, scoped, 'GET', '/v1/agents')).status).toBe(403);
    const list = await call('GET', '/v1/keys');
    expect(list.text).not.toContain(reader.split('_')[2]);
    expect((await call('DELETE', `/v1/keys/${made.json.keyId}`)).status).toBe(200);
    expect((await send(server.url, reader, 'GET', '/v1/runs')).status).toBe(401);
    expect((await call('DELETE', '/v1/keys/nobody')).status).toBe(404);
  });

  it('answers health to anybody', async () => {
    expect((await send(server.url, null, 'GET', '/healthz')).status).toBe(200);
    const ready = await send(server.url, null, 'GET', '/readyz');
    expect(ready.json).toMatchObject({ status: 'ready', store: { dialect: 'pglite' } });
  });
});

describe('OpenAPI', () => {
  it('describes every operation, and nothing else', async () => {
    const { json } = await call('GET', '/openapi.json');
    expect(json.openapi).toBe('3.1.0');
    const described = Object.entries(json.paths as Record<string, object>).flatMap(
      ([path, methods]) => Object.keys(methods).map((one) => `${one.toUpperCase()} ${path}`),
    );
    const known = OPERATION_LIST.map(([, one]) => `${one.method} ${one.path}`);
    expect(described.sort()).toEqual([...known].sort());
    expect(json.components.schemas.Problem.properties.code.enum).toContain('fact.invalid');
  });

  it.each(OPERATION_LIST)('%s is registered', async (_id, operation) => {
    if (operation.answers === 'text/event-stream') return;
    const answer = await call(operation.method, pathOf(operation));
    expect(answer.json?.code ?? '').not.toBe('request.not-found');
    expect(answer.status).toBeLessThan(500);
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
  });
});

describe('recording', () => {
  it('takes JSON, NDJSON and gzip, and knows what it has', async () => {
    const one = execution('r1');
    const two = execution('r2');
    expect((await call('POST', '/v1/records', one)).json).toMatchObject({ accepted: 1 });
    const ndjson = `${JSON.stringify(one)}\n${JSON.stringify(two)}\n`;
    const type = { 'content-type': 'application/x-ndjson' };
    const minimal = await call('POST', '/v1/records', ndjson, {
      ...type,
      prefer: 'return=minimal',
    });
    expect(minimal.json).toMatchObject({ accepted: 1, duplicates: 1 });
    expect(minimal.json.results).toHaveLength(1);
    const zipped = new Uint8Array(gzipSync(ndjson));
    const again = await call('POST', '/v1/records', zipped, {
      ...type,
      'content-encoding': 'gzip',
    });
    expect(again.json).toMatchObject({ accepted: 0, duplicates: 2 });
  });

  it('answers 422 when nothing is good, 200 when something is', async () => {
    const bad = { kind: 'execution', taskId: '', timestamp: 5, agentId: 'a' };
    expect((await call('POST', '/v1/records', [bad])).status).toBe(422);
    expect((await call('POST', '/v1/records', [bad, execution('r3')])).status).toBe(200);
    expect((await call('POST', '/v1/records', [])).status).toBe(200);
  });

  it('refuses what it cannot read', async () => {
    expect((await call('POST', '/v1/records', '{')).json.code).toBe('request.not-json');
    const csv = await call('POST', '/v1/records', 'a,b', { 'content-type': 'text/csv' });
    expect(csv.json.code).toBe('request.unsupported-media-type');
    const noZip = await call('POST', '/v1/records', 'x', { 'content-encoding': 'gzip' });
    expect(noZip.status).toBe(400);
    const big = await call('POST', '/v1/records', 'x'.repeat(17 * 1024 * 1024));
    expect(big.json.code).toBe('request.too-large');
    const bomb = new Uint8Array(gzipSync(Buffer.alloc(70 * 1024 * 1024)));
    const burst = await call('POST', '/v1/records', bomb, { 'content-encoding': 'gzip' });
    expect(burst.json.code).toBe('request.too-large');
  });

  it.each([
    ['/v1/decisions', { taskType: 'mail', selectedAgentId: 'a', routingStrategy: 'fallback' }],
    ['/v1/executions', { agentId: 'a' }],
    ['/v1/execution-starts', { agentId: 'a' }],
    ['/v1/evaluations', { agentId: 'a', overallScore: 0.5 }],
    ['/v1/ratings', { source: 'human', score: 1 }],
    ['/v1/tool-calls', { toolName: 'search' }],
    ['/v1/turns', { turnNumber: 1 }],
  ])('%s takes one fact of its kind', async (path, own) => {
    const fact = { taskId: `single${path}`, timestamp: Date.now(), ...own };
    const first = await call('POST', path, fact);
    expect(first.status).toBe(201);
    expect((await call('POST', path, fact)).status).toBe(200);
    const wrong = await call('POST', path, { ...fact, taskId: 5 });
    expect(wrong.json).toMatchObject({ status: 422, code: 'fact.invalid', path: '$.taskId' });
    expect((await call('POST', path, { ...fact, kind: 'span' })).status).toBe(422);
  });

  it('takes feedback about an agent', async () => {
    const trend = 'stable';
    const now = Date.now();
    const answer = await call('POST', '/v1/feedback', {
      agentId: 'a',
      timestamp: now,
      timeRange: { start: now - 1000, end: now },
      trends: { successRateTrend: trend, qualityScoreTrend: trend, latencyTrend: trend },
    });
    expect(answer.status).toBe(201);
  });

  it('takes OTLP on both ports and answers in its encoding', async () => {
    const span = {
      traceId: '5b8efff798038103d269b633813fc60c',
      spanId: 'eee19b7ec3c1b174',
      name: 'chat m',
      kind: 3,
      startTimeUnixNano: `${Date.now()}000000`,
      endTimeUnixNano: `${Date.now() + 5}000000`,
      attributes: [],
    };
    const body = { resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] };
    for (const url of [server.url, server.otlpUrl ?? '']) {
      const answer = await send(url, key, 'POST', '/v1/traces', body);
      expect([answer.status, answer.text]).toEqual([200, '{}']);
      const broken = await send(url, key, 'POST', '/v1/traces', '{');
      expect(broken.status).toBe(400);
      expect(broken.json.message).toContain('otlp.undecodable');
      const type = { 'content-type': 'application/x-protobuf' };
      const empty = await send(url, key, 'POST', '/v1/logs', new Uint8Array(0), type);
      expect([empty.status, empty.text]).toEqual([200, '']);
    }
  });
});

describe('asking', () => {
  it('finds runs, pages through them and joins one', async () => {
    await call(
      'POST',
      '/v1/records',
      [1, 2, 3].map((n) => execution(`page-${n}`, { agentId: 'p' })),
    );
    await call('POST', '/v1/evaluations', {
      taskId: 'page-1',
      timestamp: Date.now(),
      agentId: 'p',
      overallScore: 0.75,
    });
    const first = (await call('GET', '/v1/runs?agent=p&limit=2')).json;
    expect(first.items).toHaveLength(2);
    const next = await call('GET', `/v1/runs?agent=p&limit=2&cursor=${first.nextCursor}`);
    expect(next.json).toMatchObject({ nextCursor: null });
    const all = [...first.items, ...next.json.items];
    expect(all.map((one) => one.taskId).sort()).toEqual(['page-1', 'page-2', 'page-3']);
    expect(all.find((one) => one.taskId === 'page-1')?.quality).toBeCloseTo(0.75, 6);
    const run = (await call('GET', '/v1/runs/page-1')).json;
    expect(run).toMatchObject({ status: 'succeeded', evaluations: [{ overallScore: 0.75 }] });
    expect((await call('GET', '/v1/runs?q=zebra')).json.items.length).toBeGreaterThan(0);
    expect((await call('GET', '/v1/runs?q=unicorn')).json.items).toEqual([]);
    expect((await call('GET', '/v1/sessions/session')).json.items.length).toBeGreaterThan(2);
  });

  it.each([
    '/v1/runs?limit=0',
    '/v1/runs?limit=9999',
    '/v1/runs?cursor=nonsense',
    '/v1/runs?from=yesterday',
    '/v1/aggregates?by=colour',
  ])('refuses %s with the place', async (path) => {
    const { json, status } = await call('GET', path);
    expect(status).toBe(422);
    expect(json).toMatchObject({ code: 'request.invalid' });
    expect(json.path).toMatch(/^\$\.query\./);
  });

  it('shows figures soon after the facts', async () => {
    await call('POST', '/v1/records', [execution('soon', { agentId: 'soon' })]);
    await expect
      .poll(async () => (await call('GET', '/v1/aggregates?by=agent&agent=soon')).json.items)
      .toMatchObject([{ agentId: 'soon', n: 1, ok: 1 }]);
    expect((await call('GET', '/v1/stats/overview')).json.totals.n).toBeGreaterThan(0);
    expect((await call('GET', '/v1/correlations')).json.items.length).toBeGreaterThan(0);
    expect((await call('GET', '/v1/health/collection')).json.coverage.runs).toBeGreaterThan(0);
    expect((await call('GET', '/metrics')).text).toContain('assay_facts_total{status="accepted"}');
  });

  it('streams what is recorded', async () => {
    const abort = new AbortController();
    const response = await fetch(`${server.url}/v1/stream`, {
      headers: { authorization: `Bearer ${key}` },
      signal: abort.signal,
    });
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    await reader?.read();
    await call('POST', '/v1/records', [execution('streamed')]);
    // Evidence may be told first: it is noted by the clock of the server.
    let seen = '';
    while (!seen.includes('"taskId":"streamed"')) {
      const chunk = await reader?.read();
      if (chunk === undefined || chunk.done) break;
      seen += chunk.value;
    }
    expect(seen).toMatch(/event: fact\ndata: .*"taskId":"streamed"/);
    abort.abort();
  });
});

describe('routing', () => {
  it('chooses among registered agents, explains, and records the decision', async () => {
    for (const id of ['fast', 'good']) await call('PUT', `/v1/agents/${id}`, { version: '1' });
    const body = { taskId: 'route-1', taskType: 'route', record: 'durable' };
    const { json } = await call('POST', '/v1/route', body);
    expect(json).toMatchObject({ taskId: 'route-1', assignment: 'fresh', recording: 'durable' });
    expect(['fast', 'good']).toContain(json.selectedAgentId);
    const sum = json.candidateAgents.reduce(
      (total: number, one: { probability: number }) => total + one.probability,
      0,
    );
    expect(sum).toBeCloseTo(1, 12);
    const run = (await call('GET', '/v1/runs/route-1')).json;
    expect(run.decision).toMatchObject({
      decisionId: json.decisionId,
      propensity: json.propensity,
    });
  });

  it('takes candidates that nobody has registered and that have no versions', async () => {
    const { json, status } = await call('POST', '/v1/route', {
      taskId: 'unregistered',
      taskType: 'ad-hoc',
      candidates: [{ agentId: 'small' }, { agentId: 'large' }],
    });
    expect(status).toBe(200);
    expect(json).toMatchObject({ selectedAgentVersion: '', recording: 'queued' });
    expect(json.propensity).toBeCloseTo(0.5, 6);
    // A fact that is committed after it shows that the queue has moved on.
    await call('POST', '/v1/ratings', {
      taskId: 'unregistered',
      timestamp: Date.now(),
      source: 'human',
      score: 1,
    });
    const run = await call('GET', '/v1/runs/unregistered');
    expect(run.json.decision.selectedAgentId).toBe(json.selectedAgentId);
  });

  it('learns from what is recorded', async () => {
    const outcome = (n: number, agentId: string, overallScore: number) => ({
      kind: 'task',
      taskId: `learn-${agentId}-${n}`,
      timestamp: Date.now(),
      execution: { agentId, agentVersion: '1', taskType: 'learn', success: true },
      evaluation: { overallScore },
    });
    const numbers = Array.from({ length: 60 }, (_, n) => n);
    await call('POST', '/v1/records', [
      ...numbers.map((n) => outcome(n, 'good', 0.95)),
      ...numbers.map((n) => outcome(n, 'fast', 0.2)),
    ]);
    const candidates = ['good', 'fast'].map((agentId) => ({ agentId, agentVersion: '1' }));
    const body = { taskId: 'x', taskType: 'learn', candidates, record: 'none' };
    const { json } = await call('POST', '/v1/route', body);
    expect(json.candidateAgents[0]).toMatchObject({ agentId: 'good' });
    expect(json.candidateAgents[0].probability).toBeGreaterThan(0.95);
    expect((await call('GET', '/v1/evidence?taskType=learn')).json.items).toHaveLength(2);
  });

  it('keeps a session with its first agent', async () => {
    const ask = async (n: number) => {
      const body = { taskId: `sticky-${n}`, taskType: 'route', sessionId: 'chat' };
      return (await call('POST', '/v1/route', body)).json;
    };
    const first = await ask(0);
    for (const n of [1, 2, 3]) {
      const later = await ask(n);
      expect(later).toMatchObject({
        selectedAgentId: first.selectedAgentId,
        assignment: 'sticky',
        propensity: first.propensity,
        parentDecisionId: first.decisionId,
      });
    }
  });

  it('says why nobody can take a task', async () => {
    const body = {
      taskId: 'x',
      taskType: 'route',
      requirements: ['flying'],
      candidates: [{ agentId: 'a', capabilities: ['walking'] }],
    };
    const { json, status } = await call('POST', '/v1/route', body);
    expect(status).toBe(422);
    expect(json.code).toBe('route.no-candidate');
    expect(json.detail).toContain('flying');
  });

  it('promotes a version, and only from the one in use', async () => {
    const wrong = { fromVersion: '7', toVersion: '8' };
    expect((await call('POST', '/v1/agents/fast/promote', wrong)).status).toBe(404);
    const right = { fromVersion: '1', toVersion: '2', prior: { inheritFrom: '1' } };
    const { json } = await call('POST', '/v1/agents/fast/promote', right);
    expect(json).toMatchObject({ version: '2', formerVersions: ['1'] });
  });

  it('puts a policy into use', async () => {
    const weights = { fast: 0, good: 1 };
    const body = { strategy: 'fixed', weights, floor: 0, isSticky: false };
    const put = await call('PUT', '/v1/policies/mine', body);
    expect(put.json).toMatchObject({ policyId: 'mine', isActive: true });
    const { json } = await call('POST', '/v1/route', { taskId: 'fixed', taskType: 'route' });
    expect(json).toMatchObject({ selectedAgentId: 'good', policyId: 'mine' });
    expect((await call('PUT', '/v1/policies/mine', { floor: 2 })).status).toBe(422);
  });
});

describe('limits', () => {
  it('answers 429 with Retry-After to a key that asks too often', async () => {
    const limited = await startServer({ rateLimitPerSecond: 5 });
    try {
      const answers = await Promise.all(
        Array.from({ length: 20 }, () => send(limited.url, limited.adminKey, 'GET', '/v1/agents')),
      );
      const refused = answers.filter((one) => one.status === 429);
      expect(refused.length).toBeGreaterThan(5);
      expect(refused[0]?.headers.get('retry-after')).toBe('1');
      expect(refused[0]?.json.code).toBe('limit.rate');
    } finally {
      await limited.close();
    }
  });
});
