import { finalClaim, isSameNumber, numbersIn } from './final-claim.ts';
import { splitPlainWords } from './words.ts';

/** References of at most this many words are looked for as a phrase; longer ones by their words. */
const PHRASE_WORDS = 8;
const NEGATION =
  /^(?:not|no|never|isn't|wasn't|aren't|don't|doesn't|didn't|neither|nor|without|except)$/;
const ALTERNATIVE = /^(?:or|either|maybe|perhaps|possibly|alternatively)$/;
const ARTICLES = /^(?:a|an|the)$/;

/**
 * How far an answer gives the reference: 1 right, 0 wrong, in between for a long reference (F1 of
 * its words) or a hedged answer (0.5). A reference of signs only (`[]`) has to be met exactly. Else, in
 * this order: the same text; the same option letter; the
 * same final number; a short reference as a phrase that is not negated; else the words in common.
 */
export function correctnessAgainst(answer: string, reference: string): number {
  const wanted = normalise(reference);
  const given = normalise(answer);
  if (wanted.length === 0) return Number(answer.trim() === reference.trim());
  if (wanted.join(' ') === given.join(' ')) return 1;
  const exact = exactMatch(answer, reference);
  if (exact !== null) return exact;
  if (wanted.length <= PHRASE_WORDS) return phraseMatch(given, wanted);
  return wordF1(given, wanted);
}

/** Option letters and numbers decide by themselves; null when the reference is neither. */
function exactMatch(answer: string, reference: string): number | null {
  const plain = reference.replace(/^[#\s]+/, '').trim();
  const option = /^\(?([A-J])[).]?$/.exec(plain)?.[1];
  if (option !== undefined) return Number(finalClaim(answer).option === option);
  const [number, second] = numbersIn(plain);
  if (number === undefined || second !== undefined || /[A-Za-z]{3,}/.test(plain)) return null;
  const claim = finalClaim(answer);
  if (claim.number === null)
    return Number(normalise(answer).join(' ') === normalise(plain).join(' '));
  if (isSameNumber(claim.number, number)) return 1;
  const first = numbersIn(answer.slice(0, 120))[0];
  return !claim.isNumberMarked && first !== undefined && isSameNumber(first, number) ? 1 : 0;
}

function normalise(text: string): string[] {
  return splitPlainWords(text.normalize('NFKC')).filter((word) => !ARTICLES.test(word));
}

function phraseMatch(given: readonly string[], wanted: readonly string[]): number {
  let best = 0;
  for (let at = 0; at + wanted.length <= given.length; at++) {
    if (!wanted.every((word, index) => given[at + index] === word)) continue;
    const before = given.slice(Math.max(0, at - 3), at);
    const after = given[at + wanted.length] ?? '';
    if (before.some((word) => NEGATION.test(word))) continue;
    const isHedged = before.some((word) => ALTERNATIVE.test(word)) || ALTERNATIVE.test(after);
    best = Math.max(best, isHedged ? 0.5 : 1);
  }
  return best;
}

/** Harmonic mean of the shares of words that answer and reference have in common, with repeats. */
function wordF1(given: readonly string[], wanted: readonly string[]): number {
  const left = new Map<string, number>();
  for (const word of wanted) left.set(word, (left.get(word) ?? 0) + 1);
  let common = 0;
  for (const word of given) {
    const count = left.get(word) ?? 0;
    if (count === 0) continue;
    left.set(word, count - 1);
    common++;
  }
  return common === 0 ? 0 : (2 * common) / (given.length + wanted.length);
}
