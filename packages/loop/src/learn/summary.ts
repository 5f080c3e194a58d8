import type { Interval } from '../stats/proportion.ts';
import { wilson, Z95 } from '../stats/proportion.ts';
import type { CellFilter, Evidence, EvidenceCell } from './evidence.ts';
import { cellsOf } from './evidence.ts';

/** A cell as people read it: every mean with its interval and its number of observations. */
export interface CellSummary {
  readonly agentId: string;
  readonly agentVersion: string;
  readonly taskType: string;
  readonly taskKind: string;
  /** Runs. */
  readonly n: number;
  /** null = unscored: nobody measured the quality of any run. */
  readonly quality: Interval | null;
  /** null = success was never reported. */
  readonly success: Interval | null;
  readonly latencyMeanMs: number | null;
  readonly costMeanUsd: number | null;
}

/**
 * 95 % interval of a mean score in [0, 1] from its sums. Scores of only 0 and 1, and few scores,
 * get the Wilson interval, which is never too narrow for scores in [0, 1]; many graded scores get
 * mean +- z SE.
 */
export function scoreInterval(n: number, sum: number, sumOfSquares: number): Interval {
  const graded = Math.abs(sum - sumOfSquares) > 1e-9 * Math.max(1, n);
  if (!graded || n < 30) return wilson(sum, n);
  const mean = sum / n;
  const variance = Math.max(0, (sumOfSquares - n * mean * mean) / (n - 1));
  const half = Z95 * Math.sqrt(variance / n);
  if (mean - half < 0 || mean + half > 1) return wilson(sum, n);
  return { mean, low: mean - half, high: mean + half, n };
}

/** Summary of one cell. */
export function summarizeCell(cell: EvidenceCell): CellSummary {
  const { agentId, agentVersion, taskType, taskKind, n } = cell;
  return {
    agentId,
    agentVersion,
    taskType,
    taskKind,
    n,
    quality:
      cell.qualityN === 0 ? null : scoreInterval(cell.qualityN, cell.qualitySum, cell.qualitySq),
    success: cell.successN === 0 ? null : wilson(cell.successSum, cell.successN),
    latencyMeanMs: cell.latencyN === 0 ? null : cell.latencySumMs / cell.latencyN,
    costMeanUsd: cell.costN === 0 ? null : cell.costSumUsd / cell.costN,
  };
}

/** Summaries of all matching cells, in a stable order. */
export function summarize(evidence: Evidence, filter: CellFilter = {}): CellSummary[] {
  return cellsOf(evidence, filter).map(summarizeCell);
}
