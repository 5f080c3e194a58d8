import {
  DEFAULT_FITNESS,
  type FitnessSettings,
  selectTopPerformers,
  type TopPerformers,
  type VariantMeasurement,
} from '@assay/loop';
import type { FitnessQuery } from '@assay/protocol';
import { type AggregateRow, aggregates } from '@assay/store';
import { rangeOf } from './aggregates.ts';
import type { EngineContext } from './context.ts';

/** Agent versions by fitness, and how it was put together. */
export interface FitnessAnswer extends TopPerformers {
  readonly from: string;
  readonly to: string;
  readonly settings: FitnessSettings;
}

/** Rollups keep no squares of latency and cost. */
function meanOf(n: number, mean: number | null): VariantMeasurement['latencyMs'] {
  return n === 0 || mean === null ? null : { n, mean, m2: null };
}

function measurementOf(row: AggregateRow): VariantMeasurement {
  const { agentId = '', agentVersion = '', qualityN: n, qualityMean, qualitySd } = row;
  const m2 = n < 2 || qualitySd === null ? 0 : qualitySd * qualitySd * (n - 1);
  return {
    id: agentVersion === '' ? agentId : `${agentId}@${agentVersion}`,
    quality: n === 0 || qualityMean === null ? null : { n, mean: qualityMean, m2 },
    latencyMs: meanOf(row.latencyN, row.latencyMeanMs),
    costUsd: meanOf(row.costN, row.costN === 0 ? null : row.costUsd / row.costN),
  };
}

/**
 * Ranks the agent versions of a tenant by quality, latency and cost together, on the recorded runs
 * of a range; the last 30 days by default. Compare versions on one task type: success means the
 * same thing only there.
 */
export async function fitnessOfAgents(
  context: EngineContext,
  tenantId: number,
  query: FitnessQuery,
): Promise<FitnessAnswer> {
  const range = rangeOf(context, query, 30);
  const rows = await aggregates(context.db, tenantId, {
    ...range,
    by: ['agent', 'version'],
    ...(query.taskType === undefined ? {} : { taskType: query.taskType }),
  });
  const settings: FitnessSettings = {
    qualityWeight: query.qualityWeight ?? DEFAULT_FITNESS.qualityWeight,
    performanceWeight: query.performanceWeight ?? DEFAULT_FITNESS.performanceWeight,
    latencyShare: query.latencyShare ?? DEFAULT_FITNESS.latencyShare,
    halfLatencyMs: query.halfLatencyMs ?? DEFAULT_FITNESS.halfLatencyMs,
    halfCostUsd: query.halfCostUsd ?? DEFAULT_FITNESS.halfCostUsd,
    level: DEFAULT_FITNESS.level,
  };
  return {
    ...selectTopPerformers(rows.map(measurementOf), query.k, settings),
    from: new Date(range.fromMs).toISOString(),
    to: new Date(range.toMs).toISOString(),
    settings,
  };
}
