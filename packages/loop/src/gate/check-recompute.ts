import { normalQuantile } from '../stats/distributions.ts';
import { wilson } from '../stats/proportion.ts';
import { aggregateOf } from './aggregate.ts';
import { metricValue } from './build-scorecard.ts';
import type { GateReason, ScoredCard } from './gate-verdict.ts';
import type { CategoryResult, MetricResult, Scorecard, ScorecardItem } from './scorecard.ts';

/** Rounding of a card that went through text may cost this much. */
const TOLERANCE = 1e-9;

/**
 * Recomputes every number of a card that a release could hang on: the aggregate from its
 * components, the components from the metrics, and the metrics from the items when these are
 * known. Empty when the card says the truth.
 */
export function checkRecompute(scored: ScoredCard, which: string): readonly GateReason[] {
  const { card, items } = scored;
  return [
    ...checkNumbers(card, which),
    ...checkAggregate(card, which),
    ...(items === undefined ? [] : checkAgainstItems(card, items, which)),
  ];
}

function invalid(which: string, message: string): GateReason {
  return { code: 'card-invalid', severity: 'stop', message: `${which}: ${message}` };
}

function edited(which: string, message: string): GateReason {
  return { code: 'not-recomputable', severity: 'stop', message: `${which}: ${message}` };
}

function checkNumbers(card: Scorecard, which: string): readonly GateReason[] {
  const reasons: GateReason[] = [];
  for (const metric of card.results.metrics) {
    if (!(metric.value >= 0 && metric.value <= 1)) {
      reasons.push(invalid(which, `metric ${metric.name} is ${metric.value}, not within 0..1`));
    }
    if (!(metric.weight >= 0 && Number.isFinite(metric.weight))) {
      reasons.push(invalid(which, `weight of metric ${metric.name} is ${metric.weight}`));
    }
  }
  for (const metric of [...card.results.metrics, ...card.results.perCategory]) {
    reasons.push(...checkInterval(metric, which));
  }
  const { size } = card.recipe.dataset;
  const { run } = card.results.counts;
  if (run > size) reasons.push(invalid(which, `${run} items run of a data set of ${size}`));
  return reasons;
}

/** Without the items an interval can only be held to this: nothing is narrower than Wilson's. */
function checkInterval(stated: MetricResult | CategoryResult, which: string): GateReason[] {
  const { value, interval, n } = stated;
  if (value === null || interval === null || !(value >= 0 && value <= 1)) return [];
  const least = wilson(value * n, n, normalQuantile((1 + interval.level) / 2));
  const isHonest =
    interval.level >= 0.5 &&
    interval.low <= least.low + TOLERANCE &&
    interval.high >= least.high - TOLERANCE;
  if (isHonest) return [];
  const name = 'name' in stated ? stated.name : stated.category;
  const said = `[${interval.low}, ${interval.high}]`;
  return [edited(which, `the interval ${said} of ${name} is narrower than ${n} items allow`)];
}

function checkAggregate(card: Scorecard, which: string): readonly GateReason[] {
  const { components, value } = card.aggregate;
  const recomputed = aggregateOf(components);
  if (recomputed === null) return [invalid(which, 'the aggregate has no metric with a weight')];
  const reasons: GateReason[] = [];
  if (recomputed !== value) {
    reasons.push(edited(which, `aggregate says ${value}, its components give ${recomputed}`));
  }
  const metrics = new Map(card.results.metrics.map((metric) => [metric.name, metric]));
  for (const component of components) {
    const metric = metrics.get(component.metric);
    if (metric === undefined) {
      reasons.push(edited(which, `component ${component.metric} is not among the metrics`));
    } else if (metric.value !== component.value || metric.weight !== component.weight) {
      reasons.push(edited(which, `component ${component.metric} differs from the metric`));
    }
  }
  const listed = new Set(components.map((component) => component.metric));
  for (const metric of card.results.metrics) {
    if (metric.weight > 0 && !listed.has(metric.name)) {
      reasons.push(edited(which, `metric ${metric.name} counts but is not in the aggregate`));
    }
  }
  return reasons;
}

function checkAgainstItems(
  card: Scorecard,
  items: readonly ScorecardItem[],
  which: string,
): readonly GateReason[] {
  const reasons: GateReason[] = [];
  for (const [index, metric] of card.results.metrics.entries()) {
    const values = items
      .map((item) => metricValue(item, metric.name, index === 0))
      .filter((value): value is number => value !== null);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    if (values.length !== metric.n || !(Math.abs(mean - metric.value) <= TOLERANCE)) {
      reasons.push(
        edited(
          which,
          `metric ${metric.name} says ${metric.value} of ${metric.n}, ` +
            `the items give ${mean} of ${values.length}`,
        ),
      );
    }
  }
  return reasons;
}
