import type { Json, MetricResult, Scorecard, ScorecardItem } from '@assay/loop';
import type { Estimate } from '../../charts/interval-bar.tsx';
import type { ScorePoint } from '../../charts/score-line.tsx';

/** A metric as lists of the hub show it. */
export type HubMetric = Pick<MetricResult, 'name' | 'value' | 'interval' | 'n' | 'weight'>;

/** One line of `/v1/hub/agents/{agentId}`. */
export interface HubVersion {
  readonly version: string;
  /** 0..100 */
  readonly eval_score: number;
  readonly publishedAt: string;
  readonly generatedAt: string | null;
  readonly inheritedFrom: string | null;
  readonly n: number;
  readonly datasetSize: number;
  readonly metrics: readonly HubMetric[];
  readonly isAttested: boolean;
}

/** One line of `/v1/hub/agents`: an agent with its latest version. */
export interface HubAgent extends HubVersion {
  readonly agentId: string;
  readonly name: string;
  readonly versions: number;
}

/** Answer of `/v1/hub/agents/{agentId}/versions/{version}`. */
export interface HubScorecard {
  readonly card: Scorecard;
  readonly sha256: string;
  readonly publishedAtMs: number;
  readonly attestation: Readonly<Record<string, Json>> | null;
  readonly items: readonly ScorecardItem[] | null;
}

/** The metric that stands for a card in a list: the first one that counts in the aggregate. */
export function mainMetric<T extends HubMetric>(metrics: readonly T[]): T | null {
  return metrics.find(({ weight }) => weight > 0) ?? metrics[0] ?? null;
}

/** A value with its interval, as the charts take it; null when there is none. */
export function estimateOf(
  result: Pick<HubMetric, 'n'> & {
    readonly value: number | null;
    readonly interval: HubMetric['interval'] | null;
  },
): Estimate | null {
  const { value, interval, n } = result;
  if (value === null || interval === null) return null;
  return { mean: value, low: interval.low, high: interval.high, n };
}

/**
 * The main metric of the newest version over all versions that have it, oldest first. A version that
 * was not measured itself is drawn fainter.
 */
export function historyOf(versions: readonly HubVersion[]): {
  readonly metric: string;
  readonly points: readonly ScorePoint[];
} {
  const metric = mainMetric(versions[0]?.metrics ?? [])?.name ?? '';
  const points = versions.flatMap(({ version, metrics, inheritedFrom }) => {
    const found = metrics.find(({ name }) => name === metric);
    const score = found === undefined ? null : estimateOf(found);
    return score === null ? [] : [{ label: version, score, isCounted: inheritedFrom === null }];
  });
  return { metric, points: points.reverse() };
}

/** An aggregate 0..100 with two digits. */
export function formatAggregate(value: number): string {
  return value.toFixed(2);
}

/** The UTC day of a moment; a text that is no date stays as it is. */
export function formatDay(value: string | number): string {
  const time = new Date(value);
  return Number.isNaN(time.getTime()) ? String(value) : time.toISOString().slice(0, 10);
}

/** A setting of a card as text. */
export function formatSetting(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** The arithmetic of the aggregate, written out so that it can be redone by hand. */
export function recomputationOf({ formula, components, value }: Scorecard['aggregate']): string {
  const counting = components.filter(({ weight }) => weight > 0);
  const top = counting.map((one) => `${one.weight} × ${one.value}`).join(' + ');
  const bottom = counting.map(({ weight }) => String(weight)).join(' + ');
  return `${formula}\n= 100 × (${top}) / (${bottom})\n= ${value}`;
}
