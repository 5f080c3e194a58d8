import type { ClusteredShare } from '../stats/clustered-share.ts';
import { fnv1a } from '../stats/fnv.ts';
import { centredKnots, fitIsotonic, interpolate, type Knot } from '../stats/isotonic.ts';
import { fitLogistic, logisticValue } from '../stats/logistic.ts';
import { type PairAgreement, pairAgreement } from '../stats/pair-agreement.ts';

/** A score beside what a person or an executed test said of the same answer. */
export interface LabelledScore {
  readonly id: string;
  /** What must not be split, usually the query. */
  readonly group: string;
  readonly score: number;
  /** 0..1 */
  readonly label: number;
  readonly taskType?: string;
}

/** How a calibration is made. */
export interface CalibrationOptions {
  /** Version of the scorer that gave the scores; a calibration is worth nothing for another one. */
  readonly scorerVersion: string;
  /** `auto` when absent: logistic below 1,000 labels, isotonic from there on. */
  readonly method?: 'auto' | 'isotonic' | 'logistic';
  /** Fewest labels; 200 when absent. */
  readonly minimumLabels?: number;
}

/** How well a calibration did on labels that it had not seen. */
export interface HeldOutAgreement {
  /** Labels that took part in a pair; across groups at most 2,000 of a fold. */
  readonly n: number;
  readonly pairs: number;
  /** Share of pairs with different labels that are ranked right; 0.5 is chance. */
  readonly pairAccuracy: number;
  /** 95 % interval of the pair accuracy, clustered by group. */
  readonly ci: ClusteredShare;
  readonly scope: PairAgreement['scope'];
  /** Mean squared distance of probability and label. */
  readonly brier: number;
  /** The same if every answer were given the mean label of the others: the number to beat. */
  readonly baselineBrier: number;
}

/** Curve from score to probability. It never falls. */
export type CalibrationCurve =
  | { readonly method: 'isotonic'; readonly knots: readonly Knot[] }
  | { readonly method: 'logistic'; readonly coefficients: readonly number[] };

/** A curve with what is known of its worth, or why there is none. Plain data, fit for JSON. */
export type ScoreCalibration =
  | ({
      readonly kind: 'calibrated';
      /** Labels that the curve was fitted to. */
      readonly n: number;
      readonly heldOut: HeldOutAgreement;
      /** Changes whenever the curve or the scorer does. */
      readonly version: string;
      readonly scorerVersion: string;
    } & CalibrationCurve)
  | {
      readonly kind: 'uncalibrated';
      readonly n: number;
      /** Labels that are needed in all. */
      readonly needed: number;
      readonly reason: string;
    };

const FOLDS = 5;
const LEAST_GROUPS = 10;
/** Isotonic regression overfits below about this many labels (Niculescu-Mizil and Caruana 2005). */
const LABELS_FOR_ISOTONIC = 1000;

/**
 * Fits a curve from score to probability to labels of one tenant and task type. The agreement is
 * measured on five folds: groups are dealt to folds by hash, each fold is judged by a curve fitted
 * to the other four, so that no group stands on both sides. The curve that is returned is fitted
 * to all labels. Throws RangeError on a score that is not finite or a label outside 0..1.
 */
export function calibrateScores(
  labelled: readonly LabelledScore[],
  options: CalibrationOptions,
): ScoreCalibration {
  for (const { id, score, label } of labelled) {
    const isUsable = Number.isFinite(score) && label >= 0 && label <= 1;
    if (!isUsable) throw new RangeError(`score ${score} with label ${label} of ${id}`);
  }
  const n = labelled.length;
  const needed = options.minimumLabels ?? 200;
  const uncalibrated = (reason: string): ScoreCalibration => ({
    kind: 'uncalibrated',
    n,
    needed,
    reason,
  });
  if (n < needed) return uncalibrated(`${needed - n} more labels are needed`);
  const groups = new Set(labelled.map((item) => item.group)).size;
  if (groups < LEAST_GROUPS) {
    return uncalibrated(`the labels belong to ${groups} groups, ${LEAST_GROUPS} are needed`);
  }
  const method = methodOf(options.method ?? 'auto', n);
  const heldOut = heldOutAgreement(labelled, method);
  if (heldOut === null) return uncalibrated('no two labels that could be compared differ');
  const curve = fitCurve(labelled, method);
  const { scorerVersion } = options;
  const version = versionOf(scorerVersion, curve);
  return { kind: 'calibrated', ...curve, n, heldOut, version, scorerVersion };
}

/** Probability, 0..1, that a calibration gives to a score; null when it is uncalibrated. */
export function calibratedProbability(calibration: ScoreCalibration, score: number): number | null {
  return calibration.kind === 'calibrated' ? valueOfCurve(calibration, score) : null;
}

function methodOf(
  wanted: 'auto' | CalibrationCurve['method'],
  n: number,
): CalibrationCurve['method'] {
  if (wanted !== 'auto') return wanted;
  return n < LABELS_FOR_ISOTONIC ? 'logistic' : 'isotonic';
}

function fitCurve(
  labelled: readonly LabelledScore[],
  method: CalibrationCurve['method'],
): CalibrationCurve {
  if (method === 'isotonic') {
    const points = labelled.map(({ score, label }) => ({ x: score, y: label }));
    return { method, knots: centredKnots(fitIsotonic(points)) };
  }
  const rows = labelled.map(({ score, label }) => ({ x: [score], y: label }));
  const { coefficients } = fitLogistic(rows);
  if ((coefficients[1] ?? 0) >= 0) return { method, coefficients };
  // A score that runs against the labels tells nothing: flat instead of falling.
  return {
    method,
    coefficients: [...fitLogistic(rows.map(({ y }) => ({ x: [], y }))).coefficients, 0],
  };
}

function valueOfCurve(curve: CalibrationCurve, score: number): number {
  const value =
    curve.method === 'isotonic'
      ? interpolate(curve.knots, score)
      : logisticValue(curve.coefficients, [score]);
  return Math.min(1, Math.max(0, value));
}

function heldOutAgreement(
  labelled: readonly LabelledScore[],
  method: CalibrationCurve['method'],
): HeldOutAgreement | null {
  const dealt = labelled.map((item) => ({ ...item, fold: fnv1a(item.group) % FOLDS }));
  const predictions = Array.from({ length: FOLDS }, (_, fold) => {
    const known = dealt.filter((item) => item.fold !== fold);
    const hidden = dealt.filter((item) => item.fold === fold);
    if (known.length === 0) return [];
    const curve = fitCurve(known, method);
    const mean = known.reduce((sum, item) => sum + item.label, 0) / known.length;
    return hidden.map((item) => ({ ...item, mean, predicted: valueOfCurve(curve, item.score) }));
  }).flat();
  const agreement = pairAgreement(predictions);
  if (agreement === null) return null;
  const meanSquare = (errors: readonly number[]): number =>
    errors.reduce((sum, error) => sum + error * error, 0) / errors.length;
  return {
    n: agreement.n,
    pairs: agreement.pairs,
    pairAccuracy: agreement.accuracy.mean,
    ci: agreement.accuracy,
    scope: agreement.scope,
    brier: meanSquare(predictions.map((item) => item.predicted - item.label)),
    baselineBrier: meanSquare(predictions.map((item) => item.mean - item.label)),
  };
}

function versionOf(scorerVersion: string, curve: CalibrationCurve): string {
  const hash = fnv1a(JSON.stringify([scorerVersion, curve]))
    .toString(16)
    .padStart(8, '0');
  return `score-calibration/1:${hash}`;
}
