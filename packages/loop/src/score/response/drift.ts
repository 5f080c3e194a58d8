import { countItems } from './layout.ts';
import type { PreparedSentence, PreparedText } from './prepared-text.ts';
import { ramp } from './words.ts';

/** A concept that ties two sentences together is at least this specific. */
const TIE_WEIGHT = 0.3;
const LEAST_WORDS = 60;

/**
 * Share of the words of an answer in sentences that nothing ties to the question: they share no
 * concept with it, and no specific one with any sentence that does, directly or through others.
 * 0..1; 0 for short answers and those with code. Each sentence is visited once.
 */
export function driftShare(answer: PreparedText, query: PreparedText): number {
  if (answer.words.length < LEAST_WORDS || answer.layout.fences.length > 0) return 0;
  const holders = sentencesByConcept(answer.sentences);
  const open = [...query.concepts.keys()];
  const seen = new Set(open);
  const tied = new Set<PreparedSentence>();
  for (let lemma = open.pop(); lemma !== undefined; lemma = open.pop()) {
    for (const sentence of holders.get(lemma) ?? []) {
      if (tied.has(sentence)) continue;
      tied.add(sentence);
      for (const next of sentence.concepts) {
        if (seen.has(next) || (answer.concepts.get(next) ?? 0) < TIE_WEIGHT) continue;
        seen.add(next);
        open.push(next);
      }
    }
  }
  const loose = answer.sentences.filter((sentence) => !tied.has(sentence));
  return loose.reduce((sum, { words }) => sum + words.length, 0) / answer.words.length;
}

function sentencesByConcept(
  sentences: readonly PreparedSentence[],
): ReadonlyMap<string, readonly PreparedSentence[]> {
  const holders = new Map<string, PreparedSentence[]>();
  for (const sentence of sentences) {
    for (const lemma of sentence.concepts) {
      const own = holders.get(lemma);
      if (own) own.push(sentence);
      else holders.set(lemma, [sentence]);
    }
  }
  return holders;
}

/**
 * Gate of the drift share, 0..1: closes on an answer that goes on about something else. Open where
 * nothing at all is tied to the question, which is for the on-topic gate to judge, and for lists,
 * whose items need not speak of each other.
 */
export function driftGate(share: number, answer: PreparedText): number {
  if (share === 1 || countItems(answer.layout) >= 3) return 1;
  return 1 - 0.7 * ramp(share, 0.5, 0.85);
}
