import { densityAgainstCurve } from './density.ts';
import {
  newConcepts,
  type PreparedSentence,
  type PreparedText,
  weightOf,
} from './prepared-text.ts';
import { jaccard } from './words.ts';

/** What an answer brings that the question did not have, and how unusual that is. */
export interface Novelty {
  /** 0..1. */
  readonly value: number;
  /** Share of the weight of the concepts that the query does not have, 0..1. */
  readonly newShare: number;
  /** Distance from the nearest earlier answers, 0..1; null with fewer than 20 of them. */
  readonly unusualness: number | null;
}

/** Earlier answers below which nothing is usual or unusual. */
export const LEAST_PRIORS = 20;
const NEAREST = 3;
/** A new concept far from anything the question is about counts for this much. */
const UNSUPPORTED = 0.4;

/**
 * Novelty: share of new concepts times how much they say at this length. New concepts count in
 * full only where their sentence, or one beside it, touches the topic, so that rare words strewn in
 * earn little. With enough earlier answers, a near copy of them loses up to a quarter.
 */
export function noveltyOf(
  answer: PreparedText,
  query: PreparedText,
  priors: readonly ReadonlySet<string>[],
): Novelty {
  const fresh = newConcepts(answer, [query]);
  const total = weightOf(answer.concepts.keys(), answer.concepts);
  const newShare = total > 0 ? weightOf(fresh.keys(), fresh) / total : 0;
  const unusualness = unusualnessOf(answer, priors);
  const supported = supportedWeight(answer, query, fresh);
  const said = densityAgainstCurve(supported, Math.max(1, ownWords(answer, query)));
  const value = Math.sqrt(newShare * Math.min(1, 1.5 * said));
  return { value: value * (0.75 + 0.25 * (unusualness ?? 1)), newShare, unusualness };
}

/** Words that are not the question's own, so that restating it before answering costs nothing. */
function ownWords(answer: PreparedText, query: PreparedText): number {
  const asked = new Set(query.proseTokens);
  return answer.words.filter((word) => !asked.has(word.text)).length;
}

function supportedWeight(
  answer: PreparedText,
  query: PreparedText,
  fresh: ReadonlyMap<string, number>,
): number {
  const touches = answer.sentences.map((sentence) => touchesTopic(sentence, query));
  const supported = new Set<string>();
  answer.sentences.forEach(({ concepts }, index) => {
    const isNear = touches[index] || touches[index - 1] || touches[index + 1];
    if (!isNear) return;
    for (const lemma of concepts) supported.add(lemma);
  });
  let sum = 0;
  for (const [lemma, weight] of fresh) sum += weight * (supported.has(lemma) ? 1 : UNSUPPORTED);
  return sum;
}

function touchesTopic({ concepts }: PreparedSentence, query: PreparedText): boolean {
  for (const lemma of concepts) if (query.concepts.has(lemma)) return true;
  return false;
}

/** 1 minus the mean Jaccard similarity of longer words with the nearest earlier answers. */
function unusualnessOf(
  answer: PreparedText,
  priors: readonly ReadonlySet<string>[],
): number | null {
  if (priors.length < LEAST_PRIORS) return null;
  const own = longerWords(answer.tokens);
  const nearest = priors
    .map((prior) => jaccard(own, prior))
    .sort((a, b) => b - a)
    .slice(0, NEAREST);
  return 1 - nearest.reduce((sum, similarity) => sum + similarity, 0) / nearest.length;
}

/** Distinct words of more than three letters: what two answers to the same query are compared by. */
export function longerWords(words: readonly string[]): ReadonlySet<string> {
  return new Set(words.filter((word) => word.length > 3));
}
