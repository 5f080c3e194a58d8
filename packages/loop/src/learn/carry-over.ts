import type { Evidence, EvidenceCell, PseudoCounts } from './evidence.ts';
import { advance, cellsOf, decayed, touch } from './evidence.ts';

/** What a gate measured of a new version in one kind of task. */
export interface GatePrior {
  readonly taskType: string;
  readonly taskKind: string;
  /** Mean reward, 0..1. */
  readonly mean: number;
  /** Items behind the mean. */
  readonly n: number;
}

/** What a new version starts with: the old one's evidence, nothing, or what the gate measured. */
export interface CarryOver {
  readonly mode: 'inherit' | 'reset' | 'prior';
  readonly prior?: readonly GatePrior[];
  /** Most pseudo-counts that a prior may bring to one kind; 20 when absent. */
  readonly cap?: number;
}

function seed(
  evidence: Evidence,
  at: { agentId: string; version: string; taskType: string; taskKind: string },
  quality: PseudoCounts,
  success: PseudoCounts,
): void {
  const { agentId, version, taskType, taskKind } = at;
  const { cell, total, kind, type } = touch(evidence, agentId, version, taskType, taskKind);
  const targets: [EvidenceCell, number][] = [
    [cell, kind.ticks],
    [total, type.ticks],
  ];
  for (const [target, ticks] of targets) {
    advance(evidence, target, evidence.latestMs, ticks);
    target.a += quality.a;
    target.b += quality.b;
    target.successA += success.a;
    target.successB += success.b;
  }
  kind.changes += 1;
  type.changes += 1;
}

/**
 * Gives a promoted version its start. Carried pseudo-counts steer routing and age like any other,
 * but they are not observations: the plain counts of the new version begin at 0.
 * Call it once per promotion, and again after evidence was restored from aggregates.
 */
export function carryOver(
  evidence: Evidence,
  agentId: string,
  fromVersion: string,
  toVersion: string,
  how: CarryOver,
): number {
  if (how.mode === 'inherit') {
    for (const old of cellsOf(evidence, { agentId, agentVersion: fromVersion })) {
      const { taskType, taskKind } = old;
      const ticks = evidence.kinds.get(`${taskType}\0${taskKind}`)?.ticks ?? 0;
      const quality = decayed(evidence, old, ticks, 'quality');
      const success = decayed(evidence, old, ticks, 'success');
      seed(evidence, { agentId, version: toVersion, taskType, taskKind }, quality, success);
    }
  }
  if (how.mode === 'prior') {
    const cap = how.cap ?? 20;
    for (const { taskType, taskKind, mean, n } of how.prior ?? []) {
      const mass = Math.max(0, Math.min(cap, n));
      const share = Math.min(1, Math.max(0, mean));
      const counts = { a: mass * share, b: mass * (1 - share) };
      seed(evidence, { agentId, version: toVersion, taskType, taskKind }, counts, counts);
    }
  }
  evidence.sequence += 1;
  return evidence.sequence;
}
