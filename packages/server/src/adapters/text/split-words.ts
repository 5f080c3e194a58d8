/** A word, number or sentence mark, with the number of the sentence it stands in. */
export interface RawWord {
  readonly text: string;
  readonly sentence: number;
  readonly kind: 'word' | 'number' | 'mark';
}

/** Words and marks in reading order. */
export interface RawWords {
  readonly words: readonly RawWord[];
  readonly sentenceCount: number;
}

// Groups: word, number, mark; none is a break between list items, headings and paragraphs.
const TOKEN =
  /(\p{L}[\p{L}\p{M}]*(?:['’]\p{L}+)*)|(\d+(?:[.,:]\d+)*(?:st|nd|rd|th)?)|([.!?;:,…。！？]+)|\n\s*(?:\n|[-*•#|>]|\d+[.)]\s)/gu;

/** Short forms whose full stop does not end a sentence. */
const SHORT_FORM =
  /^(?:mr|mrs|ms|dr|prof|st|vs|etc|e|g|i|al|fig|no|inc|ltd|jr|sr|approx|cf|dept|est|u|s)$/i;

/**
 * Words, numbers and sentence marks of a text. A sentence ends at `.`, `!`, `?` before a space or
 * the end, at a blank line, and where a list item, heading, quote or table row begins.
 */
export function splitWords(text: string): RawWords {
  const words: RawWord[] = [];
  let sentence = 0;
  let isEmpty = true;
  for (const match of text.matchAll(TOKEN)) {
    const [found] = match;
    const kind = kindOf(match);
    if (kind !== 'break') words.push({ text: found, sentence, kind });
    if (kind === 'word' || kind === 'number') isEmpty = false;
    else if (
      !isEmpty &&
      (kind === 'break' || endsSentence(text, match, words.at(-2)?.text ?? ''))
    ) {
      sentence++;
      isEmpty = true;
    }
  }
  return { words, sentenceCount: isEmpty ? sentence : sentence + 1 };
}

function kindOf([, word, number, mark]: RegExpExecArray): RawWord['kind'] | 'break' {
  if (word !== undefined) return 'word';
  if (number !== undefined) return 'number';
  return mark === undefined ? 'break' : 'mark';
}

function endsSentence(text: string, { 0: mark, index }: RegExpExecArray, before: string): boolean {
  if (/[。！？]/.test(mark)) return true;
  if (!/[.!?…]/.test(mark) || (mark === '.' && SHORT_FORM.test(before))) return false;
  const next = text[index + mark.length];
  return next === undefined || /[\s"'”’)\]*_]/.test(next);
}
