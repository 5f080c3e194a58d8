// Scripts that write without spaces: a character counts as a word.
const WORD =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]|\p{L}[\p{L}\p{M}]*(?:['’]\p{L}+)*|\p{N}+(?:[.,]\p{N}+)*/gu;

/** Words and numbers of a text in any language, lower case, in order. */
export function splitPlainWords(text: string): string[] {
  return text.toLowerCase().match(WORD) ?? [];
}

/** Runs of `n` words, joined; empty when there are fewer words. */
export function wordRuns(words: readonly string[], n: number): string[] {
  const runs: string[] = [];
  for (let at = 0; at + n <= words.length; at++) runs.push(words.slice(at, at + n).join(' '));
  return runs;
}

const PLACES = 2 ** 15;

/** Share of runs of four words that occurred before in the same text, 0..1; 0 for fewer words. */
export function repeatedShare(words: readonly string[]): number {
  const runs = words.length - 3;
  if (runs <= 0) return 0;
  // A run is a pair of pairs. Numbers for both keep long texts from making long strings.
  const pairs = numbered(numbered(words, null), 1);
  return 1 - new Set(numbered(pairs, 2)).size / runs;
}

/**
 * Numbers for the items of a list, the same for the same item; with `step`, for each item together
 * with the one `step` places on. Texts of fewer than 32,768 words, which all are, keep small numbers.
 */
function numbered(items: readonly string[] | readonly number[], step: number | null): number[] {
  const known = new Map<string | number, number>();
  const numbers: number[] = [];
  for (let at = 0; at + (step ?? 0) < items.length; at++) {
    const key = step === null ? items[at] : Number(items[at]) * PLACES + Number(items[at + step]);
    const number = known.get(key ?? '') ?? known.size;
    known.set(key ?? '', number);
    numbers.push(number);
  }
  return numbers;
}

/** 0 up to `from`, 1 from `to` on, straight in between. With `from` > `to` it falls. */
export function ramp(value: number, from: number, to: number): number {
  if (from === to) return value >= to ? 1 : 0;
  return Math.min(1, Math.max(0, (value - from) / (to - from)));
}

/** Size of the intersection over size of the union; 1 for two empty sets. */
export function jaccard(one: ReadonlySet<string>, other: ReadonlySet<string>): number {
  if (one.size === 0 && other.size === 0) return 1;
  let shared = 0;
  for (const item of one) if (other.has(item)) shared++;
  return shared / (one.size + other.size - shared);
}
