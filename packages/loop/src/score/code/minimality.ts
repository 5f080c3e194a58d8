/** How large a change is said to be. */
export type ChangeLabel = 'minimal' | 'moderate' | 'extensive';

/** Lowest reward multiplier: a change is never worth nothing for its size alone. */
export const LOWEST_MULTIPLIER = 0.1;

/**
 * Factor of the number of changed lines (added + removed), 1 for fewer than ten, falling in straight
 * pieces to 0.8 at 50, 0.5 at 100, 0.3 at 500 and 0.1 from 1,000 on. Pieces are those of
 * agent-agency's MinimalDiffEvaluator, which falls below zero past 1,250 lines; here 0.1 is the floor.
 */
export function lineFactor(changedLines: number): number {
  if (changedLines < 10) return 1;
  if (changedLines < 50) return 0.8 + (0.2 * (50 - changedLines)) / 40;
  if (changedLines < 100) return 0.5 + (0.3 * (100 - changedLines)) / 50;
  if (changedLines < 500) return 0.3 + (0.2 * (500 - changedLines)) / 400;
  return LOWEST_MULTIPLIER + (0.2 * Math.max(0, 1000 - changedLines)) / 500;
}

/** What a reward multiplier is computed from. */
export interface ChangeSize {
  /** How much of the code is as it was, 0..1. */
  readonly similarity: number;
  /** Lines added + lines removed. */
  readonly changedLines: number;
  /** Share of the added code that is not wired to anything, 0..1. */
  readonly scaffoldingPenalty: number;
  /** How much of the penalty counts, 0..1; 1 when absent. */
  readonly scaffoldingWeight?: number;
}

/**
 * Multiplier of the reward, 0.1..1:
 * clamp(clamp(0.7 similarity + 0.3 line factor, 0.1, 1) x (1 - penalty x weight), 0.1, 1).
 */
export function rewardMultiplier(size: ChangeSize): number {
  const base = clamp(0.7 * size.similarity + 0.3 * lineFactor(size.changedLines));
  return clamp(base * (1 - size.scaffoldingPenalty * (size.scaffoldingWeight ?? 1)));
}

/** `minimal` from 0.8, `moderate` from 0.5, else `extensive`. */
export function changeLabel(multiplier: number): ChangeLabel {
  if (multiplier >= 0.8) return 'minimal';
  return multiplier >= 0.5 ? 'moderate' : 'extensive';
}

function clamp(value: number): number {
  return Math.min(1, Math.max(LOWEST_MULTIPLIER, value));
}
