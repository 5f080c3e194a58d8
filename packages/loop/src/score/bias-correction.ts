import { fnv1a } from '../stats/fnv.ts';
import type { Interval } from '../stats/proportion.ts';
import type { ModelType } from './anchored-score.ts';
import type { BiasReport } from './bias.ts';

/** A correction in force. Plain data, fit for JSON; raw scores are always kept beside it. */
export interface BiasCorrection {
  /** Names what it does and what it rests on: the same evidence gives the same version. */
  readonly version: string;
  /** Scorer whose scores it is for; it does nothing to scores of another one. */
  readonly scorerVersion: string;
  /** Added to the scores of reasoning answers: minus the measured effect, within the limit. */
  readonly reasoningShift: number;
  /** The effect that it rests on. */
  readonly effect: Interval;
  readonly prompts: number;
  /** Version that it took the place of, to go back to; null for the first one. */
  readonly replaces: string | null;
}

/** A score before and after correction. */
export interface CorrectedScore {
  readonly raw: number;
  readonly corrected: number;
  /** null = nothing was corrected, `corrected` is `raw`. */
  readonly correctionVersion: string | null;
}

/**
 * Correction that follows from a report; null = none. Scores of reasoning answers move by minus the
 * effect (the smaller one of the plain and the bent regression), cut to the policy's maximum, so the
 * gap between equally good answers shrinks and never turns. A report always measures raw scores, hence a new correction replaces the previous one and
 * does not add to it. The previous one stays when the new interval contains its effect or when a
 * report cannot tell; it ends when a report shows that there is nothing to correct, or with another
 * scorer version.
 */
export function biasCorrection(
  report: BiasReport,
  previous: BiasCorrection | null = null,
): BiasCorrection | null {
  const { policy, effect, prompts, verdict } = report;
  const { scorerVersion, maximumCorrection } = policy;
  const current = previous?.scorerVersion === scorerVersion ? previous : null;
  if (verdict === 'no-correction') return null;
  if (verdict !== 'correct' || effect === null) return current;
  const bent = Math.abs(report.bentEffect?.mean ?? effect.mean);
  const size = Math.min(Math.abs(effect.mean), bent, maximumCorrection);
  const reasoningShift = -Math.sign(effect.mean) * size;
  const before = current?.effect.mean ?? Number.NaN;
  if (effect.low <= before && before <= effect.high) return current;
  const content = { scorerVersion, reasoningShift, effect, prompts };
  const hash = fnv1a(JSON.stringify(content)).toString(16).padStart(8, '0');
  return { version: `bias-correction/1:${hash}`, ...content, replaces: previous?.version ?? null };
}

/**
 * Corrects one raw score, 0..1, of a scorer version. Direct answers, scores of another scorer
 * version and everything without a correction stay as they are.
 */
export function applyBiasCorrection(
  raw: number,
  modelType: ModelType,
  correction: BiasCorrection | null,
  scorerVersion: string,
): CorrectedScore {
  const isMeant = modelType === 'reasoning' && correction?.scorerVersion === scorerVersion;
  if (!isMeant) return { raw, corrected: raw, correctionVersion: null };
  const corrected = Math.min(1, Math.max(0, raw + correction.reasoningShift));
  return { raw, corrected, correctionVersion: correction.version };
}
