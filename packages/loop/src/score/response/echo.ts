import type { AskedType } from './expected-form.ts';
import { newConcepts, type PreparedText, weightOf } from './prepared-text.ts';
import { ramp, wordRuns } from './words.ts';

/** How much of an answer is the question again. */
export interface Echo {
  /** 0..1. */
  readonly gate: number;
  /** Share of the answer's distinct runs of four words that occur in the query. */
  readonly echoed: number;
}

const RUN = 4;
/** Where a character counts as a word, as in Chinese. */
const CHARACTER_RUN = 8;
/** Copying up to this share is ordinary: a sentence that repeats the question before answering. */
const ORDINARY = 0.45;
const COPY = 0.85;
const TRANSFORMS =
  /\b(?:rewrite|rephrase|paraphrase|correct|fix|edit|proofread|translate|convert|extract|summari[sz]e|shorten|classify|repeat|copy|sort|reorder|rearrange|format|capitali[sz]e|punctuate|fill in|complete|remove|replace|highlight|identify|find|select|choose|quote)\b/i;
const VERDICT =
  /^(?:yes|no|true|false|not|neither|both|never|always|correct|incorrect|positive|negative|neutral)$/;
/** Weight of new concepts from which on an answer says something of its own. */
const SUBSTANCE = 0.2;

/**
 * Echo gate. Closed by an answer that copies the query (a run of words) and by one that adds no
 * concept of its own. Not closed where the words of the query are the answer: a choice it offers, a
 * yes or no, a short piece taken out of a long text, a text to be corrected or sorted. Code may
 * repeat the head that it was given. Without concepts (a language other than English) only copying
 * is seen.
 */
export function echoOf(
  answer: PreparedText,
  query: PreparedText,
  asked: AskedType,
  hasConcepts: boolean,
): Echo {
  const length = isWrittenInCharacters(query.tokens) ? CHARACTER_RUN : RUN;
  const runs = new Set(wordRuns(answer.tokens, length));
  const known = new Set(wordRuns(query.tokens, length));
  let shared = 0;
  for (const run of runs) if (known.has(run)) shared++;
  const isSame = answer.tokens.length > 0 && answer.tokens.join(' ') === query.tokens.join(' ');
  const echoed = isSame ? 1 : shared / Math.max(1, runs.size);
  const isCode = answer.layout.fences.length > 0;
  const [from, to] = isCode ? [COPY, 1] : [ORDINARY, COPY];
  const copied = isExtract(answer, query) && !isSame ? 1 : 1 - 0.9 * ramp(echoed, from, to);
  const substance = hasConcepts ? substanceGate(answer, query, asked) : 1;
  return { gate: Math.min(copied, substance), echoed };
}

/**
 * The answer without sentences that only say the first or last sentence of the query again, so that
 * a question repeated in front of something else lends it no words. A text of nothing but such
 * sentences is left as it is.
 */
export function withoutRestatedQuestion(answer: PreparedText, query: PreparedText): PreparedText {
  const asked = [query.sentences[0], query.sentences.at(-1)].map((sentence) =>
    runsOfSentence(sentence?.words.map((word) => word.text) ?? []),
  );
  const own = answer.sentences.filter(({ words }) => {
    const runs = runsOfSentence(words.map((word) => word.text));
    return !asked.some((known) => isContained(runs, known));
  });
  if (own.length === answer.sentences.length || own.length === 0) return answer;
  const words = own.flatMap((sentence) => sentence.words);
  const spoken = new Set(answer.sentences.flatMap((sentence) => [...sentence.concepts]));
  const kept = new Set(own.flatMap((sentence) => [...sentence.concepts]));
  const concepts = new Map(
    [...answer.concepts].filter(([lemma]) => kept.has(lemma) || !spoken.has(lemma)),
  );
  return { ...answer, sentences: own, words, concepts };
}

const SENTENCE_RUN = 3;

function runsOfSentence(words: readonly string[]): ReadonlySet<string> {
  return new Set(wordRuns(words, SENTENCE_RUN));
}

function isContained(runs: ReadonlySet<string>, known: ReadonlySet<string>): boolean {
  let shared = 0;
  for (const run of runs) if (known.has(run)) shared++;
  return runs.size >= 2 && shared >= 0.9 * runs.size;
}

function isWrittenInCharacters(tokens: readonly string[]): boolean {
  return tokens.filter((token) => token.length === 1).length > 0.5 * tokens.length;
}

/** A piece of a long query, or the result of changing a text, is made of the query's words. */
function isExtract(answer: PreparedText, query: PreparedText): boolean {
  const share = answer.tokens.length / Math.max(1, query.tokens.length);
  if (query.tokens.length >= 40 && share <= 0.35) return true;
  return TRANSFORMS.test(query.text) && query.tokens.length >= 12 && share <= 0.9;
}

function substanceGate(answer: PreparedText, query: PreparedText, asked: AskedType): number {
  const fresh = newConcepts(answer, [query]);
  const substance = weightOf(fresh.keys(), fresh);
  if (substance >= SUBSTANCE || isAnswerByItself(answer, query, asked)) return 1;
  return 0.1 + 0.9 * (substance / SUBSTANCE);
}

function isAnswerByItself(answer: PreparedText, query: PreparedText, asked: AskedType): boolean {
  if (answer.layout.fences.length > 0 || isExtract(answer, query)) return true;
  if (asked === 'choice') return answer.tokens.length < 0.8 * query.tokens.length;
  const head = answer.tokens.length <= 8 ? answer.tokens : answer.tokens.slice(0, 3);
  if (head.some((word) => VERDICT.test(word))) return true;
  const isTerse = answer.tokens.length > 0 && answer.tokens.length <= 3;
  const isNew = answer.tokens.some((word) => !query.tokens.includes(word));
  return isTerse && isNew && !isAllGeneric(answer);
}

function isAllGeneric(answer: PreparedText): boolean {
  return [...answer.concepts.values()].every((weight) => weight < 0.1);
}
