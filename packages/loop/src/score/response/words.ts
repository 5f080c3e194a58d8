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

/** Share of runs of `n` words that occurred before in the same text, 0..1. */
export function repeatedShare(words: readonly string[], n: number): number {
  const runs = wordRuns(words, n);
  return runs.length === 0 ? 0 : 1 - new Set(runs).size / runs.length;
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
