import { describe, expect, it } from 'vitest';
import type { Fact } from './facts.ts';
import { narrowFactOf } from './narrow-fact.ts';
import { outcomeOf } from './outcome.ts';
import { searchTextOf } from './search-text.ts';

const task = { taskId: 't', timestamp: 1 } as const;
const execution = (more: object = {}): Fact => ({
  ...task,
  kind: 'execution',
  agentId: 'a',
  ...more,
});

describe('narrowFactOf', () => {
  it('keeps unknown unknown', () => {
    expect(narrowFactOf(execution())).toEqual({
      agentKey: 'a',
      agentVersion: '',
      taskType: '',
      taskKind: '',
      success: null,
      latencyMs: null,
      tokens: null,
      quality: null,
      costUsd: null,
    });
  });

  it('adds input and output only, rounds and clamps', () => {
    const narrow = narrowFactOf(
      execution({
        inputTokens: 10,
        outputTokens: 5,
        reasoningTokens: 4,
        cachedInputTokens: 9,
        latencyMs: 1.5,
        costUsd: 0,
        qualityScore: 0,
        success: false,
      }),
    );
    expect(narrow).toMatchObject({
      tokens: 15,
      latencyMs: 2,
      costUsd: 0,
      quality: 0,
      success: false,
    });
    expect(narrowFactOf(execution({ latencyMs: 1e12 })).latencyMs).toBe(2 ** 31 - 1);
    expect(narrowFactOf(execution({ qualityScore: Number.NaN })).quality).toBeNull();
  });

  it('reads whole tasks and selected agents', () => {
    expect(
      narrowFactOf({
        ...task,
        kind: 'task',
        decision: {
          taskType: 'mail',
          taskKind: 'k',
          selectedAgentId: 'x',
          routingStrategy: 'fallback',
        },
        execution: { agentId: 'a', tokensUsed: 3, qualityScore: 0.2 },
        evaluation: { overallScore: 0.7 },
      }),
    ).toMatchObject({ agentKey: 'a', taskType: 'mail', taskKind: 'k', tokens: 3, quality: 0.7 });
  });
});

describe('outcomeOf', () => {
  it.each<[string, Fact, object | null]>([
    ['success', execution({ success: true }), { success: true, quality: null, countsRun: true }],
    ['failure', execution({ success: false }), { success: false, quality: null, countsRun: true }],
    ['scored failure', execution({ success: false, qualityScore: 0.3 }), { quality: 0.3 }],
    [
      'score',
      { ...task, kind: 'evaluation', agentId: 'a', overallScore: 0 },
      { quality: 0, countsRun: false },
    ],
    ['unscored', { ...task, kind: 'evaluation', agentId: 'a', overallScore: null }, null],
    ['rating', { ...task, kind: 'rating', source: 'human', score: 1 }, null],
  ])('reads a %s', (_name, fact, outcome) => {
    if (outcome === null) expect(outcomeOf(fact)).toBeNull();
    else expect(outcomeOf(fact)).toMatchObject(outcome);
  });
});

describe('searchTextOf', () => {
  it('joins what was said and nothing else', () => {
    expect(searchTextOf(execution())).toBeNull();
    expect(searchTextOf(execution({ prompt: 'a\0b', response: 'c', failureReason: '' }))).toBe(
      'a b\nc',
    );
    expect(
      searchTextOf({ ...task, kind: 'rating', source: 'human', label: 'up', comment: 'nice' }),
    ).toBe('up\nnice');
    expect(searchTextOf(execution({ prompt: 'x'.repeat(200_000) }))).toHaveLength(100_000);
  });
});
