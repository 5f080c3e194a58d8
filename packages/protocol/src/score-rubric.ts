import type { RubricCheck, RubricExpectations } from '@assay/loop';
import { z } from 'zod';

/** A recorded run, and what was asked of it. */
export interface RubricRequest {
  readonly taskId: string;
  /** Attempt of the task; the last one when absent. */
  readonly attempt?: number;
  /** What was asked. Nothing asked is nothing measured. */
  readonly expected?: RubricExpectations;
}

const name = z.string().min(1).max(200);
const names = z.array(name).max(1_000);
const checks: z.ZodType<readonly RubricCheck[]> = z
  .array(z.strictObject({ name, passed: z.boolean() }))
  .max(1_000);
const above0 = z.number().gt(0).max(1e15);

const expectationsSchema: z.ZodType<RubricExpectations> = z.strictObject({
  answerFormat: z.literal('json').exactOptional(),
  formatChecks: checks.exactOptional(),
  taskChecks: checks.exactOptional(),
  safetyChecks: checks.exactOptional(),
  requiredTools: names.exactOptional(),
  allowedTools: names.exactOptional(),
  forbiddenTools: names.exactOptional(),
  limits: z
    .strictObject({
      tokensUsed: above0.exactOptional(),
      costUsd: above0.exactOptional(),
      latencyMs: above0.exactOptional(),
    })
    .exactOptional(),
});

/** Body of `POST /v1/score/rubric`. */
export const rubricRequestSchema: z.ZodType<RubricRequest> = z.strictObject({
  taskId: name,
  attempt: z.number().int().min(1).max(10_000).exactOptional(),
  expected: expectationsSchema.exactOptional(),
});
