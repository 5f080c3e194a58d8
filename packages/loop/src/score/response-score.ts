import { splitReasoning } from './response/think-tags.ts';
import type { ResponseToScore, ScoreSettings } from './response-to-score.ts';
import type { AnalysedText, TextTools } from './text-tools.ts';

/** Version of the definitions. Scores of different versions are not to be compared. */
export const RESPONSE_SCORE_VERSION = 'response-score/0';

/** No score, and why. */
export interface Unscored {
  readonly kind: 'unscored';
  readonly reason: string;
}

/** Whether the reasoning leads to the answer. A check for contradictions, not for faithfulness. */
export interface ReasoningConsistency {
  readonly verdict: 'consistent' | 'contradicts' | 'unsupported' | 'unknown';
  /** 0..1; null when unknown. */
  readonly score: number | null;
  /** Quoted spans that the verdict rests on. */
  readonly evidence: readonly string[];
}

/** Score of a response from its text alone. It says nothing about correctness. */
export interface ResponseScore {
  readonly kind: 'scored';
  /** {@link RESPONSE_SCORE_VERSION} of the definitions that it was computed with. */
  readonly version: string;
  /** `en`, a guess as BCP 47, or `und` when the text is too short to tell. */
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
  /** The answer score; with reasoning, answerShare of it and the rest from the reasoning. 0..1. */
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
 * independent of what was scored before. Reasoning never touches the answer score.
 */
export function scoreResponse(
  input: ResponseToScore,
  tools: TextTools,
  settings: ScoreSettings = {},
): ResponseScore | Unscored {
  if (typeof input.response !== 'string') return { kind: 'unscored', reason: 'no response' };
  if (typeof input.query !== 'string' || input.query.trim() === '') {
    return { kind: 'unscored', reason: 'no query to judge the response against' };
  }
  const { answer, reasoning } = splitReasoning(input.response, input.reasoning);
  const factors = answerFactors(input.query, answer, tools);
  const mean = (factors.density + factors.structure + factors.novelty + factors.alignment) / 4;
  const score = answer === '' ? 0 : mean;
  const share = settings.answerShare ?? 0.7;
  const thought =
    reasoning === null
      ? null
      : answerFactors(`${input.query} ${answer}`, reasoning, tools).alignment;
  return {
    kind: 'scored',
    version: RESPONSE_SCORE_VERSION,
    language: 'und',
    modelType: reasoning === null ? 'direct' : 'reasoning',
    coverage: 'full',
    answer: score,
    reasoning: thought,
    consistency: reasoning === null ? null : { verdict: 'unknown', score: null, evidence: [] },
    composite: thought === null ? score : share * score + (1 - share) * thought,
    gate: answer === '' ? 0 : 1,
    factors,
    flags: answer === '' ? ['empty'] : [],
    explanation: ['Correctness was not judged.'],
  };
}

function contentLemmas(text: AnalysedText): Set<string> {
  return new Set(text.words.filter((word) => word.kind === 'content').map((word) => word.lemma));
}

function answerFactors(query: string, answer: string, tools: TextTools) {
  const asked = contentLemmas(tools.analyse(query));
  const analysed = tools.analyse(answer);
  const said = contentLemmas(analysed);
  const fresh = [...said].filter((lemma) => !asked.has(lemma));
  const covered = [...asked].filter((lemma) => said.has(lemma));
  return {
    density: Math.min(1, said.size / Math.max(1, analysed.words.length)),
    structure: answer === '' ? 0 : 1,
    novelty: fresh.length / Math.max(1, said.size),
    alignment: covered.length / Math.max(1, asked.size),
  };
}
