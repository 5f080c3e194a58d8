import { isJsonObject, type ModelUsage } from '@assay/loop';
import { AssayError } from '@assay/protocol';
import { costOf, type ModelPrice } from '../models/model-price.ts';
import type { RawEndpoint } from '../models/raw-endpoint.ts';
import { type ReportedUsage, tokensOf } from '../models/reported-usage.ts';

type Body = Readonly<Record<string, unknown>>;
type Create = (body: Body) => Promise<unknown>;

/**
 * The part of OpenAI's client that autoevals calls. Given to every call, it keeps autoevals from
 * making a client of its own, which would go to a gateway of its maker when no URL is set.
 */
export interface AutoevalsClient {
  readonly chat: { readonly completions: { readonly create: Create } };
  readonly responses: { readonly create: Create };
  readonly embeddings: { readonly create: Create };
  readonly moderations: { readonly create: Create };
}

/**
 * A client whose every request goes to one endpoint, or to none: without an endpoint the first
 * request fails with `model.not-configured`.
 *
 * @param onUsage told what each reply took
 */
export function createAutoevalsClient(
  endpoint: RawEndpoint | null,
  price: ModelPrice | null,
  onUsage: (usage: ModelUsage) => void,
  signal?: AbortSignal,
): AutoevalsClient {
  const post = async (path: string, body: Body): Promise<unknown> => {
    if (endpoint === null) {
      throw new AssayError('model.not-configured', { detail: 'This scorer asks a model.' });
    }
    const answer = await endpoint.post(path, body, signal);
    const reported = isJsonObject(answer) ? answer['usage'] : undefined;
    const tokens = tokensOf(isJsonObject(reported) ? (reported as ReportedUsage) : null);
    // Embeddings and moderations write nothing.
    const usage = path === CHAT ? tokens : { ...tokens, outputTokens: tokens.outputTokens ?? 0 };
    onUsage({ ...usage, costUsd: costOf(usage, price) });
    return answer;
  };
  return {
    chat: { completions: { create: (body) => post(CHAT, body) } },
    responses: { create: async (body) => asResponse(await post(CHAT, asChat(body))) },
    embeddings: { create: (body) => post('/embeddings', body) },
    moderations: { create: (body) => post('/moderations', body) },
  };
}

const CHAT = '/chat/completions';

/** autoevals asks models called gpt-5 by another protocol, which few endpoints speak. */
function asChat({ model, input, tools, tool_choice, temperature, reasoning }: Body): Body {
  const functions = Array.isArray(tools)
    ? tools.filter(isJsonObject).map(({ type, ...rest }) => ({ type, function: rest }))
    : undefined;
  const effort = isJsonObject(reasoning) ? reasoning['effort'] : undefined;
  return {
    model,
    messages: input,
    ...(functions === undefined ? {} : { tools: functions }),
    ...(tool_choice === undefined ? {} : { tool_choice }),
    ...(temperature === undefined ? {} : { temperature }),
    ...(effort === undefined ? {} : { reasoning_effort: effort }),
  };
}

interface Completion {
  readonly id?: string;
  readonly model?: string;
  readonly choices?: readonly {
    readonly message?: {
      readonly content?: string | null;
      readonly tool_calls?: readonly {
        readonly id?: string;
        readonly function?: { readonly name?: string; readonly arguments?: string };
      }[];
    };
  }[];
}

function asResponse(answer: unknown): unknown {
  const { id, model, choices = [] } = answer as Completion;
  const message = choices[0]?.message;
  const calls = (message?.tool_calls ?? []).map((call) => ({
    type: 'function_call',
    call_id: call.id,
    name: call.function?.name,
    arguments: call.function?.arguments,
  }));
  const text = message?.content ?? null;
  return {
    id,
    model,
    output: [...(text === null ? [] : [{ type: 'output_text', text }]), ...calls],
  };
}
