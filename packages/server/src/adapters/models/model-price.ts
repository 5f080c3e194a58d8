import type { ModelUsage } from '@assay/loop';

/** What a model costs, US dollars per million tokens. Assay knows no prices: they are told. */
export interface ModelPrice {
  readonly inputPerMillionUsd: number;
  readonly outputPerMillionUsd: number;
  /** Input that the endpoint had cached; the price of other input when absent. */
  readonly cachedInputPerMillionUsd?: number;
}

/**
 * Cost of the tokens of a call, US dollars; null without a price or with an unknown count. Cached
 * input of unknown count is charged as other input, so the cost may be too high, never too low.
 */
export function costOf(
  usage: Omit<ModelUsage, 'costUsd'>,
  price: ModelPrice | null,
): number | null {
  const { inputTokens, outputTokens, cachedInputTokens } = usage;
  if (price === null || inputTokens === null || outputTokens === null) return null;
  const cached = Math.min(inputTokens, cachedInputTokens ?? 0);
  const { inputPerMillionUsd, outputPerMillionUsd } = price;
  const cachedPrice = price.cachedInputPerMillionUsd ?? inputPerMillionUsd;
  return (
    ((inputTokens - cached) * inputPerMillionUsd +
      cached * cachedPrice +
      outputTokens * outputPerMillionUsd) /
    1_000_000
  );
}
