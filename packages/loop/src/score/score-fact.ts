import type { EvaluationMetric, EvaluationOutcomeLog, Fact } from '../record/facts.ts';
import { narrowFactOf } from '../record/narrow-fact.ts';
import { isOwnScore, RESPONSE_SCORE_EVALUATOR } from '../record/own-score.ts';
import type { ResponseScore, Unscored } from './response-score.ts';
import type { ResponseToScore } from './response-to-score.ts';

/** Why a text score gives no overall score. */
export const NO_CORRECTNESS = 'a text score does not judge correctness';

type Execution = Extract<Fact, { kind: 'execution' | 'task' }>;
type Evaluation = { readonly kind: 'evaluation' } & EvaluationOutcomeLog;

/** A response as it was recorded, with the execution that it came from. */
export interface RecordedResponse {
  readonly execution: Execution;
  readonly input: ResponseToScore;
  /** Whether the execution itself says how good it was. */
  readonly hasQuality: boolean;
}

/** Whether a fact is an execution that holds a prompt and a response, be it an empty one. */
export function hasResponse(fact: Fact): fact is Execution {
  if (fact.kind !== 'execution' && fact.kind !== 'task') return false;
  const { prompt, response } = fact.kind === 'task' ? fact.execution : fact;
  return typeof prompt === 'string' && prompt.trim() !== '' && typeof response === 'string';
}

/** The response within a fact; null when it is no execution or holds no prompt and response. */
export function recordedResponseOf(fact: Fact): RecordedResponse | null {
  if (!hasResponse(fact)) return null;
  const { prompt, response, reasoning } = fact.kind === 'task' ? fact.execution : fact;
  return {
    execution: fact,
    input: { query: prompt ?? '', response: response ?? '', reasoning: reasoning ?? null },
    hasQuality: narrowFactOf(fact).quality !== null,
  };
}

/** What a score is recorded with. */
export interface ScoreNotes {
  /** Version of the score; with settings of one's own it differs from the plain version. */
  readonly scorer: string;
  /** Scores below it are not stored as experience, 0..1. */
  readonly minThreshold: number;
  /** Reference of the query: what bias is clustered by. */
  readonly promptRef: string;
  /** Probability that the answer is good, by the calibration of the tenant; null = none. */
  readonly probability: { readonly value: number; readonly calibrationId: string } | null;
  /** Whether the probability is to count as the overall score. */
  readonly isEvidence: boolean;
  /** The composite after the bias correction in force; null = none. */
  readonly corrected: { readonly value: number; readonly correctionId: string } | null;
}

/**
 * The evaluation that records a score. It carries the time and the attempt of the execution, and its
 * key names the version: scoring again with the same version gives the same fact.
 *
 * The overall score stays empty, because a text score does not judge correctness, unless the notes
 * say that a calibrated probability is to count as evidence.
 */
export function scoreFactOf(
  execution: Execution,
  score: ResponseScore | Unscored,
  notes: ScoreNotes,
): Evaluation {
  const { agentKey, agentVersion, taskType, taskKind } = narrowFactOf(execution);
  const { taskId, timestamp, attempt, sessionId, traceId } = execution;
  const isCounted = score.kind === 'scored' && notes.isEvidence && notes.probability !== null;
  return {
    kind: 'evaluation',
    taskId,
    timestamp,
    ...(attempt === undefined ? {} : { attempt }),
    ...(sessionId ? { sessionId } : {}),
    ...(traceId ? { traceId } : {}),
    factKey: `assay.${notes.scorer}`,
    agentId: agentKey,
    agentVersion,
    ...(taskType === '' ? {} : { taskType }),
    ...(taskKind === '' ? {} : { taskKind }),
    overallScore: isCounted ? (notes.probability?.value ?? null) : null,
    ...(isCounted ? {} : { unscoredReason: reasonOf(score) }),
    evaluator: RESPONSE_SCORE_EVALUATOR,
    evaluatorVersion: notes.scorer,
    metrics: metricsOf(score, notes),
  };
}

const reasonOf = (score: ResponseScore | Unscored): string =>
  score.kind === 'scored' ? NO_CORRECTNESS : score.reason.slice(0, 2_000);

function metricsOf(score: ResponseScore | Unscored, notes: ScoreNotes): EvaluationMetric[] {
  const promptRef = { name: 'promptRef', label: notes.promptRef };
  if (score.kind === 'unscored') return [promptRef];
  const { probability, corrected } = notes;
  const isBelow = score.composite < notes.minThreshold;
  return [
    { name: 'composite', value: score.composite },
    { name: 'answer', value: score.answer },
    ...(score.reasoning === null ? [] : [{ name: 'reasoning', value: score.reasoning }]),
    ...(corrected === null
      ? []
      : [{ name: 'corrected', value: corrected.value, label: corrected.correctionId }]),
    ...(probability === null
      ? []
      : [{ name: 'probability', value: probability.value, label: probability.calibrationId }]),
    ...(isBelow ? [{ name: 'belowThreshold', value: notes.minThreshold }] : []),
    { name: 'gate', value: score.gate },
    { name: 'modelType', label: score.modelType },
    { name: 'language', label: score.language },
    { name: 'coverage', label: score.coverage },
    ...(score.consistency === null
      ? []
      : [
          {
            name: 'consistency',
            value: score.consistency.score,
            label: score.consistency.verdict,
          },
        ]),
    ...(score.flags.length === 0 ? [] : [{ name: 'flags', label: score.flags.join(', ') }]),
    ...Object.entries(score.factors).map(([name, value]) => ({ name: `factor.${name}`, value })),
    promptRef,
  ];
}

/** A score as it was recorded. */
export interface RecordedScore {
  readonly scorer: string;
  readonly isReasoning: boolean;
  /** Whether it lay below the threshold for storing as experience. */
  readonly isBelow: boolean;
  /** 0..1; null = the response could not be scored. */
  readonly composite: number | null;
  readonly answer: number | null;
  /** 0..1; null = a direct answer, or unscored. */
  readonly reasoning: number | null;
  /** Signed 64-bit integer, decimal; '0' = none. */
  readonly promptRef: string;
}

/** Versions that are kept: what a text column takes on every backend. */
const SCORER = /^[\x20-\x7e]{1,100}$/;

/** A signed 64-bit integer in decimal; '0' for anything else. */
function refText(value: unknown): string {
  if (typeof value !== 'string' || !/^-?\d{1,19}$/.test(value)) return '0';
  return BigInt.asIntN(64, BigInt(value)).toString() === value ? value : '0';
}

/** Reads a recorded score back; null when the fact is none. Never throws, whatever the metrics. */
export function recordedScoreOf(fact: Fact): RecordedScore | null {
  if (fact.kind !== 'evaluation' || !isOwnScore(fact)) return null;
  const scorer = fact.evaluatorVersion ?? '';
  if (!SCORER.test(scorer)) return null;
  const metrics = new Map<unknown, EvaluationMetric>();
  if (Array.isArray(fact.metrics)) {
    for (const metric of fact.metrics as readonly (EvaluationMetric | null)[]) {
      if (metric !== null) metrics.set(metric.name, metric);
    }
  }
  const shareOf = (name: string): number | null => {
    const value = metrics.get(name)?.value;
    return typeof value === 'number' && value >= 0 && value <= 1 ? value : null;
  };
  const composite = shareOf('composite');
  return {
    scorer,
    isReasoning: metrics.get('modelType')?.label === 'reasoning',
    isBelow: composite !== null && metrics.has('belowThreshold'),
    composite,
    answer: composite === null ? null : shareOf('answer'),
    reasoning: composite === null ? null : shareOf('reasoning'),
    promptRef: refText(metrics.get('promptRef')?.label),
  };
}
