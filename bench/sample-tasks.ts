import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** A source of numbers in 0..1 that repeats for a seed. */
export function seededRandom(seed: number): () => number {
  const generator = xoroshiro128plus(seed);
  return () => uniformFloat64(generator);
}

const AGENTS = ['atlas', 'birch', 'cedar', 'delta', 'ember', 'fjord'];
const TYPES = ['triage', 'filing', 'headline', 'threading'];
const TOOLS = ['search', 'read-file', 'edit-file', 'run-tests'];
const round4 = (value: number): number => Number(value.toPrecision(4));

/** How the numbers in a sample document look: as a computer prints them, or rounded. */
export type Digits = 'full-precision' | 'four-digits';

function pick<T>(random: () => number, from: readonly T[]): T {
  const chosen = from[Math.floor(random() * from.length)];
  if (chosen === undefined) throw new RangeError('nothing to pick from');
  return chosen;
}

function sampleDecision(number: () => number, selected: string): object {
  return {
    taskType: 'set-below',
    complexity: 'standard',
    requirements: ['typescript', 'unit-tests'],
    selectedAgentId: selected,
    routingStrategy: 'multi-armed-bandit',
    confidence: number(),
    propensity: number(),
    policyVersion: 'thompson-9f2c41d07ab3',
    candidateAgents: AGENTS.slice(0, 4).map((agentId) => ({
      agentId,
      capabilityScore: number(),
      performanceScore: number(),
      loadScore: number(),
      finalScore: number(),
      selectionReason: 'Best mean reward for the kind of task',
      probability: number(),
    })),
    primaryReason: 'Best success rate for the kind of task',
    secondaryFactors: ['Low current load', 'Recent improvement trend'],
  };
}

function sampleEvaluation(number: () => number): object {
  return {
    qualityGates: ['tests', 'lint', 'budget'].map((name) => ({
      name,
      passed: true,
      score: number(),
      threshold: 0.8,
      mandatory: true,
    })),
    rubricScores: {
      format: number(),
      tool: number(),
      task: number(),
      minimal: number(),
      cost: number(),
      safety: number(),
    },
    minimalDiffMetrics: {
      astSimilarity: number(),
      fileTouchCount: 3,
      lineChangeRatio: number(),
      scaffoldingPenalty: 0,
      rewardMultiplier: 1,
    },
    turnData: [1].map((turnNumber) => ({
      turnNumber,
      toolCalled: 'run-tests',
      informationGain: number(),
      formatCorrectness: number(),
      taskProgress: number(),
    })),
    overallScore: number(),
    passedAllMandatory: true,
  };
}

/** One whole task of about 2.8 KB as a line of JSON: decision, execution and evaluation. */
export function sampleTask(
  random: () => number,
  taskId: string,
  timestamp: number,
  digits: Digits,
): string {
  const number = digits === 'full-precision' ? random : (): number => round4(random());
  const agentId = pick(random, AGENTS);
  const taskType = pick(random, TYPES);
  return JSON.stringify({
    kind: 'task',
    taskId,
    timestamp,
    decision: { ...sampleDecision(number, agentId), taskType },
    execution: {
      agentId,
      agentVersion: '1',
      taskType,
      modelId: 'sample-model-2026-01',
      success: random() < 0.85,
      latencyMs: Math.round(Math.exp(6 + 2 * random())),
      tokensUsed: Math.round(400 + 4000 * random()),
      inputTokens: Math.round(300 + 3000 * random()),
      outputTokens: Math.round(100 + 1000 * random()),
      costUsd: number() / 100,
      toolCallCount: 4,
      toolsUsed: TOOLS.map((toolName) => ({
        toolName,
        callCount: 1,
        successRate: 1,
        averageLatency: round4(1000 * random()),
      })),
    },
    evaluation: sampleEvaluation(number),
  });
}
