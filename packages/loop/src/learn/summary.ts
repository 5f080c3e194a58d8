import type { Interval } from '../stats/proportion.ts';
import { wilson } from '../stats/proportion.ts';
import { scoreInterval } from '../stats/score-interval.ts';
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
