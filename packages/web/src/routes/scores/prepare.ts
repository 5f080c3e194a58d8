import type { Estimate } from '../../charts/interval-bar.tsx';
import type { ScorePoint } from '../../charts/score-line.tsx';

/** Words for the kinds of model. */
export type ModelType = 'direct' | 'reasoning';

/** One group of `/v1/score/distribution`, as far as this page uses it. */
export interface ScoreGroup {
  readonly agentId: string;
  readonly modelType: ModelType;
  readonly n: number;
  readonly unscoredN: number;
  readonly belowThresholdN: number;
  readonly composite: Estimate | null;
  readonly correctedMean: number | null;
  readonly p10: number | null;
  readonly p50: number | null;
  readonly p90: number | null;
  readonly histogram: readonly number[];
}

/** Answer of `/v1/score/bias`, as far as this page uses it. */
export interface Bias {
  readonly verdict: 'correct' | 'no-correction' | 'not-enough-evidence' | 'no-anchors';
  readonly reason: string;
  readonly effect: Estimate | null;
  readonly rawGap: Estimate | null;
  readonly items: Readonly<Record<ModelType, number>>;
  readonly anchored: Readonly<Record<ModelType, number>>;
  readonly prompts: number;
  readonly correction: { readonly version: number; readonly reasoningShift: number } | null;
  readonly isBiasCorrected: boolean;
}

/** One calibration of `/v1/score/calibrations`. */
export interface Calibration {
  readonly id: string;
  readonly taskType: string;
  readonly isActive: boolean;
  readonly calibration:
    | {
        readonly kind: 'calibrated';
        readonly n: number;
        readonly heldOut: {
          readonly pairAccuracy: number;
          readonly pairs: number;
          readonly ci: { readonly low: number; readonly high: number };
        };
      }
    | { readonly kind: 'uncalibrated'; readonly n: number; readonly needed: number };
}

/** One series of `/v1/score/trends`. */
export interface Trend {
  readonly modelType: ModelType;
  readonly trend: 'improving' | 'stable' | 'degrading' | 'not-enough-data';
  readonly change: Estimate | null;
  readonly periods: readonly {
    readonly startMs: number;
    readonly score: Estimate;
    readonly isCounted: boolean;
  }[];
}

/** A score or a difference with three digits. */
export function formatScore(value: number | null | undefined): string {
  return value === null || value === undefined ? '–' : value.toFixed(3);
}

/** A difference with its sign. */
export function formatGap(value: number): string {
  return `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(3)}`;
}

/** A difference with its interval and the number behind it. */
export function describeGap(gap: Estimate | null): string {
  if (gap === null) return 'not measured';
  return `${formatGap(gap.mean)} [${formatGap(gap.low)}, ${formatGap(gap.high)}], n ${gap.n}`;
}

/** Points of a trend, labelled by UTC day. */
export function pointsOf(trend: Trend): ScorePoint[] {
  return trend.periods.map(({ startMs, score, isCounted }) => ({
    label: new Date(startMs).toISOString().slice(0, 10),
    score,
    isCounted,
  }));
}

/** The newest state of calibration per task type: the one in use, else the last attempt. */
export function latestCalibrations(items: readonly Calibration[]): Calibration[] {
  const types = new Map<string, Calibration>();
  for (const item of items) {
    const known = types.get(item.taskType);
    if (known === undefined || (item.isActive && !known.isActive)) types.set(item.taskType, item);
  }
  return [...types.values()].sort((a, b) => a.taskType.localeCompare(b.taskType));
}
