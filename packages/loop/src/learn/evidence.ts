import type { Outcome } from '../record/outcome.ts';

/**
 * What is known about every agent of one tenant, kept in memory and updated in constant time.
 *
 * A cell is (agent, version, task type, kind of task). Besides its cells an agent version has one
 * total per task type, from which a kind without evidence borrows.
 */

/** Discounted pseudo-counts of a reward in [0, 1]. */
export interface PseudoCounts {
  readonly a: number;
  readonly b: number;
}

/** Sums of one cell. Plain counts never shrink; `a`, `b`, `successA` and `successB` do. */
export interface EvidenceCell {
  readonly agentId: string;
  readonly agentVersion: string;
  readonly taskType: string;
  readonly taskKind: string;
  n: number;
  successN: number;
  successSum: number;
  qualityN: number;
  qualitySum: number;
  qualitySq: number;
  /** Discounted sum of quality, as of `updatedAtMs` and `tick`; includes what was carried over. */
  a: number;
  /** Discounted sum of 1 - quality. */
  b: number;
  /** Discounted number of successes. */
  successA: number;
  /** Discounted number of failures. */
  successB: number;
  latencyN: number;
  latencySumMs: number;
  costN: number;
  costSumUsd: number;
  updatedAtMs: number;
  /** Value of the counter of its context at the last update, for the discount by decision. */
  tick: number;
}

/** How evidence ages. */
export interface EvidenceOptions {
  /** Age in ms at which an observation counts half; null or absent = never. */
  readonly halfLifeMs?: number | null;
  /** Factor in (0, 1] that every reward applies to all earlier ones of its kind; 1 when absent. */
  readonly perDecisionDiscount?: number;
}

/** Counters of a task type, or of a kind within it. */
export interface EvidenceContext {
  /** Outcomes seen. */
  changes: number;
  /** Rewards seen: the clock of the discount by decision. */
  ticks: number;
  qualityN: number;
  qualitySum: number;
  failures: number;
}

/** Evidence of one tenant. Change it only through the functions of this module. */
export interface Evidence {
  readonly options: { readonly halfLifeMs: number | null; readonly perDecisionDiscount: number };
  /** Number of outcomes and carry-overs taken in: the watermark that decisions log. */
  sequence: number;
  /** Latest time of an outcome, ms; discounting by time is relative to it. */
  latestMs: number;
  readonly cells: Map<string, EvidenceCell>;
  /** Per agent version and task type, over all kinds. `taskKind` of these is ''. */
  readonly totals: Map<string, EvidenceCell>;
  readonly kinds: Map<string, EvidenceContext>;
  readonly types: Map<string, EvidenceContext>;
}

/** Which reward is meant: quality, success, or quality where it is measured and else success. */
export type RewardMetric = 'auto' | 'quality' | 'success';

/** New, empty evidence. */
export function createEvidence(options: EvidenceOptions = {}): Evidence {
  return {
    options: {
      halfLifeMs: options.halfLifeMs ?? null,
      perDecisionDiscount: options.perDecisionDiscount ?? 1,
    },
    sequence: 0,
    latestMs: 0,
    cells: new Map(),
    totals: new Map(),
    kinds: new Map(),
    types: new Map(),
  };
}

/** Key of a cell in `Evidence.cells`. */
export function cellKey(agentId: string, version: string, taskType: string, kind: string): string {
  return `${agentId}\0${version}\0${taskType}\0${kind}`;
}

function totalKey(agentId: string, version: string, taskType: string): string {
  return `${agentId}\0${version}\0${taskType}`;
}

function emptyCell(
  agentId: string,
  agentVersion: string,
  taskType: string,
  taskKind: string,
): EvidenceCell {
  return {
    agentId,
    agentVersion,
    taskType,
    taskKind,
    n: 0,
    successN: 0,
    successSum: 0,
    qualityN: 0,
    qualitySum: 0,
    qualitySq: 0,
    a: 0,
    b: 0,
    successA: 0,
    successB: 0,
    latencyN: 0,
    latencySumMs: 0,
    costN: 0,
    costSumUsd: 0,
    updatedAtMs: 0,
    tick: 0,
  };
}

function contextOf(map: Map<string, EvidenceContext>, key: string): EvidenceContext {
  let context = map.get(key);
  if (context === undefined) {
    context = { changes: 0, ticks: 0, qualityN: 0, qualitySum: 0, failures: 0 };
    map.set(key, context);
  }
  return context;
}

/** What one outcome changes. */
export interface Touched {
  readonly cell: EvidenceCell;
  readonly total: EvidenceCell;
  readonly kind: EvidenceContext;
  readonly type: EvidenceContext;
}

/** The cell, its total and their contexts, made when they are new. */
export function touch(
  evidence: Evidence,
  agentId: string,
  version: string,
  taskType: string,
  taskKind: string,
): Touched {
  const key = cellKey(agentId, version, taskType, taskKind);
  let cell = evidence.cells.get(key);
  if (cell === undefined) {
    cell = emptyCell(agentId, version, taskType, taskKind);
    evidence.cells.set(key, cell);
  }
  const whole = totalKey(agentId, version, taskType);
  let total = evidence.totals.get(whole);
  if (total === undefined) {
    total = emptyCell(agentId, version, taskType, '');
    evidence.totals.set(whole, total);
  }
  const kind = contextOf(evidence.kinds, `${taskType}\0${taskKind}`);
  return { cell, total, kind, type: contextOf(evidence.types, taskType) };
}

/** Factor by which the pseudo-counts of a cell have shrunk since its last update. */
function decayOf(evidence: Evidence, cell: EvidenceCell, nowMs: number, ticks: number): number {
  const { halfLifeMs, perDecisionDiscount } = evidence.options;
  let factor = 1;
  if (halfLifeMs !== null && nowMs > cell.updatedAtMs && cell.updatedAtMs > 0) {
    factor = 2 ** (-(nowMs - cell.updatedAtMs) / halfLifeMs);
  }
  if (perDecisionDiscount < 1) factor *= perDecisionDiscount ** (ticks - cell.tick);
  return factor;
}

/** Brings the pseudo-counts of a cell forward and says how much a new observation weighs. */
export function advance(
  evidence: Evidence,
  cell: EvidenceCell,
  timeMs: number,
  ticks: number,
): number {
  const factor = decayOf(evidence, cell, timeMs, ticks);
  if (factor !== 1) {
    cell.a *= factor;
    cell.b *= factor;
    cell.successA *= factor;
    cell.successB *= factor;
  }
  cell.tick = ticks;
  const { halfLifeMs } = evidence.options;
  if (timeMs >= cell.updatedAtMs) {
    cell.updatedAtMs = timeMs;
    return 1;
  }
  return halfLifeMs === null ? 1 : 2 ** (-(cell.updatedAtMs - timeMs) / halfLifeMs);
}

function addTo(cell: EvidenceCell, outcome: Outcome, weight: number): void {
  if (outcome.countsRun) cell.n += 1;
  if (outcome.success !== null) {
    cell.successN += 1;
    if (outcome.success) {
      cell.successSum += 1;
      cell.successA += weight;
    } else {
      cell.successB += weight;
    }
  }
  if (outcome.quality !== null) {
    const quality = Math.min(1, Math.max(0, outcome.quality));
    cell.qualityN += 1;
    cell.qualitySum += quality;
    cell.qualitySq += quality * quality;
    cell.a += weight * quality;
    cell.b += weight * (1 - quality);
  }
  if (outcome.latencyMs !== null) {
    cell.latencyN += 1;
    cell.latencySumMs += outcome.latencyMs;
  }
  if (outcome.costUsd !== null) {
    cell.costN += 1;
    cell.costSumUsd += outcome.costUsd;
  }
}

function noteContext(context: EvidenceContext, outcome: Outcome): void {
  context.changes += 1;
  if (outcome.success === false) context.failures += 1;
  if (outcome.quality !== null) {
    context.qualityN += 1;
    context.qualitySum += Math.max(0, outcome.quality);
  }
}

/** Takes one outcome in, in constant time, and returns the new watermark. */
export function addOutcome(evidence: Evidence, outcome: Outcome): number {
  const { agentId, agentVersion, taskType, taskKind, timestampMs } = outcome;
  const { cell, total, kind, type } = touch(evidence, agentId, agentVersion, taskType, taskKind);
  if (outcome.quality !== null || outcome.success !== null) {
    kind.ticks += 1;
    type.ticks += 1;
  }
  const weight = advance(evidence, cell, timestampMs, kind.ticks);
  addTo(cell, outcome, weight);
  addTo(total, outcome, advance(evidence, total, timestampMs, type.ticks));
  noteContext(kind, outcome);
  noteContext(type, outcome);
  if (timestampMs > evidence.latestMs) evidence.latestMs = timestampMs;
  evidence.sequence += 1;
  return evidence.sequence;
}

/** The agent version and kind of task that evidence is about. */
export type EvidenceKey = Pick<Outcome, 'agentId' | 'agentVersion' | 'taskType' | 'taskKind'>;

/** Replaces the cost of a run that was taken in before, in USD; null = not known. */
export function reviseCost(
  evidence: Evidence,
  { agentId, agentVersion, taskType, taskKind }: EvidenceKey,
  fromUsd: number | null,
  toUsd: number | null,
): void {
  const { cell, total } = touch(evidence, agentId, agentVersion, taskType, taskKind);
  for (const one of [cell, total]) {
    one.costN += Number(toUsd !== null) - Number(fromUsd !== null);
    one.costSumUsd += (toUsd ?? 0) - (fromUsd ?? 0);
  }
  evidence.sequence += 1;
}

/**
 * The reward that a task type is judged by. An unscored failure counts as quality 0, so quality alone
 * would condemn agents whose successes nobody scores: quality is used only where successes (or
 * runs of unknown success) have been scored too.
 */
export function metricOf(
  evidence: Evidence,
  taskType: string,
  wanted: RewardMetric,
): 'quality' | 'success' {
  if (wanted !== 'auto') return wanted;
  const type = evidence.types.get(taskType);
  if (type === undefined) return 'quality';
  return type.qualitySum > 0 || type.qualityN > type.failures ? 'quality' : 'success';
}

/** Discounted pseudo-counts of one cell as of the latest outcome; zeros when there is none. */
export function pseudoCounts(
  evidence: Evidence,
  agentId: string,
  version: string,
  taskType: string,
  taskKind: string,
  metric: 'quality' | 'success',
): PseudoCounts {
  const cell = evidence.cells.get(cellKey(agentId, version, taskType, taskKind));
  if (cell === undefined) return { a: 0, b: 0 };
  const ticks = evidence.kinds.get(`${taskType}\0${taskKind}`)?.ticks ?? 0;
  return decayed(evidence, cell, ticks, metric);
}

/** Discounted pseudo-counts of an agent version over all kinds of a task type. */
export function totalPseudoCounts(
  evidence: Evidence,
  agentId: string,
  version: string,
  taskType: string,
  metric: 'quality' | 'success',
): PseudoCounts {
  const total = evidence.totals.get(totalKey(agentId, version, taskType));
  if (total === undefined) return { a: 0, b: 0 };
  return decayed(evidence, total, evidence.types.get(taskType)?.ticks ?? 0, metric);
}

/** Pseudo-counts of a cell as of the latest outcome, `ticks` being the clock of its context. */
export function decayed(
  evidence: Evidence,
  cell: EvidenceCell,
  ticks: number,
  metric: 'quality' | 'success',
): PseudoCounts {
  const factor = decayOf(evidence, cell, evidence.latestMs, ticks);
  return metric === 'quality'
    ? { a: cell.a * factor, b: (cell.b + unscoredFailures(cell)) * factor }
    : { a: cell.successA * factor, b: cell.successB * factor };
}

/**
 * Weight of the failed runs that nobody scored. Nobody evaluates an answer that never came, and an
 * agent that crashes must not look good because of it: such a run counts as quality 0 until its
 * evaluation arrives. At most the runs without a score can be meant.
 */
function unscoredFailures(cell: EvidenceCell): number {
  const failures = cell.successN - cell.successSum;
  if (failures === 0) return 0;
  const unscored = Math.min(failures, Math.max(0, cell.n - cell.qualityN));
  return (unscored * cell.successB) / failures;
}

/** Mean cost of a run of an agent version at a task type, USD; null when never measured. */
export function meanCostUsd(
  evidence: Evidence,
  agentId: string,
  version: string,
  taskType: string,
): number | null {
  const total = evidence.totals.get(totalKey(agentId, version, taskType));
  return total === undefined || total.costN === 0 ? null : total.costSumUsd / total.costN;
}

/** Which cells are wanted; an absent field means all. */
export interface CellFilter {
  readonly agentId?: string;
  readonly agentVersion?: string;
  readonly taskType?: string;
  readonly taskKind?: string;
}

/** All cells that match, in a stable order. */
export function cellsOf(evidence: Evidence, filter: CellFilter = {}): EvidenceCell[] {
  const found: EvidenceCell[] = [];
  for (const [, cell] of evidence.cells) {
    if (filter.agentId !== undefined && cell.agentId !== filter.agentId) continue;
    if (filter.agentVersion !== undefined && cell.agentVersion !== filter.agentVersion) continue;
    if (filter.taskType !== undefined && cell.taskType !== filter.taskType) continue;
    if (filter.taskKind !== undefined && cell.taskKind !== filter.taskKind) continue;
    found.push(cell);
  }
  return found.sort((p, q) => {
    const left = cellKey(p.agentId, p.agentVersion, p.taskType, p.taskKind);
    const right = cellKey(q.agentId, q.agentVersion, q.taskType, q.taskKind);
    return left < right ? -1 : left > right ? 1 : 0;
  });
}
