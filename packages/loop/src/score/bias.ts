import { contrastInterval, fitClustered, sumClusters } from '../stats/clustered-regression.ts';
import { normalQuantile } from '../stats/distributions.ts';
import type { Interval } from '../stats/proportion.ts';
import {
  type AnchoredScore,
  isReasoning,
  type ModelType,
  type ScoreWithTruth,
} from './anchored-score.ts';
import { bentEffect, plainEffect } from './bias-effect.ts';
import { type BiasPolicy, type BiasVerdict, judgeEffect } from './bias-policy.ts';
import { type MatchedPairs, matchPairs } from './matched-pairs.ts';

/** What is known of a bias by model type. Positive: reasoning is scored too high. */
export interface BiasReport {
  readonly policy: BiasPolicy;
  readonly items: Readonly<Record<ModelType, number>>;
  readonly anchored: Readonly<Record<ModelType, number>>;
  /** Prompts with an anchored answer. */
  readonly prompts: number;
  /** Mean score of reasoning minus direct answers, whatever its cause. */
  readonly rawGap: Interval | null;
  /** Mean truth of reasoning minus direct answers: the part of a gap that would be deserved. */
  readonly truthGap: Interval | null;
  /** gamma: difference of the scores of equally good answers. */
  readonly effect: Interval | null;
  /**
   * The same when the score may bend with the truth, so that a crooked scale is not taken for a bias;
   * null with too few levels of truth.
   */
  readonly bentEffect: Interval | null;
  readonly matched: MatchedPairs;
  readonly verdict: BiasVerdict;
  /** One sentence. */
  readonly reason: string;
}

/**
 * Measures whether reasoning answers are scored differently from equally good direct answers:
 * s = a + b y + gamma [reasoning] on anchored answers, clustered by prompt. A raw gap is reported
 * beside it and never called a bias: one type may simply be better. The verdict is `correct` only
 * when the interval of gamma excludes 0, gamma is at least the minimum effect, enough answers and
 * prompts are behind it, a bent relation of score and truth says the same, and matched pairs do
 * not say the opposite. Throws RangeError on a score or truth outside 0..1.
 */
export function measureBias(items: readonly AnchoredScore[], policy: BiasPolicy): BiasReport {
  for (const { id, score, truth } of items) {
    const isUsable = score >= 0 && score <= 1 && (truth === null || (truth >= 0 && truth <= 1));
    if (!isUsable) throw new RangeError(`score ${score} with truth ${truth} of ${id}`);
  }
  const anchored = items.filter((item): item is ScoreWithTruth => item.truth !== null);
  const { level } = policy;
  const truthGap = gapOf(anchored, (item) => item.truth, level);
  const measured = {
    policy,
    items: countTypes(items),
    anchored: countTypes(anchored),
    prompts: new Set(anchored.map((item) => item.group)).size,
    rawGap: gapOf(items, (item) => item.score, level),
    truthGap,
    effect: plainEffect(anchored, policy, truthGap?.mean ?? 0),
    bentEffect: bentEffect(anchored, policy),
    matched: matchPairs(items, level),
  };
  return { ...measured, ...judge(measured) };
}

function countTypes(items: readonly AnchoredScore[]): Record<ModelType, number> {
  const reasoning = items.filter((item) => item.modelType === 'reasoning').length;
  return { direct: items.length - reasoning, reasoning };
}

function gapOf<Item extends AnchoredScore>(
  items: readonly Item[],
  read: (item: Item) => number,
  level: number,
): Interval | null {
  const rows = items.map((item) => ({
    x: [1, isReasoning(item)],
    y: read(item),
    cluster: item.group,
  }));
  const fit = fitClustered(sumClusters(rows).values());
  return fit === null ? null : contrastInterval(fit, [0, 1], level);
}

type Measured = Omit<BiasReport, 'verdict' | 'reason'>;
type Judgement = Pick<BiasReport, 'verdict' | 'reason'>;

function judge(measured: Measured): Judgement {
  const { policy, anchored, prompts, effect } = measured;
  const unclear = (reason: string): Judgement => ({ verdict: 'not-enough-evidence', reason });
  const least = Math.min(anchored.direct, anchored.reasoning);
  if (least === 0) {
    return {
      verdict: 'no-anchors',
      reason:
        'the truth is not known for answers of both types: the gap is reported, not corrected',
    };
  }
  if (least < policy.minimumPerType) {
    return unclear(
      `${policy.minimumPerType} anchored answers of each type are needed, not ${least}`,
    );
  }
  if (prompts < policy.minimumPrompts) {
    return unclear(`${policy.minimumPrompts} prompts with an anchor are needed, not ${prompts}`);
  }
  if (effect === null) {
    return unclear('type and truth go together: their effects cannot be told apart');
  }
  const verdict = judgeEffect(effect, policy);
  if (verdict === 'not-enough-evidence') return unclear(neededAnswers(effect, policy));
  if (verdict === 'no-correction') {
    return { verdict, reason: `the effect is smaller than ${policy.minimumEffect}` };
  }
  return (
    doubtOf(measured, Math.sign(effect.mean)) ?? {
      verdict,
      reason: `equally good answers with reasoning score ${effect.mean > 0 ? 'higher' : 'lower'}`,
    }
  );
}

/** What speaks against an effect that is significant in the plain regression. */
function doubtOf({ bentEffect: bent, matched }: Measured, sign: number): Judgement | null {
  const isOn = (side: number, interval: Interval): boolean =>
    side > 0 ? interval.low > 0 : interval.high < 0;
  if (bent !== null && !isOn(sign, bent)) {
    return {
      verdict: 'not-enough-evidence',
      reason: 'the effect vanishes when the score may bend with the truth',
    };
  }
  const paired = matched.effect;
  if (paired !== null && isOn(-sign, paired)) {
    return {
      verdict: 'not-enough-evidence',
      reason: 'answers of one model with and without reasoning show the opposite',
    };
  }
  return null;
}

/** Answers at which an effect of the minimum size would be seen in four of five cases. */
function neededAnswers(effect: Interval, policy: BiasPolicy): string {
  const z = normalQuantile((1 + policy.level) / 2);
  const half = (effect.high - effect.low) / 2;
  const times = ((1 + normalQuantile(0.8) / z) * half) / policy.minimumEffect;
  const needed = Math.ceil(effect.n * times * times);
  const more = Math.max(1, needed - effect.n);
  return `an effect of ${policy.minimumEffect} cannot be seen or ruled out yet: about ${more} more anchored answers`;
}
