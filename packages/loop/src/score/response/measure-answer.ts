import type { AnswerForm, ScoreFactor } from '../response-to-score.ts';
import type { TextTools } from '../text-tools.ts';
import { type Alignment, alignmentOf } from './alignment.ts';
import { type CheckedConstraint, checkConstraints, mentionsLanguage } from './constraints.ts';
import { type Degeneration, degenerationOf, plainDegenerationOf } from './degenerate.ts';
import { semanticDensity } from './density.ts';
import { driftGate, driftShare } from './drift.ts';
import { type Echo, echoOf, withoutRestatedQuestion } from './echo.ts';
import { readAskedType } from './expected-form.ts';
import { mayBeSameLanguage } from './language.ts';
import { type Novelty, noveltyOf } from './novelty.ts';
import { type OnTopic, onTopic } from './on-topic.ts';
import type { ScoredTexts } from './read-texts.ts';
import { decorationGate, structureFit } from './structure.ts';
import { citationGate, isJudgeInjection, isRefusal, isTruncated } from './warnings.ts';

/** What can be noticed of an answer. `refusal` and `truncated` say what it is, not how good. */
export type AnswerFlag =
  | 'empty'
  | 'cut'
  | 'refusal'
  | 'truncated'
  | 'hidden-text'
  | 'judge-injection'
  | 'language-switch'
  | 'topic-unknown';

/** Gates, factors and what was noticed of one answer. */
export interface AnswerParts {
  readonly form: AnswerForm;
  /** By name, 0..1 each; their product is the gate of the answer. */
  readonly gates: Readonly<Record<string, number>>;
  readonly factors: Readonly<Record<ScoreFactor, number | null>>;
  readonly onTopic: OnTopic;
  readonly echo: Echo;
  readonly degeneration: Degeneration;
  readonly novelty: Novelty | null;
  readonly alignment: Alignment | null;
  readonly checked: readonly CheckedConstraint[];
  readonly drift: number;
  readonly flags: readonly AnswerFlag[];
}

/** What is left of an answer that switches language, hides text or talks to its judge. */
const GATES = { language: 0.2, littleHidden: 0.9, hidden: 0.5, injection: 0.15 };
/** Hidden words from which on it is no accident of copying. */
const MUCH_HIDDEN = 3;

const UNKNOWN_TOPIC: OnTopic = { gate: 1, coverage: null, isKnown: false };

/** Takes the measure of an answer. Reasoning is not among its arguments. */
export function measureAnswer(
  input: ScoredTexts,
  tools: TextTools,
  onTopicShift: number,
): AnswerParts {
  const { query, isFull } = input;
  const answer = withoutRestatedQuestion(input.answer, query);
  const { form } = input;
  const asked = readAskedType(query.text);
  const degeneration = isFull
    ? degenerationOf(input.answer, form, tools)
    : plainDegenerationOf(input.answer, tools);
  const checked = checkConstraints(input.constraints, input.answer);
  const echo = echoOf(input.answer, query, asked, isFull);
  const drift = isFull ? driftShare(answer, query) : 0;
  const novelty = isFull ? noveltyOf(answer, query, input.priors) : null;
  const alignment = isFull ? alignmentOf(answer, query, asked, checked) : null;
  const topic = isFull
    ? onTopic(answer, query, alignment?.askedType ?? null, onTopicShift)
    : UNKNOWN_TOPIC;
  const flags = flagsOf(input);
  const repeated = Math.max(degeneration.repeated, degeneration.restated);
  return {
    form,
    gates: {
      ...degeneration.gates,
      onTopic: topic.gate,
      echo: echo.gate,
      drift: driftGate(drift, answer),
      decoration: decorationGate(answer),
      ...warningGates(input, flags),
    },
    factors: {
      density: isFull ? semanticDensity(answer, repeated) : null,
      structure: isFull ? structureFit(answer, form) : null,
      novelty: novelty?.value ?? null,
      alignment: alignment?.value ?? null,
    },
    onTopic: topic,
    echo,
    degeneration,
    novelty,
    alignment,
    checked,
    drift,
    flags: topic.isKnown ? flags : [...flags, 'topic-unknown'],
  };
}

/** An answer in a language that nobody asked for is of no use to whoever asked. */
function isLanguageSwitch(input: ScoredTexts): boolean {
  const wanted = input.constraints.language ?? input.queryLanguage;
  if (mayBeSameLanguage(wanted, input.answerLanguage)) return false;
  return !mentionsLanguage(input.query.text, input.answerLanguage);
}

/** Gates of what was noticed in the text: signs that somebody means to mislead. */
function warningGates(
  input: ScoredTexts,
  flags: readonly AnswerFlag[],
): Record<'language' | 'hidden' | 'injection' | 'citations', number> {
  const hidden = input.hiddenPieces < MUCH_HIDDEN ? GATES.littleHidden : GATES.hidden;
  return {
    language: flags.includes('language-switch') ? GATES.language : 1,
    hidden: flags.includes('hidden-text') ? hidden : 1,
    injection: flags.includes('judge-injection') ? GATES.injection : 1,
    citations: citationGate(input.answer, input.query.text),
  };
}

function flagsOf(input: ScoredTexts): AnswerFlag[] {
  const { answer, query } = input;
  const noticed: readonly (readonly [AnswerFlag, boolean])[] = [
    ['empty', input.isEmpty],
    ['cut', input.isCut],
    ['refusal', isRefusal(answer.text)],
    ['truncated', isTruncated(answer)],
    ['hidden-text', input.hiddenPieces > 0],
    ['judge-injection', isJudgeInjection(answer.text, query.text)],
    ['language-switch', isLanguageSwitch(input)],
  ];
  return noticed.filter(([, isSeen]) => isSeen).map(([flag]) => flag);
}
