/** What a word is for in a sentence. `other` is punctuation, symbols and the like. */
export type WordKind = 'content' | 'function' | 'number' | 'other';

/** One word of an analysed text. */
export interface AnalysedWord {
  /** As written, lower case. */
  readonly text: string;
  /** Dictionary form, lower case: `feel` for `felt`. */
  readonly lemma: string;
  readonly kind: WordKind;
  /** Whether it is a name: Paris, Ada. */
  readonly isProper: boolean;
  /** Number of its sentence, from 0. */
  readonly sentence: number;
}

/** A text taken apart into words and sentences, in reading order. */
export interface AnalysedText {
  readonly words: readonly AnalysedWord[];
  readonly sentenceCount: number;
}

/** Takes an English text apart. Deterministic; never throws, whatever the text. */
export type AnalyseText = (text: string) => AnalysedText;

/** How rare words are in ordinary English. */
export interface Lexicon {
  /** Rarity of a lemma in nats, 0 (everywhere) to `maxIdf` (unknown to the lexicon). */
  idf(lemma: string): number;
  readonly maxIdf: number;
  /** Changes when the numbers change; part of what a score depends on. */
  readonly version: string;
}

/** What scoring needs from outside: it has no tokenizer, dictionary or compressor of its own. */
export interface TextTools {
  readonly analyse: AnalyseText;
  readonly lexicon: Lexicon;
  /** Compressed size over size, in bytes of UTF-8; 1 for the empty text. Low for repetition. */
  compressedRatio(text: string): number;
}
