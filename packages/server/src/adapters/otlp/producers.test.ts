import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Fact } from '@assay/loop';
import { identityOf, joinRun } from '@assay/loop';
import { readFact } from '@assay/protocol/record';
import { describe, expect, it } from 'vitest';
import {
  bytesOf,
  JSON_TYPE,
  NOW,
  ofKind,
  PROTO_TYPE,
  spansIn,
  toProtobuf,
} from '../../../test/otlp-payload.ts';
import { decodeLogs, decodeTraces } from './decode.ts';

const DATA = join(import.meta.dirname, '../../../../../../shared/data/otlp');

const files = existsSync(DATA)
  ? readdirSync(DATA).filter((name) => name.endsWith('.json') && name !== 'SOURCES.json')
  : [];

function load(start: string): { payload: object; facts: Fact[] } {
  const name = files.find((file) => file.startsWith(start)) ?? '';
  const payload = JSON.parse(readFileSync(join(DATA, name), 'utf8'));
  return { payload, facts: decodeTraces(bytesOf(payload), JSON_TYPE, NOW).facts };
}

describe.skipIf(files.length === 0)('payloads of real producers (skipped: no data)', () => {
  it.each(files.filter((name) => !name.includes('metrics')))(
    '%s is the same on both roads',
    (name) => {
      const payload = JSON.parse(readFileSync(join(DATA, name), 'utf8'));
      const isLogs = 'resourceLogs' in payload;
      const decode = isLogs ? decodeLogs : decodeTraces;
      const json = decode(bytesOf(payload), JSON_TYPE, NOW);
      const protobuf = decode(toProtobuf(payload, isLogs ? 'logs' : 'traces'), PROTO_TYPE, NOW);
      expect(protobuf).toEqual(json);
      for (const fact of json.facts) {
        const wire = JSON.parse(JSON.stringify(fact));
        expect(readFact(wire), JSON.stringify(readFact(wire))).toHaveProperty('fact');
      }
      const identities = json.facts.map((fact) => `${identityOf(fact)}@${fact.timestamp}`);
      expect(new Set(identities).size).toBe(identities.length);
    },
  );

  it.each([
    ['02', 14, 96, null, null, null, 110],
    ['03', 14, 173, null, null, null, 187],
    ['09', 120, 40, 30, 10, null, 160],
    ['10', 50000, 200, 40000, 5000, null, 50200],
    ['11', 50000, 200, 40000, 5000, null, 50200],
    ['24', 100, 40, 20, 10, null, 140],
    ['25', 100, 50, null, null, 30, 150],
    ['26', 100, 60, null, null, 25, 160],
    ['27', 100, 40, 20, 10, null, 140],
    ['28', 1000, 200, 800, null, null, 1200],
    ['29', 18495, 445, 16399, 2089, null, 18940],
    ['08', 174, 31, null, null, null, 205],
    ['12', 37, 248, null, null, null, 285],
  ])('langfuse-%s has its golden tokens', (nn, input, output, read, write, reasoning, used) => {
    const { facts } = load(`langfuse-${nn}`);
    expect(spansIn(facts)[0]).toMatchObject({
      inputTokens: input,
      outputTokens: output,
      cachedInputTokens: read,
      cacheWriteTokens: write,
      reasoningTokens: reasoning,
    });
    expect(joinRun(facts).totals.tokensUsed).toBe(used);
    expect(ofKind(facts, 'execution')[0]?.tokensUsed).toBe(used);
  });

  it.each([
    ['langfuse-01', ['inference', 'other']],
    ['langfuse-05', ['inference']],
    ['langfuse-06', ['inference']],
    ['langfuse-07', ['tool']],
    ['langfuse-08', ['agent']],
    ['langfuse-13', ['other']],
    ['langfuse-19', ['inference', 'tool']],
    ['langfuse-22', ['tool']],
    ['langfuse-30', ['tool']],
    ['openinference-genai-otel_genai_tool_execution', ['tool']],
    ['openinference-vercel-v6-ai-streamText.json', ['agent']],
    ['openinference-vercel-v6-ai-streamText-do', ['inference']],
  ])('%s has its span classes', (start, classes) => {
    expect(spansIn(load(start).facts).map((span) => span.spanClass)).toEqual(classes);
  });

  it.each([
    'openinference-genai-otel_genai_client_span_tool_calls',
    'openinference-genai-otel_genai_deprecated_client_span_tool_calls',
    'openinference-genai-openinference_client_span_tool_calls',
  ])('%s is the same call', (start) => {
    const { facts } = load(start);
    expect(spansIn(facts)[0]).toMatchObject({
      modelId: 'gpt-4-0613',
      provider: 'openai',
      inputTokens: 97,
      outputTokens: 52,
    });
    expect(ofKind(facts, 'execution')[0]).toMatchObject({ tokensUsed: 149, modelId: 'gpt-4-0613' });
  });

  it('reads times, sessions and missing parents', () => {
    expect(spansIn(load('otel-proto-example-trace').facts)[0]).toMatchObject({
      traceId: '5b8efff798038103d269b633813fc60c',
      latencyMs: 1000,
    });
    expect(spansIn(load('openinference-vercel-v6-ai-streamText-do').facts)[0]?.latencyMs).toBe(
      5386.307375,
    );
    expect(spansIn(load('langfuse-21').facts)[0]?.sessionId).toBe('langfuse-session-123');
    expect(joinRun(load('langfuse-20').facts).spans).toHaveLength(3);
    expect(spansIn(load('langfuse-31').facts)[0]).toMatchObject({ latencyMs: null });
  });
});
