import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { createAiSdkPort, type PortOptions, PROVIDER } from './ai-sdk-port.ts';
import { endpointUrl } from './endpoint-url.ts';
import { createGuardedFetch } from './guarded-fetch.ts';
import type { ModelPort } from './model-port.ts';
import { type ReportedUsage, tokensOf } from './reported-usage.ts';

/** An endpoint that speaks the chat completions protocol of OpenAI. */
export interface OpenAiCompatibleOptions
  extends Omit<PortOptions, 'endpoint' | 'secrets' | 'bodyOf'> {
  /** Ends before `/chat/completions`, such as `http://127.0.0.1:11434/v1`. */
  readonly baseUrl: string;
  /** null for an endpoint that asks for none. Goes into one header and nowhere else. */
  readonly apiKey?: string | null;
  /** The endpoint understands `response_format: {"type": "json_object"}`. */
  readonly hasJsonMode?: boolean;
  /** The field that limits the reply: newer OpenAI models refuse `max_tokens`. */
  readonly maxTokensField?: 'max_tokens' | 'max_completion_tokens';
}

/**
 * A port to a model behind an OpenAI-compatible endpoint. Redirects are not followed and an answer
 * may have 16 MiB, so texts go to the endpoint that was named and nowhere else.
 *
 * @throws AssayError `model.not-configured` when the base URL is no http or https URL, or holds a
 * password: that belongs into the key
 */
export function createOpenAiCompatiblePort(options: OpenAiCompatibleOptions): ModelPort {
  const { baseUrl, apiKey = null, hasJsonMode = false, maxTokensField, ...rest } = options;
  const { href, host } = endpointUrl(baseUrl);
  const provider = createOpenAICompatible({
    name: PROVIDER,
    baseURL: href,
    fetch: createGuardedFetch(globalThis.fetch),
    convertUsage: usageWithUnknowns,
    transformRequestBody: (body) => renamed(body, maxTokensField ?? 'max_tokens'),
    ...(apiKey === null ? {} : { apiKey }),
  });
  return createAiSdkPort(provider(options.modelId), {
    ...rest,
    endpoint: host,
    secrets: apiKey === null ? [] : [apiKey],
    bodyOf: ({ format }) =>
      hasJsonMode && format === 'json' ? { response_format: { type: 'json_object' } } : {},
  });
}

/** The SDK's own reading turns what was not reported into 0; here it stays unknown. */
function usageWithUnknowns(usage: ReportedUsage | null | undefined) {
  const known = tokensOf(usage);
  return {
    inputTokens: {
      total: known.inputTokens ?? undefined,
      noCache: undefined,
      cacheRead: known.cachedInputTokens ?? undefined,
      cacheWrite: undefined,
    },
    outputTokens: {
      total: known.outputTokens ?? undefined,
      text: undefined,
      reasoning: known.reasoningTokens ?? undefined,
    },
  };
}

function renamed(
  body: Readonly<Record<string, unknown>>,
  field: 'max_tokens' | 'max_completion_tokens',
): Record<string, unknown> {
  const { max_tokens: limit, ...rest } = body;
  return limit === undefined ? rest : { ...rest, [field]: limit };
}
