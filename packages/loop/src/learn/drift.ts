import type { Outcome } from '../record/outcome.ts';
import type { Interval } from '../stats/proportion.ts';
import { scoreInterval } from '../stats/score-interval.ts';
import type { Change, ChangeOptions, ChangeState, Stretch } from './change-detector.ts';
import { addScore, createChangeState, DEFAULT_CHANGE_OPTIONS } from './change-detector.ts';
import { cellKey } from './evidence.ts';

/** Which series of a cell is watched. */
export type DriftMetric = 'quality' | 'success';

/** An agent version that became worse at a kind of task. */
export interface DriftFinding {
  readonly agentId: string;
  readonly agentVersion: string;
  readonly taskType: string;
  readonly taskKind: string;
  readonly metric: DriftMetric;
  /** Mean before the change. */
  readonly from: Interval;
  /** Mean from the change to the alarm. */
  readonly to: Interval;
  /** Time of the first outcome after the change, ms. */
  readonly sinceMs: number;
  /** Time of the outcome that raised the alarm, ms. */
  readonly detectedMs: number;
  /** Chance of such an alarm on any watched series if nothing had changed. */
  readonly pValue: number;
  /** Time at which a later rise ended it, ms; null while it lasts. */
  readonly recoveredMs: number | null;
}

/** Settings of a watch. */
export interface DriftOptions extends Omit<ChangeOptions, 'alpha'> {
  /** Chance of any false alarm over all series together. */
  readonly alpha: number;
  /** Series that alpha is divided by at least, because more will come. */
  readonly expectedSeries: number;
}

/** Watches every cell of one tenant. Change it only through the functions of this module. */
export interface DriftWatch {
  readonly options: DriftOptions;
  readonly series: Map<string, ChangeState>;
  readonly findings: DriftFinding[];
}

/** A watch as plain data, fit to be stored as JSON. */
export interface DriftSnapshot {
  readonly series: readonly (readonly [string, ChangeState])[];
  readonly findings: readonly DriftFinding[];
}

const DEFAULT_DRIFT_OPTIONS: DriftOptions = {
  ...DEFAULT_CHANGE_OPTIONS,
  alpha: 0.05,
  expectedSeries: 20,
};

/** A watch that has seen nothing, or that goes on from a snapshot. */
export function createDriftWatch(
  options: Partial<DriftOptions> = {},
  snapshot: DriftSnapshot | null = null,
): DriftWatch {
  return {
    options: { ...DEFAULT_DRIFT_OPTIONS, ...options },
    series: new Map(structured(snapshot?.series ?? [])),
    findings: [...(snapshot?.findings ?? [])],
  };
}

/** Plain data from which `createDriftWatch` goes on. */
export function snapshotDrift(watch: DriftWatch): DriftSnapshot {
  return { series: structured([...watch.series]), findings: [...watch.findings] };
}

function structured(
  series: readonly (readonly [string, ChangeState])[],
): (readonly [string, ChangeState])[] {
  return series.map(([key, state]) => [
    key,
    {
      ...state,
      sums: [...state.sums],
      squares: [...state.squares],
      timesMs: [...state.timesMs],
    },
  ]);
}

/** Takes one outcome in; returns what it made certain, usually nothing. */
export function watchOutcome(watch: DriftWatch, outcome: Outcome): DriftFinding[] {
  const found: DriftFinding[] = [];
  if (outcome.quality !== null) {
    const quality = Math.min(1, Math.max(0, outcome.quality));
    found.push(...watchScore(watch, outcome, 'quality', quality));
  }
  if (outcome.success !== null) {
    found.push(...watchScore(watch, outcome, 'success', outcome.success ? 1 : 0));
  }
  return found;
}

/** All findings of a watch, newest first; the same cell may have several over time. */
export function driftFindings(watch: DriftWatch): DriftFinding[] {
  return [...watch.findings].sort((p, q) => q.detectedMs - p.detectedMs);
}

/** Findings of outcomes in their order, as if they had been watched as they came. */
export function detectDrift(
  outcomes: Iterable<Outcome>,
  options: Partial<DriftOptions> = {},
): DriftFinding[] {
  const watch = createDriftWatch(options);
  for (const outcome of outcomes) watchOutcome(watch, outcome);
  return driftFindings(watch);
}

function watchScore(
  watch: DriftWatch,
  outcome: Outcome,
  metric: DriftMetric,
  score: number,
): DriftFinding[] {
  const { agentId, agentVersion, taskType, taskKind, timestampMs } = outcome;
  const key = `${metric}\0${cellKey(agentId, agentVersion, taskType, taskKind)}`;
  let state = watch.series.get(key);
  if (state === undefined) {
    state = createChangeState();
    watch.series.set(key, state);
  }
  const many = Math.max(watch.options.expectedSeries, watch.series.size);
  const options = { ...watch.options, alpha: watch.options.alpha / many };
  const change = addScore(state, score, timestampMs, options);
  if (change === null) return [];
  if (meanOf(change.after) > meanOf(change.before)) {
    markRecovered(watch, outcome, metric, change.sinceMs);
    return [];
  }
  const finding = findingOf(outcome, metric, change, many);
  watch.findings.push(finding);
  return [finding];
}

function findingOf(
  outcome: Outcome,
  metric: DriftMetric,
  change: Change,
  many: number,
): DriftFinding {
  const { agentId, agentVersion, taskType, taskKind, timestampMs } = outcome;
  return {
    agentId,
    agentVersion,
    taskType,
    taskKind,
    metric,
    from: intervalOf(change.before),
    to: intervalOf(change.after),
    sinceMs: change.sinceMs,
    detectedMs: timestampMs,
    pValue: Math.min(1, change.pValue * many),
    recoveredMs: null,
  };
}

/** A rise ends the latest finding of its series that still lasts. */
function markRecovered(
  watch: DriftWatch,
  outcome: Outcome,
  metric: DriftMetric,
  sinceMs: number,
): void {
  for (let i = watch.findings.length - 1; i >= 0; i--) {
    const one = watch.findings[i];
    if (one === undefined || one.metric !== metric || one.recoveredMs !== null) continue;
    const isSame =
      one.agentId === outcome.agentId &&
      one.agentVersion === outcome.agentVersion &&
      one.taskType === outcome.taskType &&
      one.taskKind === outcome.taskKind;
    if (!isSame) continue;
    watch.findings[i] = { ...one, recoveredMs: sinceMs };
    return;
  }
}

function meanOf(stretch: Stretch): number {
  return stretch.sum / stretch.n;
}

function intervalOf(stretch: Stretch): Interval {
  return scoreInterval(stretch.n, stretch.sum, stretch.sumOfSquares);
}
