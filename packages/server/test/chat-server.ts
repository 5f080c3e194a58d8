import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as it reached the server. */
export interface SeenRequest {
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The parsed body. */
  readonly body: ChatBody;
}

/** The part of a chat completion request that tests look at. */
export interface ChatBody {
  readonly model: string;
  readonly messages: readonly { readonly role: string; readonly content: string }[];
  readonly [field: string]: unknown;
}

/** An answer: a chat completion with this text, or whatever is to be sent. */
export type ChatAnswer =
  | string
  | {
      readonly status?: number;
      readonly headers?: Readonly<Record<string, string>>;
      /** Sent as JSON, a string as it is. */
      readonly body: unknown;
    }
  /** Leaves the client waiting. */
  | 'never'
  /** Breaks the connection in the middle of the answer. */
  | 'cut';

/** A server that speaks the chat completions protocol. */
export interface ChatServer {
  /** Base URL, as a client is given it. */
  readonly url: string;
  readonly port: number;
  readonly seen: readonly SeenRequest[];
  close(): Promise<void>;
}

/** Body of a chat completion. */
export function completionOf(text: string | null, more: object = {}, message: object = {}): object {
  return {
    id: 'chat-1',
    object: 'chat.completion',
    created: 1,
    model: 'fake-1',
    choices: [
      {
        index: 0,
        finish_reason: 'stop',
        message: { role: 'assistant', content: text, ...message },
      },
    ],
    usage: { prompt_tokens: 100, completion_tokens: 20, total_tokens: 120 },
    ...more,
  };
}

/** Starts a server on a free port. `answer` may look at the request and at how many came before. */
export async function startChatServer(
  answer: (request: SeenRequest, count: number) => ChatAnswer | Promise<ChatAnswer>,
): Promise<ChatServer> {
  const seen: SeenRequest[] = [];
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    let text = '';
    for await (const chunk of request) text += String(chunk);
    const one = {
      path: request.url ?? '',
      headers: request.headers,
      body: JSON.parse(text) as ChatBody,
    };
    seen.push(one);
    const given = await answer(one, seen.length - 1);
    if (given === 'never') return;
    if (given === 'cut') {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
      response.write('{"id":', () => response.destroy());
      return;
    }
    const {
      status = 200,
      headers = {},
      body,
    } = typeof given === 'string' ? { body: completionOf(given) } : given;
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  };
  const server = createServer((request, response) => {
    handle(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/v1`,
    port,
    seen,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
