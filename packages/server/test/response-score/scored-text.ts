import {
  type ResponseScore,
  type ResponseToScore,
  type ScoreSettings,
  scoreResponse,
} from '@assay/loop';
import { loadTextTools } from '../../src/adapters/text/load-text-tools.ts';

/** The real text tools, loaded once. */
export const tools = await loadTextTools();

/** Scores, and throws where there is no score. */
export function score(input: ResponseToScore, settings?: ScoreSettings): ResponseScore {
  const result = scoreResponse(input, tools, settings);
  if (result.kind !== 'scored') throw new Error(result.reason);
  return result;
}

export const FRANCE = 'What is the capital of France?';
export const PARIS = 'The capital of France is Paris.';
