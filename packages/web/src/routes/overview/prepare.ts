import { scoreInterval, wilson } from '@assay/loop';
import type { Estimate } from '../../charts/interval-bar.tsx';
import type { TimeBar } from '../../charts/time-bars.tsx';

/** One group of `/v1/aggregates`, as far as this page uses it. */
export interface AggregateItem {
  readonly agentId?: string;
  readonly agentVersion?: string;
  readonly taskType?: string;
  /** Start of the hour or day, ISO 8601. */
  readonly period?: string;
  readonly n: number;
  readonly ok: number;
  readonly successN: number;
  readonly qualityN: number;
  readonly qualityMean: number | null;
  readonly qualitySd: number | null;
  readonly tokens: number;
  readonly tokensN: number;
  readonly costUsd: number;
  readonly costN: number;
  readonly latencyP50Ms: number | null;
  readonly latencyP95Ms: number | null;
  readonly latencyP99Ms: number | null;
}

/** Success rate with its Wilson interval; null when nobody said. */
export function successOf(item: AggregateItem): Estimate | null {
  if (item.successN === 0) return null;
  return wilson(item.ok, item.successN);
}

/** Mean quality with its interval; null when nothing was scored. */
export function qualityOf(item: AggregateItem): Estimate | null {
  const { qualityN: n, qualityMean: mean, qualitySd: sd } = item;
  if (n === 0 || mean === null) return null;
  const sumOfSquares = (sd ?? 0) ** 2 * Math.max(0, n - 1) + n * mean * mean;
  return scoreInterval(n, n * mean, sumOfSquares);
}

const HOUR_MS = 3_600_000;

/** One bar per hour of the window; hours without runs stay visible as empty. */
export function prepareHours(
  items: readonly AggregateItem[],
  nowMs: number,
  hours: number,
): TimeBar[] {
  const byHour = new Map(items.map((item) => [Date.parse(item.period ?? ''), item]));
  const last = Math.floor(nowMs / HOUR_MS) * HOUR_MS;
  return Array.from({ length: hours }, (_, index) => {
    const start = last - (hours - 1 - index) * HOUR_MS;
    const item = byHour.get(start);
    const label = new Date(start).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
    return { label, total: item?.n ?? 0, good: item?.ok ?? 0 };
  });
}

/** The groups with most runs first. */
export function prepareAgents(items: readonly AggregateItem[]): AggregateItem[] {
  return [...items].filter((item) => item.n > 0).sort((a, b) => b.n - a.n);
}
