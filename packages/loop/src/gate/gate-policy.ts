/** A bar that a value must clear. */
export interface Floor {
  /** 0..1 */
  readonly min: number;
  /** `lower-bound` (default): the lower end of the 95 % interval must reach it; `point`: the value. */
  readonly test?: 'lower-bound' | 'point';
}

/** The rules of a gate. Keep it under version control beside the agent. */
export interface GatePolicy {
  /** Probability of stopping a release that did not change, 0..1. */
  readonly alpha: number;
  /** Largest drop that is accepted, as a share (0.03 = 3 points). */
  readonly margin: number;
  /** Fewer items than this, on either card, are not gateable. */
  readonly minItems: number;
  /** Least share of the data set that must have been run, 0..1; 0 = any, with a note. */
  readonly minCoverage: number;
  /** Names of the metrics that can stop a release; null = those with a weight. */
  readonly metrics: readonly string[] | null;
  /** Bars on metrics by name. */
  readonly floors: Readonly<Record<string, Floor>>;
  /** Bar on the aggregate, 0..100, tested on the point value. */
  readonly minAggregate: number | null;
  /** Bars on the first metric by category. */
  readonly categoryFloors: Readonly<Record<string, Floor>>;
  /** Score from which an item counts as passed, for the lists of changed items. */
  readonly passScore: number;
  /** Members of config and environment that must be equal, present or absent on both cards. */
  readonly comparableKeys: readonly string[];
  /** What an inconclusive comparison means: `block` (exit code 4) or `warn` (may be released). */
  readonly inconclusive: 'block' | 'warn';
  /**
   * What to do when only summaries of the cards exist, without items: `interval` decides on the
   * interval of the difference; `point` stops on a drop of the value beyond the margin or the
   * noise of reruns; `refuse` calls it not comparable.
   */
  readonly withoutItems: 'point' | 'interval' | 'refuse';
  /** Standard deviations between reruns that a drop must exceed under `point`. */
  readonly rerunFactor: number;
  /** Most that reruns may excuse under `point`, as a share: a wild baseline hides nothing. */
  readonly maxRerunBand: number;
}

/** The policy of a gate that was given none. */
export const DEFAULT_GATE_POLICY: GatePolicy = {
  alpha: 0.05,
  margin: 0.03,
  minItems: 10,
  minCoverage: 0,
  metrics: null,
  floors: {},
  minAggregate: null,
  categoryFloors: {},
  passScore: 0.5,
  comparableKeys: ['ctx_size', 'limit', 'harness', 'corpus'],
  inconclusive: 'block',
  withoutItems: 'interval',
  rerunFactor: 1,
  maxRerunBand: 0.05,
};

/** Fills a partial policy from the defaults. Throws RangeError on numbers out of range. */
export function gatePolicy(partial: Partial<GatePolicy> = {}): GatePolicy {
  const policy = { ...DEFAULT_GATE_POLICY, ...partial };
  if (!(policy.alpha > 0 && policy.alpha < 0.5)) throw new RangeError('alpha is within 0..0.5');
  if (!(policy.margin >= 0 && policy.margin < 1)) throw new RangeError('margin is within 0..1');
  if (!(policy.minCoverage >= 0 && policy.minCoverage <= 1)) {
    throw new RangeError('minCoverage is within 0..1');
  }
  if (!(policy.rerunFactor >= 0 && policy.maxRerunBand >= 0)) {
    throw new RangeError('rerunFactor and maxRerunBand are not negative');
  }
  for (const floor of [...Object.values(policy.floors), ...Object.values(policy.categoryFloors)]) {
    if (!(floor.min >= 0 && floor.min <= 1)) throw new RangeError('a floor is within 0..1');
  }
  return policy;
}
