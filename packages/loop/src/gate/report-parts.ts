import type { GateReason, GateResult, MetricComparison } from './gate-verdict.ts';
import { adviceFor } from './reason-advice.ts';
import type { Scorecard } from './scorecard.ts';

/** Most ids of changed items that a report names. */
export const MOST_CHANGED_ITEMS = 20;

/** Most categories that a report shows. */
export const MOST_SHOWN_CATEGORIES = 20;

/** Whose card was compared. */
export interface ReportedCard {
  readonly agent: string;
  readonly version: string;
}

/** What every report of a gate shows: the answer, and whose cards it is about. */
export interface GateReport {
  readonly result: GateResult;
  readonly candidate: ReportedCard | null;
  readonly baseline: ReportedCard | null;
}

/** A list of changed items as a report shows it. */
export interface ChangedItems {
  readonly what: 'newly failing' | 'newly passing';
  readonly count: number;
  /** At most 20 ids. */
  readonly shown: readonly string[];
  readonly hidden: number;
}

/** Names a card in a report. */
export function reportedCard(card: Scorecard): ReportedCard {
  return { agent: card.agent.name, version: card.agent.version };
}

const HEADLINES: Readonly<Record<GateResult['verdict'], string>> = {
  passed: 'PASSED',
  regressed: 'REGRESSED',
  inconclusive: 'INCONCLUSIVE',
  'not-comparable': 'NOT COMPARABLE',
  missing: 'MISSING',
};

/** The verdict in capitals, and whether the release may go out in spite of it. */
export function headlineOf({ result }: GateReport): string {
  if (result.override !== null) return `${HEADLINES[result.verdict]} (overridden)`;
  const isAllowed = result.mayRelease && result.verdict !== 'passed';
  return HEADLINES[result.verdict] + (isAllowed ? ' (allowed by the policy)' : '');
}

/** Which versions were compared: `triage 1.1.0 against 1.0.0`; empty without a candidate. */
export function comparedOf({ candidate, baseline }: GateReport): string {
  if (candidate === null) return '';
  const now = `${candidate.agent} ${candidate.version}`;
  if (baseline === null) return now;
  const isSame = baseline.agent === candidate.agent;
  return `${now} against ${isSame ? '' : `${baseline.agent} `}${baseline.version}`;
}

/** Heads of the columns of `metricRow`; numbers are points, 0..100. */
export const METRIC_COLUMNS: readonly string[] = [
  'metric',
  'baseline -> now',
  'difference [low, high]',
  'sees',
  'n',
  'verdict',
];

/** One metric or category as cells of a table. */
export function metricRow(one: MetricComparison): readonly string[] {
  return [
    one.metric,
    `${points(one.baseline)} -> ${points(one.candidate)}`,
    `${signed(one.difference)} [${signed(one.low)}, ${signed(one.high)}]`,
    points(one.minimalDetectableEffect),
    String(one.n),
    one.verdict,
  ];
}

/**
 * The categories as rows of a table, worst verdict first, at most 20, and how many more there are.
 */
export function categoryRows(result: GateResult): {
  readonly rows: readonly (readonly string[])[];
  readonly hidden: number;
} {
  const order = ['regressed', 'inconclusive', 'passed', 'reported'];
  const sorted = [...result.categories].sort(
    (a, b) => order.indexOf(a.verdict) - order.indexOf(b.verdict),
  );
  const rows = sorted.slice(0, MOST_SHOWN_CATEGORIES).map(metricRow);
  return { rows, hidden: sorted.length - rows.length };
}

/** A reason as one line with the items that it names. */
export function reasonText({ code, message, names }: GateReason): string {
  const list = names === undefined || names.length === 0 ? '' : `: ${names.join(', ')}`;
  return `${code}: ${message}${list}`;
}

/** What to do about the reasons that stopped the release, each once. */
export function adviceOf(result: GateResult): readonly string[] {
  if (result.mayRelease) return [];
  const advice = result.reasons
    .filter(({ severity }) => severity === 'stop')
    .map(({ code }) => adviceFor(code))
    .filter((text) => text !== null);
  return [...new Set(advice)];
}

/** The lists of changed items that are not empty. */
export function changedItemsOf(result: GateResult): readonly ChangedItems[] {
  return [
    changed('newly failing', result.newlyFailing),
    changed('newly passing', result.newlyPassing),
  ].filter(({ count }) => count > 0);
}

function changed(what: ChangedItems['what'], ids: readonly string[]): ChangedItems {
  const shown = ids.slice(0, MOST_CHANGED_ITEMS);
  return { what, count: ids.length, shown, hidden: ids.length - shown.length };
}

function points(share: number): string {
  return (100 * share).toFixed(2);
}

function signed(share: number): string {
  return `${share > 0 ? '+' : ''}${points(share)}`;
}
