import type { TokenCounts } from '../record/facts.ts';

/** One message of a conversation with a model. */
export interface ModelMessage {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}

/** What a model is asked. Two equal requests may share one recorded reply. */
export interface ModelRequest {
  readonly messages: readonly ModelMessage[];
  /** 0 when absent; null leaves it to the endpoint, for models that refuse to be told. */
  readonly temperature?: number | null;
  /** Most tokens of the reply, reasoning included; the port's own limit when absent. */
  readonly maxOutputTokens?: number;
  /** `json` asks the endpoint for a JSON object, where the port is told that it can. */
  readonly format?: 'text' | 'json';
  /** Number of the repeat, 0 when absent: a repeat is a question of its own, never a copy. */
  readonly repeat?: number;
}

/** Why a model stopped. */
export type FinishReason = 'stop' | 'length' | 'content-filter' | 'tool-calls' | 'error' | 'other';

/** Tokens and money that one or more calls took. `null` = not known, never the same as 0. */
export interface ModelUsage extends Required<Omit<TokenCounts, 'cacheWriteTokens'>> {
  readonly costUsd: number | null;
}

/** What a model answered. */
export interface ModelReply {
  /** Text of the answer, without what the endpoint marked as reasoning. */
  readonly text: string;
  /** What the endpoint marked as reasoning; null when it marked nothing. */
  readonly reasoning: string | null;
  readonly finishReason: FinishReason;
  /** Model that the endpoint says has answered; null when it does not say. */
  readonly modelId: string | null;
  readonly usage: ModelUsage;
  /** Time of the attempt that succeeded, ms. Waiting and failed attempts are not in it. */
  readonly latencyMs: number;
}

/** Usage of no call at all. */
export const NO_USAGE: ModelUsage = {
  inputTokens: 0,
  outputTokens: 0,
  reasoningTokens: 0,
  cachedInputTokens: 0,
  costUsd: 0,
};

/** Usage of several calls together. One unknown number makes its sum unknown. */
export function sumUsage(usages: readonly ModelUsage[]): ModelUsage {
  return usages.reduce(
    (total, usage) => ({
      inputTokens: plus(total.inputTokens, usage.inputTokens),
      outputTokens: plus(total.outputTokens, usage.outputTokens),
      reasoningTokens: plus(total.reasoningTokens, usage.reasoningTokens),
      cachedInputTokens: plus(total.cachedInputTokens, usage.cachedInputTokens),
      costUsd: plus(total.costUsd, usage.costUsd),
    }),
    NO_USAGE,
  );
}

function plus(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : a + b;
}
