import type { AnswerExpectations, ScoreFactor } from '@assay/loop';
import { z } from 'zod';
import { bodyTime, queryTime } from './schemas.ts';

/** Longest text that is scored, in UTF-16 units. */
const CONTENT = 1_000_000;
/** Most items of one request. */
export const MAX_SCORE_ITEMS = 1_000;
/** Most labels of one request. */
const MAX_LABELS = 10_000;

const key = z
  .string()
  .min(1)
  .max(200)
  .refine((value) => !value.includes('\u0000'), 'must not contain the NUL character');
const text = z.string().max(CONTENT);
const share = z.number().min(0).max(1);
const scorer = z.string().regex(/^[\x20-\x7e]{1,100}$/, 'is not the version of a score');
const phrases = z.array(z.string().min(1).max(2_000)).max(100);
const count = z.number().int().min(0).max(1_000_000);

const expectations: z.ZodType<AnswerExpectations> = z.object({
  form: z.enum(['short', 'prose', 'steps', 'list', 'table', 'code', 'json']).exactOptional(),
  mustInclude: phrases.exactOptional(),
  mustNotInclude: phrases.exactOptional(),
  language: z.string().min(2).max(35).exactOptional(),
  minWords: count.exactOptional(),
  maxWords: count.exactOptional(),
  items: count.exactOptional(),
  sentences: count.exactOptional(),
});

/** A response to be scored. */
export interface ScoreItem {
  /** Given back with the score. */
  readonly id?: string | undefined;
  readonly query: string;
  readonly response: string;
  /** Visible reasoning apart from the answer; null or absent = none. */
  readonly reasoning?: string | null | undefined;
  /** The right answer, where one is known. */
  readonly reference?: string | null | undefined;
  readonly expected?: AnswerExpectations | null | undefined;
  /** Earlier answers to the same query. */
  readonly priorResponses?: readonly string[] | undefined;
  /** Picks the calibration. */
  readonly taskType?: string | undefined;
}

/** One response of a score request, or of a line of a file. Content must be there and be text. */
export const scoreItemSchema: z.ZodType<ScoreItem> = z.object({
  id: key.optional(),
  query: text.refine((value) => value.trim() !== '', 'must not be empty'),
  response: text,
  reasoning: text.nullish(),
  reference: text.nullish(),
  expected: expectations.nullish(),
  priorResponses: z.array(text).max(1_000).optional(),
  taskType: key.optional(),
});

/** Responses to be scored. */
export interface ScoreRequest {
  readonly items: readonly ScoreItem[];
}

/** Body of `POST /v1/score`: one response, or `{ items }`. */
export const scoreRequestSchema: z.ZodType<ScoreRequest> = z.object({
  items: z.array(scoreItemSchema).min(1).max(MAX_SCORE_ITEMS),
});

/** Either form of the body, for the description of the interface. */
export const scoreBodySchema: z.ZodType = z.union([scoreItemSchema, scoreRequestSchema]);

/** Score of one item of a request, or why there is none. */
export type ScoreAnswer = {
  /** Position in the request, from 0. */
  readonly index: number;
  readonly id?: string;
} & (
  | { readonly kind: 'unscored'; readonly reason: string }
  | {
      readonly kind: 'scored';
      /** Version of the score. */
      readonly scorer: string;
      readonly modelType: 'direct' | 'reasoning';
      readonly language: string;
      readonly coverage: 'full' | 'gates-only';
      /** 0..1; the same with and without reasoning. */
      readonly answer: number;
      /** 0..1; null without reasoning. */
      readonly reasoning: number | null;
      /** Whether the reasoning leads to the answer; null without reasoning. */
      readonly consistency: string | null;
      /** 0..1: the answer, or with reasoning a weighted mean of both. */
      readonly composite: number;
      /** Product of the gates, 0..1. */
      readonly gate: number;
      readonly flags: readonly string[];
      readonly isBelowThreshold: boolean;
      /** What the composite is worth: an uncalibrated heuristic, or a probability. */
      readonly trust: 'uncalibrated-heuristic' | 'calibrated';
      /** Probability that the response is good, by the labels of the tenant. */
      readonly probability: { readonly value: number; readonly calibrationId: string } | null;
      /** Composite after the bias correction in force. */
      readonly corrected: { readonly value: number; readonly correctionId: string } | null;
      /** Every raw sub-value; with `debug`. */
      readonly factors?: Readonly<Record<string, number | null>>;
      /** Where the score comes from; with `debug`. */
      readonly explanation?: readonly string[];
      /** Spans that the verdict on consistency rests on; with `debug`. */
      readonly evidence?: readonly string[];
    }
);

const isTrue = z
  .enum(['true', 'false'])
  .transform((value) => value === 'true')
  .pipe(z.boolean());

/** Query of `POST /v1/score`. */
export interface ScoreOptionsQuery {
  /** Adds every factor, the explanation and the settings to each score. */
  readonly debug?: boolean | undefined;
}

/** Query of `POST /v1/score`. */
export const scoreOptionsSchema: z.ZodType<ScoreOptionsQuery> = z.object({
  debug: isTrue.optional(),
});

/** Settings of a tenant; what is absent follows the server, and null puts it back there. */
export interface ScoreSettingsRequest {
  /** Score recorded responses in the background. */
  readonly isBackground?: boolean | null | undefined;
  readonly weights?: Readonly<Partial<Record<ScoreFactor, number>>> | null | undefined;
  readonly answerShare?: number | null | undefined;
  readonly minThreshold?: number | null | undefined;
  readonly isBiasCorrected?: boolean | null | undefined;
  readonly isEvidence?: boolean | null | undefined;
}

const weight = z.number().min(0).max(1e6);

/** Body of `PUT /v1/score/settings`. */
export const scoreSettingsSchema: z.ZodType<ScoreSettingsRequest> = z.strictObject({
  isBackground: z.boolean().nullish(),
  weights: z
    .strictObject({
      density: weight.optional(),
      structure: weight.optional(),
      novelty: weight.optional(),
      alignment: weight.optional(),
    })
    .refine(
      (weights) => Object.values(weights).some((value) => (value ?? 0) > 0),
      'needs one above 0',
    )
    .nullish() as z.ZodType<ScoreSettingsRequest['weights']>,
  answerShare: share.nullish(),
  minThreshold: share.nullish(),
  isBiasCorrected: z.boolean().nullish(),
  isEvidence: z.boolean().nullish(),
});

/** What somebody thinks of a response that has, or is given, a score. */
export interface ScoreLabel {
  /** A recorded task whose score is meant; or else `id` with `score`. */
  readonly taskId?: string | undefined;
  readonly id?: string | undefined;
  /** Composite of the response, 0..1. Read from the record when a task is named. */
  readonly score?: number | undefined;
  /** Version of the score; the one in use when absent. */
  readonly scorer?: string | undefined;
  /** How good the response is, 0..1. */
  readonly label: number;
  /** What belongs together, usually the query; labels of a group are never split. */
  readonly group?: string | undefined;
  readonly taskType?: string | undefined;
  readonly modelType?: 'direct' | 'reasoning' | undefined;
}

/** Labels to be kept. */
export interface ScoreLabelsRequest {
  readonly labels: readonly ScoreLabel[];
}

const label: z.ZodType<ScoreLabel> = z
  .object({
    taskId: key.optional(),
    id: key.optional(),
    score: share.optional(),
    scorer: scorer.optional(),
    label: share,
    group: z.string().min(1).max(2_000).optional(),
    taskType: key.optional(),
    modelType: z.enum(['direct', 'reasoning']).optional(),
  })
  .refine(
    (one) => one.taskId !== undefined || (one.id !== undefined && one.score !== undefined),
    'needs taskId, or id and score',
  );

/** Body of `POST /v1/score/labels`. */
export const scoreLabelsSchema: z.ZodType<ScoreLabelsRequest> = z.object({
  labels: z.array(label).min(1).max(MAX_LABELS),
});

/** Where the labels of a calibration come from. */
export type LabelSource = 'labels' | 'ratings' | 'evaluations';

/** A calibration to be fitted now. */
export interface CalibrationRequest {
  /** Of this task type; absent = one per task type that has labels. */
  readonly taskType?: string | undefined;
  /** `labels` when absent. Ratings and evaluations are read from the record. */
  readonly sources: readonly LabelSource[];
  /** How far back the record is read, days. */
  readonly days: number;
  readonly method: 'auto' | 'isotonic' | 'logistic';
  /** Put what could be fitted into use at once. */
  readonly activate: boolean;
}

/** Body of `POST /v1/score/calibrations`. */
export const calibrationRequestSchema: z.ZodType<CalibrationRequest> = z.strictObject({
  taskType: key.optional(),
  sources: z
    .array(z.enum(['labels', 'ratings', 'evaluations']))
    .min(1)
    .max(3)
    .default(['labels']),
  days: z.number().int().min(1).max(730).default(90),
  method: z.enum(['auto', 'isotonic', 'logistic']).default('auto'),
  activate: z.boolean().default(false),
});

/** Which calibration to go back from. */
export interface CalibrationRollback {
  /** '' = the calibration of responses without a task type. */
  readonly taskType: string;
}

/** Body of `POST /v1/score/calibrations/rollback`. */
export const calibrationRollbackSchema: z.ZodType<CalibrationRollback> = z.strictObject({
  taskType: z.string().max(200).default(''),
});

/** What scores may be grouped by. */
export type ScoreGroupKey =
  | 'agent'
  | 'version'
  | 'taskType'
  | 'taskKind'
  | 'modelType'
  | 'scorer'
  | 'day';

const GROUP_KEYS: readonly ScoreGroupKey[] = [
  'agent',
  'version',
  'taskType',
  'taskKind',
  'modelType',
  'scorer',
  'day',
];

/** Which scores are wanted. Times are ms since 1970, widened to whole UTC days. */
export interface ScoresQuery {
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  readonly agent?: string | undefined;
  readonly taskType?: string | undefined;
  readonly modelType?: 'direct' | 'reasoning' | undefined;
  /** Version of the score. */
  readonly scorer?: string | undefined;
}

const scores = {
  from: queryTime.optional(),
  to: queryTime.optional(),
  agent: key.optional(),
  taskType: key.optional(),
  modelType: z.enum(['direct', 'reasoning']).optional(),
  scorer: scorer.optional(),
};

/** Which scores are wanted, and by what. */
export interface ScoreDistributionQuery extends ScoresQuery {
  readonly by: readonly ScoreGroupKey[];
}

/** Query of `GET /v1/score/distribution`. */
export const scoreDistributionSchema: z.ZodType<ScoreDistributionQuery> = z.object({
  by: z
    .string()
    .max(200)
    .default('agent,modelType')
    .transform((value) => value.split(',').filter((part) => part !== ''))
    .pipe(z.array(z.enum(GROUP_KEYS)).max(GROUP_KEYS.length)),
  ...scores,
});

/** Query of `GET /v1/score/trends` and `GET /v1/score/bias`. */
export const scoresQuerySchema: z.ZodType<ScoresQuery> = z.object(scores);

/** What to do about a measured bias. */
export interface CorrectionRequest {
  /** `make` measures and corrects when that is warranted; `undo` goes back one version. */
  readonly action: 'make' | 'undo';
  readonly from?: number | undefined;
  readonly to?: number | undefined;
}

/** Body of `POST /v1/score/bias/corrections`. */
export const correctionRequestSchema: z.ZodType<CorrectionRequest> = z.strictObject({
  action: z.enum(['make', 'undo']),
  from: bodyTime.optional(),
  to: bodyTime.optional(),
});

/** Recorded responses that are to be scored now. */
export interface BackfillRequest {
  /** ms since 1970, inclusive. */
  readonly from: number;
  /** ms since 1970, exclusive; now when absent. */
  readonly to?: number | undefined;
  /** What the answer before gave as `nextCursor`. */
  readonly cursor?: string | undefined;
  /** Most executions to look at. */
  readonly limit: number;
}

/** Body of `POST /v1/score/backfill`. */
export const backfillRequestSchema: z.ZodType<BackfillRequest> = z.strictObject({
  from: bodyTime,
  to: bodyTime.optional(),
  cursor: z
    .string()
    .regex(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/, 'is not a cursor')
    .optional(),
  limit: z.number().int().min(1).max(5_000).default(1_000),
});
