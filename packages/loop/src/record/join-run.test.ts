import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Fact, SpanLog } from './facts.ts';
import { joinRun } from './join-run.ts';
import { countedSpans, tokenTotalsOf } from './leaf-tokens.ts';
import { spanTreeOf, walkSpans } from './span-tree.ts';

type SpanFact = { readonly kind: 'span' } & SpanLog;

const span = (
  spanId: string,
  parentSpanId: string | null,
  more: Partial<SpanLog> = {},
): SpanFact => ({
  kind: 'span',
  taskId: 'trace',
  timestamp: 10,
  traceId: 'trace',
  spanId,
  parentSpanId,
  name: spanId,
  spanClass: 'other',
  attributes: {},
  ...more,
});
const call = (
  spanId: string,
  parent: string | null,
  input: number | null,
  output: number | null,
): SpanFact =>
  span(spanId, parent, { spanClass: 'inference', inputTokens: input, outputTokens: output });
const task = { taskId: 't', timestamp: 100 } as const;

describe('joinRun', () => {
  it('orders facts, keeps the last evaluation per attempt and sums attempts', () => {
    const facts: Fact[] = [
      { ...task, kind: 'evaluation', timestamp: 160, agentId: 'b', attempt: 2, overallScore: 0.9 },
      { ...task, kind: 'evaluation', timestamp: 150, agentId: 'b', attempt: 2, overallScore: 0.1 },
      {
        ...task,
        kind: 'execution',
        timestamp: 140,
        agentId: 'b',
        attempt: 2,
        success: true,
        tokensUsed: 7,
        latencyMs: 5,
      },
      {
        ...task,
        kind: 'execution',
        timestamp: 120,
        agentId: 'a',
        success: false,
        inputTokens: 2,
        outputTokens: 1,
        latencyMs: 3,
      },
      { ...task, kind: 'turn', timestamp: 131, turnNumber: 2 },
      { ...task, kind: 'turn', timestamp: 132, turnNumber: 1 },
      {
        ...task,
        kind: 'decision',
        timestamp: 90,
        taskType: 'mail',
        selectedAgentId: 'a',
        routingStrategy: 'fallback',
        sessionId: 's',
      },
      { ...task, kind: 'execution-start', timestamp: 100, agentId: 'a' },
    ];
    const run = joinRun(facts);
    expect(run).toMatchObject({
      taskId: 't',
      status: 'succeeded',
      agentId: 'b',
      taskType: 'mail',
      sessionId: 's',
      firstAt: 90,
      lastAt: 160,
      decision: { selectedAgentId: 'a' },
      attempts: [
        { attempt: 1, status: 'failed', agentId: 'a', startedAt: 100, evaluation: null },
        { attempt: 2, status: 'succeeded', evaluation: { overallScore: 0.9 }, evaluationCount: 2 },
      ],
      totals: { tokensUsed: 10, latencyMs: 8, reasoningTokens: null, costUsd: null },
      factCount: 8,
    });
    expect(run.turns.map((turn) => turn.turnNumber)).toEqual([1, 2]);
    expect(joinRun([...facts].reverse())).toEqual(run);
  });

  it.each<[string, Fact[], string]>([
    ['running', [{ ...task, kind: 'execution-start', agentId: 'a' }], 'running'],
    ['unknown without a verdict', [{ ...task, kind: 'execution', agentId: 'a' }], 'unknown'],
    ['unknown when nothing ran', [], 'unknown'],
    ['failed by its root span', [span('a', null, { success: false })], 'failed'],
    ['succeeded by its root span', [span('a', null, { success: true })], 'succeeded'],
  ])('is %s', (_name, facts, status) => {
    expect(joinRun(facts).status).toBe(status);
  });

  it('takes a whole task apart', () => {
    const run = joinRun([
      {
        ...task,
        kind: 'task',
        decision: { taskType: 'mail', selectedAgentId: 'a', routingStrategy: 'load-balance' },
        execution: { agentId: 'a', success: true, tokensUsed: 4 },
        evaluation: { overallScore: 0.5 },
      },
    ]);
    expect(run).toMatchObject({
      status: 'succeeded',
      taskType: 'mail',
      decision: { routingStrategy: 'load-balance' },
      attempts: [{ agentId: 'a', evaluation: { overallScore: 0.5, agentId: 'a' } }],
      totals: { tokensUsed: 4 },
    });
  });

  it('counts the tokens of spans at the leaves only', () => {
    const spans = [
      span('root', null, { spanClass: 'agent', inputTokens: 900, outputTokens: 90 }),
      { ...call('outer', 'root', 10, 5), cachedInputTokens: 9 },
      { ...call('inner', 'outer', 6, 3), cachedInputTokens: 2, reasoningTokens: 1 },
      span('tool', 'inner', { spanClass: 'tool' }),
      call('silent', 'second', null, null),
      call('second', 'root', 4, 1),
    ];
    const run = joinRun([...spans, { ...task, kind: 'execution', agentId: 'a', tokensUsed: 999 }]);
    expect(run.totals).toMatchObject({
      tokensUsed: 14,
      inputTokens: 10,
      outputTokens: 4,
      cachedInputTokens: 2,
      cacheWriteTokens: null,
      reasoningTokens: 1,
    });
  });
});

describe('span trees', () => {
  it('makes spans with missing parents roots and breaks cycles', () => {
    const tree = spanTreeOf([
      span('a', 'gone'),
      span('b', 'c'),
      span('c', 'b'),
      span('d', 'd'),
      span('a', null),
    ]);
    expect(tree.map((root) => root.span.spanId)).toEqual(['a', 'b', 'd']);
    expect([...walkSpans(tree)]).toHaveLength(4);
  });

  it('keeps every span exactly once, whatever the parents are', () => {
    const id = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f');
    const parents = fc.array(fc.tuple(id, fc.option(id)), { maxLength: 12 });
    fc.assert(
      fc.property(parents, (pairs) => {
        const spans = pairs.map(([spanId, parent]) => call(spanId, parent, 1, 1));
        const tree = spanTreeOf(spans);
        const ids = [...walkSpans(tree)].map((node) => node.span.spanId);
        expect(ids.length).toBe(new Set(pairs.map(([spanId]) => spanId)).size);
        expect(new Set(ids).size).toBe(ids.length);
        const counted = tree.flatMap((root) => countedSpans(root)).length;
        expect(tokenTotalsOf(tree).tokensUsed).toBe(ids.length === 0 ? null : 2 * counted);
      }),
    );
  });

  it('takes a deep trace', () => {
    const spans = Array.from({ length: 20_000 }, (_, i) =>
      call(`${i}`, i === 0 ? null : `${i - 1}`, 1, 0),
    );
    expect(tokenTotalsOf(spanTreeOf(spans)).tokensUsed).toBe(1);
    expect(tokenTotalsOf(spanTreeOf(spans.reverse())).tokensUsed).toBe(1);
  });

  it("uses a root's own totals only when no model call is below it", () => {
    const root = span('r', null, { spanClass: 'agent', inputTokens: 5, outputTokens: null });
    expect(tokenTotalsOf(spanTreeOf([root]))).toMatchObject({ tokensUsed: 5, outputTokens: null });
    expect(tokenTotalsOf(spanTreeOf([root, call('x', 'r', 2, 2)])).tokensUsed).toBe(4);
  });
});
