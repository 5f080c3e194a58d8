import type { Evidence, EvidenceCell } from '../learn/evidence.ts';
import { cellKey, metricOf } from '../learn/evidence.ts';
import type { Interval } from '../stats/proportion.ts';
import { wilson } from '../stats/proportion.ts';
import { scoreInterval } from '../stats/score-interval.ts';
import { utilityOf } from './probabilities.ts';
import type { Exclusion } from './request.ts';
import type { ProbabilityVector } from './vector-cache.ts';

/** Why an agent was chosen, in words with numbers. */
export interface Explanation {
  readonly primaryReason: string;
  readonly secondaryFactors: readonly string[];
}

const known = new WeakMap<ProbabilityVector, Map<number, Explanation>>();

/**
 * Explains the choice of one candidate. The sentences are made once per vector and candidate,
 * because the same decision is taken many times before evidence changes it.
 */
export function explainChoice(
  vector: ProbabilityVector,
  evidence: Evidence,
  chosen: number,
  excluded: readonly Exclusion[],
): Explanation {
  let made = known.get(vector);
  if (made === undefined) {
    made = new Map();
    known.set(vector, made);
  }
  let explanation = made.get(chosen);
  if (explanation === undefined) {
    explanation = {
      primaryReason: primaryReason(vector, evidence, chosen),
      secondaryFactors: secondaryFactors(vector, evidence, chosen),
    };
    made.set(chosen, explanation);
  }
  if (excluded.length === 0) return explanation;
  const words = excluded.map((one) => `${one.agentId} (${one.reason})`).join(', ');
  return {
    primaryReason: explanation.primaryReason,
    secondaryFactors: [...explanation.secondaryFactors, `excluded: ${words}`],
  };
}

function placeOf(vector: ProbabilityVector): string {
  const { taskType, taskKind } = vector.context;
  return taskKind === '' ? taskType : `${taskType}/${taskKind}`;
}

function bestOf(vector: ProbabilityVector): number {
  let best = 0;
  vector.scored.forEach((one, k) => {
    const leader = vector.scored[best];
    if (leader && utilityOf(vector.policy, one) > utilityOf(vector.policy, leader)) best = k;
  });
  return best;
}

function recordOf(vector: ProbabilityVector, evidence: Evidence, k: number): Interval | null {
  const agent = vector.eligible[k];
  if (agent === undefined) return null;
  const { taskType, taskKind } = vector.context;
  const cell: EvidenceCell | undefined = evidence.cells.get(
    cellKey(agent.agentId, agent.agentVersion, taskType, taskKind),
  );
  if (cell === undefined) return null;
  if (metricOf(evidence, taskType, vector.policy.metric) === 'success') {
    return cell.successN === 0 ? null : wilson(cell.successSum, cell.successN);
  }
  if (cell.qualityN === 0) return null;
  return scoreInterval(cell.qualityN, cell.qualitySum, cell.qualitySq);
}

/** Whether every reward of a kind is 0 or 1, so that the mean can be called a success rate. */
function isRate(vector: ProbabilityVector, evidence: Evidence): boolean {
  const { taskType, taskKind } = vector.context;
  if (metricOf(evidence, taskType, vector.policy.metric) === 'success') return true;
  return vector.eligible.every((agent) => {
    const cell = evidence.cells.get(cellKey(agent.agentId, agent.agentVersion, taskType, taskKind));
    return cell === undefined || Math.abs(cell.qualitySum - cell.qualitySq) < 1e-9;
  });
}

function percent(share: number): string {
  return String(Math.round(share * 100));
}

function inWords(record: Interval, rate: boolean): string {
  const range = rate
    ? `95% interval ${percent(record.low)}-${percent(record.high)}%`
    : `95% interval ${record.low.toFixed(2)}-${record.high.toFixed(2)}`;
  const mean = rate
    ? `${percent(record.mean)}% of ${record.n}`
    : `${record.mean.toFixed(2)} over ${record.n}`;
  return `${mean}, ${range}`;
}

function primaryReason(vector: ProbabilityVector, evidence: Evidence, chosen: number): string {
  const { strategy } = vector.policy;
  if (strategy !== 'thompson' && strategy !== 'inverse-gap') return ruleReason(vector, chosen);
  const place = placeOf(vector);
  if (vector.scored.every((one) => one.n === 0)) {
    return `No evidence yet for ${place}: drawn among ${vector.eligible.length} agents`;
  }
  const best = bestOf(vector);
  return chosen === best
    ? bestReason(vector, evidence, chosen)
    : exploringReason(vector, evidence, chosen, best);
}

/** Reason of the strategies that do not learn. */
function ruleReason(vector: ProbabilityVector, chosen: number): string {
  const agent = vector.eligible[chosen];
  const name = agent?.agentId ?? '';
  if (vector.policy.strategy === 'fixed') {
    return `Fixed weight: ${percent(vector.probabilities[chosen] ?? 0)}% of tasks go to ${name}`;
  }
  if (vector.policy.strategy === 'load-balance') {
    const load = agent?.load ?? null;
    return load === null
      ? `Load balance: load of ${name} is not known, counted as half`
      : `Load balance: ${percent(1 - load)}% of the capacity of ${name} is free`;
  }
  const score = agent?.capabilityScore ?? null;
  return score === null
    ? 'Capability match: the task requires none'
    : `Capability match: ${percent(score)}% overlap with what the task requires`;
}

function bestReason(vector: ProbabilityVector, evidence: Evidence, chosen: number): string {
  const rate = isRate(vector, evidence);
  const cost = vector.policy.valuePerQualityUnitUsd === null ? '' : ' for its cost';
  const value = `Best ${rate ? 'success rate' : 'mean quality'}${cost}`;
  const record = recordOf(vector, evidence, chosen);
  return record === null
    ? `${value} expected for ${placeOf(vector)}, from its record in other kinds or versions`
    : `${value} for ${placeOf(vector)} (${inWords(record, rate)})`;
}

function exploringReason(
  vector: ProbabilityVector,
  evidence: Evidence,
  chosen: number,
  best: number,
): string {
  const rate = isRate(vector, evidence);
  const leader = vector.eligible[best]?.agentId ?? '';
  const leaderRecord = recordOf(vector, evidence, best);
  const against = leaderRecord === null ? leader : `${leader} (${inWords(leaderRecord, rate)})`;
  const record = recordOf(vector, evidence, chosen);
  const own = record === null ? 'no runs of its own yet' : inWords(record, rate);
  const name = vector.eligible[chosen]?.agentId ?? '';
  return `Exploring ${name} for ${placeOf(vector)} (${own}): it may yet beat ${against}`;
}

function secondaryFactors(
  vector: ProbabilityVector,
  evidence: Evidence,
  chosen: number,
): readonly string[] {
  const { policy } = vector;
  const probability = vector.probabilities[chosen] ?? 0;
  const factors = [`drawn with probability ${probability.toFixed(3)}`];
  if (policy.strategy === 'thompson' || policy.strategy === 'inverse-gap') {
    const rate = isRate(vector, evidence);
    const order = vector.scored
      .map((one, k) => ({ k, utility: utilityOf(policy, one) }))
      .filter(({ k }) => k !== chosen)
      .sort((p, q) => q.utility - p.utility);
    const next = order[0];
    if (next !== undefined) {
      const record = recordOf(vector, evidence, next.k);
      const words = record === null ? 'no runs of its own here' : inWords(record, rate);
      factors.push(`next best: ${vector.eligible[next.k]?.agentId} (${words})`);
    }
    factors.push(`${(policy.floor * 100).toFixed(1)}% of draws are spread evenly to keep learning`);
  }
  const cost = vector.eligible[chosen]?.costUsd ?? null;
  if (cost !== null) factors.push(`expected cost $${Number(cost.toPrecision(3))}`);
  return factors;
}
