import type { TokenCounts } from './facts.ts';
import {
  type Attributes,
  CACHE_READ_KEYS,
  CACHE_WRITE_KEYS,
  COST_KEYS,
  countAttribute,
  countOf,
  INPUT_TOKEN_KEYS,
  jsonAttribute,
  numberAttribute,
  numberOf,
  OUTPUT_TOKEN_KEYS,
  pathOf,
  REASONING_KEYS,
} from './otlp-attributes.ts';

/** Token counts with every field said; null = not known. */
export type SpanUsage = { readonly [Key in keyof TokenCounts]-?: number | null };

const first = (details: Attributes, keys: readonly string[]): number | null =>
  countAttribute(details, keys);

const sumWhere = (details: Attributes, pattern: RegExp): number =>
  Object.keys(details).reduce(
    (sum, key) => sum + (pattern.test(key) ? (countOf(details[key]) ?? 0) : 0),
    0,
  );

/**
 * Reads a usage map as Langfuse keeps it. Its parts (`input_cached_tokens`, `output_reasoning`) are
 * next to `input` and `output` when the map adds up to its total with them, else within.
 */
export function usageOfDetails(details: Attributes): SpanUsage {
  const input = first(details, ['input', 'input_tokens', 'prompt_tokens', 'promptTokens']);
  const output = first(details, [
    'output',
    'output_tokens',
    'completion_tokens',
    'completionTokens',
  ]);
  const total = first(details, ['total', 'total_tokens', 'totalTokens']);
  const inputParts = sumWhere(details, /^input_(?!tokens$)/);
  const outputParts = sumWhere(details, /^output_(?!tokens$)/);
  const parts = inputParts + outputParts;
  const isExclusive = parts > 0 && total === (input ?? 0) + (output ?? 0) + parts;
  return {
    inputTokens: isExclusive ? (input ?? 0) + inputParts : input,
    outputTokens: isExclusive ? (output ?? 0) + outputParts : output,
    cachedInputTokens: first(details, [
      'input_cached_tokens',
      'input_cache_read',
      'cache_read_input_tokens',
      'prompt_details.cache_read',
    ]),
    cacheWriteTokens: first(details, [
      'input_cache_creation',
      'cache_creation_input_tokens',
      'prompt_details.cache_write',
    ]),
    reasoningTokens: first(details, [
      'output_reasoning_tokens',
      'output_reasoning',
      'completion_details.reasoning',
    ]),
  };
}

function langfuseUsage(attributes: Attributes): SpanUsage | null {
  const details = jsonAttribute(attributes['langfuse.observation.usage_details'] ?? null);
  return details === null ? null : usageOfDetails(details as Attributes);
}

/** Google ADK tells cached tokens only within the answer that it attaches. */
function adkCacheRead(attributes: Attributes): number | null {
  const answer = jsonAttribute(attributes['gcp.vertex.agent.llm_response'] ?? null);
  return countOf(pathOf(answer, 'usage_metadata', 'cached_content_token_count'));
}

function metadataCacheWrite(attributes: Attributes): number | null {
  const metadata = jsonAttribute(attributes['ai.response.providerMetadata'] ?? null);
  return (
    countOf(pathOf(metadata, 'anthropic', 'usage', 'cache_creation_input_tokens')) ??
    countOf(pathOf(metadata, 'anthropic', 'cacheCreationInputTokens')) ??
    countOf(pathOf(metadata, 'bedrock', 'usage', 'cacheWriteInputTokens'))
  );
}

/** Token counts of a span: each quantity from the first name that is present, never a sum. */
export function spanUsageOf(attributes: Attributes): SpanUsage {
  const langfuse = langfuseUsage(attributes);
  const read = (keys: readonly string[], field: keyof TokenCounts): number | null =>
    countAttribute(attributes, keys) ?? langfuse?.[field] ?? null;
  return {
    inputTokens: read(INPUT_TOKEN_KEYS, 'inputTokens'),
    outputTokens: read(OUTPUT_TOKEN_KEYS, 'outputTokens'),
    cachedInputTokens: read(CACHE_READ_KEYS, 'cachedInputTokens') ?? adkCacheRead(attributes),
    cacheWriteTokens: read(CACHE_WRITE_KEYS, 'cacheWriteTokens') ?? metadataCacheWrite(attributes),
    reasoningTokens: read(REASONING_KEYS, 'reasoningTokens'),
  };
}

/** Sum of a map of costs in USD, or its own total; null when it holds none. */
export function costOfDetails(details: unknown): number | null {
  if (typeof details !== 'object' || details === null) return null;
  const total = numberOf(pathOf(details, 'total'));
  if (total !== null) return total;
  const parts = Object.values(details).flatMap((value) => numberOf(value) ?? []);
  return parts.length === 0 ? null : parts.reduce((sum, part) => sum + part, 0);
}

const MAX_COST_USD = 1e9;

/** Cost of a span in USD as its producer states it; null when it does not. */
export function spanCostOf(attributes: Attributes): number | null {
  const cost =
    numberAttribute(attributes, COST_KEYS) ??
    costOfDetails(jsonAttribute(attributes['langfuse.observation.cost_details'] ?? null));
  return cost === null || cost < 0 || cost > MAX_COST_USD ? null : cost;
}
