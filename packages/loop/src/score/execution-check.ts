import type { CheckValue, CheckValueTolerance } from './check-value.ts';

/** Languages that can be executed. */
export const EXECUTION_LANGUAGES = ['javascript', 'typescript', 'python'] as const;

/** A language that can be executed. */
export type ExecutionLanguage = (typeof EXECUTION_LANGUAGES)[number];

/** What a run may use. Every limit is hard: whatever passes it ends the run. */
export interface ExecutionLimits {
  /** Wall time from loading the code to the verdict, in milliseconds. */
  readonly wallMs: number;
  /** Memory of the interpreter, in bytes. */
  readonly memoryBytes: number;
  /** What is kept of the printed output, in bytes; the rest is dropped. */
  readonly outputBytes: number;
  /** Size of one value on its way in or out, in characters of its JSON; at most 16 MiB. */
  readonly valueBytes: number;
}

/** Limits of a run that names none. */
export const DEFAULT_EXECUTION_LIMITS: ExecutionLimits = {
  wallMs: 5_000,
  memoryBytes: 256 * 1024 * 1024,
  outputBytes: 16 * 1024,
  valueBytes: 4 * 1024 * 1024,
};

/** One call of a function of the candidate, and what must come of it. */
export type CallCheck = {
  /** Name of a function that the code defines; a path such as `Stack.of` is fine. */
  readonly call: string;
  readonly args?: readonly CheckValue[];
} & (
  | { readonly expected: CheckValue; readonly tolerance?: CheckValueTolerance }
  /** Name of the error that must be thrown; true = any. */
  | { readonly throws: string | true }
);

/** What decides whether the code is right. It never runs in the interpreter of the code. */
export type ExecutionOracle =
  | { readonly kind: 'calls'; readonly checks: readonly CallCheck[] }
  | {
      readonly kind: 'test';
      /** Program with assertions, in the language of the code; sees the names that the code defines. */
      readonly test: string;
      /** Python: when the test defines `check(candidate)`, the function that it is called with. */
      readonly entryPoint?: string;
      /** Fewer assertions than this are no pass, 0 or more; 1 when absent. */
      readonly minimumAssertions?: number;
    };

/** Code to execute, with the oracle that decides about it. */
export interface ExecutionCheck {
  readonly language: ExecutionLanguage;
  readonly code: string;
  readonly oracle: ExecutionOracle;
  readonly limits?: Partial<ExecutionLimits>;
}

/** What was counted whatever the outcome. */
export interface CheckCounts {
  /** Checks, or assertions of a test, that held. */
  readonly checksPassed: number;
  /** Those that did not, and checks that never ran: skipped is not passed. */
  readonly checksFailed: number;
  /** Wall time of the run in milliseconds, as measured by the caller. */
  readonly durationMs: number;
  /** What the code printed, cut to the limit. */
  readonly output: string;
}

/**
 * What came of executing code. `missing-module` and `infrastructure` say nothing about the code:
 * they are never 'wrong', and never leave a denominator either.
 */
export type CheckOutcome = CheckCounts &
  (
    | { readonly kind: 'passed'; readonly message: string }
    /** The code does not parse. */
    | { readonly kind: 'syntax-error'; readonly message: string }
    /** A value is not the expected one, or an assertion failed, or too few assertions ran. */
    | { readonly kind: 'assertion-failed'; readonly message: string }
    /** The code threw, ended its interpreter, or lacks the function that is called. */
    | { readonly kind: 'runtime-error'; readonly message: string }
    | { readonly kind: 'timeout'; readonly message: string }
    | { readonly kind: 'memory-exceeded'; readonly message: string }
    /** The code asks for a module that the sandbox does not have. */
    | { readonly kind: 'missing-module'; readonly message: string; readonly module: string }
    /** The sandbox or the test itself is at fault. */
    | { readonly kind: 'infrastructure'; readonly message: string }
  );

/** Kind of an outcome. */
export type CheckOutcomeKind = CheckOutcome['kind'];

/** Every kind of outcome, in the order in which a summary lists them. */
export const CHECK_OUTCOME_KINDS: readonly CheckOutcomeKind[] = [
  'passed',
  'assertion-failed',
  'runtime-error',
  'syntax-error',
  'timeout',
  'memory-exceeded',
  'missing-module',
  'infrastructure',
];

/**
 * Wall limit from the time that a reference solution took: `max(floorMs, factor * referenceMs)`,
 * so that a slow machine does not fail right code. Source: EvalPlus, per-input limits.
 */
export function wallLimitMs(
  referenceMs: number,
  policy: { readonly floorMs: number; readonly factor: number },
): number {
  return Math.max(policy.floorMs, Math.ceil(policy.factor * referenceMs));
}
