/** A response to be scored by the server. */
export interface ScorableResponse {
  /** Given back with the score. */
  readonly id?: string;
  readonly query: string;
  readonly response: string;
  /** Visible reasoning apart from the answer. */
  readonly reasoning?: string | null;
  /** The right answer, where one is known. */
  readonly reference?: string | null;
  /** Earlier answers to the same query. */
  readonly priorResponses?: readonly string[];
  /** Picks the calibration. */
  readonly taskType?: string;
}

/** Score of one response, or why there is none. Numbers are within 0..1. */
export type ResponseScoreResult = {
  /** Position in the list that was given. */
  readonly index: number;
  readonly id?: string;
} & (
  | { readonly kind: 'unscored'; readonly reason: string }
  | {
      readonly kind: 'scored';
      /** Version of the score. */
      readonly scorer: string;
      readonly modelType: 'direct' | 'reasoning';
      readonly language: string;
      readonly coverage: 'full' | 'gates-only';
      /** The same with and without reasoning. */
      readonly answer: number;
      readonly reasoning: number | null;
      readonly consistency: string | null;
      readonly composite: number;
      readonly gate: number;
      readonly flags: readonly string[];
      readonly isBelowThreshold: boolean;
      /** A score is a heuristic until labels have turned it into a probability. */
      readonly trust: 'uncalibrated-heuristic' | 'calibrated';
      readonly probability: { readonly value: number; readonly calibrationId: string } | null;
      readonly corrected: { readonly value: number; readonly correctionId: string } | null;
      /** Every raw sub-value; with `debug`. */
      readonly factors?: Readonly<Record<string, number | null>>;
      readonly explanation?: readonly string[];
      readonly evidence?: readonly string[];
    }
);

/** What is asked of the server beside the scores. */
export interface ScoreResponsesOptions {
  /** Adds the factors and where each score comes from. */
  readonly debug?: boolean;
}

/** Most responses that the server takes at once. */
const MAX_ITEMS = 1_000;

interface ScoreAnswers {
  readonly results: readonly ResponseScoreResult[];
}

/**
 * Scores responses, in groups that the server takes, and gives the results in their order.
 * @param post sends one group
 */
export async function scoreInGroups(
  responses: readonly ScorableResponse[],
  options: ScoreResponsesOptions,
  post: (path: string, body: unknown) => Promise<ScoreAnswers>,
): Promise<readonly ResponseScoreResult[]> {
  const path = options.debug === true ? '/v1/score?debug=true' : '/v1/score';
  const results: ResponseScoreResult[] = [];
  for (let start = 0; start < responses.length; start += MAX_ITEMS) {
    const answer = await post(path, { items: responses.slice(start, start + MAX_ITEMS) });
    for (const result of answer.results) results.push({ ...result, index: start + result.index });
  }
  return results;
}
