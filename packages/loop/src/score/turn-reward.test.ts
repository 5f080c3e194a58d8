import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ToolCallLog, TurnLog } from '../record/facts.ts';
import { type TurnParts, turnReward, turnRewardsOf } from './turn-reward.ts';

const call = (toolName: string, fields: Partial<ToolCallLog> = {}): ToolCallLog => ({
  taskId: 't',
  timestamp: 0,
  toolName,
  ...fields,
});
const turn = (turnNumber: number, fields: Partial<TurnLog> = {}): TurnLog => ({
  taskId: 't',
  timestamp: 0,
  turnNumber,
  ...fields,
});
const parts = (
  informationGain: number | null,
  formatCorrectness: number | null,
  taskProgress: number | null,
  safety: number | null,
): TurnParts => ({ informationGain, formatCorrectness, taskProgress, safety });

describe('reward of a turn', () => {
  test('AA-14', () => {
    const reward = turnReward(parts(0.8, 1, 0.6, 0.9), 1);
    expect(reward).toEqual({ kind: 'scored', score: expect.closeTo(0.83, 12) });
    expect(turnReward(parts(0.8, 1, 0.6, 0.9), 0.5)).toEqual({
      kind: 'scored',
      score: expect.closeTo(0.415, 12),
    });
  });

  test('what is missing leaves it unscored, and is named', () => {
    expect(turnReward(parts(0.8, null, 0.6, null), null)).toEqual({
      kind: 'unscored',
      reason: 'not measured: formatCorrectness, safety, minimality',
    });
  });

  test('is within 0..1 and grows with each part', () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(share, share, share, share, share, share, (a, b, c, d, minimality, less) => {
        const more = turnReward(parts(a, b, c, d), minimality);
        const fewer = turnReward(parts(a * less, b * less, c * less, d * less), minimality);
        if (more.kind !== 'scored' || fewer.kind !== 'scored') throw new Error('unscored');
        expect(more.score >= 0 && more.score <= 1).toBe(true);
        expect(fewer.score).toBeLessThanOrEqual(more.score + 1e-12);
      }),
    );
  });
});

describe('rewards of the turns of an execution', () => {
  const toolCalls = [
    call('search', {
      success: true,
      arguments: { q: 'ferry' },
      result: 'The ferry leaves at nine',
    }),
    call('search', {
      success: true,
      arguments: { q: 'ferry' },
      result: 'The ferry leaves at nine',
    }),
    call('book', { success: false, arguments: '{"seat":', failureReason: 'could not parse' }),
    call('book', { success: false, arguments: {}, failureReason: 'the ferry is full' }),
    call('wait', { success: true, arguments: {} }),
  ];

  test('come from the calls: novelty, form, progress, safety', () => {
    const { turns, n, reason } = turnRewardsOf(
      {
        prompt: 'When does the ferry leave?',
        toolCalls,
        iterations: [
          { iteration: 1, qualityScore: 0.5 },
          { iteration: 2, qualityScore: 0.5 },
          { iteration: 3, qualityScore: 0.4 },
          { iteration: 4, qualityScore: 0.7 },
        ],
      },
      { minimality: 1, isSafe: ({ toolName }) => toolName !== 'wait' },
    );
    // New in the first result: leaves, at, nine. Known: the, ferry.
    expect(turns.map((each) => each.informationGain)).toEqual([3 / 5, 0, 0, 0, null]);
    expect(turns.map((each) => each.formatCorrectness)).toEqual([1, 1, 0, 1, 1]);
    expect(turns.map((each) => each.taskProgress)).toEqual([
      0.5,
      0,
      0,
      expect.closeTo(0.5, 12),
      null,
    ]);
    expect(turns.map((each) => each.safety)).toEqual([1, 1, 1, 1, 0]);
    expect(turns[0]?.turnReward).toBeCloseTo(0.4 * 0.6 + 0.3 + 0.2 * 0.5 + 0.1, 12);
    expect(turns[4]).toMatchObject({
      turnReward: null,
      unscoredReason: 'not measured: informationGain, taskProgress',
    });
    expect([n, reason]).toEqual([4, null]);
  });

  test('what the reporter of a turn measured stands; calls join by the name of the tool', () => {
    const { turns } = turnRewardsOf(
      {
        toolCalls,
        turns: [
          turn(2, { toolCalled: 'book', taskProgress: 0.25 }),
          turn(1, { toolCalled: 'search', informationGain: 0.1, taskProgress: 0.5 }),
          turn(3, { toolCalled: null, turnReward: 0.9 }),
          turn(4, { toolCalled: 'search' }),
        ],
      },
      { minimality: 0.5, isSafe: () => true },
    );
    expect(turns.map((each) => each.turnNumber)).toEqual([1, 2, 3, 4]);
    expect(turns[0]?.turnReward).toBeCloseTo((0.04 + 0.3 + 0.1 + 0.1) * 0.5, 12);
    expect(turns[1]?.turnReward).toBeCloseTo((0 + 0 + 0.05 + 0.1) * 0.5, 12);
    expect(turns[2]).toMatchObject({ turnReward: 0.9, unscoredReason: null });
    expect(turns[3]).toMatchObject({ informationGain: 0, turnReward: null });
  });

  test('nobody looked: no turn has a reward', () => {
    expect(turnRewardsOf({}, { minimality: 1 })).toEqual({
      turns: [],
      n: 0,
      reason: 'no turn was recorded',
    });
    expect(turnRewardsOf({ toolCalls: [call('a')] }, { minimality: null })).toMatchObject({
      n: 0,
      reason: 'not measured: informationGain, formatCorrectness, taskProgress, safety, minimality',
    });
  });

  test('a perfect round before leaves nothing to achieve', () => {
    const progress = (before: number, after: number): number | null | undefined =>
      turnRewardsOf(
        {
          toolCalls: [call('a'), call('a')],
          iterations: [
            { iteration: 1, qualityScore: before },
            { iteration: 2, qualityScore: after },
          ],
        },
        { minimality: 1 },
      ).turns[1]?.taskProgress;
    expect([progress(1, 1), progress(1, 0.5), progress(0, 1), progress(0.65, 0.95)]).toEqual([
      1,
      0,
      1,
      expect.closeTo(0.3 / 0.35, 12),
    ]);
  });
});
