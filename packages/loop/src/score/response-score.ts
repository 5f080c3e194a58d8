import { combineAnswer } from './response/combine.ts';
import type { ReasoningConsistency } from './response/consistency.ts';
import { explainAnswer, explainReasoning } from './response/explain-score.ts';
import { measureAnswer } from './response/measure-answer.ts';
import {
  isSound,
  type MeasuredReasoning,
  measureReasoning,
  reasoningFactors,
} from './response/measure-reasoning.ts';
import { readTexts } from './response/read-texts.ts';
import {
  DEFAULT_ANSWER_SHARE,
  type ResponseToScore,
  type ScoreSettings,
} from './response-to-score.ts';
import type { TextTools } from './text-tools.ts';

/** Version of the definitions. Scores of different versions are not to be compared. */
export const RESPONSE_SCORE_VERSION = 'response-score/1';

/** No score, and why. */
export interface Unscored {
  readonly kind: 'unscored';
  readonly reason: string;
}

/** Score of a response from its text alone. It says nothing about correctness. */
export interface ResponseScore {
  readonly kind: 'scored';
  /** {@link RESPONSE_SCORE_VERSION}, with the version of the lexicon. */
  readonly version: string;
  /** BCP 47; `und` when the text is too short to tell, `mul` when it is some other language. */
  readonly language: string;
  readonly modelType: 'direct' | 'reasoning';
  /** `gates-only`: not English, so nothing but the gates was measured. */
  readonly coverage: 'full' | 'gates-only';
  /** 0..1; the same number with and without reasoning. */
  readonly answer: number;
  /** 0..1 on an axis of its own; null without reasoning. */
  readonly reasoning: number | null;
  /** Null without reasoning. */
  readonly consistency: ReasoningConsistency | null;
  /**
   * The answer score; with reasoning, `answerShare` of it and the rest from the reasoning, but never
   * less than the answer score when the reasoning is sound. 0..1.
   */
  readonly composite: number;
  /** Product of the gates, 0..1. */
  readonly gate: number;
  /** Every raw sub-value, 0..1, by flat name (`density`, `gate.echo`); null was not measured. */
  readonly factors: Readonly<Record<string, number | null>>;
  /** What was noticed, for instance `refusal`, `truncated`, `hidden-text`. */
  readonly flags: readonly string[];
  /** Short sentences that say where the score comes from. */
  readonly explanation: readonly string[];
}

/**
 * Scores a response from its text: gates times the weighted mean of the factors. Deterministic, and
 * independent of what was scored before. Reasoning never touches the answer score. With a reference
 * a right answer scores at least 0.5 and a wrong one less than that. An answer that shows nothing scores 0; a
 * response or query that is no text, or an empty query, is unscored.
 */
export function scoreResponse(
  input: ResponseToScore,
  tools: TextTools,
  settings: ScoreSettings = {},
): ResponseScore | Unscored {
  if (typeof input.response !== 'string') return unscored('the response is no text');
  if (typeof input.query !== 'string') return unscored('the query is no text');
  const texts = readTexts(input, tools);
  if (texts.query.text === '') return unscored('there is no query to judge the response against');
  const parts = measureAnswer(texts, tools, settings.onTopicShift ?? 0);
  const answer = combineAnswer(input, texts, parts, tools, settings);
  const thought = texts.reasoning === null ? null : measureReasoning(texts, texts.reasoning, tools);
  const share = settings.answerShare ?? DEFAULT_ANSWER_SHARE;
  return {
    kind: 'scored',
    version: `${RESPONSE_SCORE_VERSION}+${tools.lexicon.version}`,
    language: texts.language,
    modelType: thought === null ? 'direct' : 'reasoning',
    coverage: texts.isFull ? 'full' : 'gates-only',
    answer: answer.value,
    reasoning: thought?.quality.value ?? null,
    consistency: thought?.consistency ?? null,
    composite:
      thought === null || texts.isEmpty ? answer.value : compositeOf(answer.value, thought, share),
    gate: answer.gate,
    factors: { ...answer.factors, ...reasoningFactors(thought) },
    flags: [...parts.flags, ...(texts.isUnclosed ? ['unclosed-reasoning'] : [])],
    explanation: [...explainAnswer(parts, answer), ...explainReasoning(thought)],
  };
}

/** Reasoning that is sound may raise the composite and never lowers it. */
function compositeOf(answer: number, thought: MeasuredReasoning, share: number): number {
  const mixed = share * answer + (1 - share) * thought.quality.value;
  return isSound(thought) ? Math.max(answer, mixed) : mixed;
}

function unscored(reason: string): Unscored {
  return { kind: 'unscored', reason };
}
