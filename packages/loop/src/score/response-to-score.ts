import type { TextTools } from './text-tools.ts';

/** Form that an answer is to have. `short` is a name, a number or a yes or no. */
export type AnswerForm = 'short' | 'prose' | 'steps' | 'list' | 'table' | 'code' | 'json';

/** What a task says about the answer that it wants. Absent parts are read from the query. */
export interface AnswerExpectations {
  readonly form?: AnswerForm;
  /** Phrases that have to occur, whatever their case. */
  readonly mustInclude?: readonly string[];
  /** Phrases that must not occur, whatever their case. */
  readonly mustNotInclude?: readonly string[];
  /** BCP 47 language of the answer, for instance `fr`. */
  readonly language?: string;
  readonly minWords?: number;
  readonly maxWords?: number;
  /** Exact number of list items, bullets or steps. */
  readonly items?: number;
  /** Exact number of sentences. */
  readonly sentences?: number;
}

/** A query and its response, as far as scoring needs them. */
export interface ResponseToScore {
  readonly query: string;
  /** May hold its reasoning in think tags; they are taken out and never scored as an answer. */
  readonly response: string;
  /** Visible reasoning that came apart from the answer; null or absent when there was none. */
  readonly reasoning?: string | null;
  /** The right answer, where one is known. */
  readonly reference?: string | null;
  readonly expected?: AnswerExpectations | null;
  /** Earlier answers to the same query, by anyone; needed for the unusualness of an answer. */
  readonly priorResponses?: readonly string[];
}

/** A criterion of one's own. */
export interface CustomFactor {
  /** Appears in the score as `custom.<name>`. */
  readonly name: string;
  /** Share beside the four factors, whose weights add up to 1; at least 0. */
  readonly weight: number;
  /** A value in 0..1, or null for "cannot tell". Sees the answer without its reasoning. */
  readonly score: (input: ResponseToScore, tools: TextTools) => number | null;
}

/** The four factors that make up an answer score. */
export type ScoreFactor = 'density' | 'structure' | 'novelty' | 'alignment';

/** Weights of the factors when nothing else is said. */
export const DEFAULT_WEIGHTS: Readonly<Record<ScoreFactor, number>> = {
  density: 0.3,
  structure: 0.15,
  novelty: 0.15,
  alignment: 0.4,
};
/** Share of the answer in the composite of a reasoning response. */
export const DEFAULT_ANSWER_SHARE = 0.7;

/** How scores are put together. */
export interface ScoreSettings {
  /** Relative weights, at least 0; those not given keep their default. */
  readonly weights?: Readonly<Partial<Record<ScoreFactor, number>>>;
  readonly customFactors?: readonly CustomFactor[];
  /** Share of the answer in the composite of a reasoning response, 0..1; 0.7 when absent. */
  readonly answerShare?: number;
  /** Added to the floor of the on-topic gate; from `fitOnTopic` on one's own answers. */
  readonly onTopicShift?: number;
}
