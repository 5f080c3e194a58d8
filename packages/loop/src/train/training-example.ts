import type {
  CompleteTaskLog,
  EvaluationOutcomeLog,
  ExecutionMetricsLog,
  Fact,
  RoutingDecisionLog,
  TurnScore,
} from '../record/facts.ts';
import { isOwnScore } from '../record/own-score.ts';
import { rewardOf } from '../score/reward.ts';
import { recordedScoreOf } from '../score/score-fact.ts';

/** A fact with the id under which it is recorded. */
export interface RecordedFact {
  readonly id: string;
  readonly fact: Fact;
}

/** One attempt of a task, joined from its facts: what a training row is made from. */
export interface TrainingExample {
  /** `taskId` for the first attempt, else `taskId#attempt`. */
  readonly exampleId: string;
  readonly taskId: string;
  readonly attempt: number;
  /** Time of the execution, ms since 1970. */
  readonly timestampMs: number;
  readonly agentId: string;
  readonly agentVersion: string;
  readonly taskType: string;
  readonly taskKind: string;
  readonly complexity: string | null;
  readonly prompt: string | null;
  readonly response: string | null;
  readonly success: boolean | null;
  /** 0..1; null = unscored. May be out of range when the caller sent nonsense. */
  readonly quality: number | null;
  readonly unscoredReason: string | null;
  /** Whether the text score of the response lies below the threshold for storing as experience. */
  readonly isBelowThreshold: boolean;
  readonly latencyMs: number | null;
  readonly tokensUsed: number | null;
  readonly costUsd: number | null;
  /** Probability with which the agent was chosen; null when unknown. */
  readonly propensity: number | null;
  readonly contextFeatures: Readonly<Record<string, string | number | boolean>>;
  readonly turns: readonly TurnScore[];
  /** Ids of the facts that this was joined from, ascending. */
  readonly sourceIds: readonly string[];
}

type Part<T> = Omit<T, 'taskId' | 'timestamp'>;

interface Gathered {
  readonly taskId: string;
  readonly attempt: number;
  readonly sourceIds: string[];
  readonly turns: TurnScore[];
  timestampMs: number | null;
  execution: Part<ExecutionMetricsLog> | null;
  evaluation: Part<Omit<EvaluationOutcomeLog, 'agentId'>> | null;
  /** The evaluation that Assay made from the text: it gives way to any other. */
  ownScore: Extract<Fact, { kind: 'evaluation' }> | null;
  decision: Part<RoutingDecisionLog> | null;
}

/**
 * Joins facts into examples, one per attempt that was executed. Facts of other kinds, and tasks
 * without an execution, give none. The order is by time, then id: the same facts in any order give
 * the same list.
 */
export function examplesOf(facts: Iterable<RecordedFact>): readonly TrainingExample[] {
  const gathered = new Map<string, Gathered>();
  for (const recorded of [...facts].sort((a, b) => (a.id < b.id ? -1 : 1))) {
    const { fact } = recorded;
    if (fact.kind === 'feedback' || fact.kind === 'span') continue;
    const attempt = fact.attempt ?? 1;
    const key = exampleIdOf(fact.taskId, attempt);
    const run = gathered.get(key) ?? emptyRun(fact.taskId, attempt);
    gathered.set(key, run);
    if (gather(run, fact)) run.sourceIds.push(recorded.id);
  }
  const examples: TrainingExample[] = [];
  for (const run of gathered.values()) {
    if (run.execution !== null) examples.push(exampleOf(run, run.execution));
  }
  return examples.sort(
    (a, b) => a.timestampMs - b.timestampMs || (a.exampleId < b.exampleId ? -1 : 1),
  );
}

function exampleIdOf(taskId: string, attempt: number): string {
  return attempt === 1 ? taskId : `${taskId}#${attempt}`;
}

function emptyRun(taskId: string, attempt: number): Gathered {
  return {
    taskId,
    attempt,
    sourceIds: [],
    turns: [],
    timestampMs: null,
    execution: null,
    evaluation: null,
    ownScore: null,
    decision: null,
  };
}

function gather(run: Gathered, fact: Exclude<Fact, { kind: 'feedback' | 'span' }>): boolean {
  switch (fact.kind) {
    case 'execution':
      run.execution = fact;
      run.timestampMs = fact.timestamp;
      return true;
    case 'task':
      gatherTask(run, fact);
      return true;
    case 'evaluation':
      if (isOwnScore(fact)) run.ownScore = laterVersion(run.ownScore, fact);
      else run.evaluation = fact;
      return true;
    case 'decision':
      run.decision = fact;
      return true;
    case 'turn':
      run.turns.push(fact);
      return true;
    default:
      return false;
  }
}

type OwnScore = Extract<Fact, { kind: 'evaluation' }>;

/** Versions of a score share a time: the order of the facts says nothing. */
function laterVersion(known: OwnScore | null, next: OwnScore): OwnScore {
  const isLater = (known?.evaluatorVersion ?? '') <= (next.evaluatorVersion ?? '');
  return known === null || isLater ? next : known;
}

function gatherTask(run: Gathered, fact: CompleteTaskLog): void {
  run.execution = fact.execution;
  run.timestampMs = fact.timestamp;
  run.decision = fact.decision ?? run.decision;
  run.evaluation = fact.evaluation ?? run.evaluation;
}

function exampleOf(run: Gathered, execution: Part<ExecutionMetricsLog>): TrainingExample {
  const { decision } = run;
  const evaluation = run.evaluation ?? run.ownScore;
  const turns = run.turns.length > 0 ? run.turns : (evaluation?.turnData ?? []);
  return {
    exampleId: exampleIdOf(run.taskId, run.attempt),
    taskId: run.taskId,
    attempt: run.attempt,
    timestampMs: run.timestampMs ?? 0,
    agentId: execution.agentId,
    agentVersion: execution.agentVersion ?? '',
    taskType: execution.taskType ?? decision?.taskType ?? evaluation?.taskType ?? '',
    taskKind: execution.taskKind ?? decision?.taskKind ?? '',
    complexity: execution.complexity ?? decision?.complexity ?? null,
    prompt: execution.prompt ?? null,
    response: execution.response ?? null,
    success: execution.success ?? null,
    ...qualityOf(evaluation, execution.qualityScore ?? null),
    isBelowThreshold: run.ownScore !== null && recordedScoreOf(run.ownScore)?.isBelow === true,
    latencyMs: execution.latencyMs ?? null,
    tokensUsed: tokensOfExecution(execution),
    costUsd: execution.costUsd ?? null,
    propensity: decision?.propensity ?? null,
    contextFeatures: decision?.contextFeatures ?? {},
    turns: [...turns].sort((a, b) => a.turnNumber - b.turnNumber),
    sourceIds: [...run.sourceIds].sort(),
  };
}

function qualityOf(
  evaluation: Gathered['evaluation'],
  fallback: number | null,
): Pick<TrainingExample, 'quality' | 'unscoredReason'> {
  const reward = evaluation === null ? null : rewardOf(evaluation);
  return reward?.kind === 'scored'
    ? { quality: reward.score, unscoredReason: null }
    : { quality: fallback, unscoredReason: reward?.reason ?? null };
}

function tokensOfExecution(execution: Part<ExecutionMetricsLog>): number | null {
  const input = execution.inputTokens ?? null;
  const output = execution.outputTokens ?? null;
  return execution.tokensUsed ?? (input === null || output === null ? null : input + output);
}
