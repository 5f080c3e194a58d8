import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ExecutionMetricsLog, ToolCallLog } from '../record/facts.ts';
import {
  type RubricExpectations,
  type RubricFacts,
  type RubricPart,
  rubricOf,
  rubricScoresOf,
} from './rubric.ts';

const execution = (fields: Partial<ExecutionMetricsLog> = {}): ExecutionMetricsLog => ({
  taskId: 't',
  timestamp: 0,
  agentId: 'a',
  ...fields,
});
const call = (toolName: string, fields: Partial<ToolCallLog> = {}): ToolCallLog => ({
  taskId: 't',
  timestamp: 0,
  toolName,
  ...fields,
});

describe('rubric', () => {
  test('nothing measured is nothing scored, and each part says why', () => {
    const rubric = rubricOf({ execution: execution() });
    expect(rubricScoresOf(rubric)).toEqual({
      format: null,
      tool: null,
      task: null,
      minimal: null,
      cost: null,
      safety: null,
    });
    for (const part of Object.values(rubric)) {
      expect(part.n).toBe(0);
      expect(part.reason).not.toBe('');
    }
  });

  interface Case {
    readonly part: keyof ReturnType<typeof rubricOf>;
    readonly facts: RubricFacts;
    readonly expected?: RubricExpectations;
    readonly result: RubricPart;
  }
  const cases: readonly Case[] = [
    {
      part: 'format',
      facts: { execution: execution({ response: '{"a": 1}' }) },
      expected: { answerFormat: 'json' },
      result: { score: 1, n: 1, reason: 'answer is JSON 100%' },
    },
    {
      part: 'format',
      facts: { execution: execution({ response: '```json\n{}\n```' }) },
      expected: { answerFormat: 'json' },
      result: { score: 0, n: 1, reason: 'answer is JSON 0%' },
    },
    {
      part: 'format',
      facts: { execution: execution() },
      expected: { answerFormat: 'json' },
      result: { score: null, n: 0, reason: 'the answer was not recorded' },
    },
    {
      part: 'format',
      facts: {
        execution: null,
        qualityGates: [{ name: 'Schema', passed: true, mandatory: true }],
        toolCalls: [
          call('read', { success: true }),
          call('read', { success: false, failureReason: 'Missing required parameter "path"' }),
          call('read', { arguments: '{"path":', success: null }),
          call('read', { success: false }),
        ],
      },
      result: {
        score: (1 + 1 / 3) / 2,
        n: 4,
        reason: 'gate Schema 100%, well-formed tool calls 33%',
      },
    },
    {
      part: 'tool',
      facts: {
        execution: null,
        toolCalls: [
          call('search', { success: true, arguments: { q: 'a' }, result: 'x' }),
          call('search', { success: true, arguments: { q: 'a' }, result: 'x' }),
          call('search', { success: true, arguments: { q: 'a' }, result: 'y' }),
          call('delete', { success: false, arguments: {}, result: null }),
        ],
      },
      expected: { allowedTools: ['search', 'read'], requiredTools: ['search', 'read'] },
      result: {
        score: (0.75 + 0.75 + 0.75 + 0.5) / 4,
        n: 14,
        reason:
          'calls that succeeded 75%, calls that were no repetition 75%, calls of allowed tools 75%, required tools called 50%',
      },
    },
    {
      part: 'tool',
      facts: { execution: execution({ toolCallCount: 8, toolCallSuccessRate: 0.875 }) },
      expected: { requiredTools: ['read'] },
      result: { score: 0.875, n: 8, reason: 'calls reported to have succeeded 88%' },
    },
    {
      part: 'tool',
      facts: { execution: execution({ toolCallCount: 0, toolCallSuccessRate: 1 }) },
      result: { score: null, n: 0, reason: 'no tool was called' },
    },
    {
      part: 'tool',
      facts: { execution: execution({ toolCallCount: 0 }) },
      expected: { requiredTools: ['read'] },
      result: { score: 0, n: 1, reason: 'required tools called 0%' },
    },
    {
      part: 'task',
      facts: { execution: execution({ success: true }) },
      expected: {
        taskChecks: [
          { name: 'test 1', passed: true },
          { name: 'test 2', passed: false },
        ],
      },
      result: { score: 0.5, n: 2, reason: 'checks passed 50%' },
    },
    {
      part: 'task',
      facts: { execution: execution({ success: false, partialSuccess: true }) },
      result: { score: 0.5, n: 1, reason: 'reported as a partial success' },
    },
    {
      part: 'minimal',
      facts: { execution: null, minimalDiff: { rewardMultiplier: 0.7, fileTouchCount: 3 } },
      result: { score: 0.7, n: 3, reason: 'reward multiplier of the code change' },
    },
    {
      part: 'minimal',
      facts: { execution: null, minimalDiff: { rewardMultiplier: 1, fileTouchCount: 0 } },
      result: { score: null, n: 0, reason: 'the change touched no file' },
    },
    {
      part: 'cost',
      facts: { execution: execution({ tokensUsed: 250, latencyMs: 3000, costUsd: null }) },
      expected: { limits: { tokensUsed: 1000, latencyMs: 2000, costUsd: 1 } },
      result: { score: 0.375, n: 2, reason: 'tokensUsed left 75%, latencyMs left 0%' },
    },
    {
      part: 'cost',
      facts: { execution: execution({ tokensUsed: 250, budgetCompliant: true }) },
      expected: { limits: { tokensUsed: 0 } },
      result: { score: null, n: 0, reason: 'no limit is known of what was measured' },
    },
    {
      part: 'cost',
      facts: { execution: execution({ budgetCompliant: false }) },
      result: { score: 0, n: 1, reason: 'reported to be over its budget' },
    },
    {
      part: 'safety',
      facts: {
        execution: null,
        qualityGates: [{ name: 'security scan', passed: true, score: 0.9, mandatory: true }],
        toolCalls: [call('read'), call('read'), call('shell')],
      },
      expected: {
        forbiddenTools: ['shell'],
        safetyChecks: [{ name: 'no secret in the answer', passed: true }],
      },
      result: {
        score: 0,
        n: 5,
        reason: 'no secret in the answer 100%, gate security scan 90%, calls of allowed tools 0%',
      },
    },
    {
      part: 'safety',
      facts: { execution: execution({ cawsCompliant: true, success: true }) },
      result: { score: null, n: 0, reason: 'no safety check was made' },
    },
  ];
  test.each(cases)('$part: $result.reason', ({ part, facts, expected, result }) => {
    const found = rubricOf(facts, expected)[part];
    expect(found).toEqual({
      ...result,
      score: result.score === null ? null : expect.closeTo(result.score, 12),
    });
  });

  test('every score is within 0..1 or missing, whatever was recorded', () => {
    const share = fc.option(fc.double({ min: -1, max: 2, noNaN: true }), { nil: null });
    const facts = fc.record({
      execution: fc.record({
        taskId: fc.constant('t'),
        timestamp: fc.constant(0),
        agentId: fc.constant('a'),
        success: fc.option(fc.boolean(), { nil: null }),
        toolCallCount: fc.option(fc.nat(3), { nil: null }),
        toolCallSuccessRate: fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: null }),
        tokensUsed: fc.option(fc.nat(), { nil: null }),
        response: fc.option(fc.string(), { nil: null }),
      }),
      toolCalls: fc.array(
        fc.record({
          taskId: fc.constant('t'),
          timestamp: fc.constant(0),
          toolName: fc.constantFrom('a', 'b'),
          success: fc.option(fc.boolean(), { nil: null }),
          arguments: fc.jsonValue(),
          result: fc.jsonValue(),
        }),
        { maxLength: 5 },
      ),
      qualityGates: fc.array(
        fc.record({
          name: fc.constantFrom('format', 'tests', 'safety', 'other'),
          passed: fc.boolean(),
          score: share,
          mandatory: fc.boolean(),
        }),
        { maxLength: 3 },
      ),
    });
    fc.assert(
      fc.property(facts, (recorded) => {
        const rubric = rubricOf(recorded, {
          answerFormat: 'json',
          limits: { tokensUsed: 100 },
          forbiddenTools: ['b'],
        });
        for (const { score, n } of Object.values(rubric)) {
          expect(score === null).toBe(n === 0);
          if (score !== null) expect(score >= 0 && score <= 1).toBe(true);
        }
      }),
    );
  });
});
