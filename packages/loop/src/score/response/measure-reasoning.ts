import type { TextTools } from '../text-tools.ts';
import { consistencyOf, type ReasoningConsistency } from './consistency.ts';
import { degenerationOf, plainDegenerationOf } from './degenerate.ts';
import type { PreparedText } from './prepared-text.ts';
import type { ScoredTexts } from './read-texts.ts';
import { type ReasoningQuality, reasoningQuality } from './reasoning-quality.ts';

/** Reasoning with its quality and its relation to the answer. */
export interface MeasuredReasoning {
  readonly quality: ReasoningQuality;
  readonly consistency: ReasoningConsistency;
}

/** Takes the measure of reasoning. Words of other languages are compared for numbers only. */
export function measureReasoning(
  texts: ScoredTexts,
  reasoning: PreparedText,
  tools: TextTools,
): MeasuredReasoning {
  const degeneration = texts.isFull
    ? degenerationOf(reasoning, 'prose', tools)
    : plainDegenerationOf(reasoning, tools);
  const consistency = consistencyOf(texts.answer, reasoning, texts.query);
  return {
    quality: reasoningQuality(reasoning, texts, degeneration, consistency.score),
    consistency,
  };
}

/** Raw sub-values of reasoning by flat name; none without reasoning. */
export function reasoningFactors(
  measured: MeasuredReasoning | null,
): Readonly<Record<string, number | null>> {
  if (measured === null) return {};
  const { quality, consistency } = measured;
  return {
    'reasoning.relevance': quality.relevance,
    'reasoning.progress': quality.progress,
    'reasoning.density': quality.density,
    'reasoning.gate': quality.gate,
    'reasoning.consistency': consistency.score,
  };
}

/** Leads to its answer, brings something of its own on the way, and is clean as a text. */
export function isSound({ quality, consistency }: MeasuredReasoning): boolean {
  return (
    consistency.verdict === 'consistent' && quality.gate >= 0.9 && (quality.progress ?? 0) >= 0.5
  );
}
