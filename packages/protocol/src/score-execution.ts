import {
  type CallCheck,
  type CheckValue,
  EXECUTION_LANGUAGES,
  type ExecutionLanguage,
  type ExecutionLimits,
} from '@assay/loop';
import { z } from 'zod';

const program = z.string().max(1_000_000);
const name = z.string().min(1).max(500);
const value = z.json() as z.ZodType<CheckValue>;
const share = z.number().min(0).max(1);

const toleranceSchema = z.strictObject({
  absolute: z.number().min(0).exactOptional(),
  relative: share.exactOptional(),
});

const callCheckSchema: z.ZodType<CallCheck> = z.union([
  z.strictObject({
    call: name,
    args: z.array(value).max(100).exactOptional(),
    expected: value,
    tolerance: toleranceSchema.exactOptional(),
  }),
  z.strictObject({
    call: name,
    args: z.array(value).max(100).exactOptional(),
    throws: z.union([name, z.literal(true)]),
  }),
]);

const MEBIBYTE = 1024 * 1024;

const limitsSchema: z.ZodType<Partial<ExecutionLimits>> = z.strictObject({
  wallMs: z.int().min(10).max(600_000).exactOptional(),
  memoryBytes: z
    .int()
    .min(16 * MEBIBYTE)
    .max(2048 * MEBIBYTE)
    .exactOptional(),
  outputBytes: z.int().min(0).max(MEBIBYTE).exactOptional(),
  valueBytes: z
    .int()
    .min(1_024)
    .max(16 * MEBIBYTE)
    .exactOptional(),
});

/** Code to execute, as a line of a file or a request has it: with a test or with checks. */
export interface ExecutionItem {
  readonly id: string;
  readonly language: ExecutionLanguage;
  readonly code: string;
  /** Program with assertions. */
  readonly test?: string;
  readonly checks?: readonly CallCheck[];
  /** Python: the function that `check` of the test is called with. */
  readonly entryPoint?: string;
  /** Fewer assertions are no pass; 1 when absent. */
  readonly minimumAssertions?: number;
  /** Code that is known to be right: it must pass, and says how many assertions there are. */
  readonly reference?: string;
  readonly limits?: Partial<ExecutionLimits>;
}

/** Schema of {@link ExecutionItem}. */
export const executionItemSchema: z.ZodType<ExecutionItem> = z
  .strictObject({
    id: z.string().min(1).max(200),
    language: z.enum(EXECUTION_LANGUAGES),
    code: program,
    test: program.exactOptional(),
    checks: z.array(callCheckSchema).min(1).max(1_000).exactOptional(),
    entryPoint: name.exactOptional(),
    minimumAssertions: z.int().min(0).max(1_000_000).exactOptional(),
    reference: program.exactOptional(),
    limits: limitsSchema.exactOptional(),
  })
  .refine(({ test, checks }) => (test === undefined) !== (checks === undefined), {
    error: 'give either test or checks',
  });

/** Items of one request to execute. */
export interface ExecutionsRequest {
  readonly items: readonly ExecutionItem[];
}

/** Body of `POST /v1/score/executions`. */
export const executionsRequestSchema: z.ZodType<ExecutionsRequest> = z.strictObject({
  items: z.array(executionItemSchema).min(1).max(20),
});
