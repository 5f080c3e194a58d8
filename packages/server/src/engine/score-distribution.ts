import {
  applyBiasCorrection,
  type Interval,
  momentsOfSums,
  type ScorePeriodSums,
  type ScoreTrend,
  scoreInterval,
  scoreTrends,
  varianceOf,
} from '@assay/loop';
import type { ScoreDistributionQuery, ScoresQuery } from '@assay/protocol';
import { type ScoreQuery, type ScoreRow, scoreDistribution } from '@assay/store';
import type { ScoringSettings } from '../adapters/scoring/scoring-messages.ts';
import { rangeOf } from './aggregates.ts';
import type { EngineContext } from './context.ts';
import type { Scoring } from './scoring.ts';

/** Scores of one group. A key that was not asked for is absent; null = not known. */
export interface ScoreGroup {
  readonly agentId?: string;
  readonly agentVersion?: string;
  readonly taskType?: string;
  readonly taskKind?: string;
  readonly modelType?: 'direct' | 'reasoning';
  readonly scorer?: string;
  /** Start of the UTC day, ISO 8601. */
  readonly period?: string;
  /** Responses with a score. */
  readonly n: number;
  /** Responses that could not be scored. */
  readonly unscoredN: number;
  /** Responses below the threshold for storing as experience. */
  readonly belowThresholdN: number;
  /** Mean composite with its 95 % interval. */
  readonly composite: Interval | null;
  /** Standard deviation; null below two scores. */
  readonly sd: number | null;
  readonly answerMean: number | null;
  readonly reasoningMean: number | null;
  /** Mean composite after the bias correction in force; null = none applies. */
  readonly correctedMean: number | null;
  /** Smallest composite that so many responses do not exceed, to 0.01. */
  readonly p10: number | null;
  readonly p50: number | null;
  readonly p90: number | null;
  /** Responses by round(100 composite), 0..100. */
  readonly histogram: readonly number[];
}

/** Groups of scores, and what they may be taken for. */
export interface ScoreGroups {
  readonly items: readonly ScoreGroup[];
  /** Version of the scores; null = of several, by group. */
  readonly scorer: string | null;
  readonly from: string;
  readonly to: string;
}

const DAYS = 30;

function storeQuery(
  context: EngineContext,
  query: ScoresQuery,
  scorer: string | null,
): Omit<ScoreQuery, 'by'> {
  return {
    ...rangeOf(context, query, DAYS),
    ...(scorer === null ? {} : { scorer }),
    ...(query.agent === undefined ? {} : { agentKey: query.agent }),
    ...(query.taskType === undefined ? {} : { taskType: query.taskType }),
    ...(query.modelType === undefined ? {} : { isReasoning: query.modelType === 'reasoning' }),
  };
}

function quantile(histogram: readonly number[], n: number, share: number): number | null {
  const rank = Math.max(1, Math.ceil(share * n));
  let seen = 0;
  for (const [bucket, count] of histogram.entries()) {
    seen += count;
    if (seen >= rank) return bucket / 100;
  }
  return null;
}

/** Mean after the correction. Only the few scores at an end of the range are not exact. */
function correctedMean(row: ScoreRow, settings: ScoringSettings, scorer: string): number | null {
  const { correction } = settings;
  if (row.isReasoning !== true || row.n === 0 || correction?.scorerVersion !== scorer) return null;
  const moved = row.histogram.reduce((sum, count, bucket) => {
    const raw = bucket / 100;
    return (
      sum + count * (applyBiasCorrection(raw, 'reasoning', correction, scorer).corrected - raw)
    );
  }, 0);
  return (row.compositeSum + moved) / row.n;
}

function groupOf(row: ScoreRow, settings: ScoringSettings, scorer: string | null): ScoreGroup {
  const { n, compositeSum, compositeSq, histogram } = row;
  const { agentId, agentVersion, taskType, taskKind, isReasoning, dayMs } = row;
  return {
    ...(agentId === undefined ? {} : { agentId }),
    ...(agentVersion === undefined ? {} : { agentVersion }),
    ...(taskType === undefined ? {} : { taskType }),
    ...(taskKind === undefined ? {} : { taskKind }),
    ...(isReasoning === undefined ? {} : { modelType: isReasoning ? 'reasoning' : 'direct' }),
    ...(row.scorer === undefined ? {} : { scorer: row.scorer }),
    ...(dayMs === undefined ? {} : { period: new Date(dayMs).toISOString() }),
    n,
    unscoredN: row.unscoredN,
    belowThresholdN: row.belowN,
    composite: n === 0 ? null : scoreInterval(n, compositeSum, compositeSq),
    sd: n < 2 ? null : Math.sqrt(varianceOf(momentsOfSums(n, compositeSum, compositeSq))),
    answerMean: n === 0 ? null : row.answerSum / n,
    reasoningMean: row.reasoningN === 0 ? null : row.reasoningSum / row.reasoningN,
    correctedMean: correctedMean(row, settings, row.scorer ?? scorer ?? ''),
    p10: quantile(histogram, n, 0.1),
    p50: quantile(histogram, n, 0.5),
    p90: quantile(histogram, n, 0.9),
    histogram,
  };
}

/**
 * Recorded scores per group; the last 30 days by default, in whole UTC days. Scores of different
 * versions are never mixed: the version in use, unless another one or grouping by it is asked for.
 */
export async function distributionOf(
  context: EngineContext,
  scoring: Scoring,
  tenantId: number,
  query: ScoreDistributionQuery,
): Promise<ScoreGroups> {
  const { settings } = await scoring.settings.of(tenantId);
  const isMixed = query.by.includes('scorer') && query.scorer === undefined;
  const scorer = isMixed ? null : (query.scorer ?? settings.scorer);
  const wanted = { ...storeQuery(context, query, scorer), by: query.by };
  const rows = await scoreDistribution(context.db, tenantId, wanted);
  return {
    items: rows.map((row) => groupOf(row, settings, scorer)),
    scorer,
    from: new Date(wanted.fromMs).toISOString(),
    to: new Date(wanted.toMs).toISOString(),
  };
}

/** How the scores of a tenant go over the days, by model type; the last 30 days by default. */
export async function trendsOf(
  context: EngineContext,
  scoring: Scoring,
  tenantId: number,
  query: ScoresQuery,
): Promise<{ readonly scorer: string; readonly items: readonly ScoreTrend[] }> {
  const { settings } = await scoring.settings.of(tenantId);
  const scorer = query.scorer ?? settings.scorer;
  const wanted = storeQuery(context, query, scorer);
  const rows = await scoreDistribution(context.db, tenantId, {
    ...wanted,
    by: ['modelType', 'day'],
  });
  const sums = rows.map(
    (row): ScorePeriodSums => ({
      modelType: row.isReasoning === true ? 'reasoning' : 'direct',
      startMs: row.dayMs ?? 0,
      n: row.n,
      sum: row.compositeSum,
      sumOfSquares: row.compositeSq,
    }),
  );
  return { scorer, items: scoreTrends(sums) };
}
