import type { Interval } from '../stats/proportion.ts';

/** When a bias counts as shown, and how far it may be corrected. */
export interface BiasPolicy {
  /** Version of the scorer that gave the scores. */
  readonly scorerVersion: string;
  /** Smallest effect on a score that is worth a correction. */
  readonly minimumEffect: number;
  /** Fewest anchored answers of each type. */
  readonly minimumPerType: number;
  /** Fewest prompts behind them. */
  readonly minimumPrompts: number;
  /** Largest correction, in units of the score. */
  readonly maximumCorrection: number;
  /** Level of the intervals. */
  readonly level: number;
  /**
   * How often the answers are looked at while they come in. `any-number` makes the interval of the
   * effect a confidence sequence, about 1.6 times as wide; `one` is for a measurement that was planned
   * and is made once.
   */
  readonly looks: 'any-number' | 'one';
  /**
   * Share of the variance of the truth, among answers of one type, that is truth and not error of
   * those who judged: 1 for executed tests, less for people. With a share below 1 a plain
   * regression takes part of a real difference between the types for bias.
   */
  readonly truthReliability: number;
}

/** Policy of a scorer unless told otherwise. */
export function defaultBiasPolicy(scorerVersion: string): BiasPolicy {
  return {
    scorerVersion,
    minimumEffect: 0.02,
    minimumPerType: 100,
    minimumPrompts: 30,
    maximumCorrection: 0.2,
    level: 0.95,
    looks: 'any-number',
    truthReliability: 1,
  };
}

/** What a measurement of bias says to do. */
export type BiasVerdict = 'correct' | 'no-correction' | 'not-enough-evidence' | 'no-anchors';

/** What an effect says by itself, with as many answers behind it as the policy asks for. */
export function judgeEffect(
  effect: Interval,
  policy: BiasPolicy,
): Exclude<BiasVerdict, 'no-anchors'> {
  const { low, high, mean } = effect;
  const isShown = low > 0 || high < 0;
  if (isShown && Math.abs(mean) >= policy.minimumEffect) return 'correct';
  const isSmall = Math.max(Math.abs(low), Math.abs(high)) < policy.minimumEffect;
  return isShown || isSmall ? 'no-correction' : 'not-enough-evidence';
}
