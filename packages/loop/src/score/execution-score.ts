import type { EvaluationOutcomeLog } from '../record/facts.ts';
import { type Interval, wilson } from '../stats/proportion.ts';
import {
  CHECK_OUTCOME_KINDS,
  type CheckOutcome,
  type CheckOutcomeKind,
} from './execution-check.ts';

/** Correctness of executed code: right, wrong, or not known with the reason. */
export type Correctness =
  | { readonly kind: 'scored'; readonly score: 0 | 1 }
  | { readonly kind: 'unscored'; readonly reason: string };

/**
 * Correctness of one outcome: 1 when every check held, 0 when the code is at fault, unscored when
 * a module or the sandbox was missing. There is no partial credit: an answer that is right on the
 * easy half of the checks is wrong.
 */
export function correctnessOf(outcome: CheckOutcome): Correctness {
  switch (outcome.kind) {
    case 'passed':
      return { kind: 'scored', score: 1 };
    case 'missing-module':
    case 'infrastructure':
      return { kind: 'unscored', reason: `${outcome.kind}: ${outcome.message}` };
    default:
      return { kind: 'scored', score: 0 };
  }
}

/** The part of an evaluation that an execution fills. */
export type ExecutionEvaluation = Pick<
  EvaluationOutcomeLog,
  'qualityGates' | 'overallScore' | 'unscoredReason' | 'metrics' | 'evaluator' | 'evaluatorVersion'
>;

/** Version of the mapping below. */
export const EXECUTION_EVALUATOR_VERSION = 'execution/1';

/**
 * An outcome as a part of `EvaluationOutcomeLog`: the mandatory gate `tests-pass`, correctness as
 * the overall score, and what was counted as metrics. An unscored outcome has no gate.
 */
export function executionEvaluationOf(outcome: CheckOutcome): ExecutionEvaluation {
  const correctness = correctnessOf(outcome);
  const { checksPassed, checksFailed, durationMs } = outcome;
  const common = {
    evaluator: 'execution',
    evaluatorVersion: EXECUTION_EVALUATOR_VERSION,
    metrics: [
      { name: 'execution.outcome', label: outcome.kind, explanation: outcome.message },
      { name: 'execution.checksPassed', value: checksPassed },
      { name: 'execution.checksFailed', value: checksFailed },
      { name: 'execution.durationMs', value: durationMs },
    ],
  };
  if (correctness.kind === 'unscored') {
    return { ...common, overallScore: null, unscoredReason: correctness.reason };
  }
  const { score } = correctness;
  const gate = { name: 'tests-pass', passed: score === 1, score, threshold: 1, mandatory: true };
  return { ...common, qualityGates: [gate], overallScore: score };
}

/** What many outcomes amount to. */
export interface ExecutionSummary {
  /** Everything that was to be checked, unscored outcomes included. */
  readonly n: number;
  readonly byKind: Readonly<Record<CheckOutcomeKind, number>>;
  /** Outcomes that say nothing about the code. They count in `n`, as not passed. */
  readonly unscored: number;
  /** Share that passed, out of all `n`, with its 95 % Wilson interval. */
  readonly passRate: Interval;
}

/** Number of outcomes of each kind; what a summary is made from. Counts of several runs add up. */
export type OutcomeCounts = Readonly<Partial<Record<CheckOutcomeKind, number>>>;

/**
 * Sums outcomes up. Code that could not be judged stays in the denominator: otherwise asking for a
 * module that is not there would raise the pass rate.
 */
export function summariseOutcomes(counts: OutcomeCounts): ExecutionSummary {
  const entries = CHECK_OUTCOME_KINDS.map((kind) => [kind, counts[kind] ?? 0] as const);
  const n = entries.reduce((sum, [, count]) => sum + count, 0);
  const byKind = Object.fromEntries(entries) as Record<CheckOutcomeKind, number>;
  return {
    n,
    byKind,
    unscored: byKind['missing-module'] + byKind.infrastructure,
    passRate: wilson(byKind.passed, n),
  };
}
