import { type FinalClaim, finalClaim, isSameNumber, numbersIn } from './final-claim.ts';
import {
  newConcepts,
  type PreparedSentence,
  type PreparedText,
  weightOf,
} from './prepared-text.ts';
import { jaccard } from './words.ts';

/** Whether reasoning leads to its answer. A check for contradictions, not for faithfulness. */
export interface ReasoningConsistency {
  readonly verdict: 'consistent' | 'contradicts' | 'unsupported' | 'unknown';
  /** 0..1; null when unknown. */
  readonly score: number | null;
  /** Quoted spans that the verdict rests on. */
  readonly evidence: readonly string[];
}

const HEDGES =
  /\b(?:not sure|unsure|uncertain|i don't know|hard to (?:say|tell)|could be either|might be either|it depends|no idea|cannot tell|can't tell|unclear|guess(?:ing)?)\b/i;
const NEGATION = /^(?:not|no|never|none|neither|nor|cannot|without)$|n't$/;
const ANTONYMS: readonly (readonly [string, string])[] = [
  ['increase', 'decrease'],
  ['rise', 'fall'],
  ['grow', 'shrink'],
  ['more', 'less'],
  ['higher', 'lower'],
  ['hot', 'cold'],
  ['warm', 'cool'],
  ['large', 'small'],
  ['big', 'small'],
  ['fast', 'slow'],
  ['true', 'false'],
  ['safe', 'dangerous'],
  ['possible', 'impossible'],
  ['valid', 'invalid'],
  ['legal', 'illegal'],
  ['positive', 'negative'],
  ['expand', 'contract'],
  ['attract', 'repel'],
  ['before', 'after'],
  ['even', 'odd'],
  ['always', 'never'],
  ['accept', 'reject'],
  ['open', 'closed'],
  ['cheap', 'expensive'],
  ['strong', 'weak'],
  ['early', 'late'],
  ['high', 'low'],
  ['good', 'bad'],
  ['win', 'lose'],
  ['start', 'end'],
];
/** Share of the answer's own concepts that reasoning has to have, for and against. */
const SUPPORTED = 0.5;
const UNSUPPORTED = 0.25;
const LEAST_CONCEPTS = 2;
/** An answer of more words is judged by its sentences, not by its last number. */
const TERSE_WORDS = 40;
const MAX_SPAN = 160;
/** Sentences at the end of reasoning that count as what it concludes. */
const CONCLUSION_SENTENCES = 4;
const NEARLY_SAME = 0.6;
/** UTF-16 units at the end of reasoning in which its final number stands. */
const END = 300;

/**
 * Compares what the reasoning ends up with and what the answer says: option, number, yes or no;
 * then sentences about the same thing that deny each other; then whether the answer's own concepts
 * and numbers occur in the reasoning at all. Hedged reasoning without a clear end is `unknown`.
 */
export function consistencyOf(
  answer: PreparedText,
  reasoning: PreparedText,
  query: PreparedText,
): ReasoningConsistency {
  const exact = compareClaims(answer, reasoning);
  if (exact !== null) return exact;
  const flip = findFlip(answer, reasoning, query);
  if (flip !== null) return { verdict: 'contradicts', score: 0, evidence: flip };
  return supportOf(answer, reasoning, query);
}

function compareClaims(answer: PreparedText, reasoning: PreparedText): ReasoningConsistency | null {
  const said = finalClaim(answer.text);
  const thought = finalClaim(reasoning.text);
  if (said.option !== null && thought.option !== null) {
    return agreed(
      said.option === thought.option,
      `answer: ${said.option}`,
      `reasoning: ${thought.option}`,
    );
  }
  if (said.verdict !== null && thought.verdict !== null) {
    return agreed(
      said.verdict === thought.verdict,
      `answer: ${said.verdict}`,
      `reasoning: ${thought.verdict}`,
    );
  }
  return compareNumbers(said, thought, answer, reasoning);
}

function compareNumbers(
  said: FinalClaim,
  thought: FinalClaim,
  answer: PreparedText,
  reasoning: PreparedText,
): ReasoningConsistency | null {
  const isDecisive = said.isNumberMarked || answer.tokens.length <= TERSE_WORDS;
  if (said.number === null || thought.number === null || !isDecisive) return null;
  const spans = [`answer: ${said.number}`, `reasoning: ${thought.number}`] as const;
  const given = numbersIn(answer.text);
  const end = thought.number;
  if (given.some((number) => isSameNumber(number, end))) return agreed(true, ...spans);
  const own = said.number;
  const occursIn = (text: string): boolean =>
    numbersIn(text).some((number) => isSameNumber(number, own));
  if (thought.isNumberMarked && !occursIn(reasoning.text.slice(-END)))
    return agreed(false, ...spans);
  return occursIn(reasoning.text) ? null : { verdict: 'unsupported', score: 0.2, evidence: spans };
}

function agreed(isSame: boolean, ...evidence: readonly string[]): ReasoningConsistency {
  return isSame
    ? { verdict: 'consistent', score: 1, evidence }
    : { verdict: 'contradicts', score: 0, evidence };
}

/**
 * Two sentences about the same thing of which one denies the other or names something else. Only
 * for a short answer and the end of the reasoning: on its way, reasoning may say anything, and long
 * answers hold many sentences that look alike.
 */
function findFlip(
  answer: PreparedText,
  reasoning: PreparedText,
  query: PreparedText,
): string[] | null {
  if (answer.words.length > TERSE_WORDS) return null;
  const conclusion = reasoning.sentences.slice(-CONCLUSION_SENTENCES).reverse();
  for (const sentence of answer.sentences) {
    const last = conclusion.find((thought) => isAboutSame(sentence, thought));
    if (last === undefined) continue;
    const isFlipped =
      (isNearlySame(sentence, last) && isNegated(sentence) !== isNegated(last)) ||
      hasAntonym(sentence, last) ||
      namesAnother(sentence, last, reasoning, query);
    if (isFlipped) return [quote('answer', sentence), quote('reasoning', last)];
  }
  return null;
}

function isAboutSame(one: PreparedSentence, other: PreparedSentence): boolean {
  const shared = [...one.concepts].filter((lemma) => other.concepts.has(lemma)).length;
  const smaller = Math.min(one.concepts.size, other.concepts.size);
  return shared >= LEAST_CONCEPTS && shared >= 0.6 * smaller;
}

function isNearlySame(one: PreparedSentence, other: PreparedSentence): boolean {
  return jaccard(one.concepts, other.concepts) >= NEARLY_SAME;
}

function isNegated({ words }: PreparedSentence): boolean {
  return words.filter((word) => NEGATION.test(word.text)).length % 2 === 1;
}

function hasAntonym(one: PreparedSentence, other: PreparedSentence): boolean {
  const lemmas = (sentence: PreparedSentence): Set<string> =>
    new Set(sentence.words.map((word) => word.lemma));
  const a = lemmas(one);
  const b = lemmas(other);
  return ANTONYMS.some(
    ([left, right]) =>
      (a.has(left) && b.has(right) && !a.has(right) && !b.has(left)) ||
      (a.has(right) && b.has(left) && !a.has(left) && !b.has(right)),
  );
}

/** "The capital is Paris" against "The capital must be Lyon", with Paris nowhere in the reasoning. */
function namesAnother(
  sentence: PreparedSentence,
  thought: PreparedSentence,
  reasoning: PreparedText,
  query: PreparedText,
): boolean {
  const own = ownNames(sentence, thought, query);
  const others = ownNames(thought, sentence, query);
  if (own.length === 0 || others.length === 0) return false;
  return own.every((name) => !reasoning.concepts.has(name));
}

/** Names and numbers of a sentence that neither the query nor the other sentence has. */
function ownNames(
  sentence: PreparedSentence,
  other: PreparedSentence,
  query: PreparedText,
): string[] {
  return sentence.words
    .filter((word) => word.isProper || word.kind === 'number')
    .map((word) => word.lemma)
    .filter((lemma) => !other.concepts.has(lemma) && !query.concepts.has(lemma));
}

function supportOf(
  answer: PreparedText,
  reasoning: PreparedText,
  query: PreparedText,
): ReasoningConsistency {
  const own = newConcepts(answer, [query]);
  const judged = own.size > 0 ? own : answer.concepts;
  const total = weightOf(judged.keys(), judged);
  const isHedged = HEDGES.test(reasoning.text.slice(-600));
  if (total === 0 || reasoning.tokens.length === 0) {
    return { verdict: 'unknown', score: null, evidence: [] };
  }
  const missing = [...judged.keys()].filter((lemma) => !reasoning.concepts.has(lemma));
  const support = 1 - weightOf(missing, judged) / total;
  const evidence = missing.slice(0, 5).map((lemma) => `not in the reasoning: ${lemma}`);
  // Reasoning much shorter than its answer cannot hold what the answer says.
  const canSupport = reasoning.concepts.size >= own.size / 2;
  if (support < UNSUPPORTED && canSupport)
    return { verdict: 'unsupported', score: 0.2 * support, evidence };
  if (support < SUPPORTED || isHedged) return { verdict: 'unknown', score: null, evidence };
  return { verdict: 'consistent', score: 0.5 + 0.5 * support, evidence };
}

function quote(where: string, { words }: PreparedSentence): string {
  return `${where}: "${words
    .map((word) => word.text)
    .join(' ')
    .slice(0, MAX_SPAN)}"`;
}
