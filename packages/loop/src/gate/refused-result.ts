import type { GatePolicy } from './gate-policy.ts';
import type { GateReasonCode, GateResult } from './gate-verdict.ts';

/** The answer of a gate that could not even read what it was to compare. */
export function refusedResult(
  code: GateReasonCode,
  message: string,
  policy: GatePolicy,
): GateResult {
  const isMissing = code === 'candidate-missing' || code === 'baseline-missing';
  return {
    verdict: isMissing ? 'missing' : 'not-comparable',
    mayRelease: false,
    reasons: [{ code, severity: 'stop', message }],
    metrics: [],
    categories: [],
    newlyFailing: [],
    newlyPassing: [],
    aggregate: { baseline: null, candidate: null },
    override: null,
    policy,
  };
}
