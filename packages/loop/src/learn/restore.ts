import type { Evidence, EvidenceCell, EvidenceOptions } from './evidence.ts';
import { advance, createEvidence, touch } from './evidence.ts';

const HOUR_MS = 3_600_000;

/** An hour of one cell as the store aggregates it, to rebuild evidence after a start. */
export interface EvidenceRow {
  readonly agentKey: string;
  readonly agentVersion: string;
  readonly taskType: string;
  readonly taskKind: string;
  /** Start of the hour, ms since 1970. */
  readonly hourMs: number;
  readonly n: number;
  /** Runs that succeeded. */
  readonly ok: number;
  /** Runs of which success is known; `n` when absent. */
  readonly successN?: number;
  readonly qN: number;
  readonly qSum: number;
  readonly qSq: number;
  readonly latN: number;
  readonly latSum: number;
  readonly costSum: number;
  /** Runs of which the cost is known; guessed from `costSum` when absent. */
  readonly costN?: number;
}

/** Adds an aggregated hour to one cell as if its outcomes had come in the middle of the hour. */
function addRowTo(evidence: Evidence, cell: EvidenceCell, row: EvidenceRow, ticks: number): void {
  const weight = advance(evidence, cell, row.hourMs + HOUR_MS / 2, ticks);
  const successN = row.successN ?? row.n;
  cell.n += row.n;
  cell.successN += successN;
  cell.successSum += row.ok;
  cell.successA += weight * row.ok;
  cell.successB += weight * Math.max(0, successN - row.ok);
  cell.qualityN += row.qN;
  cell.qualitySum += row.qSum;
  cell.qualitySq += row.qSq;
  cell.a += weight * row.qSum;
  cell.b += weight * Math.max(0, row.qN - row.qSum);
  cell.latencyN += row.latN;
  cell.latencySumMs += row.latSum;
  cell.costN += row.costN ?? (row.costSum > 0 ? row.n : 0);
  cell.costSumUsd += row.costSum;
}

/**
 * Evidence rebuilt from hourly aggregates. Counts and sums are exact; discounts by time are exact
 * to half an hour, those by decision to the order within an hour.
 */
export function restoreEvidence(
  rows: readonly EvidenceRow[],
  options: EvidenceOptions = {},
): Evidence {
  const evidence = createEvidence(options);
  const ordered = [...rows].sort((p, q) => p.hourMs - q.hourMs);
  for (const row of ordered) {
    const { agentKey, agentVersion, taskType, taskKind } = row;
    const { cell, total, kind, type } = touch(evidence, agentKey, agentVersion, taskType, taskKind);
    const rewards = Math.max(row.qN, row.successN ?? row.n);
    for (const context of [kind, type]) {
      context.changes += Math.max(row.n, row.qN);
      context.ticks += rewards;
      context.failures += Math.max(0, (row.successN ?? row.n) - row.ok);
      context.qualityN += row.qN;
      context.qualitySum += row.qSum;
    }
    addRowTo(evidence, cell, row, kind.ticks);
    addRowTo(evidence, total, row, type.ticks);
    evidence.latestMs = Math.max(evidence.latestMs, row.hourMs + HOUR_MS / 2);
    evidence.sequence += Math.max(row.n, row.qN);
  }
  return evidence;
}
