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
  readonly flags: readonly string[];
}

const UNKNOWN_TOPIC: OnTopic = { gate: 1, coverage: null, isKnown: false };

/** Takes the measure of an answer. Reasoning is not among its arguments. */
export function measureAnswer(input: ScoredTexts, tools: TextTools): AnswerParts {
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
  const topic = isFull ? onTopic(answer, query, alignment?.askedType ?? null) : UNKNOWN_TOPIC;
  const repeated = Math.max(degeneration.repeated, degeneration.restated);
  return {
    form,
    gates: {
      ...degeneration.gates,
      onTopic: topic.gate,
      echo: echo.gate,
      drift: driftGate(drift, answer),
      decoration: decorationGate(answer),
      ...warningGates(input),
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
    flags: flagsOf(input, topic),
  };
}

/** An answer in a language that nobody asked for is of no use to whoever asked. */
function isLanguageSwitch(input: ScoredTexts): boolean {
  const wanted = input.constraints.language ?? input.queryLanguage;
  if (mayBeSameLanguage(wanted, input.answerLanguage)) return false;
  return !mentionsLanguage(input.query.text, input.answerLanguage);
}

function warningGates(
  input: ScoredTexts,
): Record<'language' | 'hidden' | 'injection' | 'citations', number> {
  const { answer, query } = input;
  return {
    language: isLanguageSwitch(input) ? 0.2 : 1,
    hidden: input.hiddenPieces === 0 ? 1 : input.hiddenPieces < 3 ? 0.9 : 0.5,
    injection: isJudgeInjection(answer.text, query.text) ? 0.15 : 1,
    citations: citationGate(answer, query.text),
  };
}

function flagsOf(input: ScoredTexts, topic: OnTopic): string[] {
  const { answer, query } = input;
  const noticed: readonly (readonly [string, boolean])[] = [
    ['refusal', isRefusal(answer.text)],
    ['truncated', isTruncated(answer)],
    ['hidden-text', input.hiddenPieces > 0],
    ['judge-injection', isJudgeInjection(answer.text, query.text)],
    ['language-switch', isLanguageSwitch(input)],
    ['topic-unknown', !topic.isKnown],
    ['cut', input.isCut],
    ['empty', answer.text === ''],
  ];
  return noticed.filter(([, isSeen]) => isSeen).map(([flag]) => flag);
}
