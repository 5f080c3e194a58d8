import type { ModelReply, ModelRequest, ModelUsage } from '@assay/loop';
import { generateText, type JSONValue, type LanguageModel, type LanguageModelUsage } from 'ai';
import { modelFaultOf } from './model-fault.ts';
import type { ModelPort } from './model-port.ts';
import { costOf, type ModelPrice } from './model-price.ts';
import { createRetrier, type ModelClock, type ModelWait } from './retrying.ts';
import { SYSTEM_CLOCK } from './system-clock.ts';

/** What a port needs beside the model itself. Defaults are in {@link createAiSdkPort}. */
export interface PortOptions {
  readonly modelId: string;
  /** Host of the endpoint, for messages; never with a key in it. */
  readonly endpoint: string;
  /** Texts that must not appear in any message. */
  readonly secrets?: readonly string[];
  readonly price?: ModelPrice | null;
  /** Longest time of one attempt, ms. */
  readonly timeoutMs?: number;
  readonly maxRetries?: number;
  readonly maxWaitMs?: number;
  /** Most tokens of a reply when the request does not say. */
  readonly maxOutputTokens?: number;
  /** What a request adds to the body that the provider sends, such as a response format. */
  readonly bodyOf?: (request: ModelRequest) => Readonly<Record<string, JSONValue>>;
  /** Told whenever a request waits for the endpoint. */
  readonly onWait?: (wait: ModelWait) => void;
  readonly clock?: ModelClock;
}

/** Name under which a provider is made, so that it takes what `bodyOf` adds. */
export const PROVIDER = 'endpoint';

/**
 * A port to any model of the AI SDK. By default an attempt may take 120 s, is repeated up to 4 times
 * where that can help, waits at most 120 s in all, and may answer with 2,048 tokens.
 */
export function createAiSdkPort(model: LanguageModel, options: PortOptions): ModelPort {
  const { modelId, endpoint, secrets = [], clock = SYSTEM_CLOCK } = options;
  const { timeoutMs = 120_000, maxRetries = 4, maxWaitMs = 120_000 } = options;
  const { maxOutputTokens = 2_048, price = null, bodyOf } = options;
  const retry = createRetrier(
    { maxRetries, maxWaitMs },
    clock,
    (error) => modelFaultOf(error, endpoint, secrets, clock.now()),
    options.onWait,
  );
  const attempt = async (request: ModelRequest, signal?: AbortSignal): Promise<ModelReply> => {
    const deadline = clock.deadline(timeoutMs);
    const startedAt = clock.now();
    const result = await generateText({
      model,
      ...conversationOf(request),
      maxOutputTokens: request.maxOutputTokens ?? maxOutputTokens,
      ...(request.temperature === null ? {} : { temperature: request.temperature ?? 0 }),
      ...(bodyOf === undefined ? {} : { providerOptions: { [PROVIDER]: bodyOf(request) } }),
      // The port repeats by itself: it can say that it waits, and lets others wait too.
      maxRetries: 0,
      abortSignal: signal === undefined ? deadline : AbortSignal.any([signal, deadline]),
    });
    const usage = usageOf(result.usage);
    return {
      text: result.text,
      reasoning: result.reasoningText ?? null,
      finishReason: result.finishReason,
      modelId: result.response.modelId ?? null,
      usage: { ...usage, costUsd: costOf(usage, price) },
      latencyMs: clock.now() - startedAt,
    };
  };
  return {
    id: modelId,
    complete: (request, signal) => retry(() => attempt(request, signal), signal),
  };
}

function conversationOf({ messages }: ModelRequest) {
  const system = messages.filter(({ role }) => role === 'system');
  return {
    ...(system.length === 0 ? {} : { system: system.map(({ content }) => content).join('\n\n') }),
    messages: messages.flatMap(({ role, content }) =>
      role === 'system' ? [] : [{ role, content }],
    ),
  };
}

function usageOf(usage: LanguageModelUsage): Omit<ModelUsage, 'costUsd'> {
  return {
    inputTokens: usage.inputTokens ?? null,
    outputTokens: usage.outputTokens ?? null,
    reasoningTokens: usage.outputTokenDetails.reasoningTokens ?? null,
    cachedInputTokens: usage.inputTokenDetails.cacheReadTokens ?? null,
  };
}
