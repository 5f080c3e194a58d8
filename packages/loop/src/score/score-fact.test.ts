import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Fact } from '../record/facts.ts';
import { identityOf } from '../record/identity.ts';
import { joinRun } from '../record/join-run.ts';
import { narrowFactOf } from '../record/narrow-fact.ts';
import { outcomeOf } from '../record/outcome.ts';
import { examplesOf } from '../train/training-example.ts';
import type { ResponseScore } from './response-score.ts';
import {
  NO_CORRECTNESS,
  recordedResponseOf,
  recordedScoreOf,
  type ScoreNotes,
  scoreFactOf,
} from './score-fact.ts';

type Execution = Extract<Fact, { kind: 'execution' }>;

const execution: Execution = {
  kind: 'execution',
  taskId: 't',
  timestamp: 1_000,
  attempt: 2,
  sessionId: 's',
  agentId: 'a',
  agentVersion: '3',
  taskType: 'mail',
  taskKind: 'spam',
  prompt: 'Is this spam?',
  response: 'It is.',
};
const score: ResponseScore = {
  kind: 'scored',
  version: 'response-score/1',
  language: 'en',
  modelType: 'reasoning',
  coverage: 'full',
  answer: 0.5,
  reasoning: 0.25,
  consistency: { verdict: 'contradicts', score: 0, evidence: ['a quoted span'] },
  composite: 0.425,
  gate: 0.75,
  factors: { density: 0.125, novelty: null },
  flags: ['refusal', 'truncated'],
  explanation: ['Something that quotes the answer.'],
};
const notes: ScoreNotes = {
  scorer: 'response-score/1',
  minThreshold: 0.1,
  promptRef: '-9223372036854775808',
  probability: null,
  isEvidence: false,
  corrected: null,
};

describe('the fact of a score', () => {
  it('belongs to the attempt, gives every number and claims no correctness', () => {
    const fact = scoreFactOf(execution, score, notes);
    expect(fact).toMatchObject({
      ...{ taskId: 't', timestamp: 1_000, attempt: 2, sessionId: 's', agentId: 'a' },
      ...{ agentVersion: '3', taskType: 'mail', taskKind: 'spam' },
      overallScore: null,
      unscoredReason: NO_CORRECTNESS,
    });
    const metrics = new Map(fact.metrics?.map((metric) => [metric.name, metric]));
    expect(metrics.get('factor.density')?.value).toBe(0.125);
    expect(metrics.get('factor.novelty')?.value).toBeNull();
    expect(metrics.get('consistency')).toMatchObject({ value: 0, label: 'contradicts' });
    expect(metrics.get('flags')?.label).toBe('refusal, truncated');
    expect(JSON.stringify(fact)).not.toMatch(/quote/);
    expect(recordedScoreOf(fact)).toEqual({
      scorer: 'response-score/1',
      isReasoning: true,
      isBelow: false,
      composite: 0.425,
      answer: 0.5,
      reasoning: 0.25,
      promptRef: '-9223372036854775808',
    });
  });

  it('is the same fact when the same version scores again, and another for another version', () => {
    const ids = [notes, notes, { ...notes, scorer: 'response-score/2' }].map((one) =>
      identityOf(scoreFactOf(execution, score, one)),
    );
    expect(ids[0]).toBe(ids[1]);
    expect(ids[2]).not.toBe(ids[0]);
    expect(identityOf(scoreFactOf({ ...execution, attempt: 3 }, score, notes))).not.toBe(ids[0]);
  });

  it('teaches the router nothing unless a calibrated probability is to count', () => {
    expect(outcomeOf(scoreFactOf(execution, score, notes))).toBeNull();
    const probability = { value: 0.8, calibrationId: 'c1' };
    expect(outcomeOf(scoreFactOf(execution, score, { ...notes, probability }))).toBeNull();
    const counted = { ...notes, probability, isEvidence: true };
    const fact = scoreFactOf(execution, score, counted);
    expect(outcomeOf(fact)).toMatchObject({ quality: 0.8, countsRun: false, agentVersion: '3' });
    expect(fact.unscoredReason).toBeUndefined();
    expect(scoreFactOf(execution, score, { ...notes, isEvidence: true }).overallScore).toBeNull();
    const unscored = { kind: 'unscored' as const, reason: 'empty' };
    const nothing = scoreFactOf(execution, unscored, counted);
    expect(nothing).toMatchObject({ overallScore: null, unscoredReason: 'empty' });
    expect(recordedScoreOf(nothing)).toMatchObject({ composite: null, answer: null });
  });

  it('marks what lies below the threshold, and only that', () => {
    const isBelow = (composite: number, minThreshold: number) =>
      recordedScoreOf(scoreFactOf(execution, { ...score, composite }, { ...notes, minThreshold }))
        ?.isBelow;
    expect([isBelow(0.09, 0.1), isBelow(0.1, 0.1), isBelow(0, 0)]).toEqual([true, false, false]);
  });

  it('never is the verdict on a run or the quality of an example while there is another', () => {
    const own = scoreFactOf(execution, { ...score, composite: 0 }, notes);
    const other: Fact = { ...execution, kind: 'evaluation', overallScore: 0.9, evaluator: 'tests' };
    for (const facts of [
      [execution, own, other],
      [own, other, execution],
    ]) {
      expect(joinRun(facts).attempts[0]?.evaluation?.evaluator).toBe('tests');
      const recorded = facts.map((fact, index) => ({ id: String(index), fact }));
      expect(examplesOf(recorded)[0]).toMatchObject({ quality: 0.9, isBelowThreshold: true });
    }
    expect(joinRun([execution, own]).attempts[0]?.evaluation).toMatchObject({ overallScore: null });
    const later = scoreFactOf(execution, score, { ...notes, scorer: 'response-score/2' });
    for (const pair of [
      [own, later],
      [later, own],
    ]) {
      const recorded = [execution, ...pair].map((fact, index) => ({ id: String(index), fact }));
      expect(examplesOf(recorded)[0]?.isBelowThreshold).toBe(false);
    }
  });

  it('is read from whatever the metrics hold without a fault', () => {
    const hostile = fc.oneof(fc.jsonValue(), fc.array(fc.jsonValue()));
    fc.assert(
      fc.property(hostile, fc.string({ unit: 'binary' }), (metrics, version) => {
        const fact = { ...scoreFactOf(execution, score, notes), metrics };
        const read = recordedScoreOf({ ...fact, evaluatorVersion: version } as unknown as Fact);
        expect(read === null).toBe(!/^[\x20-\x7e]{1,100}$/.test(version));
        if (read === null) return;
        expect(read.composite === null || (read.composite >= 0 && read.composite <= 1)).toBe(true);
        expect(BigInt.asIntN(64, BigInt(read.promptRef)).toString()).toBe(read.promptRef);
      }),
    );
    const others = [execution, { ...execution, kind: 'evaluation', evaluator: 'mine' } as Fact];
    expect(others.map(recordedScoreOf)).toEqual([null, null]);
  });
});

describe('the response of a fact', () => {
  it('is there when prompt and response are, in executions and whole tasks', () => {
    const input = { query: 'Is this spam?', response: 'It is.', reasoning: null };
    expect(recordedResponseOf(execution)).toMatchObject({ input, hasQuality: false });
    const task: Fact = {
      kind: 'task',
      taskId: 't',
      timestamp: 1_000,
      execution: { agentId: 'a', prompt: 'Is this spam?', response: '', reasoning: 'hm' },
      evaluation: { overallScore: 0 },
    };
    expect(recordedResponseOf(task)).toMatchObject({
      input: { response: '', reasoning: 'hm' },
      hasQuality: true,
    });
    expect(narrowFactOf(scoreFactOf(task, score, notes))).toMatchObject({ agentKey: 'a' });
    expect(recordedResponseOf({ ...execution, prompt: null })).toBeNull();
    expect(recordedResponseOf({ ...execution, prompt: ' \n' })).toBeNull();
    const { response: _none, ...without } = execution;
    expect(recordedResponseOf(without)).toBeNull();
    expect(recordedResponseOf({ ...execution, kind: 'execution-start' } as Fact)).toBeNull();
  });
});
