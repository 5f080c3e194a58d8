import { APICallError } from 'ai';
import { endpointUrl } from './endpoint-url.ts';
import { createGuardedFetch } from './guarded-fetch.ts';
import { modelFaultOf } from './model-fault.ts';
import { createRetrier, type ModelClock, type ModelWait } from './retrying.ts';
import { SYSTEM_CLOCK } from './system-clock.ts';

/** How an endpoint is reached; meanings and defaults as for `createOpenAiCompatiblePort`. */
export interface RawEndpointOptions {
  readonly baseUrl: string;
  readonly apiKey?: string | null;
  readonly timeoutMs?: number;
  readonly maxRetries?: number;
  readonly maxWaitMs?: number;
  readonly onWait?: (wait: ModelWait) => void;
  readonly clock?: ModelClock;
}

/** An endpoint for callers that bring their own bodies, such as tool calls or embeddings. */
export interface RawEndpoint {
  /**
   * Posts JSON to a path below the base URL and resolves to the parsed answer.
   * @throws AssayError of a code `model.*`
   */
  post(path: string, body: unknown, signal?: AbortSignal): Promise<unknown>;
}

/**
 * Opens an endpoint without a connection: that is made by the first request.
 * @throws AssayError `model.not-configured` when the base URL cannot be used
 */
export function createRawEndpoint(options: RawEndpointOptions): RawEndpoint {
  const { apiKey = null, clock = SYSTEM_CLOCK, timeoutMs = 120_000 } = options;
  const { maxRetries = 4, maxWaitMs = 120_000 } = options;
  const { href, host } = endpointUrl(options.baseUrl);
  const fetch = createGuardedFetch(globalThis.fetch);
  const secrets = apiKey === null ? [] : [apiKey];
  const retry = createRetrier(
    { maxRetries, maxWaitMs },
    clock,
    (error) => modelFaultOf(error, host, secrets, clock.now()),
    options.onWait,
  );
  const post = async (path: string, body: unknown, signal?: AbortSignal): Promise<unknown> => {
    const deadline = clock.deadline(timeoutMs);
    const response = await fetch(`${href}${path}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(apiKey === null ? {} : { authorization: `Bearer ${apiKey}` }),
      },
      body: JSON.stringify(body),
      signal: signal === undefined ? deadline : AbortSignal.any([signal, deadline]),
    }).catch((error: unknown) => {
      throw connectionFault(error, href);
    });
    return readAnswer(response, href);
  };
  return { post: (path, body, signal) => retry(() => post(path, body, signal), signal) };
}

async function readAnswer(response: Response, url: string): Promise<unknown> {
  const responseBody = await response.text();
  const parsed = jsonOf(responseBody);
  if (response.ok && parsed !== undefined) return parsed;
  const said = (parsed as { error?: { message?: unknown } } | undefined)?.error?.message;
  throw new APICallError({
    message: typeof said === 'string' ? said : response.statusText || 'no JSON',
    url,
    requestBodyValues: null,
    statusCode: response.status,
    responseHeaders: Object.fromEntries(response.headers),
    responseBody,
  });
}

/** A fetch that failed before an answer came; a deadline stays what it is. */
function connectionFault(error: unknown, url: string): unknown {
  if (!(error instanceof TypeError)) return error;
  const { cause } = error;
  const message = cause instanceof Error ? cause.message : error.message;
  return new APICallError({ message, url, requestBodyValues: null, isRetryable: true });
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
