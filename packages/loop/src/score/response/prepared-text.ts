import type { AnalysedText, AnalysedWord, TextTools } from '../text-tools.ts';
import { isGeneric } from './generic-words.ts';
import type { Layout } from './layout.ts';
import { splitPlainWords } from './words.ts';

/** Concepts of one sentence. */
export interface PreparedSentence {
  readonly words: readonly AnalysedWord[];
  readonly concepts: ReadonlySet<string>;
}

/** A text with everything that the factors read from it. */
export interface PreparedText {
  readonly text: string;
  readonly layout: Layout;
  /** Words and numbers of the prose, lower case, in order; in any language. */
  readonly proseTokens: readonly string[];
  /** The same, followed by those of fenced code. */
  readonly tokens: readonly string[];
  readonly analysed: AnalysedText;
  /** Words and numbers of the prose. */
  readonly words: readonly AnalysedWord[];
  readonly sentences: readonly PreparedSentence[];
  /** Weight of every distinct concept, 0..1: content lemmas, numbers, parts of names in code. */
  readonly concepts: ReadonlyMap<string, number>;
}

/** Rarity from which on a word is as specific as any, so that rare words alone win nothing. */
const IDF_CAP = 8;
/** Of a word that the lexicon does not know: a name, a term, or gibberish. */
const UNKNOWN_WEIGHT = 0.7;
const NUMBER_WEIGHT = 0.3;
/** Of the commonest content words. */
const COMMON_WEIGHT = 0.1;
/** Of words that say nothing by themselves. */
const GENERIC_WEIGHT = 0.02;
const CODE_WEIGHT = 0.4;
const MAX_CODE_NAMES = 60;

const CODE_KEYWORDS: ReadonlySet<string> = new Set(
  'function return const let var def if else elif for while import from class new this self true false null none undefined in of not and or async await try except catch finally throw raise public private static void int string float double bool boolean print console log export default lambda pass break continue end do then begin switch case'.split(
    ' ',
  ),
);

const NO_ANALYSIS: AnalysedText = { words: [], sentenceCount: 0 };

/** Prepares a text. Without `tools` (a language other than English) nothing is analysed. */
export function prepareText(text: string, layout: Layout, tools: TextTools | null): PreparedText {
  const analysed = tools === null ? NO_ANALYSIS : tools.analyse(layout.prose);
  const words = analysed.words.filter((word) => word.kind !== 'other');
  const concepts = tools === null ? new Map<string, number>() : weighConcepts(words, tools);
  for (const name of codeNames(layout)) {
    if (!concepts.has(name)) concepts.set(name, CODE_WEIGHT);
  }
  const proseTokens = splitPlainWords(layout.prose);
  const codeTokens = layout.fences.flatMap((fence) => splitPlainWords(fence.code));
  return {
    text,
    layout,
    proseTokens,
    tokens: codeTokens.length === 0 ? proseTokens : [...proseTokens, ...codeTokens],
    analysed,
    words,
    sentences: sentencesOf(words),
    concepts,
  };
}

/** Sum of the weights of concepts. */
export function weightOf(lemmas: Iterable<string>, concepts: ReadonlyMap<string, number>): number {
  let sum = 0;
  for (const lemma of lemmas) sum += concepts.get(lemma) ?? 0;
  return sum;
}

/** Concepts of a text that another text does not have, with their weights. */
export function newConcepts(
  text: PreparedText,
  others: readonly PreparedText[],
): ReadonlyMap<string, number> {
  return new Map(
    [...text.concepts].filter(([lemma]) => !others.some((other) => other.concepts.has(lemma))),
  );
}

function isConcept(word: AnalysedWord): boolean {
  return word.kind === 'content' || word.kind === 'number';
}

function weighConcepts(words: readonly AnalysedWord[], tools: TextTools): Map<string, number> {
  const { lexicon } = tools;
  const weights = new Map<string, number>();
  for (const word of words) {
    if (!isConcept(word) || weights.has(word.lemma)) continue;
    weights.set(word.lemma, weigh(word, lexicon.idf(word.lemma), lexicon.maxIdf));
  }
  return weights;
}

function weigh(word: AnalysedWord, idf: number, maxIdf: number): number {
  if (word.kind === 'number') return NUMBER_WEIGHT;
  if (isGeneric(word.lemma)) return GENERIC_WEIGHT;
  if (idf >= maxIdf) return UNKNOWN_WEIGHT;
  return COMMON_WEIGHT + ((1 - COMMON_WEIGHT) * Math.min(idf, IDF_CAP)) / IDF_CAP;
}

function sentencesOf(words: readonly AnalysedWord[]): PreparedSentence[] {
  const sentences = new Map<number, AnalysedWord[]>();
  for (const word of words) {
    const sentence = sentences.get(word.sentence);
    if (sentence) sentence.push(word);
    else sentences.set(word.sentence, [word]);
  }
  return [...sentences.values()].map((own) => ({
    words: own,
    concepts: new Set(own.filter(isConcept).map((word) => word.lemma)),
  }));
}

/** Words that the names in fenced code are made of, at most {@link MAX_CODE_NAMES}. */
function codeNames(layout: Layout): Set<string> {
  const names = new Set<string>();
  for (const { code } of layout.fences) {
    for (const [name] of code.matchAll(/[A-Za-z][a-z]{2,}|[A-Z]{3,}/g)) {
      const lower = name.toLowerCase();
      if (!CODE_KEYWORDS.has(lower)) names.add(lower);
      if (names.size >= MAX_CODE_NAMES) return names;
    }
  }
  return names;
}
