import type { BiasReport, Interval, ScoreCalibration } from '@assay/loop';
import type { GradedReport } from './graded-answers.ts';
import { agreementOf, differenceOf, type JudgedPair } from './preference-agreement.ts';
import type { PreferenceFile } from './preference-pairs.ts';

const TITLES: Readonly<Record<PreferenceFile, string>> = {
  human: 'Decided by people',
  objective: 'Decided by tests or known answers',
  reasoning: 'Decided by a model that graded from 1 to 10',
};

const SCORERS: Readonly<Record<PreferenceFile, readonly string[]>> = {
  human: ['Assay, answer', 'longer wins', 'original'],
  objective: [
    'Assay, answer',
    'Assay, composite',
    'Assay, expected answer given',
    'longer wins',
    'original',
  ],
  reasoning: ['Assay, answer', 'Assay, composite', 'longer wins', 'reasoning wins', 'original'],
};

const share = (value: number): string =>
  value
    .toFixed(2)
    .replace(/^0/, '')
    .replace(/^1\.00$/, '1');
const signed = (value: number): string => {
  const size = share(Math.abs(value));
  return size === '.00' ? size : `${value < 0 ? '−' : '+'}${size}`;
};

function cell(interval: Interval | null, write: (value: number) => string): string {
  if (interval === null) return '–';
  return `${write(interval.mean)} [${write(interval.low)}, ${write(interval.high)}]`;
}

/** Agreement of a scorer, with the number of pairs where it is not meant for all. */
function agreementCell(pairs: readonly JudgedPair[], scorer: string): string {
  const found = agreementOf(pairs, scorer);
  const text = cell(found, share);
  return found === null || found.n === pairs.length ? text : `${text} of ${found.n}`;
}

function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** Agreement by source, overall and among responses of about equal length. */
export function renderPairs(file: PreferenceFile, pairs: readonly JudgedPair[]): string {
  const row = (name: string, some: readonly JudgedPair[]): string[] => [
    name,
    `${some.length} (${new Set(some.map((pair) => pair.query)).size})`,
    ...SCORERS[file].map((scorer) => agreementCell(some, scorer)),
  ];
  const sources = [...new Set(pairs.map((pair) => pair.source))].sort();
  const rows = [
    ...sources.map((source) =>
      row(
        source,
        pairs.filter((pair) => pair.source === source),
      ),
    ),
    row('**all**', pairs),
    row(
      '**all, equal length (± 20 %)**',
      pairs.filter((pair) => pair.isEqualLength),
    ),
  ];
  return `### ${TITLES[file]}\n\n${tableOf(['source', 'pairs (queries)', ...SCORERS[file]], rows)}`;
}

/** Assay's answer score against the simple rules on the same pairs. */
export function renderDifferences(
  files: readonly { readonly file: PreferenceFile; readonly pairs: readonly JudgedPair[] }[],
): string {
  const others = ['longer wins', 'original', 'reasoning wins'];
  const row = (name: string, pairs: readonly JudgedPair[]): string[] => [
    name,
    ...others.map((other) => cell(differenceOf(pairs, 'Assay, answer', other), signed)),
  ];
  const rows = files.flatMap(({ file, pairs }) => [
    row(TITLES[file].toLowerCase(), pairs),
    row(
      `${TITLES[file].toLowerCase()}, equal length`,
      pairs.filter((pair) => pair.isEqualLength),
    ),
  ]);
  const head = ['pairs', ...others.map((other) => `Assay, answer − ${other}`)];
  return `### The difference on the same pairs\n\nAn interval that contains 0 means: no difference was shown.\n\n${tableOf(head, rows)}`;
}

/** Bias by model type and calibration on graded answers. */
export function renderGraded(reports: readonly GradedReport[]): string {
  const rows = reports.map(({ name, bias, calibration }) => [
    `Assay, ${name}`,
    `${bias.anchored.direct} + ${bias.anchored.reasoning} (${bias.prompts})`,
    cell(bias.rawGap, signed),
    cell(bias.truthGap, signed),
    cell(bias.effect, signed),
    verdictOf(bias),
    calibrated(calibration),
  ]);
  const head = [
    'score',
    'direct + reasoning answers (queries)',
    'gap of the scores',
    'gap of the grades',
    'gap between equally graded answers',
    'verdict',
    'pair agreement with the grades, held out',
  ];
  return `### Reasoning and direct answers with a grade\n\n${tableOf(head, rows)}`;
}

function verdictOf({ verdict, reason }: BiasReport): string {
  return `${verdict.replaceAll('-', ' ')}: ${reason}`;
}

function calibrated(calibration: ScoreCalibration): string {
  if (calibration.kind === 'uncalibrated') return `uncalibrated: ${calibration.reason}`;
  return cell(calibration.heldOut.ci, share);
}
