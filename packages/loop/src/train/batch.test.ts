import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { detectFindings } from '../privacy/detect.ts';
import type { Fact } from '../record/facts.ts';
import { RESPONSE_SCORE_EVALUATOR } from '../record/own-score.ts';
import { rewardOf } from '../score/reward.ts';
import { type BatchRequest, buildBatch } from './batch.ts';
import { completeMetrics, qualityBounds } from './quality-gates.ts';
import { examplesOf, type RecordedFact } from './training-example.ts';

const hash = (text: string): string => createHash('sha256').update(text).digest('hex');

function execution(at: number, more: Partial<Extract<Fact, { kind: 'execution' }>> = {}): Fact {
  return {
    kind: 'execution',
    taskId: `t${at}`,
    timestamp: 1_000 * at,
    agentId: `agent-${at % 2}`,
    agentVersion: '1',
    taskType: `type-${at % 3}`,
    success: true,
    latencyMs: 12,
    tokensUsed: 34,
    qualityScore: 0.9,
    prompt: `question ${at}`,
    response: `answer ${at}`,
    ...more,
  };
}

function textScore(at: number, composite: number): Fact {
  return {
    kind: 'evaluation',
    taskId: `t${at}`,
    timestamp: 1_000 * at,
    agentId: `agent-${at % 2}`,
    evaluator: RESPONSE_SCORE_EVALUATOR,
    evaluatorVersion: 'response-score/1',
    overallScore: null,
    metrics: [
      { name: 'composite', value: composite },
      ...(composite < 0.1 ? [{ name: 'belowThreshold', value: 0.1 }] : []),
    ],
  };
}

function recorded(facts: readonly Fact[]): readonly RecordedFact[] {
  return facts.map((fact, index) => ({ id: String(index).padStart(6, '0'), fact }));
}

function request(facts: readonly RecordedFact[], more: Partial<BatchRequest> = {}): BatchRequest {
  return {
    criteria: { trainingType: 'sft-warmup', fromMs: 0, toMs: 1e12 },
    format: 'sft-jsonl',
    examples: examplesOf(facts),
    alreadyExported: new Set(),
    allowNotReady: false,
    hash,
    pseudonym: (text) => hash(`key${text}`).slice(0, 16),
    detect: detectFindings,
    detectorName: 'test/1',
    byteLength: (text) => Buffer.byteLength(text),
    ...more,
  };
}

function range(n: number): readonly number[] {
  return Array.from({ length: n }, (_, at) => at);
}

describe('buildBatch', () => {
  const facts = recorded(range(1_000).map((at) => execution(at)));

  it('is ready at 1,000 examples of 3 task types, not before', () => {
    const outcome = buildBatch(request(facts));
    expect(outcome).toMatchObject({ kind: 'batch', manifest: { ready: true } });
    const short = buildBatch(request(facts.slice(1)));
    expect(short).toMatchObject({ kind: 'not-ready', readiness: { progress: 0.999 } });
    const forced = buildBatch(request(facts.slice(1), { allowNotReady: true }));
    expect(forced).toMatchObject({ kind: 'batch', manifest: { ready: false } });
  });

  it('gives the same bytes for the same facts in any order', () => {
    const one = buildBatch(request(facts));
    const two = buildBatch(request([...facts].reverse()));
    expect(two).toEqual(one);
    if (one.kind !== 'batch') throw new Error('no batch');
    for (const [index, file] of one.files.entries()) {
      const described = one.manifest.files[index];
      expect(described?.sha256).toBe(hash(file.content));
      expect(described?.bytes).toBe(Buffer.byteLength(file.content));
      expect(file.content.trimEnd().split('\n')).toHaveLength(described?.rows ?? 0);
    }
    expect(JSON.parse(one.files[0]?.content.split('\n')[0] ?? '')).toEqual({
      messages: [
        { role: 'user', content: 'question 0' },
        { role: 'assistant', content: 'answer 0' },
      ],
    });
  });

  it('leaves out what went out before, is below the quality, repeats, or leaks', () => {
    const outcome = buildBatch(
      request(
        recorded([
          execution(1),
          execution(2),
          execution(3, { qualityScore: 0.5 }),
          execution(4, { prompt: 'write to someone@mail.example' }),
          execution(5, { prompt: 'question 2', response: 'answer 2' }),
          execution(6, { tokensUsed: null }),
          execution(7, { qualityScore: 1.2 }),
          execution(8, { qualityScore: null }),
          execution(9),
          textScore(9, 0.05),
          execution(10, { qualityScore: null }),
          textScore(10, 0.5),
        ]),
        { allowNotReady: true, alreadyExported: new Set(['t1']) },
      ),
    );
    expect(outcome).toMatchObject({
      kind: 'batch',
      exampleIds: ['t2'],
      manifest: {
        counts: { candidates: 10, alreadyExported: 1, belowQuality: 1, rejected: 7, exported: 1 },
        rejectedByGate: {
          'complete-metrics': 3,
          'quality-bounds': 1,
          'score-threshold': 1,
          'privacy-compliance': 1,
          duplicate: 1,
        },
      },
    });
    expect(JSON.stringify(outcome)).not.toContain('someone@');
  });

  it('writes nothing that a person wrote into allow-list rows, the manifest and the lineage', () => {
    const secretText = 'a story that nobody may read';
    const outcome = buildBatch(
      request(
        recorded([
          execution(1, { taskId: 'customer-4711', prompt: secretText, response: secretText }),
          {
            kind: 'decision',
            taskId: 'customer-4711',
            timestamp: 999,
            taskType: 'type-1',
            selectedAgentId: 'agent-1',
            routingStrategy: 'multi-armed-bandit',
            propensity: 0.4,
            contextFeatures: { topic: secretText, words: 12 },
          },
        ]),
        { format: 'allow-list-jsonl', allowNotReady: true },
      ),
    );
    if (outcome.kind !== 'batch') throw new Error('no batch');
    const out = JSON.stringify([outcome.manifest, outcome.files]);
    expect(out).not.toContain('story');
    expect(out).not.toContain('customer-4711');
    const row = JSON.parse(outcome.files[0]?.content ?? '') as Record<string, unknown>;
    expect(row).toMatchObject({ propensity: 0.4, quality: 0.9, features: { words: 12 } });
    const lineage = JSON.parse(outcome.files[1]?.content ?? '') as Record<string, unknown>;
    expect(lineage).toMatchObject({ row: 0, sources: ['000000', '000001'] });
  });

  it('makes no batch of nothing', () => {
    expect(buildBatch(request([], { allowNotReady: true })).kind).toBe('not-ready');
  });
});

describe('data quality gates', () => {
  it('names what is missing', () => {
    const [example] = examplesOf(recorded([execution(1, { tokensUsed: null })]));
    if (example === undefined) throw new Error('no example');
    expect(completeMetrics(example, ['tokensUsed']).reason).toBe('Missing fields: tokensUsed');
    expect(qualityBounds({ ...example, quality: Number.NaN }).passed).toBe(false);
  });
});

describe('rewardOf', () => {
  it.each([
    [{ overallScore: 0.7 }, { kind: 'scored', score: 0.7 }],
    [{ overallScore: 1.2 }, { kind: 'unscored' }],
    [{}, { kind: 'unscored', reason: 'nothing was measured' }],
    [{ rubricScores: { task: 1, format: 0.5 } }, { kind: 'scored', score: 0.9 }],
    [{ rubricScores: { task: null } }, { kind: 'unscored' }],
    [
      { overallScore: 1, qualityGates: [{ name: 'g', passed: false, mandatory: true }] },
      { kind: 'scored', score: 0 },
    ],
    [
      { qualityGates: [{ name: 'g', passed: true, mandatory: true }] },
      { kind: 'scored', score: 1 },
    ],
  ])('scores %j', (evaluation, expected) => {
    expect(rewardOf(evaluation)).toMatchObject(expected);
  });
});
