import type {
  ClusteredShare,
  LabelReport,
  ModelUsage,
  PairSummary,
  PairVerdict,
  RubricVerdict,
  UnscoredReasons,
} from '@assay/loop';
import { printable } from './printable.ts';

/** A result of one item on one line, for people. */
export function lineOfItem(id: string, ...columns: readonly string[]): string {
  return `${[id, ...columns].map(printable).join('  ')}\n`;
}

/** Verdict of a rubric judge in columns. */
export function columnsOfGrades(verdict: RubricVerdict): readonly string[] {
  if (verdict.kind === 'unscored') return columnsOfUnscored(verdict);
  const grades = verdict.criteria.map(({ name, grade }) => `${shortened(name)} ${grade}`);
  const warning = verdict.isSteering === true ? ['tries to steer the judge'] : [];
  return [decimals(verdict.score), grades.join(', '), ...warning];
}

/** Verdict of a pairwise judge in columns. */
export function columnsOfPair(verdict: PairVerdict): readonly string[] {
  if (verdict.kind === 'unscored') return columnsOfUnscored(verdict);
  const { winner, orders } = verdict;
  return [winner, orders === 'agree' ? '' : `orders ${orders}`];
}

/** Why there is no score, in columns. */
export function columnsOfUnscored(verdict: {
  readonly reason: string;
  readonly detail?: string;
}): readonly string[] {
  const detail = verdict.detail === undefined ? '' : ` (${verdict.detail})`;
  return ['-', `unscored: ${verdict.reason}${detail}`];
}

/** How many items are scored, and why the others are not. */
export function linesOfCounts(counts: {
  readonly n: number;
  readonly scored: number;
  readonly unscored: UnscoredReasons;
}): readonly string[] {
  const { n, scored, unscored } = counts;
  const reasons = Object.entries(unscored).map(([reason, count]) => `${reason} ${count}`);
  return [
    `scored ${scored} of ${n}`,
    ...(reasons.length === 0 ? [] : [`unscored ${n - scored}: ${reasons.join(', ')}`]),
  ];
}

/** A mean with its interval. */
export function textOfShare(share: ClusteredShare): string {
  return `${decimals(share.mean)} [${decimals(share.low)}, ${decimals(share.high)}], n ${share.n} in ${share.clusters} clusters`;
}

/** What comparing came to. */
export function linesOfPairs(summary: PairSummary): readonly string[] {
  const { wins, shareOfA, better, flips } = summary;
  const turned = flips.toFirst + flips.toSecond;
  if (shareOfA === null) return [];
  return [
    `a wins ${wins.a}, b wins ${wins.b}, ties ${wins.tie}`,
    `share of a ${textOfShare(shareOfA)}: ${better === 'unclear' ? 'no clear difference' : `${better} is better`}`,
    `orders that contradict each other ${turned} of ${summary.scored} (first place ${flips.toFirst}, second ${flips.toSecond})`,
  ];
}

/** What labels say of the judge. */
export function linesOfLabels(report: LabelReport): readonly string[] {
  const { agreement, classes, mean } = report;
  const { error, direction, meanAbsoluteError } = agreement;
  const lines = [
    `labels ${report.n}: judge - label ${signed(error.mean)} [${signed(error.low)}, ${signed(error.high)}], ${direction}; mean error ${decimals(meanAbsoluteError)}`,
  ];
  if (classes !== null) lines.push(textOfClasses(classes));
  if (mean !== null) {
    const { estimate, fromLabels } = mean;
    lines.push(
      `mean label of all ${decimals(estimate.mean)} [${decimals(estimate.low)}, ${decimals(estimate.high)}], from the labels alone ${decimals(fromLabels.mean)} [${decimals(fromLabels.low)}, ${decimals(fromLabels.high)}] (if the labelled are a random sample)`,
    );
  }
  return lines;
}

/** Agreement with labels by class. */
export function textOfClasses({
  agreement,
  kappa,
  kappaInterval,
}: NonNullable<LabelReport['classes']>): string {
  const interval =
    kappaInterval === null ? '' : ` [${decimals(kappaInterval[0])}, ${decimals(kappaInterval[1])}]`;
  const beyondChance = kappa === null ? 'not defined' : `${decimals(kappa)}${interval}`;
  return `agreement with labels ${textOfShare(agreement)}; kappa ${beyondChance}`;
}

/** Tokens and cost; what nobody reported is unknown. */
export function textOfUsage(usage: ModelUsage, replies: number): string {
  const { inputTokens, outputTokens, costUsd } = usage;
  const cost = costUsd === null ? 'cost unknown' : `${costUsd.toFixed(4)} USD`;
  return `${replies} replies, ${count(inputTokens)} input and ${count(outputTokens)} output tokens, ${cost}`;
}

function count(tokens: number | null): string {
  return tokens === null ? 'unknown' : String(tokens);
}

function decimals(value: number): string {
  return value.toFixed(3);
}

function signed(value: number): string {
  return Number.isFinite(value) ? `${value < 0 ? '' : '+'}${value.toFixed(3)}` : '?';
}

function shortened(name: string): string {
  return name.length > 24 ? `${name.slice(0, 23)}…` : name;
}
