import { normalQuantile } from './distributions.ts';
import { addMoment, type Moments, meanInterval, NO_MOMENTS, varianceOf } from './moments.ts';
import type { Interval } from './proportion.ts';

/** An item that has both a label and a judge's score. */
export interface LabelledItem {
  /** 0..1 */
  readonly label: number;
  /** 0..1 */
  readonly judge: number;
}

/** A mean from few labels and many judgments. */
export interface PredictionPoweredMean {
  /** The mean of the labels that there would be if every item had one. */
  readonly estimate: Interval;
  /** From the labels alone, by Student's t: what the judge has to beat. */
  readonly fromLabels: Interval;
  /** Plain mean of the judge where there is no label: off by whatever the judge is off. */
  readonly judgeMean: number;
  /** How much the judge was relied on: 1 in full, 0 not at all. */
  readonly reliance: number;
}

/**
 * Prediction-powered mean (Angelopoulos et al. 2023): lambda * mean_N f + mean_n (y - lambda * f),
 * with variance lambda^2 Var(f)/N + Var(y - lambda f)/n and a normal interval. The labelled items
 * must be a random sample of the same kind of items as the unlabelled ones; no item is in both.
 *
 * `reliance` 'full' is lambda = 1: a judge worse than none then widens the interval. 'tuned' is
 * lambda = Cov(y, f) / ((1 + n/N) Var(f)), clipped to 0..1, which relies on a judge as far as it
 * deserves. Needs two labelled and two unlabelled items, otherwise null.
 */
export function predictionPoweredMean(
  labelled: readonly LabelledItem[],
  unlabelled: readonly number[],
  reliance: 'full' | 'tuned' = 'tuned',
): PredictionPoweredMean | null {
  if (labelled.length < 2 || unlabelled.length < 2) return null;
  const predictions = momentsOf(unlabelled);
  const lambda = reliance === 'full' ? 1 : tunedReliance(labelled, unlabelled);
  const corrections = momentsOf(labelled.map(({ label, judge }) => label - lambda * judge));
  const mean = lambda * predictions.mean + corrections.mean;
  const variance =
    (lambda * lambda * varianceOf(predictions)) / predictions.n +
    varianceOf(corrections) / corrections.n;
  const half = normalQuantile(0.975) * Math.sqrt(variance);
  const n = labelled.length + unlabelled.length;
  return {
    estimate: { mean, low: mean - half, high: mean + half, n },
    fromLabels: meanInterval(momentsOf(labelled.map(({ label }) => label))),
    judgeMean: predictions.mean,
    reliance: lambda,
  };
}

function tunedReliance(labelled: readonly LabelledItem[], unlabelled: readonly number[]): number {
  const labels = momentsOf(labelled.map(({ label }) => label));
  const judged = momentsOf(labelled.map(({ judge }) => judge));
  const covariance =
    labelled.reduce(
      (sum, { label, judge }) => sum + (label - labels.mean) * (judge - judged.mean),
      0,
    ) /
    (labelled.length - 1);
  const spread = varianceOf(momentsOf([...unlabelled, ...labelled.map(({ judge }) => judge)]));
  if (!(spread > 0)) return 0;
  const lambda = covariance / ((1 + labelled.length / unlabelled.length) * spread);
  return Math.min(1, Math.max(0, lambda));
}

function momentsOf(values: readonly number[]): Moments {
  return values.reduce(addMoment, NO_MOMENTS);
}
