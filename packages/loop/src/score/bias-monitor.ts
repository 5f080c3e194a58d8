import { type ClusterSums, fitClustered } from '../stats/clustered-regression.ts';
import { fnv1a } from '../stats/fnv.ts';
import type { Interval } from '../stats/proportion.ts';
import { type AnchoredScore, isReasoning, type ScoreWithTruth } from './anchored-score.ts';
import { effectOfFit } from './bias-effect.ts';
import { type BiasPolicy, type BiasVerdict, judgeEffect } from './bias-policy.ts';

/**
 * Whole-number sums of the anchored answers in one bucket: count, reasoning, truth, score, and the
 * products truth*truth, reasoning*truth, reasoning*score, truth*score. Scores and truths are counted
 * in steps of 0.0001.
 */
export type BiasSums = readonly [
  n: number,
  r: number,
  y: number,
  s: number,
  yy: number,
  ry: number,
  rs: number,
  ys: number,
];

/**
 * What a monitor remembers: a fixed number of buckets, whatever the number of answers. All answers
 * to a prompt fall into one bucket. Sums are whole numbers, so parts from several processes merge to
 * the same bits in any order. Plain data, fit for JSON.
 */
export interface BiasMonitor {
  readonly scorerVersion: string;
  /** By bucket number, only those that were hit. */
  readonly buckets: Readonly<Record<string, BiasSums>>;
}

/** What a monitor knows now, valid however often it is asked. */
export interface BiasMonitorReading {
  /** Anchored answers seen. */
  readonly n: number;
  /** gamma with its confidence sequence; null while it cannot be estimated. */
  readonly effect: Interval | null;
  readonly verdict: Exclude<BiasVerdict, 'no-anchors'>;
}

const BUCKETS = 256;
const STEPS = 10_000;

/** A monitor that has seen nothing. */
export function createBiasMonitor(scorerVersion: string): BiasMonitor {
  return { scorerVersion, buckets: {} };
}

/**
 * The monitor with more answers; those without a known truth are passed over. Give each answer
 * once. Scores must be raw and of the monitor's scorer version.
 */
export function watchBias(monitor: BiasMonitor, items: readonly AnchoredScore[]): BiasMonitor {
  const buckets: Record<string, BiasSums> = { ...monitor.buckets };
  for (const item of items) {
    if (!hasTruth(item)) continue;
    const bucket = String(fnv1a(item.group) % BUCKETS);
    buckets[bucket] = addSums(buckets[bucket], sumsOf(item));
  }
  return { ...monitor, buckets };
}

/** Two monitors of different answers as one. Throws RangeError when their scorers differ. */
export function mergeBiasMonitors(left: BiasMonitor, right: BiasMonitor): BiasMonitor {
  if (left.scorerVersion !== right.scorerVersion) {
    throw new RangeError(`monitors of ${left.scorerVersion} and ${right.scorerVersion}`);
  }
  const buckets: Record<string, BiasSums> = { ...left.buckets };
  for (const [bucket, sums] of Object.entries(right.buckets)) {
    buckets[bucket] = addSums(buckets[bucket], sums);
  }
  return { ...left, buckets };
}

/**
 * Estimate of the bias with a confidence sequence: a false alarm at any look has the chance
 * 1 - level. It is tightest at about the number of answers that the policy asks for. The buckets
 * are its clusters: answers to one prompt, and to prompts of one bucket, may depend on each other.
 */
export function readBiasMonitor(monitor: BiasMonitor, policy: BiasPolicy): BiasMonitorReading {
  const all = Object.values(monitor.buckets);
  const total = all.reduce(addSums, undefined) ?? sumsOfNothing();
  const [n, thought] = total;
  const unclear = (effect: Interval | null): BiasMonitorReading => ({
    n,
    effect,
    verdict: 'not-enough-evidence',
  });
  const hasSlope = total[4] * n !== total[2] * total[2];
  const fit = fitClustered(all.map((sums) => clusterSums(sums, hasSlope)));
  if (fit === null) return unclear(null);
  const effect = effectOfFit(fit, truthGapOf(total), { ...policy, looks: 'any-number' });
  const isEnough =
    Math.min(thought, n - thought) >= policy.minimumPerType &&
    fit.clusters >= policy.minimumPrompts;
  return isEnough ? { n, effect, verdict: judgeEffect(effect, policy) } : unclear(effect);
}

function hasTruth(item: AnchoredScore): item is ScoreWithTruth {
  return item.truth !== null;
}

function sumsOf(item: ScoreWithTruth): BiasSums {
  const r = isReasoning(item);
  const y = Math.round(item.truth * STEPS);
  const s = Math.round(item.score * STEPS);
  return [1, r, y, s, y * y, r * y, r * s, y * s];
}

function sumsOfNothing(): BiasSums {
  return [0, 0, 0, 0, 0, 0, 0, 0];
}

function addSums(p: BiasSums | undefined, q: BiasSums): BiasSums {
  if (p === undefined) return q;
  return [
    p[0] + q[0],
    p[1] + q[1],
    p[2] + q[2],
    p[3] + q[3],
    p[4] + q[4],
    p[5] + q[5],
    p[6] + q[6],
    p[7] + q[7],
  ];
}

/** Mean truth of reasoning minus direct answers. */
function truthGapOf([n, r, y, , , ry]: BiasSums): number {
  return (ry / r - (y - ry) / (n - r)) / STEPS;
}

/** Regressors are a constant, the truth unless it never varies, and the type. */
function clusterSums(sums: BiasSums, hasSlope: boolean): ClusterSums {
  const [n, r] = sums;
  const y = sums[2] / STEPS;
  const s = sums[3] / STEPS;
  const yy = sums[4] / STEPS ** 2;
  const ry = sums[5] / STEPS;
  const rs = sums[6] / STEPS;
  const ys = sums[7] / STEPS ** 2;
  const withoutSlope = [
    [n, r],
    [r, r],
  ];
  if (!hasSlope) return { n, xx: withoutSlope, xy: [s, rs] };
  const xx = [
    [n, y, r],
    [y, yy, ry],
    [r, ry, r],
  ];
  return { n, xx, xy: [s, ys, rs] };
}
