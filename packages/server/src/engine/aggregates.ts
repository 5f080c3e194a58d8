import type { AggregatesQuery, RangeQuery } from '@assay/protocol';
import type { AggregateRow, CollectionHealth, Correlation, TimeRange } from '@assay/store';
import { aggregates, collectionHealth, correlations } from '@assay/store';
import type { EngineContext } from './context.ts';
import type { TenantMemory } from './tenant-memory.ts';

const DAY_MS = 86_400_000;

/** Figures of one group, with its period as text. */
export type AggregateItem = Omit<AggregateRow, 'periodMs'> & {
  /** Start of the hour or day, ISO 8601. */
  readonly period?: string;
};

/** Figures for the first page of the dashboard. */
export interface Overview {
  readonly from: string;
  readonly to: string;
  readonly totals: AggregateItem | null;
  readonly byAgent: readonly AggregateItem[];
  readonly byTaskType: readonly AggregateItem[];
  readonly byHour: readonly AggregateItem[];
  readonly agents: number;
  /** Tasks that were given to an agent and have not finished. */
  readonly inFlight: number;
  /** Watermark of the evidence. */
  readonly evidenceSequence: number;
  /** Drift findings that last. */
  readonly openDrifts: number;
}

/** The range of a query; the last `days` when it is silent. */
export function rangeOf(context: EngineContext, query: RangeQuery, days: number): TimeRange {
  const toMs = query.to ?? context.now() + 1;
  return { fromMs: query.from ?? toMs - days * DAY_MS, toMs };
}

function itemOf({ periodMs, ...row }: AggregateRow): AggregateItem {
  return periodMs === undefined ? row : { ...row, period: new Date(periodMs).toISOString() };
}

/** Figures per group; the last 30 days unless the query says otherwise. */
export async function aggregatesOf(
  context: EngineContext,
  tenantId: number,
  query: AggregatesQuery,
): Promise<AggregateItem[]> {
  const rows = await aggregates(context.db, tenantId, {
    ...rangeOf(context, query, 30),
    by: query.by,
    ...(query.agent === undefined ? {} : { agentKey: query.agent }),
    ...(query.taskType === undefined ? {} : { taskType: query.taskType }),
  });
  return rows.map(itemOf);
}

/** Correlations of quality, latency, tokens and cost; the last 30 days by default. */
export function correlationsOf(
  context: EngineContext,
  tenantId: number,
  query: RangeQuery,
): Promise<Correlation[]> {
  return correlations(context.db, tenantId, rangeOf(context, query, 30));
}

/** How complete the record is; the last 30 days by default. */
export async function healthOf(
  context: EngineContext,
  tenantId: number,
  query: RangeQuery,
): Promise<CollectionHealth & { readonly validShare: number | null }> {
  const health = await collectionHealth(context.db, tenantId, rangeOf(context, query, 30));
  let good = 0;
  let bad = 0;
  for (const day of health.received) {
    good += day.accepted + day.duplicates;
    bad += day.rejected;
  }
  return { ...health, validShare: good + bad === 0 ? null : good / (good + bad) };
}

/** Figures for the first page; the last 24 hours by default. */
export async function overviewOf(
  context: EngineContext,
  memory: TenantMemory,
  query: RangeQuery,
): Promise<Overview> {
  const range = rangeOf(context, query, 1);
  const by = async (...keys: AggregatesQuery['by']): Promise<AggregateItem[]> =>
    (await aggregates(context.db, memory.tenantId, { ...range, by: keys })).map(itemOf);
  const [totals, byAgent, byTaskType, byHour] = await Promise.all([
    by(),
    by('agent'),
    by('taskType'),
    by('hour'),
  ]);
  return {
    from: new Date(range.fromMs).toISOString(),
    to: new Date(range.toMs).toISOString(),
    totals: totals[0] ?? null,
    byAgent,
    byTaskType,
    byHour,
    agents: memory.agents.size,
    inFlight: memory.inFlight.size,
    evidenceSequence: memory.evidence.sequence,
    openDrifts: memory.drift.findings.filter((one) => one.recoveredMs === null).length,
  };
}
