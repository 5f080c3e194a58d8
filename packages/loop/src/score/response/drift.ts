import { countItems } from './layout.ts';
import type { PreparedText } from './prepared-text.ts';
import { ramp } from './words.ts';

/** A concept that ties two sentences together is at least this specific. */
const TIE_WEIGHT = 0.3;
const LEAST_WORDS = 60;

/**
 * Share of the words of an answer in sentences that nothing ties to the question: they share no
 * specific concept with it, nor with any sentence that does, directly or through others. 0..1; 0 for short answers and those with code.
 */
export function driftShare(answer: PreparedText, query: PreparedText): number {
  if (answer.words.length < LEAST_WORDS || answer.layout.fences.length > 0) return 0;
  const tied = new Set(query.concepts.keys());
  let open = [...answer.sentences];
  for (let found = true; found; ) {
    const rest = open.filter((sentence) => {
      const isTied = [...sentence.concepts].some((lemma) => tied.has(lemma));
      return !isTied;
    });
    found = rest.length < open.length;
    for (const sentence of open) {
      if (rest.includes(sentence)) continue;
      for (const lemma of sentence.concepts) {
        if ((answer.concepts.get(lemma) ?? 0) >= TIE_WEIGHT) tied.add(lemma);
      }
    }
    open = rest;
  }
  const loose = open.reduce((sum, sentence) => sum + sentence.words.length, 0);
  return loose / answer.words.length;
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
