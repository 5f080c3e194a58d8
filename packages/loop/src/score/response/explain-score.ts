import type { CombinedAnswer } from './combine.ts';
import type { AnswerParts } from './measure-answer.ts';
import type { MeasuredReasoning } from './measure-reasoning.ts';

/** Gates above this are not worth a sentence. */
const OPEN = 0.9;

const GATE_SENTENCES: Readonly<Record<string, string>> = {
  onTopic: 'The answer hardly touches what was asked.',
  echo: 'The answer says the question again and little of its own.',
  repetition: 'The answer repeats itself.',
  compression: 'The text is a loop or noise.',
  text: 'Much of the answer is not text.',
  sentences: 'The answer is a heap of words without sentences.',
  vocabulary: 'Most words of the answer are in no dictionary.',
  rarity: 'The answer is made of rare words throughout.',
  drift: 'Most of the answer has nothing to do with the rest of it or with the question.',
  decoration: 'The answer has more headings and bold than its text can bear.',
  language: 'The answer is in a language that was not asked for.',
  hidden: 'The answer hides text from its reader.',
  injection: 'The answer talks to whoever grades it.',
  citations: 'The answer is decorated with citations or figures that cannot be checked.',
};

const FORM_NAMES: Readonly<Record<string, string>> = {
  steps: 'steps',
  list: 'a list',
  table: 'a table',
  code: 'code',
  json: 'JSON',
};

/** Where the answer score comes from: what was not judged, gates that are not open, what is missing. */
export function explainAnswer(parts: AnswerParts, answer: CombinedAnswer): string[] {
  const gates = Object.entries(parts.gates)
    .filter(([, value]) => value < OPEN)
    .sort(([, a], [, b]) => a - b)
    .map(([name, value]) => `${GATE_SENTENCES[name] ?? name} (gate ${name} ${value.toFixed(2)})`);
  const unmet = parts.checked
    .filter((constraint) => !constraint.isMet)
    .map((constraint) => `Not met: ${constraint.name}.`);
  return [explainCorrectness(answer.correct), ...explainFactors(parts), ...gates, ...unmet];
}

/** What the reasoning amounts to; nothing without reasoning. */
export function explainReasoning(measured: MeasuredReasoning | null): string[] {
  if (measured === null) return [];
  const { verdict } = measured.consistency;
  return [REASONING_SENTENCES[verdict]];
}

const REASONING_SENTENCES = {
  consistent: 'The reasoning leads to the answer.',
  contradicts: 'The reasoning says something else than the answer.',
  unsupported: 'What the answer says does not occur in the reasoning.',
  unknown: 'Whether the reasoning leads to the answer cannot be told.',
} as const;

function explainCorrectness(correct: number | null): string {
  if (correct === null) return 'Correctness was not judged: there is no reference.';
  if (correct === 1) return 'The answer agrees with the reference.';
  return correct === 0
    ? 'The answer does not agree with the reference.'
    : `The answer agrees with the reference in part (${correct.toFixed(2)}).`;
}

function explainFactors(parts: AnswerParts): string[] {
  const { density, structure } = parts.factors;
  if (density === null) return ['Only the gates were measured: the text is not English.'];
  const sentences: string[] = [];
  if (density > 0.7) sentences.push('It says more per word than is usual at its length.');
  if (density < 0.3) sentences.push('It says less per word than is usual at its length.');
  const form = FORM_NAMES[parts.form];
  if (form !== undefined && (structure ?? 1) < 0.7) sentences.push(`It was to be ${form}.`);
  const clauses = parts.alignment?.clauses ?? null;
  if (clauses !== null && clauses < 0.4) sentences.push('Parts of the question are not taken up.');
  return sentences;
}
