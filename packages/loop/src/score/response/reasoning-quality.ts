import { clauseCoverage } from './alignment.ts';
import type { Degeneration } from './degenerate.ts';
import { densityAgainstCurve } from './density.ts';
import { newConcepts, type PreparedText, weightOf } from './prepared-text.ts';
import type { ScoredTexts } from './read-texts.ts';
import { ramp } from './words.ts';

/** Parts of the quality of reasoning, 0..1 each; null was not measured. */
export interface ReasoningQuality {
  readonly value: number;
  /** How far it takes up the question; null when the question has no concept. */
  readonly relevance: number | null;
  /** Whether there is anything between question and answer: concepts that neither has. */
  readonly progress: number | null;
  readonly density: number | null;
  /** Product of the gates of the text, 0..1. */
  readonly gate: number;
}

/** Share of new concepts that counts as full progress. */
const FULL_PROGRESS = 0.25;
/** What remains of reasoning that contradicts its answer, and of reasoning that cannot be compared. */
const LEAST_LINK = 0.3;
const UNKNOWN_LINK = 0.9;
/** Of reasoning in a language whose words are not known, before its gates. */
const UNMEASURED = 0.5;

/**
 * Quality of visible reasoning on an axis of its own: does it take up the question, does it bring
 * something between question and answer, does it say something per word, does it lead to the
 * answer. Length, "wait" and "let me check" earn nothing; neither does saying the answer again.
 */
export function reasoningQuality(
  reasoning: PreparedText,
  texts: ScoredTexts,
  degeneration: Degeneration,
  consistency: number | null,
): ReasoningQuality {
  const { query, answer, isFull } = texts;
  const gate = Object.values(degeneration.gates).reduce((product, own) => product * own, 1);
  if (!isFull)
    return { value: UNMEASURED * gate, relevance: null, progress: null, density: null, gate };
  const relevance = clauseCoverage(reasoning, query);
  const total = weightOf(reasoning.concepts.keys(), reasoning.concepts);
  const between = newConcepts(reasoning, [query, answer]);
  const progress =
    total === 0 ? 0 : ramp(weightOf(between.keys(), between) / total, 0, FULL_PROGRESS);
  const density = Math.min(
    1,
    1.6 * densityAgainstCurve(total, Math.max(1, reasoning.words.length)),
  );
  const parts = [
    { value: relevance, weight: 0.3 },
    { value: progress, weight: 0.4 },
    { value: density, weight: 0.3 },
  ].filter((part): part is { value: number; weight: number } => part.value !== null);
  const weights = parts.reduce((sum, part) => sum + part.weight, 0);
  const mean = parts.reduce((sum, part) => sum + part.weight * part.value, 0) / weights;
  const link = consistency === null ? UNKNOWN_LINK : LEAST_LINK + (1 - LEAST_LINK) * consistency;
  return { value: total === 0 ? 0 : gate * link * mean, relevance, progress, density, gate };
}
