import type { AnswerExpectations, AnswerForm, ResponseToScore } from '../response-to-score.ts';
import type { TextTools } from '../text-tools.ts';
import { readConstraints } from './constraints.ts';
import { readExpectedForm } from './expected-form.ts';
import { detectLanguage } from './language.ts';
import { readLayout } from './layout.ts';
import { longerWords } from './novelty.ts';
import { type PreparedText, prepareText } from './prepared-text.ts';
import { splitReasoning } from './think-tags.ts';
import { visibleText } from './visible-text.ts';
import { splitPlainWords } from './words.ts';

/** Query, answer and reasoning, cut to size, cleaned and taken apart. */
export interface ScoredTexts {
  readonly query: PreparedText;
  readonly answer: PreparedText;
  readonly reasoning: PreparedText | null;
  readonly constraints: AnswerExpectations;
  /** Form that the task or its query asks for. */
  readonly form: AnswerForm;
  /** Languages as detected; `und` when unknown. */
  readonly queryLanguage: string;
  readonly answerLanguage: string;
  /** Of the answer, or of the query when the answer is too short to tell. */
  readonly language: string;
  /** Whether sentences and words can be judged: neither text is known not to be English. */
  readonly isFull: boolean;
  /** Whether the answer shows nothing: no text, or a bare tag such as `<nooutput>`. */
  readonly isEmpty: boolean;
  readonly hiddenPieces: number;
  readonly isCut: boolean;
  readonly isUnclosed: boolean;
  /** Longer words of the earlier answers. */
  readonly priors: readonly ReadonlySet<string>[];
}

/** UTF-16 units that are analysed; of reasoning from both ends (about 4,000 words), else from the start. */
const MAX_QUERY = 8_000;
const MAX_ANSWER = 12_000;
const MAX_REASONING = 24_000;
const MAX_PRIOR = 4_000;
/** Earlier answers that are looked at: the last ones. */
const MAX_PRIORS = 200;

/** Reads what is to be scored. The answer is the response without its reasoning. */
export function readTexts(input: ResponseToScore, tools: TextTools): ScoredTexts {
  const split = splitReasoning(input.response, input.reasoning);
  const answer = visibleText(split.answer, MAX_ANSWER);
  const query = visibleText(input.query, MAX_QUERY).text;
  const queryLanguage = detectLanguage(query);
  const constraints = readConstraints(query, input.expected ?? null);
  const form = constraints.form ?? readExpectedForm(query);
  const layout = readLayout(answer.text, form === 'code');
  const answerLanguage = detectLanguage(layout.prose);
  const isFull = mayBeEnglish(queryLanguage) && mayBeEnglish(answerLanguage);
  const own = isFull ? tools : null;
  const reasoning =
    split.reasoning === null ? '' : visibleText(split.reasoning, MAX_REASONING, true).text;
  const prepared = prepareText(answer.text, layout, own);
  return {
    query: prepareText(query, readLayout(query), own),
    answer: prepared,
    reasoning: reasoning === '' ? null : prepareText(reasoning, readLayout(reasoning), own),
    constraints,
    form,
    queryLanguage,
    answerLanguage,
    language: answerLanguage === 'und' ? queryLanguage : answerLanguage,
    isFull,
    isEmpty: layout.fences.length === 0 && layout.prose.trim() === '',
    hiddenPieces: answer.hiddenPieces,
    isCut: answer.isCut,
    isUnclosed: split.isUnclosed,
    priors: (input.priorResponses ?? [])
      .slice(-MAX_PRIORS)
      .map((prior) => longerWords(splitPlainWords(prior.slice(0, MAX_PRIOR)))),
  };
}

function mayBeEnglish(language: string): boolean {
  return language === 'en' || language === 'und';
}
