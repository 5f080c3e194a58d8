/** What a text ends up saying, as far as it can be read off exactly. */
export interface FinalClaim {
  /** Option letter, upper case. */
  readonly option: string | null;
  /** Last number, and whether the text marks it as its result. */
  readonly number: number | null;
  readonly isNumberMarked: boolean;
  readonly verdict: 'yes' | 'no' | null;
}

const NUMBER =
  /(?<![\w.])[-−]?(?:\$\s?)?\d{1,3}(?:,\d{3})+(?:\.\d+)?|(?<![\w.])[-−]?\$?\s?\d+(?:\.\d+)?(?:\s*\/\s*\d+(?![\d.]))?/g;
const MARKED = [
  /\\boxed\s*\{\s*([^{}]{1,60})\}/g,
  /####\s*([^\n]{1,60})/g,
  /\b(?:final\s+answer|the\s+answer|answer\s+is|answer\s*:)[^.\n\d-]{0,40}?(?:\bis\b|=|:|\bequals\b)\s*([^\n]{1,60})/gi,
];
const OPTION =
  /\b(?:[Aa]nswer|[Oo]ption|[Cc]hoice)\b[^.\n]{0,25}?(?:\bis\b|:|\b)\s*[*_("]*([A-H])(?=["*_)]*\s*(?:$|[.,;:)\n]|because\b|since\b))/g;
const BARE_OPTION = /^\W*([A-H])\W*(?:$|[.):]\s)/;
const BARE_VERDICT = /^\W*(yes|(?:no|true|false|correct|incorrect)(?=\W*(?:$|[.,;:!\n-])))\b/i;
const CONCLUDED_VERDICT =
  /\b(?:answer\s+(?:is|:)|so|therefore|thus|hence|conclusion\s*:)\s*,?\s*(?:it\s+is\s+|the\s+(?:statement|claim)\s+is\s+)?(yes|no|true|false|correct|incorrect)(?=\s*(?:$|[.,;!\n]))/gi;
/** Only the end of a long text is looked at. */
const TAIL = 4_000;

/** Reads the final option, number and verdict of a text. */
export function finalClaim(text: string): FinalClaim {
  const tail = text.slice(-TAIL);
  const marked = markedNumber(tail);
  return {
    option: lastGroup(OPTION, tail) ?? BARE_OPTION.exec(text.slice(0, 200))?.[1] ?? null,
    number: marked ?? numbersIn(tail).at(-1) ?? null,
    isNumberMarked: marked !== null,
    verdict: verdictOf(
      BARE_VERDICT.exec(text.slice(0, 60))?.[1] ?? lastGroup(CONCLUDED_VERDICT, tail),
    ),
  };
}

/** Numbers of a text in order: 1,234.5 and 3/4 and -2 are one each. */
export function numbersIn(text: string): number[] {
  return (text.match(NUMBER) ?? []).map(toNumber).filter((value) => Number.isFinite(value));
}

/** Whether two numbers are the same up to rounding in the last digits. */
export function isSameNumber(one: number, other: number): boolean {
  return Math.abs(one - other) <= 1e-6 * Math.max(1, Math.abs(one), Math.abs(other));
}

function toNumber(found: string): number {
  const plain = found.replace(/[$,\s]/g, '').replace('−', '-');
  const [top, bottom] = plain.split('/');
  return bottom === undefined ? Number(plain) : Number(top) / Number(bottom);
}

function markedNumber(text: string): number | null {
  for (const pattern of MARKED) {
    const last = lastGroup(pattern, text);
    const number = last === null ? undefined : numbersIn(last.slice(last.lastIndexOf('=') + 1))[0];
    if (number !== undefined) return number;
  }
  return null;
}

function lastGroup(pattern: RegExp, text: string): string | null {
  let last: string | null = null;
  for (const match of text.matchAll(pattern)) last = match[1] ?? last;
  return last;
}

function verdictOf(word: string | null | undefined): 'yes' | 'no' | null {
  if (word == null) return null;
  return /^(?:yes|true|correct)$/i.test(word) ? 'yes' : 'no';
}
