import { RESPONSE_SCORE_VERSION, type TextTools } from '@assay/loop';
import { loadTextTools } from '../packages/server/src/adapters/text/load-text-tools.ts';
import { type GradedReport, reportGradedAnswers } from './graded-answers.ts';
import { writeMarkedSection } from './marked-section.ts';
import { type JudgedPair, judgePair } from './preference-agreement.ts';
import { renderMeaning } from './preference-meaning.ts';
import { type PreferenceFile, readPreferencePairs } from './preference-pairs.ts';
import {
  answerScorer,
  compositeScorer,
  LONGER_WINS,
  ORIGINAL,
  REASONING_WINS,
  referenceScorer,
} from './preference-scorers.ts';
import { isTuningHalf } from './preference-split.ts';
import { renderDifferences, renderGraded, renderPairs } from './preference-tables.ts';

const FILES: readonly PreferenceFile[] = ['human', 'objective', 'reasoning'];
const GUIDE = 'docs/guide/scoring.md';

/** Pairs of the half that was not looked at while tuning, ties left out. */
function judgeFile(file: PreferenceFile, tools: TextTools): JudgedPair[] | null {
  const scorers = [
    answerScorer(tools),
    compositeScorer(tools),
    referenceScorer(tools),
    LONGER_WINS,
    REASONING_WINS,
    ORIGINAL,
  ];
  return (
    readPreferencePairs(file)
      ?.filter((pair) => !isTuningHalf(pair.query))
      .map((pair) => judgePair(pair, scorers))
      .filter((judged) => judged !== null) ?? null
  );
}

function render(
  files: readonly { readonly file: PreferenceFile; readonly pairs: readonly JudgedPair[] }[],
  graded: readonly GradedReport[],
): string {
  const flips = new Set(files.flatMap(({ pairs }) => pairs.flatMap((pair) => pair.flips)));
  return [
    `Measured with \`${RESPONSE_SCORE_VERSION}\`. Each cell is a share of pairs with its 95 % interval, clustered by query.`,
    renderMeaning(files, graded),
    ...files.map(({ file, pairs }) => renderPairs(file, pairs)),
    renderDifferences(files),
    renderGraded(graded),
    flips.size === 0
      ? 'Every pair was asked in both orders; no scorer changed its mind.'
      : `Every pair was asked in both orders; these changed their mind somewhere, which counts half: ${[...flips].join(', ')}.`,
  ].join('\n\n');
}

const tools = await loadTextTools();
const files = FILES.flatMap((file) => {
  const pairs = judgeFile(file, tools);
  return pairs === null ? [] : [{ file, pairs }];
});
const graded = reportGradedAnswers(tools);
if (files.length < FILES.length || graded === null) {
  process.stderr.write('skipped: ../shared/data/preference is not complete; nothing was written\n');
  process.exit(3);
}
const body = render(files, graded);
writeMarkedSection(GUIDE, 'agreement', body);
process.stdout.write(`${body}\n\nwritten to ${GUIDE}\n`);
