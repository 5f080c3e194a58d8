import type { AnswerForm } from '../response-to-score.ts';
import type { TextTools } from '../text-tools.ts';
import { countItems } from './layout.ts';
import type { PreparedText } from './prepared-text.ts';
import { ramp, repeatedShare } from './words.ts';

/** What is wrong with a text as a text. Gates are 0..1. */
export interface Degeneration {
  /** Share of repeated runs of four words of the prose, 0..1; code repeats itself by nature. */
  readonly repeated: number;
  /** Share of sentences that say an earlier one again in nearly the same words, 0..1. */
  readonly restated: number;
  readonly gates: Readonly<
    Record<'repetition' | 'compression' | 'text' | 'sentences' | 'vocabulary' | 'rarity', number>
  >;
}

/** Fewer words than this are no basis for shares. */
const LEAST_WORDS = 12;
const LEAST_COMPRESSED = 400;
/** Sentences that are compared with each other; text beyond is covered by the runs of words. */
const MAX_SENTENCES = 120;
const NEAR_DUPLICATE = 0.65;
/** Gate of a few words that are no sentence, no list and no name. */
const HEAP = 0.3;
const ODD = /[^\p{L}\p{M}\p{N}\s.,;:!?'"“”‘’()/%&+=*#`|_<>[\]{}~$€£°-]/gu;

/** Looks for repetition, noise, symbols instead of text, and words without sentences. */
export function degenerationOf(
  text: PreparedText,
  form: AnswerForm,
  tools: TextTools,
): Degeneration {
  const repeated = repeatedShare(text.proseTokens);
  const restated = restatedShare(text);
  return {
    repeated,
    restated,
    gates: {
      repetition: repetitionGate(text, repeated, restated),
      compression: compressionGate(text, tools),
      text: textGate(text.text),
      sentences: sentencesGate(text, form),
      vocabulary: vocabularyGate(text, tools),
      rarity: rarityGate(text),
    },
  };
}

/** The same gates for a language whose sentences and words are not known. */
export function plainDegenerationOf(text: PreparedText, tools: TextTools): Degeneration {
  const repeated = repeatedShare(text.proseTokens);
  return {
    repeated,
    restated: 0,
    gates: {
      repetition: repetitionGate(text, repeated, 0),
      compression: compressionGate(text, tools),
      text: textGate(text.text),
      sentences: 1,
      vocabulary: 1,
      rarity: 1,
    },
  };
}

function repetitionGate(text: PreparedText, repeated: number, restated: number): number {
  if (text.proseTokens.length < LEAST_WORDS) return 1;
  return Math.min(
    1 - 0.95 * ramp(repeated, 0.2, 0.5),
    1 - 0.8 * ramp(restated, 0.2, 0.6),
    1 - 0.6 * ramp(sameOpeningShare(text), 0.4, 0.8),
  );
}

/** Share of sentences that begin with the same three words as an earlier one; 0 for a few. */
function sameOpeningShare({ sentences }: PreparedText): number {
  const openings = sentences
    .filter(({ words }) => words.length >= 6)
    .map(({ words }) =>
      words
        .slice(0, 3)
        .map((word) => word.text)
        .join(' '),
    );
  if (openings.length < 4) return 0;
  return 1 - new Set(openings).size / openings.length;
}

function restatedShare({ sentences }: PreparedText): number {
  const judged = sentences.filter(({ concepts }) => concepts.size >= 3).slice(0, MAX_SENTENCES);
  if (judged.length < 2) return 0;
  const holders = new Map<string, number[]>();
  let restated = 0;
  judged.forEach(({ concepts }, index) => {
    const shared = new Map<number, number>();
    for (const lemma of concepts) {
      const earlier = holders.get(lemma);
      for (const other of earlier ?? []) shared.set(other, (shared.get(other) ?? 0) + 1);
      if (earlier) earlier.push(index);
      else holders.set(lemma, [index]);
    }
    const isRestated = [...shared].some(([other, count]) => {
      const all = concepts.size + (judged[other]?.concepts.size ?? 0) - count;
      return count >= NEAR_DUPLICATE * all;
    });
    if (isRestated) restated++;
  });
  return restated / judged.length;
}

/** Prose shrinks to 0.3 to 0.6 of its size; a loop to less, noise hardly. */
function compressionGate(text: PreparedText, tools: TextTools): number {
  if (text.text.length < LEAST_COMPRESSED) return 1;
  const ratio = tools.compressedRatio(text.text);
  const loop = 1 - 0.95 * (1 - ramp(ratio, 0.08, 0.18));
  const noise = 1 - 0.95 * ramp(ratio, 0.8, 0.95);
  return Math.min(loop, noise);
}

/** Letters, digits and ordinary punctuation; the rest is emoji, boxes and control signs. */
function textGate(text: string): number {
  if (!/[\p{L}\p{N}]/u.test(text)) return text === '' ? 0 : 0.05;
  const characters = text.length - (text.match(/[\u{10000}-\u{10ffff}]/gu)?.length ?? 0);
  const odd = text.match(ODD)?.length ?? 0;
  return Math.max(0.05, ramp(1 - odd / characters, 0.4, 0.75));
}

/**
 * English needs function words: prose has 0.25 to 0.6 of them, a heap of keywords hardly any. Lists
 * and forms may do without: fully where a list was asked for, by half elsewhere.
 */
function sentencesGate(text: PreparedText, form: AnswerForm): number {
  const { words, layout } = text;
  if (form === 'list' || form === 'table' || form === 'json') return 1;
  if (isBareHeap(text)) return HEAP;
  if (words.length < LEAST_WORDS || layout.fences.length > 0 || layout.tables.length > 0) return 1;
  const functions = words.filter((word) => word.kind === 'function').length / words.length;
  const gate = 0.1 + 0.9 * ramp(functions, 0.05, 0.18);
  return isItemised(text) ? Math.max(0.5, gate) : gate;
}

/** Items, short lines, or mostly numbers. */
function isItemised({ words, layout, text }: PreparedText): boolean {
  const lines = text.split('\n').filter((line) => line.trim() !== '').length;
  const numbers = words.filter((word) => word.kind === 'number').length;
  return countItems(layout) >= 3 || words.length / lines <= 6 || numbers > 0.3 * words.length;
}

/** Five and more words without any function word, as bare items or with no sign between them. */
function isBareHeap({ words, text, layout }: PreparedText): boolean {
  if (words.length < 5 || layout.fences.length > 0 || layout.tables.length > 0) return false;
  if (words.some((word) => word.kind === 'function' || word.kind === 'number')) return false;
  const items = countItems(layout);
  if (items === 0 && /[,;:\n|]|\p{L}[.!?]\s/u.test(text)) return false;
  const names = words.filter((word) => word.isProper).length;
  return names <= words.length / 2 && (items === 0 || words.length / items <= 2);
}

/** Words rarer than any ordinary text has throughout: a show of vocabulary. */
function rarityGate({ concepts, words }: PreparedText): number {
  if (concepts.size < LEAST_WORDS || words.length < LEAST_WORDS) return 1;
  const names = new Set(words.filter((word) => word.isProper).map((word) => word.lemma));
  const plain = [...concepts].filter(([lemma]) => !names.has(lemma)).map(([, weight]) => weight);
  if (plain.length < LEAST_WORDS) return 1;
  const mean = plain.reduce((sum, weight) => sum + weight, 0) / plain.length;
  return 1 - 0.8 * ramp(mean, 0.72, 0.85);
}

/** Words that no dictionary has: gibberish, or a text in no known language. */
function vocabularyGate(text: PreparedText, tools: TextTools): number {
  const { idf, maxIdf } = tools.lexicon;
  const content = text.words.filter((word) => word.kind === 'content');
  if (content.length < LEAST_WORDS) return 1;
  const unknown = content.filter((word) => !word.isProper && idf(word.lemma) >= maxIdf).length;
  return 1 - 0.9 * ramp(unknown / content.length, 0.35, 0.7);
}
