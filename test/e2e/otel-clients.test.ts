import { OpenTelemetry } from '@ai-sdk/otel';
import type { Run } from '@assay/loop';
import { ROOT_CONTEXT, type Span, SpanStatusCode, trace } from '@opentelemetry/api';
import { OTLPTraceExporter as JsonExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtobufExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  BasicTracerProvider,
  BatchSpanProcessor,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { generateText, jsonSchema, stepCountIs, tool } from 'ai';
import { MockLanguageModelV4 } from 'ai/test';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type MemoryServer, startMemoryServer } from '../../packages/server/test/memory-server.ts';

const EXPORTERS = { protobuf: ProtobufExporter, json: JsonExporter } as const;
type Encoding = keyof typeof EXPORTERS;

let server: MemoryServer;
const providers: BasicTracerProvider[] = [];

beforeAll(async () => {
  server = await startMemoryServer();
});
afterAll(async () => {
  await Promise.all(providers.map((provider) => provider.shutdown()));
  await server?.close();
});

function exporterOf(encoding: Encoding, key = server.adminKey): JsonExporter | ProtobufExporter {
  return new EXPORTERS[encoding]({
    url: `${server.otlpUrl}/v1/traces`,
    headers: { authorization: `Bearer ${key}` },
  });
}

function providerOf(encoding: Encoding): BasicTracerProvider {
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'mail-service' }),
    spanProcessors: [new BatchSpanProcessor(exporterOf(encoding))],
  });
  providers.push(provider);
  return provider;
}

type Attributes = Record<string, string | number>;

function startSpan(
  provider: BasicTracerProvider,
  name: string,
  attributes: Attributes,
  parent?: Span,
): Span {
  const context = parent === undefined ? ROOT_CONTEXT : trace.setSpan(ROOT_CONTEXT, parent);
  return provider.getTracer('test').startSpan(name, { attributes }, context);
}

const chat = (input: number, output: number): Attributes => ({
  'gen_ai.operation.name': 'chat',
  'gen_ai.provider.name': 'openai',
  'gen_ai.request.model': 'gpt-5-mini',
  'gen_ai.usage.input_tokens': input,
  'gen_ai.usage.output_tokens': output,
});

/** An agent with two model calls, 100 + 20 and 200 + 30 tokens, and a tool call between them. */
async function runAgent(provider: BasicTracerProvider, taskId: string): Promise<string> {
  const root = startSpan(provider, 'invoke_agent triage', {
    'gen_ai.operation.name': 'invoke_agent',
    'gen_ai.agent.name': 'triage',
    'gen_ai.conversation.id': 'conversation-1',
    // Totals that agents report beside the calls must not be added to them.
    'gen_ai.usage.input_tokens': 300,
    'gen_ai.usage.output_tokens': 50,
    'task.id': taskId,
    'task.type': 'mail',
  });
  startSpan(provider, 'chat', chat(100, 20), root).end();
  const toolAttributes = {
    'gen_ai.operation.name': 'execute_tool',
    'gen_ai.tool.name': 'read_inbox',
    'gen_ai.tool.call.id': `call-${taskId}`,
  };
  startSpan(provider, 'execute_tool read_inbox', toolAttributes, root).end();
  startSpan(provider, 'chat', chat(200, 30), root).end();
  root.setStatus({ code: SpanStatusCode.OK });
  root.end();
  await provider.forceFlush();
  return root.spanContext().traceId;
}

describe.each<Encoding>(['protobuf', 'json'])('the OpenTelemetry exporter over %s', (encoding) => {
  it('delivers a run in one request', async () => {
    const taskId = `task ${encoding}`;
    const traceId = await runAgent(providerOf(encoding), taskId);
    const run = await server.get<Run>(`/v1/runs/${encodeURIComponent(taskId)}`);
    expect(run).toMatchObject({
      taskId,
      status: 'succeeded',
      agentId: 'triage',
      taskType: 'mail',
      sessionId: 'conversation-1',
      traceIds: [traceId],
      totals: { tokensUsed: 350, inputTokens: 300, outputTokens: 50, toolCallCount: 1 },
    });
    expect(run.attempts).toHaveLength(1);
    expect(run.attempts[0]?.execution).toMatchObject({
      agentId: 'triage',
      success: true,
      modelId: 'gpt-5-mini',
      provider: 'openai',
      tokensUsed: 350,
      toolCallCount: 1,
      toolsUsed: [{ toolName: 'read_inbox', callCount: 1 }],
    });
    expect(run.spans.map(({ span }) => span.name)).toEqual(['invoke_agent triage']);
    expect(run.spans[0]?.children.map(({ span }) => span.spanClass).sort()).toEqual([
      'inference',
      'inference',
      'tool',
    ]);
  });

  it('is told when its key is not known', async () => {
    const kept = new InMemorySpanExporter();
    const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(kept)] });
    startSpan(provider, 'chat', chat(1, 1)).end();
    const exporter = exporterOf(encoding, 'assay_none_none');
    const result = await exportTo(exporter, kept.getFinishedSpans());
    expect(result).toMatchObject({ code: 1, error: { code: 401 } });
    await exporter.shutdown();
  });

  it('may send the same spans again', async () => {
    const kept = new InMemorySpanExporter();
    const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(kept)] });
    const traceId = await runAgent(provider, `again ${encoding}`);
    const exporter = exporterOf(encoding);
    for (let round = 0; round < 2; round += 1) {
      expect(await exportTo(exporter, kept.getFinishedSpans())).toMatchObject({ code: 0 });
    }
    await exporter.shutdown();
    const run = await server.get<Run>(`/v1/runs/again%20${encoding}`);
    expect(run).toMatchObject({ factCount: 5, traceIds: [traceId], totals: { tokensUsed: 350 } });
  });
});

function exportTo(
  exporter: JsonExporter | ProtobufExporter,
  spans: ReadableSpan[],
): Promise<unknown> {
  return new Promise((resolve) => exporter.export(spans, resolve));
}

const usage = (input: number, output: number) => ({
  inputTokens: { total: input, noCache: input, cacheRead: undefined, cacheWrite: undefined },
  outputTokens: { total: output, text: output, reasoning: undefined },
});

/** A model that first calls a tool (10 + 5 tokens) and then answers (20 + 7). */
function mockModel(): MockLanguageModelV4 {
  let step = 0;
  return new MockLanguageModelV4({
    provider: 'mock-provider',
    modelId: 'mock-model',
    doGenerate: async () => {
      step += 1;
      if (step === 1) {
        return {
          content: [
            {
              type: 'tool-call',
              toolCallId: 'call-1',
              toolName: 'weather',
              input: '{"city":"Ulm"}',
            },
          ],
          finishReason: { unified: 'tool-calls', raw: undefined },
          usage: usage(10, 5),
          warnings: [],
        };
      }
      return {
        content: [{ type: 'text', text: 'It rains.' }],
        finishReason: { unified: 'stop', raw: undefined },
        usage: usage(20, 7),
        warnings: [],
      };
    },
  });
}

describe('the Vercel AI SDK', () => {
  it.each<Encoding>(['protobuf', 'json'])('delivers a generateText over %s', async (encoding) => {
    const provider = providerOf(encoding);
    const weather = tool({
      description: 'The weather of a city',
      inputSchema: jsonSchema<{ city: string }>({
        type: 'object',
        properties: { city: { type: 'string' } },
        required: ['city'],
      }),
      execute: async ({ city }) => `rain in ${city}`,
    });
    const functionId = `weather-agent-${encoding}`;
    const { text } = await generateText({
      model: mockModel(),
      prompt: 'How is the weather in Ulm?',
      tools: { weather },
      stopWhen: stepCountIs(3),
      telemetry: {
        functionId,
        integrations: [new OpenTelemetry({ tracer: provider.getTracer('ai') })],
      },
    });
    await provider.forceFlush();
    expect(text).toBe('It rains.');

    const found = await server.get<{ items: { taskId: string }[] }>(`/v1/runs?agent=${functionId}`);
    expect(found.items).toHaveLength(1);
    const run = await server.get<Run>(`/v1/runs/${found.items[0]?.taskId}`);
    expect(run).toMatchObject({
      agentId: functionId,
      status: 'succeeded',
      totals: { tokensUsed: 42, inputTokens: 30, outputTokens: 12, toolCallCount: 1 },
    });
    expect(run.attempts[0]?.execution).toMatchObject({
      tokensUsed: 42,
      modelId: 'mock-model',
      provider: 'mock-provider',
      toolsUsed: [{ toolName: 'weather', callCount: 1, successRate: 1 }],
    });
    expect(run.attempts[0]?.execution?.prompt).toContain('weather in Ulm');
    expect(run.attempts[0]?.execution?.response).toContain('It rains.');
    expect(run.spans).toHaveLength(1);
  });
});
