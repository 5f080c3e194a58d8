import type { Interval } from '@assay/loop';
import type { GradedReport } from './graded-answers.ts';
import { agreementOf, differenceOf, type JudgedPair } from './preference-agreement.ts';
import type { PreferenceFile } from './preference-pairs.ts';

const ANSWER = 'Assay, answer';
const RULES = ['longer wins', 'reasoning wins', 'original'] as const;
const DECIDED: Readonly<Record<PreferenceFile, string>> = {
  human: 'people decided',
  objective: 'tests or known answers decided',
  reasoning: 'a grading model decided',
};

/** What the tables say, as sentences that follow from the numbers alone, misses included. */
export function renderMeaning(
  files: readonly { readonly file: PreferenceFile; readonly pairs: readonly JudgedPair[] }[],
  graded: readonly GradedReport[],
): string {
  const lines = [
    ...files.map(({ file, pairs }) => `- Where ${DECIDED[file]}, ${sentenceOf(pairs)}`),
    ...files.flatMap(({ pairs }) => missesOf(pairs)).map((miss) => `- **Miss**: ${miss}`),
    ...graded.map((report) => `- ${biasSentence(report)}`),
  ];
  return ['### In plain words', lines.join('\n')].join('\n\n');
}

function sentenceOf(pairs: readonly JudgedPair[]): string {
  const all = agreementOf(pairs, ANSWER);
  if (all === null) return 'nothing was measured.';
  const equal = agreementOf(
    pairs.filter((pair) => pair.isEqualLength),
    ANSWER,
  );
  const rules = RULES.flatMap((rule) => {
    const difference = differenceOf(pairs, ANSWER, rule);
    return difference === null ? [] : [`${sideOf(difference)} _${rule}_`];
  });
  const among =
    equal === null
      ? ''
      : `; among answers of equal length in ${outOf100(equal)}, ${beyondChance(equal)}`;
  return `the answer score picks the preferred answer in ${outOf100(all)} of 100 pairs, ${beyondChance(all)}${among}. On the same pairs it is ${listOf(rules)}.`;
}

function outOf100({ mean, low, high }: Interval): string {
  const count = (share: number): number => Math.round(100 * share);
  return `${count(mean)} (${count(low)} to ${count(high)})`;
}

function beyondChance({ low, high }: Interval): string {
  if (low > 0.5) return 'more often than a coin';
  return high < 0.5 ? 'less often than a coin' : 'which may be chance';
}

function sideOf({ low, high }: Interval): string {
  if (low > 0) return 'better than';
  return high < 0 ? 'worse than' : 'not shown to differ from';
}

function listOf(parts: readonly string[]): string {
  return parts.length < 2
    ? parts.join('')
    : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1) ?? ''}`;
}

/** Sources where the answer score is surely worse than a coin or than a rule. */
function missesOf(pairs: readonly JudgedPair[]): string[] {
  return [...new Set(pairs.map((pair) => pair.source))].sort().flatMap((source) => {
    const some = pairs.filter((pair) => pair.source === source);
    const worse = RULES.filter((rule) => (differenceOf(some, ANSWER, rule)?.high ?? 0) < 0);
    const isBelowChance = (agreementOf(some, ANSWER)?.high ?? 1) < 0.5;
    if (worse.length === 0 && !isBelowChance) return [];
    const rivals = [...(isBelowChance ? ['a coin'] : []), ...worse.map((rule) => `_${rule}_`)];
    return [`on ${source} the answer score is worse than ${listOf(rivals)}.`];
  });
}

function biasSentence({ name, bias }: GradedReport): string {
  const { effect } = bias;
  const what = `The ${name} score of equally graded answers`;
  if (effect === null) return `${what} could not be compared between the types.`;
  if (effect.low > 0) return `${what} is higher with reasoning.`;
  return effect.high < 0
    ? `${what} is lower with reasoning.`
    : `${what} is not shown to differ with reasoning.`;
}
