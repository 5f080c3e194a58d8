import type { ModelUsage } from '@assay/loop';

type Count = number | null | undefined;

/** Token counts as the chat completions protocol reports them; all of it may be missing. */
export interface ReportedUsage {
  readonly prompt_tokens?: Count;
  readonly completion_tokens?: Count;
  readonly prompt_tokens_details?: { readonly cached_tokens?: Count } | null | undefined;
  readonly completion_tokens_details?: { readonly reasoning_tokens?: Count } | null | undefined;
}

/** The counts in Assay's words; what was not reported is null, not 0. */
export function tokensOf(usage: ReportedUsage | null | undefined): Omit<ModelUsage, 'costUsd'> {
  return {
    inputTokens: usage?.prompt_tokens ?? null,
    outputTokens: usage?.completion_tokens ?? null,
    reasoningTokens: usage?.completion_tokens_details?.reasoning_tokens ?? null,
    cachedInputTokens: usage?.prompt_tokens_details?.cached_tokens ?? null,
  };
}
