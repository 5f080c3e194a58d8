import type { Floor, GatePolicy } from './gate-policy.ts';
import type { GateReason, GateReasonCode } from './gate-verdict.ts';
import type { Scorecard, ScoreInterval } from './scorecard.ts';

/** Bars that the candidate must clear whatever the baseline did. A value that is absent misses. */
export function checkFloors(card: Scorecard, policy: GatePolicy): readonly GateReason[] {
  const reasons: GateReason[] = [];
  if (policy.minAggregate !== null && card.aggregate.value < policy.minAggregate) {
    const message = `aggregate ${card.aggregate.value} is below ${policy.minAggregate}`;
    reasons.push({ code: 'floor-missed', severity: 'stop', message });
  }
  for (const [name, floor] of Object.entries(policy.floors)) {
    const metric = card.results.metrics.find((one) => one.name === name);
    reasons.push(...checkFloor('floor-missed', `metric ${name}`, metric, floor));
  }
  for (const [name, floor] of Object.entries(policy.categoryFloors)) {
    const category = card.results.perCategory.find((one) => one.category === name);
    reasons.push(...checkFloor('category-floor-missed', `category ${name}`, category, floor));
  }
  return reasons;
}

interface Measured {
  readonly n: number;
  readonly value: number | null;
  readonly interval: ScoreInterval | null;
}

function checkFloor(
  code: GateReasonCode,
  what: string,
  measured: Measured | undefined,
  floor: Floor,
): readonly GateReason[] {
  if (measured === undefined || measured.value === null || measured.interval === null) {
    return [{ code, severity: 'stop', message: `${what} is not on the card, floor ${floor.min}` }];
  }
  const { value, interval, n } = measured;
  const isPoint = floor.test === 'point';
  const tested = isPoint ? value : interval.low;
  if (tested >= floor.min) return [];
  const shown = `${percent(value)} [${percent(interval.low)}, ${percent(interval.high)}] of ${n}`;
  const how = isPoint ? 'the value' : 'the lower bound';
  const message = `${what} is ${shown}: ${how} is below the floor ${percent(floor.min)}`;
  return [{ code, severity: 'stop', message }];
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
