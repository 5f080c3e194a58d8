import {
  type CustomFactor,
  DEFAULT_WEIGHTS,
  type ResponseToScore,
  type ScoreSettings,
} from '../response-to-score.ts';
import type { TextTools } from '../text-tools.ts';
import { correctnessAgainst } from './correctness.ts';
import type { AnswerParts } from './measure-answer.ts';
import type { ScoredTexts } from './read-texts.ts';

/** An answer score with everything that it came from. */
export interface CombinedAnswer {
  /** 0..1. */
  readonly value: number;
  /** Product of the gates, 0..1. */
  readonly gate: number;
  /** Agreement with the reference, 0..1; null without one. */
  readonly correct: number | null;
  readonly factors: Readonly<Record<string, number | null>>;
}

const FACTORS = ['density', 'structure', 'novelty', 'alignment'] as const;
/** Mean of the factors where none can be measured: nothing for the answer, nothing against it. */
const UNMEASURED = 0.5;
/** What a wrong answer can reach, and a right one cannot fall below. */
const WRONG_CEILING = 0.45;
const RIGHT_FLOOR = 0.5;

/**
 * Puts an answer score together: product of the gates times the weighted mean of the factors that
 * were measured. With a reference, the result is moved below 0.45 for a wrong answer and to 0.5 and
 * above for a right one, so that no style makes up for being wrong.
 */
export function combineAnswer(
  input: ResponseToScore,
  texts: ScoredTexts,
  parts: AnswerParts,
  tools: TextTools,
  settings: ScoreSettings,
): CombinedAnswer {
  const { isEmpty } = texts;
  const gate = isEmpty
    ? 0
    : Object.values(parts.gates).reduce((product, value) => product * value, 1);
  const custom = customValues(input, texts, tools, settings.customFactors ?? []);
  const quality = gate * weightedMean(parts, settings, custom);
  const correct = correctnessOf(input, texts);
  const value = isEmpty ? 0 : withCorrectness(quality, correct);
  return {
    value: Math.min(1, Math.max(0, value)),
    gate,
    correct,
    factors: { ...parts.factors, ...rawFactors(parts), correct, ...namedValues(custom) },
  };
}

interface CustomValue {
  readonly factor: CustomFactor;
  readonly value: number | null;
}

/** Own factors see what was scored: the answer as shown, without its reasoning. */
function customValues(
  input: ResponseToScore,
  texts: ScoredTexts,
  tools: TextTools,
  factors: readonly CustomFactor[],
): CustomValue[] {
  const seen = { ...input, response: texts.answer.text, reasoning: null };
  return factors.map((factor) => {
    const value = factor.score(seen, tools);
    const isValid = value !== null && Number.isFinite(value);
    return { factor, value: isValid ? Math.min(1, Math.max(0, value)) : null };
  });
}

function weightedMean(
  parts: AnswerParts,
  settings: ScoreSettings,
  custom: readonly CustomValue[],
): number {
  const own = FACTORS.map((name) => ({
    value: parts.factors[name],
    weight: settings.weights?.[name] ?? DEFAULT_WEIGHTS[name],
  }));
  const added = custom.map(({ factor, value }) => ({ value, weight: factor.weight }));
  let sum = 0;
  let weights = 0;
  for (const { value, weight } of [...own, ...added]) {
    if (value === null || !(weight > 0)) continue;
    sum += weight * value;
    weights += weight;
  }
  return weights > 0 ? sum / weights : UNMEASURED;
}

function correctnessOf(input: ResponseToScore, texts: ScoredTexts): number | null {
  const reference = input.reference ?? null;
  if (reference === null || reference.trim() === '') return null;
  return correctnessAgainst(texts.answer.text, reference);
}

function withCorrectness(quality: number, correct: number | null): number {
  if (correct === null) return quality;
  const right = RIGHT_FLOOR + (1 - RIGHT_FLOOR) * quality;
  return correct * right + (1 - correct) * WRONG_CEILING * quality;
}

function namedValues(custom: readonly CustomValue[]): Record<string, number | null> {
  return Object.fromEntries(custom.map(({ factor, value }) => [`custom.${factor.name}`, value]));
}

/** Sub-values behind gates and factors. */
function rawFactors(parts: AnswerParts): Record<string, number | null> {
  const gates = Object.entries(parts.gates).map(
    ([name, value]) => [`gate.${name}`, value] as const,
  );
  return {
    ...Object.fromEntries(gates),
    'onTopic.coverage': parts.onTopic.coverage,
    'echo.share': parts.echo.echoed,
    'repetition.runs': parts.degeneration.repeated,
    'repetition.sentences': parts.degeneration.restated,
    'drift.share': parts.drift,
    'novelty.newShare': parts.novelty?.newShare ?? null,
    'novelty.unusualness': parts.novelty?.unusualness ?? null,
    'alignment.clauses': parts.alignment?.clauses ?? null,
    'alignment.askedType': parts.alignment?.askedType ?? null,
    'alignment.constraints': parts.alignment?.constraints ?? null,
  };
}
