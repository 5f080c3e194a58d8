import { splitPlainWords } from './words.ts';

/** Words that nearly every text of the language has, and few others. */
const FUNCTION_WORDS: Readonly<Record<string, string>> = {
  en: 'the of and to in is a i it that you for was with on are as have be this not at by from or an they which can will would what there their when how who if about your we but its these than into does do were been should my me he she his her no so',
  de: 'der das und ist nicht ein eine von den mit sich auf für dem auch es werden aus dass sie nach wird bei einer um sind noch wie einem über zum zur oder wenn aber ich wir ihr ihre kann können hat haben sein diese durch',
  fr: 'le la les des et est un une du que qui dans pour pas sur au avec ce il sont plus par ne se sa ou mais comme nous vous cette aux être ont très leur elle je ils peut ses fait',
  es: 'el la los las de que y en un una es por con para se del al lo su como más pero sus le ya o este sí porque esta son entre cuando muy sin sobre también hasta hay donde puede',
  it: 'il lo la gli le di che e è un una per non con del della si da come più ma al sono anche dei nel alla delle questo questa ha se cui loro essere può',
  pt: 'os as de que e do da em um uma para com não por se na mais como mas dos das ao é ou ser são sua seu também pelo pela isso está muito pode',
  nl: 'het een en van dat op te zijn met voor niet aan er om ook als bij maar hij uit dan nog naar wordt ze door deze worden kan geen de',
};

const STOPS = Object.entries(FUNCTION_WORDS).map(
  ([language, words]) => [language, new Set(words.split(' '))] as const,
);

const SCRIPTS: readonly (readonly [string, RegExp])[] = [
  ['ja', /[\p{Script=Hiragana}\p{Script=Katakana}]/gu],
  ['zh', /\p{Script=Han}/gu],
  ['ko', /\p{Script=Hangul}/gu],
  ['ru', /\p{Script=Cyrillic}/gu],
  ['ar', /\p{Script=Arabic}/gu],
  ['he', /\p{Script=Hebrew}/gu],
  ['el', /\p{Script=Greek}/gu],
  ['hi', /\p{Script=Devanagari}/gu],
  ['th', /\p{Script=Thai}/gu],
];

/** No more than this many characters are looked at. */
const MAX_CHARACTERS = 2_000;
/** Fewer words say nothing about the language unless the script does. */
const LEAST_WORDS = 4;

/**
 * Language of a text as BCP 47: by script, else by the share of function words of seven languages
 * written in Latin letters. `und` when it cannot be told; `mul` when letters beyond ASCII make it
 * likely not to be English, without saying what it is.
 */
export function detectLanguage(text: string): string {
  const sample = text.slice(0, MAX_CHARACTERS);
  const letters = sample.match(/\p{L}/gu)?.length ?? 0;
  if (letters === 0) return 'und';
  const byScript = SCRIPTS.find(([language, script]) => {
    const share = (sample.match(script)?.length ?? 0) / letters;
    return share > (language === 'ja' ? 0.15 : 0.3);
  });
  if (byScript) return byScript[0];
  const words = splitPlainWords(sample);
  if (words.length < LEAST_WORDS) return 'und';
  const byWords = languageByWords(words);
  if (byWords !== null) return byWords;
  const beyondAscii = (sample.match(/(?!\p{ASCII})\p{L}/gu)?.length ?? 0) / letters;
  return beyondAscii > 0.05 && words.length >= 6 ? 'mul' : 'und';
}

/** English where it leads or is close: short words of other languages occur in English texts. */
function languageByWords(words: readonly string[]): string | null {
  const found = STOPS.map(([language, stops]) => {
    const hits = words.filter((word) => stops.has(word));
    return { language, share: hits.length / words.length, distinct: new Set(hits).size };
  }).sort((a, b) => b.share - a.share);
  const english = found.find(({ language }) => language === 'en')?.share ?? 0;
  const best = found[0];
  if (best === undefined || best.share < 0.12) return null;
  if (best.share < english + 0.08) return 'en';
  return best.distinct >= 2 ? best.language : null;
}

/** Whether two languages may be the same: one of them is unknown, or their first parts agree. */
export function mayBeSameLanguage(one: string, other: string): boolean {
  if (one === 'und' || other === 'und') return true;
  return one.split('-')[0]?.toLowerCase() === other.split('-')[0]?.toLowerCase();
}
