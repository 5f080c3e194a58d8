import type { EvaluationOutcomeLog, Fact, RatingLog } from './facts.ts';
import {
  AGENT_KEYS,
  type Attributes,
  idOf,
  numberOf,
  SESSION_KEYS,
  textAttribute,
} from './otlp-attributes.ts';
import { taskAttributesOf } from './task-attributes.ts';
import { UNKNOWN_AGENT } from './trace-execution.ts';

/** One evaluation as its producer gave it. */
export interface EvaluationReading {
  readonly name: string;
  /** On the evaluator's own scale; neither range nor direction is defined by any standard. */
  readonly score: number | null;
  readonly label: string | null;
  readonly explanation: string | null;
  /** HUMAN, LLM, CODE or another text. */
  readonly annotatorKind: string | null;
  readonly identifier: string | null;
  readonly scope: 'span' | 'trace' | 'session';
}

/** What an evaluation is about. */
export interface EvaluationTarget {
  readonly taskId: string;
  readonly traceId: string | null;
  readonly spanId: string | null;
  readonly sessionId: string | null;
  readonly agentId: string;
  readonly taskType: string | null;
  /** ms since 1970 */
  readonly timestamp: number;
}

/** Name of the event that carries an evaluation. */
export const EVALUATION_EVENT = 'gen_ai.evaluation.result';

/** Measures whose direction is plain: 1 is best. Only these become the overall score. */
const OVERALL: ReadonlySet<string> = new Set([
  'overall',
  'overall_score',
  'overallscore',
  'quality',
  'quality_score',
  'correctness',
]);
const RUBRICS: ReadonlySet<string> = new Set([
  'format',
  'tool',
  'task',
  'minimal',
  'cost',
  'safety',
]);
const PASSED = /^(pass|passed|true|yes)$/i;
const FAILED = /^(fail|failed|false|no)$/i;

const isScore = (score: number | null): score is number =>
  score !== null && score >= 0 && score <= 1;

function gatesOf(reading: EvaluationReading): Pick<EvaluationOutcomeLog, 'qualityGates'> {
  const label = reading.label ?? '';
  const isPassed = PASSED.test(label);
  if (!isPassed && !FAILED.test(label)) return {};
  const { name, score } = reading;
  return {
    qualityGates: [{ name: name.slice(0, 200), passed: isPassed, score, mandatory: false }],
  };
}

function verdictOf(
  reading: EvaluationReading,
): Pick<EvaluationOutcomeLog, 'overallScore' | 'unscoredReason' | 'rubricScores'> {
  const { name, score, scope } = reading;
  const rubric = /^rubric\.(\w+)$/.exec(name)?.[1];
  if (rubric !== undefined && RUBRICS.has(rubric) && isScore(score)) {
    return {
      rubricScores: { [rubric]: score },
      overallScore: null,
      unscoredReason: 'a rubric score is one part of a score',
    };
  }
  const isOverall = OVERALL.has(name.toLowerCase()) && scope !== 'session' && isScore(score);
  if (isOverall) return { overallScore: score };
  return {
    overallScore: null,
    unscoredReason: `range and direction of the measure "${name.slice(0, 200)}" are not defined`,
  };
}

function factKeyOf(reading: EvaluationReading, spanId: string | null): string {
  const content = reading.identifier ?? `${reading.score ?? ''}|${reading.label ?? ''}`;
  return `${reading.scope}|${spanId ?? ''}|${reading.name}|${content}`
    .replaceAll('\0', ' ')
    .slice(0, 200);
}

function ratingOf(
  reading: EvaluationReading,
  common: Pick<RatingLog, 'taskId' | 'timestamp' | 'traceId' | 'sessionId' | 'factKey'>,
  agentId: string,
): Fact {
  return {
    kind: 'rating',
    ...common,
    agentId,
    source: 'human',
    score: reading.score,
    label: (reading.label ?? reading.name).slice(0, 200),
    comment: reading.explanation?.slice(0, 20_000) ?? null,
  };
}

/**
 * Turns an evaluation into a fact: a person's becomes a rating, all others an evaluation. The score
 * becomes the overall score only when its name says that more is better and it lies in 0..1; a
 * label pass or fail becomes a gate; the measure itself is always kept under `metrics`.
 */
export function evaluationFactOf(reading: EvaluationReading, target: EvaluationTarget): Fact {
  const { name, score: value, label, explanation, annotatorKind } = reading;
  const common = {
    taskId: target.taskId,
    timestamp: target.timestamp,
    traceId: target.traceId,
    ...(target.sessionId === null ? {} : { sessionId: target.sessionId }),
    factKey: factKeyOf(reading, target.spanId),
  };
  if (annotatorKind?.toUpperCase() === 'HUMAN') return ratingOf(reading, common, target.agentId);
  return {
    kind: 'evaluation',
    ...common,
    agentId: target.agentId,
    ...(target.taskType === null ? {} : { taskType: target.taskType }),
    ...verdictOf(reading),
    ...gatesOf(reading),
    evaluator: (annotatorKind === null ? name : `${annotatorKind.toLowerCase()}:${name}`).slice(
      0,
      200,
    ),
    metrics: [{ name, value, label, explanation, spanId: target.spanId }],
  };
}

/** Reads the attributes of a `gen_ai.evaluation.result` event; null when it has no name. */
export function evaluationOfEvent(attributes: Attributes): EvaluationReading | null {
  const name = textAttribute(attributes, ['gen_ai.evaluation.name']);
  if (name === null) return null;
  return {
    name,
    score: numberOf(attributes['gen_ai.evaluation.score.value']),
    label: textAttribute(attributes, ['gen_ai.evaluation.score.label']),
    explanation: textAttribute(attributes, ['gen_ai.evaluation.explanation']),
    annotatorKind: textAttribute(attributes, [
      'annotator_kind',
      'gen_ai.evaluation.annotator_kind',
    ]),
    identifier: textAttribute(attributes, ['identifier', 'gen_ai.evaluation.identifier']),
    scope: 'span',
  };
}

const OPENINFERENCE_KEY =
  /^(?:(trace|session)\.)?(?:evaluations\.(\d+)\.evaluation|annotations\.(\d+)\.annotation)\.(\w+)$/;

/** Evaluations within the attributes of an OpenInference span; both spellings of one count once. */
export function evaluationsOfSpan(attributes: Attributes): EvaluationReading[] {
  const groups = new Map<
    string,
    { scope: EvaluationReading['scope']; fields: Map<string, unknown> }
  >();
  for (const key of Object.keys(attributes)) {
    const match = OPENINFERENCE_KEY.exec(key);
    if (match === null) continue;
    const [, scope, evaluation, annotation, field] = match;
    const group = `${scope ?? ''}|${evaluation === undefined ? 'a' : 'e'}|${evaluation ?? annotation}`;
    const found = groups.get(group) ?? {
      scope: scope === 'trace' || scope === 'session' ? scope : 'span',
      fields: new Map<string, unknown>(),
    };
    found.fields.set(field ?? '', attributes[key]);
    groups.set(group, found);
  }
  const readings = new Map<string, EvaluationReading>();
  for (const { scope, fields } of groups.values()) {
    const reading = readingOf(scope, fields);
    if (reading !== null) readings.set(factKeyOf(reading, null), reading);
  }
  return [...readings.values()];
}

function readingOf(
  scope: EvaluationReading['scope'],
  fields: ReadonlyMap<string, unknown>,
): EvaluationReading | null {
  const text = (field: string): string | null => {
    const value = fields.get(field);
    return typeof value === 'string' && value !== '' ? value : null;
  };
  const name = text('name');
  const score = numberOf(fields.get('score'));
  const label = text('label');
  const explanation = text('explanation');
  if (name === null || (score === null && label === null && explanation === null)) return null;
  return {
    name,
    score,
    label,
    explanation,
    annotatorKind: text('annotator_kind'),
    identifier: text('identifier'),
    scope,
  };
}

/** What the attributes around an evaluation say of its target. */
export function targetOf(
  attributes: Attributes,
  resource: Attributes,
  ids: { readonly traceId: string | null; readonly spanId: string | null },
  timestamp: number,
): EvaluationTarget | null {
  const task = taskAttributesOf(attributes, resource);
  const response = textAttribute(attributes, ['gen_ai.response.id']);
  const taskId = task.taskId ?? ids.traceId ?? idOf(response);
  if (taskId === null) return null;
  const agent = textAttribute(attributes, AGENT_KEYS) ?? textAttribute(resource, ['service.name']);
  return {
    taskId,
    traceId: ids.traceId,
    spanId: ids.spanId,
    sessionId: idOf(textAttribute(attributes, SESSION_KEYS)),
    agentId: idOf(agent) ?? UNKNOWN_AGENT,
    taskType: task.taskType,
    timestamp,
  };
}
