import type { AnalysedWord, AnalyseText, WordKind } from '@assay/loop';
import winkModel from 'wink-eng-lite-web-model';
import winkNlp, { type ItsFunction, type PartOfSpeech } from 'wink-nlp';
import { type RawWord, splitWords } from './split-words.ts';

/** Longest text that is analysed, in UTF-16 units; scoring cuts earlier, and with more thought. */
const MAX_CHARACTERS = 60_000;
/** Longer words are not English ones. */
const MAX_WORD = 40;

const CONTENT: ReadonlySet<PartOfSpeech> = new Set(['NOUN', 'PROPN', 'VERB', 'ADJ', 'ADV']);

const nlp = winkNlp(winkModel, ['pos']);
const { its } = nlp;
const vocabulary = nlp.readDoc('');
// Its declaration has three of the four parameters that it takes.
const LEMMA = its.lemma as unknown as ItsFunction<string>;

/**
 * Whether wink knows the word. Its tables are plain objects, so the names that every object has
 * ("constructor") would be taken for entries.
 */
function isKnown(word: string): boolean {
  return !(word in Object.prototype) && !vocabulary.isOOV(word);
}

/**
 * What wink is shown for a word that it does not know: same case, same ending, nothing else. wink
 * remembers every new word for ever; through this it can only ever meet a bounded number of them,
 * and what it says of a text does not depend on the texts before.
 */
function standIn(word: string): string {
  const ending = /[a-z]{0,3}$/.exec(word.toLowerCase())?.[0] ?? '';
  return `${/^\p{Lu}/u.test(word) ? 'Zq' : 'zq'}${'x'.repeat(5 - ending.length)}${ending}`;
}

interface ShownWord {
  readonly text: string;
  readonly isItself: boolean;
}

const NUMBER: ShownWord = { text: '7', isItself: false };

/** What wink is shown for a word, and whether that is the word itself. */
function shownAs(word: RawWord, isFirst: boolean): ShownWord {
  if (word.kind === 'number') return NUMBER;
  if (word.kind === 'mark') return { text: word.text.slice(0, 1), isItself: false };
  const plain = word.text.replaceAll('’', "'");
  if (plain.length <= MAX_WORD) {
    if (isKnown(plain)) return { text: plain, isItself: true };
    const lower = plain.toLowerCase();
    const isShouted = plain === plain.toUpperCase();
    if ((isFirst || isShouted) && isKnown(lower)) return { text: lower, isItself: true };
  }
  return { text: standIn(plain), isItself: false };
}

/** Dictionary form of a word that wink does not know: only plurals are undone. */
function unknownLemma(word: string): string {
  if (word.length <= 4 || !word.endsWith('s')) return word;
  if (word.endsWith('ies')) return `${word.slice(0, -3)}y`;
  if (/(?:ss|sh|ch|x|z)es$/.test(word)) return word.slice(0, -2);
  return /[^aious]s$/.test(word) ? word.slice(0, -1) : word;
}

function kindOf(word: RawWord, part: PartOfSpeech | undefined, isStopWord: boolean): WordKind {
  if (word.kind === 'number') return 'number';
  if (word.kind === 'mark') return 'other';
  if (part === 'NUM' && !/^one$/i.test(word.text)) return 'number';
  if (isStopWord) return 'function';
  return part === undefined || CONTENT.has(part) ? 'content' : 'function';
}

/**
 * English words, sentences, parts of speech and lemmas, by wink-nlp behind our own splitting of
 * words and sentences. Content words are nouns, names, verbs, adjectives and adverbs that are not
 * stop words. The same text gives the same answer, whatever was analysed before.
 */
export const analyseWithWink: AnalyseText = (text) => {
  const raw = splitWords(text.slice(0, MAX_CHARACTERS));
  const known = new Map<string, ShownWord>();
  const shown = raw.words.map((word, index) => {
    if (raw.words[index - 1]?.sentence !== word.sentence) return shownAs(word, true);
    const seen = known.get(word.text) ?? shownAs(word, false);
    known.set(word.text, seen);
    return seen;
  });
  const tokens = nlp.readDoc(shown.map((word) => word.text).join(' ')).tokens();
  const values = tokens.out();
  const lemmas = tokens.out(LEMMA) as string[];
  const parts = tokens.out(its.pos) as PartOfSpeech[];
  const stops = tokens.out(its.stopWordFlag) as boolean[];
  const words: AnalysedWord[] = [];
  let token = 0;
  for (const [index, word] of raw.words.entries()) {
    const { text: seen, isItself } = shown[index] ?? NUMBER;
    const lower = word.text.toLowerCase().replaceAll('’', "'");
    const part = parts[token];
    const lemma = isItself ? lemmas[token]?.toLowerCase() : undefined;
    words.push({
      text: lower,
      lemma: lemma ?? unknownLemma(lower),
      kind: kindOf(word, part, stops[token] === true),
      isProper: part === 'PROPN' && word.kind === 'word',
      sentence: word.sentence,
    });
    // A contraction comes back in parts, which make up what was shown.
    let consumed = 0;
    do consumed += values[token++]?.length ?? seen.length;
    while (consumed < seen.length);
  }
  return { words, sentenceCount: raw.sentenceCount };
};
