import type { EvaluationOutcomeLog, QualityGate, RubricScores } from '../record/facts.ts';

/** A score within 0..1, or why there is none. */
export type Reward =
  | { readonly kind: 'scored'; readonly score: number; readonly from: readonly string[] }
  | { readonly kind: 'unscored'; readonly reason: string };

/** Weights of the rubric when an evaluation gives no overall score. Absent parts are left out. */
export const RUBRIC_WEIGHTS: Readonly<Record<keyof RubricScores, number>> = {
  task: 0.4,
  tool: 0.15,
  format: 0.1,
  minimal: 0.1,
  cost: 0.1,
  safety: 0.15,
};

/** What the reward of an evaluation is read from. */
export type Scorable = Pick<
  EvaluationOutcomeLog,
  'overallScore' | 'qualityGates' | 'rubricScores' | 'unscoredReason' | 'passedAllMandatory'
>;

/**
 * Reward of an evaluation, 0..1, or unscored with the reason.
 *
 * In this order: a failed mandatory gate gives 0; the overall score when there is one; the weighted
 * mean of the rubric scores that are there; the share of gates passed (their scores where they
 * have one); else unscored. A missing measurement never counts as 0 or as perfect, and the reward
 * depends on nothing but the evaluation: the same one gives the same reward at any time.
 */
export function rewardOf(evaluation: Scorable): Reward {
  const gates = evaluation.qualityGates ?? [];
  const failed = gates.filter((gate) => gate.mandatory && !gate.passed).map((gate) => gate.name);
  if (failed.length > 0 || evaluation.passedAllMandatory === false) {
    return scored(
      0,
      failed.length > 0 ? failed.map((name) => `gate ${name}`) : ['mandatory gates'],
    );
  }
  const overall = evaluation.overallScore ?? null;
  if (overall !== null) {
    return isShare(overall)
      ? scored(overall, ['overallScore'])
      : { kind: 'unscored', reason: `overallScore ${overall} is not within 0..1` };
  }
  const rubric = rubricMean(evaluation.rubricScores ?? {});
  if (rubric !== null) return rubric;
  const share = gateShare(gates);
  if (share !== null) return scored(share, ['qualityGates']);
  return { kind: 'unscored', reason: evaluation.unscoredReason ?? 'nothing was measured' };
}

/** Price of right and wrong answers that do not cost the same. All within 0..1, reward 1 = best. */
export interface AnswerRewards {
  /** The answer is right. */
  readonly right: number;
  /** Something good was refused (a good mail thrown away). */
  readonly falseAlarm: number;
  /** Something bad was let through (a spam mail kept). */
  readonly miss: number;
}

/**
 * Reward of a yes/no answer where the two mistakes cost differently: `predicted` says "bad",
 * `actual` is the truth.
 */
export function asymmetricReward(
  predicted: boolean,
  actual: boolean,
  rewards: AnswerRewards,
): number {
  if (predicted === actual) return rewards.right;
  return predicted ? rewards.falseAlarm : rewards.miss;
}

function scored(score: number, from: readonly string[]): Reward {
  return { kind: 'scored', score, from };
}

function isShare(value: number): boolean {
  return value >= 0 && value <= 1;
}

function rubricMean(scores: RubricScores): Reward | null {
  let sum = 0;
  let weights = 0;
  const from: string[] = [];
  for (const name of RUBRIC_NAMES) {
    const score = scores[name] ?? null;
    if (score === null || !isShare(score)) continue;
    sum += RUBRIC_WEIGHTS[name] * score;
    weights += RUBRIC_WEIGHTS[name];
    from.push(name);
  }
  return weights > 0 ? scored(Math.min(1, sum / weights), from) : null;
}

const RUBRIC_NAMES = ['task', 'tool', 'format', 'minimal', 'cost', 'safety'] as const;

function gateShare(gates: readonly QualityGate[]): number | null {
  if (gates.length === 0) return null;
  const values = gates.map((gate) => {
    const score = gate.score ?? null;
    return score !== null && isShare(score) ? score : Number(gate.passed);
  });
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
