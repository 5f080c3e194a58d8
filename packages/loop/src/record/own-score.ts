/** Evaluator of the scores that Assay computes from the text of a response. */
export const RESPONSE_SCORE_EVALUATOR = 'assay.response-score';

/** Whether an evaluation is a score that Assay made from the text of a response. */
export function isOwnScore(evaluation: { readonly evaluator?: string }): boolean {
  return evaluation.evaluator === RESPONSE_SCORE_EVALUATOR;
}
