import type { ScoreCalibration } from '@assay/loop';
import { z } from 'zod';
import { bodyTime } from './schemas.ts';
import { type ScoreItem, scoreItemSchema, scoreKey, scorerName, share } from './score.ts';

/** Most labels of one request. */
const MAX_LABELS = 10_000;

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
    taskId: scoreKey.optional(),
    id: scoreKey.optional(),
    score: share.optional(),
    scorer: scorerName.optional(),
    label: share,
    group: z.string().min(1).max(2_000).optional(),
    taskType: scoreKey.optional(),
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
  taskType: scoreKey.optional(),
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

/** Calibrations as `assay score calibrate` writes them and `assay score` reads them. */
export interface CalibrationFile {
  readonly kind: 'assay-score-calibrations';
  readonly items: readonly {
    /** '' = responses without a task type. */
    readonly taskType: string;
    readonly calibration: ScoreCalibration;
  }[];
}

const finite = z.number();
const heldOut = z.looseObject({ n: finite, pairs: finite, pairAccuracy: finite });
const calibrated = {
  kind: z.literal('calibrated'),
  n: finite,
  heldOut,
  version: z.string(),
  scorerVersion: z.string(),
};

/** Content of a file of calibrations. */
export const calibrationFileSchema: z.ZodType<CalibrationFile> = z.object({
  kind: z.literal('assay-score-calibrations'),
  items: z
    .array(
      z.object({
        taskType: z.string().max(200),
        calibration: z.union([
          z.object({
            ...calibrated,
            method: z.literal('isotonic'),
            knots: z.array(z.looseObject({ x: finite, y: finite })).min(1),
          }),
          z.object({
            ...calibrated,
            method: z.literal('logistic'),
            coefficients: z.array(finite).min(1).max(2),
          }),
          z.object({
            kind: z.literal('uncalibrated'),
            n: finite,
            needed: finite,
            reason: z.string(),
          }),
        ]),
      }),
    )
    .max(10_000),
}) as unknown as z.ZodType<CalibrationFile>;

/** A line of labels for `assay score calibrate`: a response that is scored first, or a score. */
export type LabelLine = {
  readonly id?: string | undefined;
  /** 0..1 */
  readonly label: number;
  readonly taskType?: string | undefined;
  /** What must not be split; the query when absent. */
  readonly group?: string | undefined;
} & (
  | {
      readonly score: number;
      readonly query?: undefined;
      readonly response?: undefined;
    }
  | (ScoreItem & { readonly score?: undefined })
);

const labelOfLine = {
  id: scoreKey.optional(),
  label: share,
  taskType: scoreKey.optional(),
  group: z.string().min(1).max(10_000).optional(),
};

/** One line of labels. */
export const labelLineSchema: z.ZodType<LabelLine> = z.union([
  z.object({ ...labelOfLine, score: share }),
  z.intersection(scoreItemSchema, z.object(labelOfLine)),
]) as unknown as z.ZodType<LabelLine>;
