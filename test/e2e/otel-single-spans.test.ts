import type { Run } from '@assay/loop';
import type { Database } from '@assay/store';
import { ROOT_CONTEXT, type Span, trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { BasicTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  openMemoryStore,
  type SteppedServer,
  startSteppedServer,
} from '../../packages/server/test/stepped-server.ts';

let db: Database;
let server: SteppedServer;
let provider: BasicTracerProvider;

beforeAll(async () => {
  db = await openMemoryStore();
  server = await startSteppedServer(db, { startMs: Date.now() });
  const exporter = new OTLPTraceExporter({
    url: `${server.url}/v1/traces`,
    headers: server.headers,
  });
  // Sends each span in a request of its own, when it ends and without waiting for the others.
  provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
});
afterAll(async () => {
  await provider.shutdown();
  await server.close();
  await db.close();
});

function startSpan(name: string, attributes: Record<string, string | number>, parent?: Span): Span {
  const context = parent === undefined ? ROOT_CONTEXT : trace.setSpan(ROOT_CONTEXT, parent);
  return provider.getTracer('test').startSpan(name, { attributes }, context);
}

const chat = (tokens: number) => ({
  'gen_ai.operation.name': 'chat',
  'gen_ai.request.model': 'gpt-5-mini',
  'gen_ai.usage.input_tokens': tokens,
  'gen_ai.usage.output_tokens': 1,
});

it('a run whose spans come one by one counts all of them, and the late ones too', async () => {
  const root = startSpan('invoke_agent triage', {
    'gen_ai.operation.name': 'invoke_agent',
    'gen_ai.agent.name': 'triage',
    'task.id': 'one-by-one',
    'task.type': 'mail',
  });
  for (const tokens of [100, 200, 300]) startSpan('chat', chat(tokens), root).end();
  const left = startSpan('chat', chat(1_000), root);
  root.end();
  await provider.forceFlush();
  await expect(server.get('/v1/runs/one-by-one')).rejects.toThrow('404');

  await server.step(2_000);
  const path = '/v1/aggregates?by=agent,taskType';
  const read = async () => {
    const run = await server.get<Run>('/v1/runs/one-by-one');
    const { items } = await server.get<{ items: readonly object[] }>(path);
    return { run, items };
  };
  const before = await read();
  expect(before.items).toMatchObject([{ agentId: 'triage', taskType: 'mail', n: 1, tokens: 603 }]);
  expect(before.run.attempts[0]?.execution).toMatchObject({ tokensUsed: 603, success: true });

  left.end();
  await provider.forceFlush();
  await server.step(2_000);
  const after = await read();
  expect(after.items).toMatchObject([{ agentId: 'triage', taskType: 'mail', n: 1, tokens: 1_604 }]);
  expect(after.run.attempts).toHaveLength(1);
  expect(after.run.attempts[0]?.execution).toMatchObject({ tokensUsed: 1_604 });
});
