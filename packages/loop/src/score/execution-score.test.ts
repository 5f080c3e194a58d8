import { describe, expect, it } from 'vitest';
import {
  CHECK_OUTCOME_KINDS,
  type CheckOutcome,
  type CheckOutcomeKind,
  wallLimitMs,
} from './execution-check.ts';
import { correctnessOf, executionEvaluationOf, summariseOutcomes } from './execution-score.ts';
import { rewardOf } from './reward.ts';

function outcome(kind: CheckOutcomeKind): CheckOutcome {
  const counts = { checksPassed: 3, checksFailed: 1, durationMs: 12, output: '' };
  return kind === 'missing-module'
    ? { ...counts, kind, message: 'no module x', module: 'x' }
    : { ...counts, kind, message: 'why' };
}

describe('correctness by execution', () => {
  it.each(CHECK_OUTCOME_KINDS)('%s gives the router the reward that it deserves', (kind) => {
    const reward = rewardOf(executionEvaluationOf(outcome(kind)));
    const correctness = correctnessOf(outcome(kind));
    expect(reward.kind).toBe(correctness.kind);
    if (kind === 'passed') expect(reward).toMatchObject({ score: 1 });
    else if (kind === 'missing-module' || kind === 'infrastructure') {
      expect(reward).toMatchObject({ kind: 'unscored', reason: expect.stringContaining(kind) });
    } else expect(reward).toMatchObject({ kind: 'scored', score: 0 });
  });

  it('gives no partial credit', () => {
    expect(correctnessOf(outcome('assertion-failed'))).toEqual({ kind: 'scored', score: 0 });
  });

  it('keeps what could not be judged in the denominator', () => {
    const summary = summariseOutcomes({
      passed: 161,
      'assertion-failed': 1,
      'runtime-error': 1,
      'missing-module': 1,
    });
    expect(summary).toMatchObject({ n: 164, unscored: 1 });
    expect(summary.passRate.mean).toBeCloseTo(161 / 164, 12);
    // Wilson 95 % of 161 of 164.
    expect(summary.passRate.low).toBeCloseTo(0.94764, 4);
    expect(summary.passRate.high).toBeCloseTo(0.99376, 4);
  });

  it('has nothing to say about nothing', () => {
    expect(summariseOutcomes({})).toMatchObject({ n: 0, passRate: { low: 0, high: 1, n: 0 } });
  });

  it('takes the limit from the reference, but never below the floor', () => {
    const policy = { floorMs: 1_000, factor: 4 };
    expect(wallLimitMs(10, policy)).toBe(1_000);
    expect(wallLimitMs(600, policy)).toBe(2_400);
  });
});
