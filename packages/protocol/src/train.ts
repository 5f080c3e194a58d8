import type { RequiredMetric, RowFormat, TrainingType } from '@assay/loop';
import { z } from 'zod';
import { bodyTime } from './schemas.ts';

const key = z.string().min(1).max(200);

/** Which facts to make a batch of training data from. */
export interface BatchRequestBody {
  readonly trainingType: TrainingType;
  readonly format?: RowFormat;
  /** ms since 1970, inclusive. */
  readonly from?: number;
  /** ms since 1970, exclusive. */
  readonly to?: number;
  readonly taskTypes?: readonly string[];
  readonly agentIds?: readonly string[];
  readonly minQuality?: number;
  readonly requiredMetrics?: readonly RequiredMetric[];
  /** Export although the training type asks for more; the manifest says so. */
  readonly allowNotReady?: boolean;
}

/** Body of `POST /v1/batches`. Times are ISO 8601 or ms since 1970. */
export const batchRequestSchema: z.ZodType<BatchRequestBody> = z.strictObject({
  trainingType: z.enum(['sft-warmup', 'turn-level-rl', 'grpo', 'curriculum']),
  format: z.enum(['sft-jsonl', 'allow-list-jsonl']).exactOptional(),
  from: bodyTime.exactOptional(),
  to: bodyTime.exactOptional(),
  taskTypes: z.array(key).min(1).max(1_000).exactOptional(),
  agentIds: z.array(key).min(1).max(1_000).exactOptional(),
  minQuality: z.number().min(0).max(1).exactOptional(),
  requiredMetrics: z
    .array(z.enum(['latencyMs', 'tokensUsed', 'quality', 'costUsd']))
    .exactOptional(),
  allowNotReady: z.boolean().exactOptional(),
});
