import type { AnswerExpectations, ScoreFactor } from '@assay/loop';
import { z } from 'zod';

/** Longest text that is scored, in UTF-16 units. */
const CONTENT = 1_000_000;
/** Most items of one request. */
export const MAX_SCORE_ITEMS = 1_000;

/** Text that names something stored. */
export const scoreKey: z.ZodType<string> = z
  .string()
  .min(1)
  .max(200)
  .refine((value) => !value.includes('\u0000'), 'must not contain the NUL character');
const text = z.string().max(CONTENT);
/** A number from 0 to 1. */
export const share: z.ZodType<number> = z.number().min(0).max(1);
/** Version of a score. */
export const scorerName: z.ZodType<string> = z
  .string()
  .regex(/^[\x20-\x7e]{1,100}$/, 'is not the version of a score');
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
  id: scoreKey.optional(),
  taskType: scoreKey.optional(),
  query: text.refine((value) => value.trim() !== '', 'must not be empty'),
  response: text,
  reasoning: text.nullish(),
  reference: text.nullish(),
  expected: expectations.nullish(),
  priorResponses: z.array(text).max(1_000).optional(),
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
