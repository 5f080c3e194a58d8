import { z } from 'zod';
import { bodyTime, queryTime } from './schemas.ts';
import { scoreKey, scorerName } from './score.ts';

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
  agent: scoreKey.optional(),
  taskType: scoreKey.optional(),
  modelType: z.enum(['direct', 'reasoning']).optional(),
  scorer: scorerName.optional(),
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

/** Which agent versions are ranked by fitness, and how. Weights and halves as in `FitnessSettings`. */
export interface FitnessQuery {
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  readonly taskType?: string | undefined;
  /** Number of versions to select. */
  readonly k: number;
  readonly qualityWeight?: number | undefined;
  readonly performanceWeight?: number | undefined;
  readonly latencyShare?: number | undefined;
  readonly halfLatencyMs?: number | undefined;
  readonly halfCostUsd?: number | undefined;
}

const share = z.coerce.number().min(0).max(1);

/** Query of `GET /v1/score/fitness`. */
export const fitnessQuerySchema: z.ZodType<FitnessQuery> = z.object({
  from: queryTime.optional(),
  to: queryTime.optional(),
  taskType: scoreKey.optional(),
  k: z.coerce.number().int().min(1).max(100).default(3),
  qualityWeight: share.refine((weight) => weight > 0, 'must be above 0').optional(),
  performanceWeight: share.optional(),
  latencyShare: share.optional(),
  halfLatencyMs: z.coerce.number().positive().max(1e9).optional(),
  halfCostUsd: z.coerce.number().positive().max(1e6).optional(),
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
