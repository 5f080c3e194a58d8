import { normalQuantile } from '../stats/distributions.ts';
import { type Moments, varianceOf } from '../stats/moments.ts';
import type { Interval } from '../stats/proportion.ts';

/** Mean of some values; the sum of squared deviations is null where it was not kept. */
export type MeasuredMean = Omit<Moments, 'm2'> & { readonly m2: number | null };

/** What was measured of one variant: an agent version, a prompt, a model. */
export interface VariantMeasurement {
  readonly id: string;
  /** Scores 0..1; null or no values = unscored. */
  readonly quality: MeasuredMean | null;
  /** null = not measured. */
  readonly latencyMs: MeasuredMean | null;
  /** null = not measured; a true 0 is a measurement. */
  readonly costUsd: MeasuredMean | null;
}

/** How fitness is put together. All parameters are the user's choice, not measurements. */
export interface FitnessSettings {
  readonly qualityWeight: number;
  readonly performanceWeight: number;
  /** Share of latency within performance, 0..1; the rest is cost. */
  readonly latencyShare: number;
  /** Latency that is worth half of an instant answer. */
  readonly halfLatencyMs: number;
  /** Cost that is worth half of a free answer. */
  readonly halfCostUsd: number;
  /** Level of the intervals. */
  readonly level: number;
}

/** Quality 0.6, performance 0.4; half of the worth is gone at 2 s and at 1 cent. */
export const DEFAULT_FITNESS: FitnessSettings = {
  qualityWeight: 0.6,
  performanceWeight: 0.4,
  latencyShare: 0.5,
  halfLatencyMs: 2000,
  halfCostUsd: 0.01,
  level: 0.95,
};

/** A part of fitness. */
export type FitnessPart = 'quality' | 'latency' | 'cost';

/** Fitness of one variant, or why it has none. */
export type VariantFitness =
  | {
      readonly kind: 'scored';
      readonly id: string;
      /** 0..1 with its interval, which may reach beyond. */
      readonly fitness: Interval;
      /** Worth of each part that was used, 0..1. */
      readonly parts: Readonly<Partial<Record<FitnessPart, number>>>;
    }
  | { readonly kind: 'unscored'; readonly id: string; readonly reason: string };

/** Fitness of all variants. */
export interface FitnessReport {
  /** In the order given. */
  readonly variants: readonly VariantFitness[];
  /** Parts that no variant was measured on, so that they count for none. */
  readonly leftOut: readonly FitnessPart[];
  /** Parts whose spread is unknown for some variant: intervals take their means as exact. */
  readonly withoutSpread: readonly FitnessPart[];
}

/** Worth of one part with the variance of its estimate. */
interface Worth {
  readonly value: number;
  readonly variance: number;
}

/**
 * Fitness of variants: the weighted mean of quality and of the worth of latency and cost,
 * half / (half + x), which falls as x grows: faster or cheaper is never worse. A worth depends on
 * nothing but the variant, so another variant does not change it. A part that was measured for no
 * variant is left out for all; a variant that lacks a part which others have is unscored. The
 * interval is normal, from the standard errors of the means (delta method), taken as independent.
 * Throws RangeError on negative weights, on a quality weight of 0 and on halves that are not positive.
 */
export function fitnessOf(
  variants: readonly VariantMeasurement[],
  settings: FitnessSettings = DEFAULT_FITNESS,
): FitnessReport {
  const weights = weightsOf(settings);
  const wanted = (Object.keys(weights) as FitnessPart[]).filter((part) => weights[part] > 0);
  const used = wanted.filter((part) => variants.some((one) => momentsOf(one, part) !== null));
  const leftOut = wanted.filter((part) => !used.includes(part));
  const withoutSpread = used.filter((part) =>
    variants.some((one) => momentsOf(one, part)?.m2 === null),
  );
  const measured = variants.map((one) => measure(one, used, weights, settings));
  return { variants: measured, leftOut, withoutSpread };
}

function measure(
  variant: VariantMeasurement,
  used: readonly FitnessPart[],
  weights: Readonly<Record<FitnessPart, number>>,
  settings: FitnessSettings,
): VariantFitness {
  const { id } = variant;
  if (momentsOf(variant, 'quality') === null) {
    return { kind: 'unscored', id, reason: 'its quality was not scored' };
  }
  const parts: Partial<Record<FitnessPart, number>> = {};
  const total = used.reduce((sum, part) => sum + weights[part], 0);
  let mean = 0;
  let variance = 0;
  let n = Number.POSITIVE_INFINITY;
  for (const part of used) {
    const moments = momentsOf(variant, part);
    if (moments === null) return { kind: 'unscored', id, reason: `its ${part} was not measured` };
    const worth = worthOf(part, moments, settings);
    const share = weights[part] / total;
    parts[part] = worth.value;
    mean += share * worth.value;
    variance += share * share * worth.variance;
    n = Math.min(n, moments.n);
  }
  const half = normalQuantile((1 + settings.level) / 2) * Math.sqrt(variance);
  return { kind: 'scored', id, fitness: { mean, low: mean - half, high: mean + half, n }, parts };
}

function weightsOf(settings: FitnessSettings): Readonly<Record<FitnessPart, number>> {
  const { qualityWeight, performanceWeight, latencyShare, halfLatencyMs, halfCostUsd } = settings;
  const weights = {
    quality: qualityWeight,
    latency: performanceWeight * latencyShare,
    cost: performanceWeight * (1 - latencyShare),
  };
  const isSound = Object.values(weights).every((weight) => weight >= 0) && weights.quality > 0;
  if (!isSound) throw new RangeError('weights must not be negative, and quality must have one');
  if (!(halfLatencyMs > 0 && halfCostUsd > 0)) throw new RangeError('halves must be above 0');
  return weights;
}

function momentsOf(variant: VariantMeasurement, part: FitnessPart): MeasuredMean | null {
  const moments = {
    quality: variant.quality,
    latency: variant.latencyMs,
    cost: variant.costUsd,
  }[part];
  return moments === null || moments.n === 0 ? null : moments;
}

function worthOf(part: FitnessPart, measured: MeasuredMean, settings: FitnessSettings): Worth {
  if (part === 'quality') return { value: measured.mean, variance: varianceOfQuality(measured) };
  const ofMean = varianceOfMean(measured);
  const half = part === 'latency' ? settings.halfLatencyMs : settings.halfCostUsd;
  const slope = half / (half + measured.mean) ** 2;
  return { value: half / (half + measured.mean), variance: slope * slope * ofMean };
}

/** As if one more score half a unit away had been seen, so that few equal scores prove little. */
function varianceOfQuality({ n, m2 }: MeasuredMean): number {
  return m2 === null ? 0 : (m2 + 0.25) / (n + 1) / n;
}

function varianceOfMean({ n, mean, m2 }: MeasuredMean): number {
  if (m2 === null) return 0;
  return n < 2 ? Number.POSITIVE_INFINITY : varianceOf({ n, mean, m2 }) / n;
}

/** A variant with its place. */
export interface RankedVariant {
  readonly id: string;
  readonly fitness: Interval;
  readonly parts: Readonly<Partial<Record<FitnessPart, number>>>;
  /** 1 + the number of variants that are surely better; several may share a rank. */
  readonly rank: number;
}

/** The fittest variants, and what must be known to read that list. */
export interface TopPerformers {
  /** The k with the highest mean, highest first; ties in the mean by id. */
  readonly selected: readonly RankedVariant[];
  /** Others whose interval overlaps that of a selected one: the cut between them is not evidence. */
  readonly tied: readonly RankedVariant[];
  /** The rest that was ranked. */
  readonly others: readonly RankedVariant[];
  /** Not ranked, and not counted as 0. */
  readonly unscored: readonly Extract<VariantFitness, { readonly kind: 'unscored' }>[];
  readonly leftOut: readonly FitnessPart[];
  readonly withoutSpread: readonly FitnessPart[];
}

/** The k variants of highest fitness. Throws RangeError as `fitnessOf` does. */
export function selectTopPerformers(
  variants: readonly VariantMeasurement[],
  k: number,
  settings: FitnessSettings = DEFAULT_FITNESS,
): TopPerformers {
  const report = fitnessOf(variants, settings);
  const scored = report.variants.filter((one) => one.kind === 'scored');
  const ranked = scored
    .map(({ id, fitness, parts }) => ({ id, fitness, parts, rank: rankOf(fitness, scored) }))
    .sort((p, q) => q.fitness.mean - p.fitness.mean || (p.id < q.id ? -1 : 1));
  const selected = ranked.slice(0, k);
  const lowest = Math.min(...selected.map((one) => one.fitness.low));
  const rest = ranked.slice(k);
  const isTied = (one: RankedVariant): boolean => selected.length > 0 && one.fitness.high >= lowest;
  return {
    selected,
    tied: rest.filter(isTied),
    others: rest.filter((one) => !isTied(one)),
    unscored: report.variants.filter((one) => one.kind === 'unscored'),
    leftOut: report.leftOut,
    withoutSpread: report.withoutSpread,
  };
}

function rankOf(fitness: Interval, all: readonly { readonly fitness: Interval }[]): number {
  return 1 + all.filter((other) => other.fitness.low > fitness.high).length;
}
