import { scoreResponse, type TextTools } from '@assay/loop';
import { originalQualityScore } from './original-quality-score.ts';
import type { PreferencePair } from './preference-pairs.ts';

/** One side of a pair. */
export interface Side {
  readonly response: string;
  readonly reasoning: string | null;
  /** Whether the model thought, seen or not. */
  readonly isThinking: boolean;
  /** The right answer to the query, where the data know it. */
  readonly gold: string | null;
}

/** Something that says which of two responses is better. */
export interface PairScorer {
  readonly name: string;
  /** Above 0: the first is better; below 0: the second; 0: it cannot tell; null: not meant for it. */
  readonly compare: (query: string, first: Side, second: Side) => number | null;
}

/** Both sides of a pair, in its order. */
export function sidesOf(pair: PreferencePair): readonly [Side, Side] {
  const side = (
    response: string,
    reasoning: string | null | undefined,
    thinking?: boolean,
  ): Side => ({
    response,
    reasoning: reasoning ?? null,
    isThinking: thinking ?? (reasoning ?? null) !== null,
    gold: pair.gold ?? null,
  });
  return [
    side(pair.response_a, pair.reasoning_a, pair.thinking_a),
    side(pair.response_b, pair.reasoning_b, pair.thinking_b),
  ];
}

function pointwise(
  name: string,
  scoreOf: (query: string, side: Side) => number | null,
): PairScorer {
  return {
    name,
    compare: (query, first, second) => {
      const left = scoreOf(query, first);
      const right = scoreOf(query, second);
      return left === null || right === null ? null : left - right;
    },
  };
}

/** One of Assay's scores of a side, or null when it gives none. */
function assayScore(tools: TextTools, name: 'answer' | 'composite') {
  return (query: string, { response, reasoning }: Side): number | null => {
    const score = scoreResponse({ query, response, reasoning }, tools);
    return score.kind === 'scored' ? score[name] : null;
  };
}

/** Assay's answer score: the same with and without reasoning. */
export function answerScorer(tools: TextTools): PairScorer {
  return pointwise('Assay, answer', assayScore(tools, 'answer'));
}

/** Assay's composite, where at least one side shows its reasoning. */
export function compositeScorer(tools: TextTools): PairScorer {
  const scorer = pointwise('Assay, composite', assayScore(tools, 'composite'));
  const compare: PairScorer['compare'] = (query, first, second) =>
    first.reasoning === null && second.reasoning === null
      ? null
      : scorer.compare(query, first, second);
  return { ...scorer, compare };
}

/** Assay's answer score when it is told the right answer, where the data know it. */
export function referenceScorer(tools: TextTools): PairScorer {
  return pointwise('Assay, expected answer given', (query, { response, reasoning, gold }) => {
    if (gold === null) return null;
    // ZeroEval writes the right answer after a number sign.
    const reference = gold.replace(/^#\s*/, '');
    const score = scoreResponse({ query, response, reasoning, reference }, tools);
    return score.kind === 'scored' ? score.answer : null;
  });
}

/** The longer response, in characters, is the better one. */
export const LONGER_WINS: PairScorer = pointwise('longer wins', (_, side) => side.response.length);

/** The model that thought is right, where one did and the other did not. */
export const REASONING_WINS: PairScorer = {
  name: 'reasoning wins',
  compare: (_, first, second) => {
    const difference = Number(first.isThinking) - Number(second.isThinking);
    return difference === 0 ? null : difference;
  },
};

/** The scorer that requirements/004 came out of, each response on a fresh state. */
export const ORIGINAL: PairScorer = pointwise('original', (query, { response, reasoning }) =>
  originalQualityScore(
    reasoning === null ? { query, content: response } : { query, content: response, reasoning },
  ),
);
