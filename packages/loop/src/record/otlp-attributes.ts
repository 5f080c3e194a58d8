/**
 * Names of span attributes, in the order in which they are asked: the first that is present wins
 * and values are never added up. Own tables, because the published constants are all deprecated.
 * Three generations of OpenTelemetry GenAI, OpenInference, the Vercel AI SDK and others.
 */

/** Attributes of a span, event, log record or resource. */
export type Attributes = Readonly<Record<string, unknown>>;

export const MODEL_KEYS: readonly string[] = [
  'gen_ai.response.model',
  'llm.response.model_name',
  'ai.response.model',
  'gen_ai.request.model',
  'llm.request.model_name',
  'llm.model_name',
  'ai.model.id',
  'langfuse.observation.model.name',
];

/** Names that tell the model, but do not make a span an inference. */
export const WEAK_MODEL_KEYS: readonly string[] = ['model_name'];

export const PROVIDER_KEYS: readonly string[] = [
  'gen_ai.provider.name',
  'gen_ai.system',
  'llm.provider',
  'llm.system',
  'ai.model.provider',
];

export const AGENT_KEYS: readonly string[] = [
  'gen_ai.agent.id',
  'gen_ai.agent.name',
  'agent.name',
  'ai.telemetry.functionId',
];

export const SESSION_KEYS: readonly string[] = [
  'langfuse.session.id',
  'gen_ai.conversation.id',
  'session.id',
  'ai.telemetry.metadata.sessionId',
  'traceloop.association.properties.session_id',
  'lmnr.association.properties.session_id',
];

/** Includes cached tokens. */
export const INPUT_TOKEN_KEYS: readonly string[] = [
  'gen_ai.usage.input_tokens',
  'gen_ai.usage.prompt_tokens',
  'llm.token_count.prompt',
  'ai.usage.inputTokens',
  'ai.usage.promptTokens',
];

/** Includes reasoning tokens. */
export const OUTPUT_TOKEN_KEYS: readonly string[] = [
  'gen_ai.usage.output_tokens',
  'gen_ai.usage.completion_tokens',
  'llm.token_count.completion',
  'ai.usage.outputTokens',
  'ai.usage.completionTokens',
];

export const CACHE_READ_KEYS: readonly string[] = [
  'gen_ai.usage.cache_read.input_tokens',
  'gen_ai.usage.cache_read_input_tokens',
  'gen_ai.usage.input_cached_tokens',
  'llm.token_count.prompt_details.cache_read',
  'ai.usage.inputTokenDetails.cacheReadTokens',
  'ai.usage.cachedInputTokens',
];

export const CACHE_WRITE_KEYS: readonly string[] = [
  'gen_ai.usage.cache_creation.input_tokens',
  'gen_ai.usage.cache_creation_input_tokens',
  'gen_ai.usage.input_cache_creation',
  'llm.token_count.prompt_details.cache_write',
  'ai.usage.inputTokenDetails.cacheWriteTokens',
];

export const REASONING_KEYS: readonly string[] = [
  'gen_ai.usage.reasoning.output_tokens',
  'llm.token_count.completion_details.reasoning',
  'ai.usage.outputTokenDetails.reasoningTokens',
  'ai.usage.reasoningTokens',
  'gen_ai.usage.reasoning_tokens',
  'gen_ai.usage.details.reasoning_tokens',
  'gen_ai.usage.details.thoughts_tokens',
];

export const COST_KEYS: readonly string[] = ['llm.cost.total', 'gen_ai.usage.cost'];

export const TOOL_NAME_KEYS: readonly string[] = [
  'gen_ai.tool.name',
  'tool.name',
  'ai.toolCall.name',
];

export const TOOL_CALL_ID_KEYS: readonly string[] = [
  'gen_ai.tool.call.id',
  'ai.toolCall.id',
  'tool.id',
];

/** In seconds. */
export const FIRST_CHUNK_SECONDS_KEYS: readonly string[] = [
  'gen_ai.response.time_to_first_chunk',
  'gen_ai.client.operation.time_to_first_chunk',
  'gen_ai.server.time_to_first_token',
];

/** In milliseconds. */
export const FIRST_CHUNK_MS_KEYS: readonly string[] = ['ai.response.msToFirstChunk'];

/** The first text among the attributes that is not empty; an empty text counts as absent. */
export function textAttribute(attributes: Attributes, keys: readonly string[]): string | null {
  for (const key of keys) {
    const value = attributes[key];
    if (typeof value === 'string' && value !== '') return value;
    if (typeof value === 'number') return String(value);
  }
  return null;
}

/** Reads a finite number, also from decimal text, because producers print numbers as text. */
export function numberOf(value: unknown): number | null {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value !== 'string' || !/^\s*-?\d+(\.\d+)?(e[+-]?\d+)?\s*$/i.test(value)) return null;
  const parsed = Number(value);
  return Number.isFinite(parsed) ? parsed : null;
}

/** The first number among the attributes. */
export function numberAttribute(attributes: Attributes, keys: readonly string[]): number | null {
  for (const key of keys) {
    const value = numberOf(attributes[key]);
    if (value !== null) return value;
  }
  return null;
}

const MAX_COUNT = 2 ** 31 - 1;

/** A count as a whole number 0..2^31-1; null when it is none of that. */
export function countOf(value: unknown): number | null {
  const number = numberOf(value);
  return number === null || number < 0 || number > MAX_COUNT ? null : Math.round(number);
}

/** The first count among the attributes. */
export function countAttribute(attributes: Attributes, keys: readonly string[]): number | null {
  for (const key of keys) {
    const value = countOf(attributes[key]);
    if (value !== null) return value;
  }
  return null;
}

/** Parses JSON text to an object or array; null for anything else, also for text that is no JSON. */
export function jsonAttribute(value: unknown): unknown {
  if (typeof value === 'object') return value;
  if (typeof value !== 'string' || !/^\s*[[{]/.test(value)) return null;
  try {
    return JSON.parse(value);
  } catch {
    return null;
  }
}

/** Follows keys into nested objects; undefined when the way ends. */
export function pathOf(value: unknown, ...keys: readonly string[]): unknown {
  let at: unknown = value;
  for (const key of keys) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key)) return undefined;
    at = (at as Record<string, unknown>)[key];
  }
  return at;
}

/** Cuts an id to the 200 characters that a fact may carry; null when there is none. */
export function idOf(text: string | null, length = 200): string | null {
  return text === null || text === '' ? null : text.slice(0, length);
}
