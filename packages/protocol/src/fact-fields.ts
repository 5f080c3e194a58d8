import type { FactKind } from '@assay/loop';
import type { Field, Fields } from './field.ts';
import { choice, integer, key, list, nullable, number, object, required, text } from './field.ts';

/** Largest integer that a typed column holds. */
const INT4 = 2_147_483_647;
/** Largest amount that is taken for a figure without a natural bound. */
const AMOUNT = 1e15;
/** Longest prompt, response or reasoning, in UTF-16 units. */
const CONTENT = 1_000_000;

const flag: Field = { type: 'boolean' };
const maybeFlag: Field = nullable(flag);
const score01: Field = nullable(number(0, 1));
const count: Field = nullable(integer(0, INT4));
const latency: Field = nullable(number(0, INT4));
const cost: Field = nullable(number(0, 1e9));
const amount: Field = nullable(number(-AMOUNT, AMOUNT));
const id: Field = key(200);
/** Version of an agent; '' = the agent has no versions. */
const version: Field = { type: 'text', min: 0, max: 100, isKey: true };
const phrase: Field = text(2_000);
const phrases: Field = list(text(2_000), 1_000);
const complexity: Field = nullable(choice(['trivial', 'standard', 'complex']));
const time: Field = required({ type: 'time' });

const taskFields: Fields = {
  taskId: required(id),
  timestamp: time,
  attempt: integer(1, 10_000),
  sessionId: nullable(key(200)),
  parentTaskId: nullable(key(200)),
  traceId: nullable(key(64)),
  factKey: key(200),
};

const agentFields: Fields = { agentId: required(id), agentVersion: version };
const typeFields: Fields = { taskType: id, taskKind: id };

const tokenFields: Fields = {
  inputTokens: count,
  outputTokens: count,
  reasoningTokens: count,
  cachedInputTokens: count,
  cacheWriteTokens: count,
};

const candidate: Field = object({
  agentId: required(id),
  agentVersion: version,
  capabilityScore: score01,
  performanceScore: score01,
  loadScore: score01,
  finalScore: amount,
  selectionReason: phrase,
  eligible: flag,
  ineligibleReason: nullable(phrase),
  meanScore: amount,
  sd: nullable(number(0, AMOUNT)),
  n: nullable(number(0, AMOUNT)),
  costEstimateUsd: cost,
  probability: score01,
});

const decisionOwn: Fields = {
  taskType: required(id),
  taskKind: id,
  complexity,
  requirements: phrases,
  selectedAgentId: required(id),
  selectedAgentVersion: version,
  routingStrategy: required(
    choice(['multi-armed-bandit', 'capability-match', 'load-balance', 'fallback']),
  ),
  confidence: score01,
  candidateAgents: list(candidate, 1_000),
  primaryReason: phrase,
  secondaryFactors: phrases,
  decisionId: id,
  policyId: id,
  policyVersion: id,
  evidenceWatermark: nullable(number(0, AMOUNT)),
  propensity: nullable(number(0, 1)),
  draw: score01,
  explorable: flag,
  assignment: choice(['fresh', 'sticky', 'forced', 'cached', 'single-candidate', 'fallback']),
  contextFeatures: { type: 'features' },
  featureSchemaVersion: version,
  servedAgentId: id,
  parentDecisionId: nullable(id),
};

const toolUse: Field = object({
  toolName: required(id),
  callCount: required(integer(0, INT4)),
  successRate: score01,
  averageLatency: latency,
});

const iteration: Field = object({
  iteration: required(integer(0, INT4)),
  latencyMs: latency,
  tokensUsed: count,
  qualityScore: score01,
  feedback: text(20_000),
  outcome: text(20_000),
});

const executionOwn: Fields = {
  ...agentFields,
  ...typeFields,
  ...tokenFields,
  complexity,
  modelId: nullable(id),
  provider: nullable(id),
  success: maybeFlag,
  failureReason: nullable(text(20_000)),
  partialSuccess: maybeFlag,
  latencyMs: latency,
  tokensUsed: count,
  thinkingTokens: count,
  costUsd: cost,
  toolCallCount: count,
  toolCallSuccessRate: score01,
  qualityScore: score01,
  cawsCompliant: maybeFlag,
  budgetCompliant: maybeFlag,
  toolsUsed: list(toolUse, 1_000),
  tokenEfficiency: amount,
  timeToFirstAction: latency,
  timeToFirstTokenMs: latency,
  iterations: list(iteration, 1_000),
  prompt: nullable(text(CONTENT)),
  response: nullable(text(CONTENT)),
  reasoning: nullable(text(CONTENT)),
};

const turnOwn: Fields = {
  turnNumber: required(integer(0, INT4)),
  toolCalled: nullable(text(200)),
  informationGain: score01,
  formatCorrectness: score01,
  taskProgress: score01,
  turnReward: amount,
};

const qualityGate: Field = object({
  name: required(id),
  passed: required(flag),
  score: amount,
  threshold: amount,
  mandatory: required(flag),
});

const evaluationOwn: Fields = {
  ...typeFields,
  qualityGates: list(qualityGate, 1_000),
  rubricScores: nullable(
    object({
      format: score01,
      tool: score01,
      task: score01,
      minimal: score01,
      cost: score01,
      safety: score01,
    }),
  ),
  minimalDiffMetrics: nullable(
    object({
      astSimilarity: score01,
      fileTouchCount: count,
      lineChangeRatio: nullable(number(0, AMOUNT)),
      scaffoldingPenalty: score01,
      rewardMultiplier: nullable(number(0.1, 1)),
    }),
  ),
  turnData: list(object(turnOwn), 1_000),
  overallScore: score01,
  unscoredReason: nullable(phrase),
  cawsCompliant: maybeFlag,
  passedAllMandatory: maybeFlag,
  evaluator: text(200),
  evaluatorVersion: text(100),
};

const trend: Field = required(choice(['improving', 'stable', 'degrading']));
const change: Field = object({
  from: required(number(-AMOUNT, AMOUNT)),
  to: required(number(-AMOUNT, AMOUNT)),
});

/** Fields of every kind of fact as it comes over the wire, without `kind`. */
export const FACT_FIELDS: Readonly<Record<FactKind, Fields>> = {
  decision: { ...taskFields, ...decisionOwn },
  execution: { ...taskFields, ...executionOwn, derivedFrom: choice(['spans']) },
  evaluation: { ...taskFields, ...agentFields, ...evaluationOwn },
  feedback: {
    ...agentFields,
    timestamp: time,
    timeRange: required(object({ start: time, end: time })),
    trends: required(
      object({ successRateTrend: trend, qualityScoreTrend: trend, latencyTrend: trend }),
    ),
    capabilityChanges: list(
      object({
        capability: required(id),
        added: number(-AMOUNT, AMOUNT),
        improved: change,
        degraded: change,
      }),
      1_000,
    ),
    trainingNeeds: phrases,
    strengthAreas: phrases,
    factKey: key(200),
  },
  rating: {
    ...taskFields,
    agentId: id,
    source: required(choice(['human', 'downstream'])),
    score: amount,
    label: nullable(text(200)),
    comment: nullable(text(20_000)),
  },
  'execution-start': { ...taskFields, ...agentFields, ...typeFields },
  'tool-call': {
    ...taskFields,
    agentId: id,
    toolName: required(id),
    callId: id,
    latencyMs: latency,
    success: maybeFlag,
    failureReason: nullable(text(20_000)),
    arguments: { type: 'json' },
    result: { type: 'json' },
  },
  turn: { ...taskFields, ...turnOwn, agentId: id },
  span: {
    ...taskFields,
    ...tokenFields,
    traceId: required(key(64)),
    spanId: required(key(64)),
    parentSpanId: nullable(key(64)),
    name: required(text(2_000)),
    spanClass: required(choice(['agent', 'inference', 'tool', 'retrieval', 'evaluator', 'other'])),
    startNs: nullable(text(30)),
    endNs: nullable(text(30)),
    latencyMs: latency,
    agentId: nullable(id),
    agentVersion: version,
    modelId: nullable(id),
    provider: nullable(id),
    success: maybeFlag,
    failureReason: nullable(text(20_000)),
    costUsd: cost,
    toolName: nullable(id),
    toolCallId: nullable(id),
    timeToFirstTokenMs: latency,
    remoteParent: flag,
    attributes: required({ type: 'open' }),
    resource: { type: 'open' },
    scopeName: text(500),
    events: list({ type: 'json' }, 10_000),
    links: list({ type: 'json' }, 10_000),
  },
  task: {
    ...taskFields,
    decision: nullable(object(decisionOwn)),
    execution: required(object(executionOwn)),
    evaluation: nullable(object(evaluationOwn)),
  },
};
