import type { CallCheck, CheckOutcome, ExecutionLanguage, ExecutionLimits } from '@assay/loop';
import type { Sandbox } from '../../src/adapters/sandbox/sandbox.ts';

/** Time that no healthy run needs, also on a machine with other things to do. */
const AMPLE: Partial<ExecutionLimits> = { wallMs: 30_000 };

/** Checks code by a program with assertions. */
export function byTest(
  sandbox: Sandbox,
  language: ExecutionLanguage,
  code: string,
  test: string,
  more: { minimumAssertions?: number; entryPoint?: string; limits?: Partial<ExecutionLimits> } = {},
): Promise<CheckOutcome> {
  const { limits, ...oracle } = more;
  return sandbox.check({
    language,
    code,
    oracle: { kind: 'test', test, ...oracle },
    limits: { ...AMPLE, ...limits },
  });
}

/** Checks code by calls. */
export function byCalls(
  sandbox: Sandbox,
  language: ExecutionLanguage,
  code: string,
  checks: readonly CallCheck[],
  limits: Partial<ExecutionLimits> = {},
): Promise<CheckOutcome> {
  return sandbox.check({
    language,
    code,
    oracle: { kind: 'calls', checks },
    limits: { ...AMPLE, ...limits },
  });
}
