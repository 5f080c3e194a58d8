import { existsSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Fact, SpanLog } from '@assay/loop';
import { countedSpans, joinRun, spanTreeOf } from '@assay/loop';
import { describe, expect, it } from 'vitest';
import { ofKind, spanOf, spansIn, traceOf } from '../../../test/otlp-payload.ts';
import type { ImportItem } from './import-item.ts';
import { type ImportFormat, readImport } from './read-import.ts';

const NOW = Date.UTC(2026, 10, 21, 12);
const TRACES = join(
  import.meta.dirname,
  '../../../../../../shared/data/otlp/langfuse-trace-export',
);

async function* chunksOf(text: string, size = 7): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const read = (
  format: ImportFormat,
  source: string | AsyncIterable<Uint8Array>,
): Promise<ImportItem[]> => collect(readImport(format, source, NOW));

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

const factsOf = (items: readonly ImportItem[]): Fact[] =>
  items.flatMap((item) => (item.fact === undefined ? [] : [item.fact]));

const TELEMETRY = {
  taskId: 'text-transform-001',
  timestamp: '2025-10-10T14:32:15.234Z',
  taskType: 'text-transformation',
  selectedAgent: 'gemma3n:e2b',
  iterations: [
    { iteration: 1, latencyMs: 2100, tokensUsed: 187, qualityScore: 0.65, feedback: 'shorter' },
    { iteration: 2, latencyMs: 1980, tokensUsed: 201, qualityScore: 0.95, outcome: 'success' },
  ],
  finalMetrics: {
    totalLatency: 4080,
    totalTokens: 388,
    finalQuality: 0.95,
    iterationsUsed: 2,
    cawsCompliant: true,
  },
};

describe('readImport jsonl', () => {
  const line = (taskId: string): string =>
    JSON.stringify({ kind: 'execution', taskId, timestamp: NOW, agentId: 'ä' });

  it('reads lines across chunk borders and tells what is wrong where', async () => {
    const text = `\ufeff${line('a')}\r\n\nnot json\n{"kind":"execution","taskId":"b"}\n${line('c')}`;
    const items = await read('jsonl', chunksOf(text));
    expect(items).toEqual([
      { line: 1, fact: expect.objectContaining({ taskId: 'a', agentId: 'ä', timestamp: NOW }) },
      { line: 3, error: expect.objectContaining({ line: 3, code: 'fact.not-json' }) },
      { line: 4, error: expect.objectContaining({ code: 'fact.invalid', path: '$.timestamp' }) },
      { line: 5, fact: expect.objectContaining({ taskId: 'c' }) },
    ]);
  });

  it('reads long lines, gzip and arrays', async () => {
    const long = JSON.stringify({
      kind: 'execution',
      taskId: 'long',
      timestamp: NOW,
      agentId: 'a',
      prompt: 'x'.repeat(900_000),
    });
    const path = join(mkdtempSync(join(tmpdir(), 'assay-import-')), 'facts.jsonl.gz');
    writeFileSync(path, gzipSync(`${long}\n[${line('b')},${line('c')}]\n`));
    expect(
      factsOf(await read('jsonl', path)).map((fact) => 'taskId' in fact && fact.taskId),
    ).toEqual(['long', 'b', 'c']);
  });

  it('fails for a file that is not there', async () => {
    await expect(read('jsonl', '/nowhere/at/all.jsonl')).rejects.toThrow('ENOENT');
  });
});

describe('readImport telemetry', () => {
  it('maps iterations and final metrics, pretty-printed or as lines', async () => {
    for (const text of [JSON.stringify(TELEMETRY), JSON.stringify(TELEMETRY, null, 2)]) {
      expect(await read('telemetry', chunksOf(text))).toEqual([
        {
          line: 1,
          fact: {
            kind: 'execution',
            taskId: 'text-transform-001',
            timestamp: Date.parse('2025-10-10T14:32:15.234Z'),
            taskType: 'text-transformation',
            agentId: 'gemma3n:e2b',
            success: true,
            latencyMs: 4080,
            tokensUsed: 388,
            qualityScore: 0.95,
            cawsCompliant: true,
            iterations: TELEMETRY.iterations,
          },
        },
      ]);
    }
  });

  it('names what is missing', async () => {
    const items = await read('telemetry', chunksOf('{"taskId":"a"}\n3\n{"finalMetrics":{}}'));
    expect(items.map((item) => item.error?.path)).toEqual(['$.finalMetrics', '$', '$.taskId']);
  });
});

describe('readImport otlp', () => {
  it('reads a document or a line per payload and goes on after a bad one', async () => {
    const payload = traceOf(spanOf(1, {}, { 'gen_ai.operation.name': 'chat' }));
    const pretty = await read('otlp', chunksOf(JSON.stringify(payload, null, 1)));
    expect(pretty.map((item) => item.fact?.kind)).toEqual(['span', 'execution']);
    const bad = traceOf(spanOf(1), spanOf(2, { spanId: 'ab' }));
    const lines = [JSON.stringify(bad), '[1]', JSON.stringify(payload)].join('\n');
    expect(
      (await read('otlp', chunksOf(lines))).map((item) => item.fact?.kind ?? item.error?.code),
    ).toEqual(['span', 'otlp.undecodable', 'otlp.undecodable', 'span', 'execution']);
  });
});

describe('readImport langfuse', () => {
  const observation = (id: string, more: object = {}): object => ({
    id,
    traceId: 't1',
    type: 'GENERATION',
    name: 'call',
    startTime: '2026-01-01T00:00:00.000Z',
    endTime: '2026-01-01T00:00:01.500Z',
    parentObservationId: null,
    level: 'DEFAULT',
    model: 'm',
    usageDetails: { input: 10, output: 5, input_cached_tokens: 20, total: 35 },
    costDetails: { input: 0.1, output: 0.2 },
    totalCost: 0.3,
    timeToFirstToken: 0.25,
    ...more,
  });
  const trace = (scores: object[] = []): object => ({
    id: 't1',
    name: 'support',
    timestamp: '2026-01-01T00:00:00.000Z',
    sessionId: 's1',
    latency: 2,
    scores,
  });

  it('reads spans, execution and scores', async () => {
    const score = { timestamp: '2026-01-02T00:00:00.000Z', dataType: 'NUMERIC' };
    const text = JSON.stringify({
      trace: trace([
        { ...score, id: '1', name: 'correctness', value: 1, source: 'EVAL', comment: 'right' },
        { ...score, id: '2', name: 'toxicity', value: 0.8, source: 'EVAL' },
        { ...score, id: '3', name: 'thumb', value: 0, source: 'ANNOTATION', observationId: 'a' },
        { ...score, id: '4', name: 'valid', value: 1, source: 'API', dataType: 'BOOLEAN' },
      ]),
      observations: [
        observation('a'),
        observation('b', {
          type: 'SPAN',
          name: 'tool.search',
          model: null,
          usageDetails: {},
          parentObservationId: 'a',
        }),
      ],
    });
    const facts = factsOf(await read('langfuse', chunksOf(text)));
    expect(spansIn(facts)).toEqual([
      expect.objectContaining({
        spanClass: 'inference',
        inputTokens: 30,
        outputTokens: 5,
        cachedInputTokens: 20,
        reasoningTokens: null,
        latencyMs: 1500,
        timeToFirstTokenMs: 250,
        costUsd: 0.3,
      }),
      expect.objectContaining({ spanClass: 'tool', toolName: 'search', parentSpanId: 'a' }),
    ]);
    expect(ofKind(facts, 'execution')).toEqual([
      expect.objectContaining({
        agentId: 'support',
        tokensUsed: 35,
        toolCallCount: 1,
        sessionId: 's1',
      }),
    ]);
    expect(
      ofKind(facts, 'evaluation').map((fact) => [
        fact.overallScore,
        fact.qualityGates?.[0]?.passed,
      ]),
    ).toEqual([
      [1, undefined],
      [null, undefined],
      [null, true],
    ]);
    expect(ofKind(facts, 'rating')).toEqual([
      expect.objectContaining({ score: 0, label: 'thumb' }),
    ]);
  });

  it('makes the trace the root when observations stand side by side', async () => {
    const text = JSON.stringify({
      trace: trace(),
      observations: [observation('a'), observation('b')],
    });
    const facts = factsOf(await read('langfuse', chunksOf(text)));
    expect(spanTreeOf(spansIn(facts))).toHaveLength(1);
    expect(ofKind(facts, 'execution')).toEqual([
      expect.objectContaining({ tokensUsed: 70, latencyMs: 2000 }),
    ]);
  });

  it('names what is missing', async () => {
    const items = await read('langfuse', chunksOf('{}\n{"trace":{"id":"x"}}\n5'));
    expect(items.map((item) => item.error?.path)).toEqual(['$.trace.id', '$.observations', '$']);
  });
});

const exports = existsSync(TRACES) ? readdirSync(TRACES) : [];

describe.skipIf(exports.length === 0)('exported traces (skipped: no data)', () => {
  it.each([
    ['agno', 3839, 1071, 2],
    ['microsoft-agent', 623, 399, 2],
    ['vercel-aisdk', 204, 147, 1],
    ['google-adk', 76, 76, 2],
    ['pydantic-ai-tools', 1524, 1524, 4],
    ['koog', 340, 340, 2],
    ['claude-agent', 266, 266, 4],
    ['crewai', 354, 354, 1],
    ['langgraph', 234, 234, 2],
    ['openai-agents', 184, 184, 2],
    ['llamaindex', 94, 94, 1],
    ['autogen', 44, 44, 1],
  ])('%s has naive sum %i, leaf sum %i in %i leaves', async (name, naive, leaf, leaves) => {
    const file = exports.find((candidate) => candidate.startsWith(name)) ?? '';
    const items = await read('langfuse', join(TRACES, file));
    expect(items.filter((item) => item.error !== undefined)).toEqual([]);
    const facts = factsOf(items);
    const spans: SpanLog[] = spansIn(facts);
    const sum = spans.reduce(
      (all, span) => all + (span.inputTokens ?? 0) + (span.outputTokens ?? 0),
      0,
    );
    expect(sum).toBe(naive);
    expect(spanTreeOf(spans).flatMap((root) => countedSpans(root))).toHaveLength(leaves);
    expect(ofKind(facts, 'execution').map((fact) => fact.tokensUsed)).toEqual([leaf]);
    expect(joinRun(facts).totals.tokensUsed).toBe(leaf);
  });
});
