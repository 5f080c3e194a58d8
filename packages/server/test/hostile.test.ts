import { FACT_KINDS, type FactKind } from '@assay/loop';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningServer } from '../src/main.ts';
import { send, startServer } from './server-under-test.ts';

let server: RunningServer;
let key = '';
let count = 0;

beforeAll(async () => {
  server = await startServer();
  key = server.adminKey ?? '';
});

afterAll(async () => {
  await server.close();
});

const KINDS = Object.keys(FACT_KINDS) as FactKind[];
const trend = 'stable';

/** A valid fact of a kind, with as many fields as mutations may like. */
function sample(kind: FactKind): Record<string, unknown> {
  count += 1;
  const now = Date.now();
  const own: Record<FactKind, Record<string, unknown>> = {
    decision: {
      taskType: 'x',
      selectedAgentId: 'a',
      routingStrategy: 'fallback',
      candidateAgents: [{ agentId: 'a', probability: 1, n: 3 }],
      contextFeatures: { length: 3 },
    },
    execution: { agentId: 'a', success: true, latencyMs: 5, costUsd: 0.1, prompt: 'p' },
    evaluation: { agentId: 'a', overallScore: 0.5, qualityGates: [] },
    feedback: {
      agentId: 'a',
      timeRange: { start: now - 5, end: now },
      trends: { successRateTrend: trend, qualityScoreTrend: trend, latencyTrend: trend },
    },
    rating: { source: 'human', score: 1, comment: 'c' },
    'execution-start': { agentId: 'a' },
    'tool-call': { toolName: 't', arguments: { deep: [1, { a: null }] } },
    turn: { turnNumber: 1 },
    span: { traceId: 'ab', spanId: `${count}`, name: 'n', spanClass: 'tool', attributes: { a: 1 } },
    task: { execution: { agentId: 'a', success: false }, evaluation: { overallScore: 1 } },
  };
  return { kind, taskId: `h-${count}`, timestamp: now, factKey: `${count}`, ...own[kind] };
}

/** JSON texts of values that break careless readers. */
const HOSTILE: readonly string[] = [
  'null',
  '0',
  '-1',
  '-0',
  '1e400',
  '1e-320',
  '9007199254740993',
  '99999999999999999999',
  'true',
  '""',
  '"\\u0000"',
  '"\\ud800"',
  '"NaN"',
  '[]',
  '[[[[[[]]]]]]',
  '{}',
  '{"__proto__":{"taskId":"x"}}',
  '{"constructor":{"prototype":1}}',
  '{"toString":1}',
  '"1999-01-01T00:00:00Z"',
  '"9999-12-31T23:59:59Z"',
  '"2026-02-31T00:00:00Z"',
  '-62135596800000',
  '253402300799999',
  `"${'x'.repeat(5_000)}"`,
  'NaN',
  'Infinity',
  'undefined',
];

/** One line that was a fact before something happened to it. */
const mutated: fc.Arbitrary<Buffer> = fc
  .tuple(
    fc.constantFrom(...KINDS),
    fc.nat(),
    fc.oneof(fc.constantFrom(...HOSTILE), fc.json()),
    fc.constantFrom('replace', 'remove', 'add', 'cut', 'byte', 'kind', 'replace', 'replace'),
  )
  .map(([kind, at, value, how]) => mutate(sample(kind), at, value, how));

function mutate(fact: Record<string, unknown>, at: number, value: string, how: string): Buffer {
  const names = Object.keys(fact);
  const name = names[at % names.length] ?? 'taskId';
  if (how === 'remove') {
    delete fact[name];
    return Buffer.from(JSON.stringify(fact));
  }
  if (how === 'kind') return Buffer.from(JSON.stringify({ ...fact, kind: value }));
  if (how === 'cut') {
    const text = JSON.stringify(fact);
    return Buffer.from(text.slice(0, at % text.length));
  }
  if (how === 'byte') {
    const bytes = Buffer.from(JSON.stringify(fact));
    bytes[at % bytes.length] = 0x80 + (at % 0x80);
    return bytes;
  }
  const marker = '"@here@"';
  const target = how === 'add' ? `extra${at}` : name;
  const text = JSON.stringify({ ...fact, [target]: '@here@' }).replace(marker, () => value);
  return Buffer.from(text.replaceAll('\n', ' '));
}

const LINE_END = Buffer.from('\n');
const LINES = 40;
const RUNS = 130;

describe('hostile payloads', () => {
  it(`gives no 5xx to ${LINES * RUNS} mutated facts and takes the good ones beside them`, async () => {
    const batch = fc.array(mutated, { minLength: LINES, maxLength: LINES });
    await fc.assert(
      fc.asyncProperty(batch, async (lines) => {
        const good = [sample('execution'), sample('task')].map((one) =>
          Buffer.from(JSON.stringify(one)),
        );
        const all = [good[0], ...lines, good[1]].flatMap((one) => (one ? [one, LINE_END] : []));
        const type = { 'content-type': 'application/x-ndjson' };
        const body = new Uint8Array(Buffer.concat(all));
        const answer = await send(server.url, key, 'POST', '/v1/records', body, type);
        expect(answer.status).toBe(200);
        expect(answer.json.results[0].status).toBe('accepted');
        expect(answer.json.results.at(-1).status).toBe('accepted');
        for (const one of answer.json.results) {
          if (one.status !== 'rejected') continue;
          expect(one.code).toMatch(/^fact\.(not-json|invalid|unknown-kind|time-out-of-window)$/);
          expect(one.path).toMatch(/^\$/);
        }
      }),
      { numRuns: RUNS },
    );
  }, 120_000);

  it('gives no 5xx to OTLP of any shape', async () => {
    const shape = fc.oneof(
      fc.json().map((text) => `{"resourceSpans":${text}}`),
      fc.json().map((text) => `{"resourceSpans":[{"scopeSpans":[{"spans":[${text}]}]}]}`),
      fc.json().map((text) => `{"resourceLogs":[{"scopeLogs":[{"logRecords":[${text}]}]}]}`),
      fc.json(),
    );
    await fc.assert(
      fc.asyncProperty(shape, fc.uint8Array({ maxLength: 200 }), async (text, bytes) => {
        const binary = { 'content-type': 'application/x-protobuf' };
        for (const path of ['/v1/traces', '/v1/logs']) {
          const asText = await send(server.url, key, 'POST', path, text);
          expect([text, asText.status < 500]).toEqual([text, true]);
          const sent = new Uint8Array(bytes);
          const asBytes = await send(server.url, key, 'POST', path, sent, binary);
          expect(asBytes.status).toBeLessThan(500);
        }
      }),
      { numRuns: 150 },
    );
  }, 120_000);

  it('gives no 5xx to any body on any route that takes one', async () => {
    const routes: [string, string][] = [
      ['POST', '/v1/route'],
      ['PUT', '/v1/agents/x'],
      ['POST', '/v1/agents/x/promote'],
      ['PUT', '/v1/policies/x'],
      ['POST', '/v1/scorecards'],
      ['POST', '/v1/gate'],
      ['POST', '/v1/batches'],
      ['POST', '/v1/keys'],
      ['POST', '/v1/feedback'],
      ['POST', '/v1/decisions'],
      ['POST', '/v1/score'],
      ['PUT', '/v1/score/settings'],
      ['POST', '/v1/score/labels'],
      ['POST', '/v1/score/calibrations'],
      ['POST', '/v1/score/calibrations/rollback'],
      ['POST', '/v1/score/bias/corrections'],
      ['POST', '/v1/score/backfill'],
      ['POST', '/v1/score/diff'],
      ['POST', '/v1/score/executions'],
    ];
    const known = ['taskId', 'taskType', 'version', 'items', 'roles', 'candidates', 'weights'];
    const body = fc.oneof(
      fc.json(),
      fc.dictionary(fc.constantFrom(...known), fc.jsonValue()).map((one) => JSON.stringify(one)),
      fc.string(),
    );
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...routes), body, async ([method, path], text) => {
        const answer = await send(server.url, key, method, path, text === '' ? '{' : text);
        expect([path, text, answer.status < 500]).toEqual([path, text, true]);
        if (answer.status >= 400) expect(answer.json.fix).toBeTruthy();
      }),
      { numRuns: 400 },
    );
  }, 120_000);

  it('gives no 5xx to responses and labels of any text', async () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 400 }),
      fc.constantFrom('\ud800', '\u0000', '</think>', '<think>', '```', '{}', '\u202e', '٣'),
      fc.integer({ min: 1, max: 5_000 }).map((n) => '(a'.repeat(n)),
      fc.integer({ min: 1, max: 5_000 }).map((n) => '\n- '.repeat(n)),
    );
    const item = fc.record(
      { id: text, query: text, response: text, reasoning: text, reference: text, taskType: text },
      { requiredKeys: ['query', 'response'] },
    );
    const label = fc.record({
      id: text,
      group: text,
      taskType: text,
      score: fc.double(),
      label: fc.double(),
    });
    const body = fc.record({ items: fc.array(item, { maxLength: 5 }), labels: fc.array(label) });
    await fc.assert(
      fc.asyncProperty(body, async ({ items, labels }) => {
        const scored = await send(server.url, key, 'POST', '/v1/score?debug=true', { items });
        expect([items, scored.status < 500]).toEqual([items, true]);
        if (scored.status === 200) {
          expect(scored.json.results).toHaveLength(items.length);
          for (const one of scored.json.results) {
            if (one.kind !== 'scored') continue;
            expect(one.composite).toBeGreaterThanOrEqual(0);
            expect(one.composite).toBeLessThanOrEqual(1);
          }
        }
        const kept = await send(server.url, key, 'POST', '/v1/score/labels', { labels });
        expect([labels, kept.status < 500]).toEqual([labels, true]);
      }),
      { numRuns: 120 },
    );
  }, 120_000);

  it('gives no 5xx to any query', async () => {
    const name = fc.constantFrom(
      ...['limit', 'cursor', 'from', 'to', 'q', 'agent', 'by', 'session'],
      ...['taskType', 'modelType', 'scorer'],
    );
    const query = fc.dictionary(name, fc.string());
    const path = fc.constantFrom(
      '/v1/runs',
      '/v1/aggregates',
      '/v1/evidence',
      '/v1/correlations',
      '/v1/score/distribution',
      '/v1/score/trends',
      '/v1/score/bias',
    );
    await fc.assert(
      fc.asyncProperty(path, query, fc.string({ minLength: 1 }), async (where, what, id) => {
        const search = new URLSearchParams(what);
        const answer = await send(server.url, key, 'GET', `${where}?${search}`);
        expect([where, what, answer.status < 500]).toEqual([where, what, true]);
        const segment = encodeURIComponent(id.replaceAll(/\p{Surrogate}/gu, '_'));
        const one = await send(server.url, key, 'GET', `/v1/runs/${segment}`);
        expect([id, one.status < 500]).toEqual([id, true]);
      }),
      { numRuns: 200 },
    );
  }, 120_000);
});
