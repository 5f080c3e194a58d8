import type { AnswerExpectations } from '../response-to-score.ts';
import { detectLanguage, mayBeSameLanguage } from './language.ts';
import { countItems } from './layout.ts';
import type { PreparedText } from './prepared-text.ts';

/** One thing that can be checked exactly, and whether the answer does it. */
export interface CheckedConstraint {
  /** What was asked for, in words: `at most 100 words`. */
  readonly name: string;
  readonly isMet: boolean;
}

const NUMBERS: Readonly<Record<string, number>> = {
  one: 1,
  a: 1,
  single: 1,
  two: 2,
  three: 3,
  four: 4,
  five: 5,
  six: 6,
  seven: 7,
  eight: 8,
  nine: 9,
  ten: 10,
};
const COUNT = '(\\d{1,5}|one|two|three|four|five|six|seven|eight|nine|ten)';
const MAX_WORDS = new RegExp(
  `\\b(?:under|below|at most|no more than|not more than|less than|fewer than|within|maximum(?: of)?|max|up to|not exceeding|limit(?:ed)? (?:it |your answer )?to)\\s+${COUNT}\\s+words?\\b|\\b${COUNT}\\s+words?\\s+(?:or\\s+(?:less|fewer)|max(?:imum)?|at most)\\b`,
  'i',
);
const MIN_WORDS = new RegExp(
  `\\b(?:at least|(?<!\\b(?:no|not) )more than|over|minimum(?: of)?|no (?:less|fewer) than)\\s+${COUNT}\\s+words?\\b`,
  'i',
);
const EXACT_WORDS = new RegExp(
  `\\b(?:exactly|in|using)\\s+${COUNT}\\s+words?\\b(?!\\s+or\\b)|\\b(?:one|single)[- ]word\\s+(?:answer|reply|response)\\b|\\bin\\s+(?:one|a single)\\s+word\\b`,
  'i',
);
const ITEMS = new RegExp(
  `\\b(?:exactly|in|with|using|as|only|precisely)\\s+${COUNT}\\s+(?:short\\s+|brief\\s+|concise\\s+)?(?:bullet(?:ed)?\\s*)?(?:bullets?|bullet points?|points|items|steps)\\b`,
  'i',
);
const SENTENCES = new RegExp(
  `\\b(?:exactly|in|with|using|only)\\s+(?:just\\s+)?(${COUNT.slice(1, -1)}|a single)\\s+(?:short\\s+|simple\\s+)?sentences?\\b(?!\\s+or\\b)`,
  'i',
);
const LANGUAGES: Readonly<Record<string, string>> = {
  english: 'en',
  french: 'fr',
  german: 'de',
  spanish: 'es',
  italian: 'it',
  portuguese: 'pt',
  dutch: 'nl',
  japanese: 'ja',
  chinese: 'zh',
  mandarin: 'zh',
  korean: 'ko',
  russian: 'ru',
  arabic: 'ar',
  hebrew: 'he',
  greek: 'el',
  hindi: 'hi',
  thai: 'th',
};
const LANGUAGE_NAME = `(${Object.keys(LANGUAGES).join('|')})\\b`;
const LANGUAGE = new RegExp(
  `\\b(?:answer|reply|respond|write|say)\\b[^.?!]{0,60}\\bin\\s+${LANGUAGE_NAME}(?=\\s*(?:[.,;:!?)\\n]|$|please\\b|only\\b))|\\b(?:translate|render|convert)\\b[^.?!]{0,200}\\b(?:in)?to\\s+${LANGUAGE_NAME}`,
  'i',
);
const MUST_INCLUDE =
  /\b(?:include|contain|mention|use)\s+(?:the\s+)?(?:words?|phrases?|terms?|name)\s+["“']([^"”'\n]{1,60})["”']/gi;
/** What is asked of the answer stands at the start or the end, not in the middle of a long context. */
const READ_FROM_EACH_END = 1_500;

/** What the task expects, joined with what its query says outright. */
export function readConstraints(
  query: string,
  expected: AnswerExpectations | null,
): AnswerExpectations {
  const text =
    query.length <= 2 * READ_FROM_EACH_END
      ? query
      : `${query.slice(0, READ_FROM_EACH_END)}\n${query.slice(-READ_FROM_EACH_END)}`;
  const exactWords = readExactWords(text);
  const maxWords = countIn(MAX_WORDS, text) ?? exactWords;
  const minWords = countIn(MIN_WORDS, text) ?? exactWords;
  const items = countIn(ITEMS, text);
  const sentences = countIn(SENTENCES, text);
  const named = LANGUAGE.exec(text);
  const language = LANGUAGES[(named?.[1] ?? named?.[2] ?? '').toLowerCase()];
  const mustInclude = [...text.matchAll(MUST_INCLUDE)].map((match) => match[1] ?? '');
  return {
    ...(maxWords === null ? {} : { maxWords }),
    ...(minWords === null ? {} : { minWords }),
    ...(items === null ? {} : { items }),
    ...(sentences === null ? {} : { sentences }),
    ...(language === undefined ? {} : { language }),
    ...(mustInclude.length === 0 ? {} : { mustInclude }),
    ...expected,
  };
}

/** Whether the query speaks of a language by its English name: an answer in it is no surprise. */
export function mentionsLanguage(query: string, language: string): boolean {
  const names = Object.keys(LANGUAGES).filter((name) => LANGUAGES[name] === language);
  const lower = query.toLowerCase();
  return names.some((name) => lower.includes(name));
}

/** Checks each constraint that can be told from the text. JSON and tables are a matter of form. */
export function checkConstraints(
  wanted: AnswerExpectations,
  answer: PreparedText,
): CheckedConstraint[] {
  const words = answer.tokens.length;
  const lower = answer.text.toLowerCase();
  const checks: CheckedConstraint[] = [];
  const check = (name: string, isMet: boolean): void => {
    checks.push({ name, isMet });
  };
  if (wanted.maxWords !== undefined)
    check(`at most ${wanted.maxWords} words`, words <= wanted.maxWords);
  if (wanted.minWords !== undefined)
    check(`at least ${wanted.minWords} words`, words >= wanted.minWords);
  if (wanted.items !== undefined)
    check(`${wanted.items} items`, countItems(answer.layout) === wanted.items);
  if (wanted.sentences !== undefined) {
    check(`${wanted.sentences} sentences`, countSentences(answer) === wanted.sentences);
  }
  if (wanted.language !== undefined) {
    const found = detectLanguage(answer.layout.prose);
    check(`in ${wanted.language}`, mayBeSameLanguage(found, wanted.language));
  }
  for (const phrase of wanted.mustInclude ?? []) {
    check(`includes "${phrase}"`, lower.includes(phrase.toLowerCase()));
  }
  for (const phrase of wanted.mustNotInclude ?? []) {
    check(`leaves out "${phrase}"`, !lower.includes(phrase.toLowerCase()));
  }
  return checks;
}

function countSentences(answer: PreparedText): number {
  if (answer.analysed.sentenceCount > 0) return answer.analysed.sentenceCount;
  return answer.text.match(/[.!?。！？]+(?=\s|$)|[。！？]/g)?.length ?? 1;
}

function countIn(pattern: RegExp, text: string): number | null {
  const match = pattern.exec(text);
  const found = match
    ?.slice(1)
    .find((group) => group !== undefined)
    ?.toLowerCase();
  if (found === undefined) return null;
  return found === 'a single' ? 1 : (NUMBERS[found] ?? Number(found));
}

/** "In one word" asks for 1 word; "in 200 words" for about 200, which is not checked exactly. */
function readExactWords(text: string): number | null {
  const match = EXACT_WORDS.exec(text);
  if (match === null) return null;
  const count = match[1] === undefined ? 1 : countIn(EXACT_WORDS, text);
  const isExact = count !== null && (count <= 10 || /^exactly/i.test(match[0]));
  return isExact ? count : null;
}
