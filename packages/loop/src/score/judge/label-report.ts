import {
  type PredictionPoweredMean,
  predictionPoweredMean,
} from '../../stats/prediction-powered.ts';
import {
  type ClassAgreement,
  measureClassAgreement,
  measureScoreAgreement,
  type ScoreAgreement,
} from './judge-agreement.ts';

/** A judge's score with the label of the item, where there is one. */
export interface LabelledJudgment {
  /** 0..1 */
  readonly score: number;
  /** 0..1; null without a label. */
  readonly label: number | null;
  readonly cluster: string;
}

/** What labels say of a judge, and what the judge adds to the labels. */
export interface LabelReport {
  /** Judgments with a label. */
  readonly n: number;
  readonly agreement: ScoreAgreement;
  /** When every label is 0 or 1: agreement of `score >= 0.5` with it. */
  readonly classes: ClassAgreement | null;
  /**
   * Mean label of all items, from labels and judge together; null with fewer than two items with, or
   * without, a label. Holds when the labelled items are a random sample of all.
   */
  readonly mean: PredictionPoweredMean | null;
}

/** Holds a judge against the labels that some of its items have; null when none has. */
export function reportOnLabels(judgments: readonly LabelledJudgment[]): LabelReport | null {
  const labelled = judgments.flatMap(({ score, label, cluster }) =>
    label === null ? [] : [{ judge: score, label, cluster }],
  );
  if (labelled.length === 0) return null;
  const unlabelled = judgments.flatMap(({ score, label }) => (label === null ? [score] : []));
  const isBinary = labelled.every(({ label }) => label === 0 || label === 1);
  return {
    n: labelled.length,
    agreement: measureScoreAgreement(labelled),
    classes: isBinary ? measureClassAgreement(labelled.map(asClasses)) : null,
    mean: predictionPoweredMean(labelled, unlabelled),
  };
}

function asClasses({ judge, label, cluster }: { judge: number; label: number; cluster: string }) {
  return { judge: judge >= 0.5 ? 'yes' : 'no', label: label === 1 ? 'yes' : 'no', cluster };
}
