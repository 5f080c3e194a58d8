/**
 * The facts that Assay records. A fact is what an orchestrator says happened, once, at a time
 * that it fixed itself. Facts are append-only: a later fact never changes an earlier one.
 *
 * Times are milliseconds since 1970-01-01 UTC. `null` (or an absent field) means "not known" and
 * is never the same as 0.
 */

/** Kinds of fact, with the number that is stored in a row. The numbers are permanent. */
export const FACT_KINDS = {
  decision: 0,
  execution: 1,
  evaluation: 2,
  feedback: 3,
  rating: 4,
  'execution-start': 5,
  'tool-call': 6,
  turn: 7,
  span: 8,
  task: 9,
} as const;

/** Name of a kind of fact. */
export type FactKind = keyof typeof FACT_KINDS;

/** How hard a task is said to be. */
export type Complexity = 'trivial' | 'standard' | 'complex';

/** How the agent was picked. */
export type RoutingStrategy =
  | 'multi-armed-bandit'
  | 'capability-match'
  | 'load-balance'
  | 'fallback';

/** How the assignment came about; only `fresh` draws are evidence for off-policy evaluation. */
export type Assignment = 'fresh' | 'sticky' | 'forced' | 'cached' | 'single-candidate' | 'fallback';

/** Direction of a trend. */
export type Trend = 'improving' | 'stable' | 'degrading';

/** Fields that every fact of a task may carry. */
export interface TaskFact {
  /** The caller's id of the task, 1 to 200 characters. */
  readonly taskId: string;
  /** Time of the fact, fixed once by the caller. ms since 1970. */
  readonly timestamp: number;
  /** Which attempt of the task this belongs to; 1 when absent. */
  readonly attempt?: number;
  readonly sessionId?: string | null;
  readonly parentTaskId?: string | null;
  /** Trace that holds the spans of this task, lower-case hex. */
  readonly traceId?: string | null;
  /** Tells apart several facts of one kind in one task (tool calls, turns, ratings). */
  readonly factKey?: string;
}

/** One agent that was considered. Scores are 0..1, probabilities sum to 1 over the eligible ones. */
export interface CandidateAgent {
  readonly agentId: string;
  readonly agentVersion?: string;
  readonly capabilityScore?: number | null;
  readonly performanceScore?: number | null;
  readonly loadScore?: number | null;
  readonly finalScore?: number | null;
  readonly selectionReason?: string;
  readonly eligible?: boolean;
  readonly ineligibleReason?: string | null;
  /** Posterior mean of the reward, 0..1. */
  readonly meanScore?: number | null;
  /** Posterior standard deviation of the reward. */
  readonly sd?: number | null;
  /** Observations (after discounting) behind the mean. */
  readonly n?: number | null;
  readonly costEstimateUsd?: number | null;
  readonly probability?: number | null;
}

/** Why an agent was chosen for a task. Field names of requirement 001 plus what replay needs. */
export interface RoutingDecisionLog extends TaskFact {
  readonly taskType: string;
  /** Kind of task within its type, known before execution; the router learns per kind. */
  readonly taskKind?: string;
  readonly complexity?: Complexity | null;
  readonly requirements?: readonly string[];
  readonly selectedAgentId: string;
  readonly selectedAgentVersion?: string;
  readonly routingStrategy: RoutingStrategy;
  readonly confidence?: number | null;
  readonly candidateAgents?: readonly CandidateAgent[];
  readonly primaryReason?: string;
  readonly secondaryFactors?: readonly string[];
  readonly decisionId?: string;
  readonly policyId?: string;
  readonly policyVersion?: string;
  /** Last evidence sequence number that the probabilities used. */
  readonly evidenceWatermark?: number | null;
  /** Probability with which the chosen agent was chosen, 0 < p <= 1. */
  readonly propensity?: number | null;
  /** The uniform number that was drawn, 0 <= u < 1. */
  readonly draw?: number | null;
  readonly explorable?: boolean;
  readonly assignment?: Assignment;
  readonly contextFeatures?: Readonly<Record<string, string | number | boolean>>;
  readonly featureSchemaVersion?: string;
  readonly servedAgentId?: string;
  readonly parentDecisionId?: string | null;
}

/** Use of one tool within an execution. */
export interface ToolUse {
  readonly toolName: string;
  readonly callCount: number;
  readonly successRate?: number | null;
  /** Mean latency of the calls, ms. */
  readonly averageLatency?: number | null;
}

/** One round of an execution that iterates towards a goal. */
export interface Iteration {
  readonly iteration: number;
  readonly latencyMs?: number | null;
  readonly tokensUsed?: number | null;
  readonly qualityScore?: number | null;
  readonly feedback?: string;
  readonly outcome?: string;
}

/** Token counts. `input` includes cached tokens and `output` includes reasoning tokens. */
export interface TokenCounts {
  readonly inputTokens?: number | null;
  readonly outputTokens?: number | null;
  readonly reasoningTokens?: number | null;
  readonly cachedInputTokens?: number | null;
  readonly cacheWriteTokens?: number | null;
}

/** How an agent performed on one attempt of a task. */
export interface ExecutionMetricsLog extends TaskFact, TokenCounts {
  readonly agentId: string;
  readonly agentVersion?: string;
  readonly taskType?: string;
  readonly taskKind?: string;
  readonly complexity?: Complexity | null;
  readonly modelId?: string | null;
  readonly provider?: string | null;
  readonly success?: boolean | null;
  readonly failureReason?: string | null;
  readonly partialSuccess?: boolean | null;
  readonly latencyMs?: number | null;
  readonly tokensUsed?: number | null;
  readonly thinkingTokens?: number | null;
  readonly costUsd?: number | null;
  readonly toolCallCount?: number | null;
  readonly toolCallSuccessRate?: number | null;
  readonly qualityScore?: number | null;
  readonly cawsCompliant?: boolean | null;
  readonly budgetCompliant?: boolean | null;
  readonly toolsUsed?: readonly ToolUse[];
  readonly tokenEfficiency?: number | null;
  /** ms until the first tool call. */
  readonly timeToFirstAction?: number | null;
  readonly timeToFirstTokenMs?: number | null;
  readonly iterations?: readonly Iteration[];
  readonly prompt?: string | null;
  readonly response?: string | null;
  readonly reasoning?: string | null;
  /** Set when Assay read the execution from spans; only then later spans of the trace revise it. */
  readonly derivedFrom?: 'spans';
}

/** Said when an agent begins to work, so that in-flight work is visible. */
export interface ExecutionStartLog extends TaskFact {
  readonly agentId: string;
  readonly agentVersion?: string;
  readonly taskType?: string;
  readonly taskKind?: string;
}

/** One tool call, sent as it happens. */
export interface ToolCallLog extends TaskFact {
  readonly agentId?: string;
  readonly toolName: string;
  readonly callId?: string;
  readonly latencyMs?: number | null;
  readonly success?: boolean | null;
  readonly failureReason?: string | null;
  readonly arguments?: unknown;
  readonly result?: unknown;
}

/** Rewards of one turn; each 0..1 except `turnReward`, which the caller defines. */
export interface TurnScore {
  readonly turnNumber: number;
  readonly toolCalled?: string | null;
  readonly informationGain?: number | null;
  readonly formatCorrectness?: number | null;
  readonly taskProgress?: number | null;
  readonly turnReward?: number | null;
}

/** One turn of an execution, sent as it happens. */
export interface TurnLog extends TaskFact, TurnScore {
  readonly agentId?: string;
}

/** One quality gate of an evaluation. */
export interface QualityGate {
  readonly name: string;
  readonly passed: boolean;
  readonly score?: number | null;
  readonly threshold?: number | null;
  readonly mandatory: boolean;
}

/** Rubric scores, each 0..1. */
export interface RubricScores {
  readonly format?: number | null;
  readonly tool?: number | null;
  readonly task?: number | null;
  readonly minimal?: number | null;
  readonly cost?: number | null;
  readonly safety?: number | null;
}

/** How small a change was. */
export interface MinimalDiffMetrics {
  readonly astSimilarity?: number | null;
  readonly fileTouchCount?: number | null;
  readonly lineChangeRatio?: number | null;
  readonly scaffoldingPenalty?: number | null;
  /** 0.1..1 */
  readonly rewardMultiplier?: number | null;
}

/** One measured quality of an attempt, on whatever scale its evaluator uses. */
export interface EvaluationMetric {
  readonly name: string;
  /** Range and direction are the evaluator's own; never mixed with scores. */
  readonly value?: number | null;
  readonly label?: string | null;
  readonly explanation?: string | null;
  readonly spanId?: string | null;
}

/** Verdict on one attempt of a task. */
export interface EvaluationOutcomeLog extends TaskFact {
  readonly agentId: string;
  readonly agentVersion?: string;
  readonly taskType?: string;
  readonly taskKind?: string;
  readonly qualityGates?: readonly QualityGate[];
  readonly rubricScores?: RubricScores | null;
  readonly minimalDiffMetrics?: MinimalDiffMetrics | null;
  readonly turnData?: readonly TurnScore[];
  /** 0..1; null or absent = unscored. */
  readonly overallScore?: number | null;
  /** Why there is no overall score. */
  readonly unscoredReason?: string | null;
  readonly cawsCompliant?: boolean | null;
  readonly passedAllMandatory?: boolean | null;
  readonly evaluator?: string;
  readonly evaluatorVersion?: string;
  /** Measures as the evaluator gave them, whose scale Assay does not know. */
  readonly metrics?: readonly EvaluationMetric[];
}

/** What a person or a downstream system thought of a result. */
export interface RatingLog extends TaskFact {
  readonly agentId?: string;
  readonly source: 'human' | 'downstream';
  readonly score?: number | null;
  readonly label?: string | null;
  readonly comment?: string | null;
}

/** A capability that changed over a period. */
export interface CapabilityChange {
  readonly capability: string;
  readonly added?: number;
  readonly improved?: { readonly from: number; readonly to: number };
  readonly degraded?: { readonly from: number; readonly to: number };
}

/** How an agent evolved over a period. */
export interface AgentFeedbackLog {
  readonly agentId: string;
  readonly agentVersion?: string;
  readonly timestamp: number;
  readonly timeRange: { readonly start: number; readonly end: number };
  readonly trends: {
    readonly successRateTrend: Trend;
    readonly qualityScoreTrend: Trend;
    readonly latencyTrend: Trend;
  };
  readonly capabilityChanges?: readonly CapabilityChange[];
  readonly trainingNeeds?: readonly string[];
  readonly strengthAreas?: readonly string[];
  readonly factKey?: string;
}

/** A span as it came from OpenTelemetry, with the quantities that could be read from it. */
export interface SpanLog extends TaskFact, TokenCounts {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string | null;
  readonly name: string;
  readonly spanClass: 'agent' | 'inference' | 'tool' | 'retrieval' | 'evaluator' | 'other';
  readonly startNs?: string | null;
  readonly endNs?: string | null;
  readonly latencyMs?: number | null;
  readonly agentId?: string | null;
  readonly agentVersion?: string;
  readonly modelId?: string | null;
  readonly provider?: string | null;
  readonly success?: boolean | null;
  readonly failureReason?: string | null;
  readonly costUsd?: number | null;
  readonly toolName?: string | null;
  readonly toolCallId?: string | null;
  readonly timeToFirstTokenMs?: number | null;
  /** Set when the caller says that the parent lives in another process. */
  readonly remoteParent?: boolean;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly resource?: Readonly<Record<string, unknown>>;
  readonly scopeName?: string;
  readonly events?: readonly unknown[];
  readonly links?: readonly unknown[];
}

/** A whole task in one fact, for callers that report when all is done. */
export interface CompleteTaskLog extends TaskFact {
  readonly decision?: Omit<RoutingDecisionLog, 'taskId' | 'timestamp'> | null;
  readonly execution: Omit<ExecutionMetricsLog, 'taskId' | 'timestamp'>;
  readonly evaluation?: Omit<EvaluationOutcomeLog, 'taskId' | 'timestamp' | 'agentId'> | null;
}

/** Any fact, discriminated by `kind`. */
export type Fact =
  | ({ readonly kind: 'decision' } & RoutingDecisionLog)
  | ({ readonly kind: 'execution' } & ExecutionMetricsLog)
  | ({ readonly kind: 'evaluation' } & EvaluationOutcomeLog)
  | ({ readonly kind: 'feedback' } & AgentFeedbackLog)
  | ({ readonly kind: 'rating' } & RatingLog)
  | ({ readonly kind: 'execution-start' } & ExecutionStartLog)
  | ({ readonly kind: 'tool-call' } & ToolCallLog)
  | ({ readonly kind: 'turn' } & TurnLog)
  | ({ readonly kind: 'span' } & SpanLog)
  | ({ readonly kind: 'task' } & CompleteTaskLog);
