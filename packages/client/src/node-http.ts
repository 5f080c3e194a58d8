import type { Agent, IncomingMessage } from 'node:http';
import type { Fetch } from './transport.ts';

type Response = Awaited<ReturnType<Fetch>>;
type RequestInit = Parameters<Fetch>[1];
type Send = typeof import('node:http').request;

async function collect(incoming: IncomingMessage): Promise<Response> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Uint8Array);
  const text = Buffer.concat(chunks).toString('utf8');
  return {
    status: incoming.statusCode ?? 0,
    headers: {
      get(name) {
        const value = incoming.headers[name];
        return Array.isArray(value) ? value.join(', ') : (value ?? null);
      },
    },
    text: () => Promise.resolve(text),
  };
}

function sendOnce(send: Send, agent: Agent, url: string, init: RequestInit): Promise<Response> {
  return new Promise((resolve, reject) => {
    const { method, body, signal, isBackground } = init;
    const length = body === undefined ? 0 : Buffer.byteLength(body);
    const headers = { ...init.headers, 'content-length': String(length) };
    const outgoing = send(url, { method, headers, agent, signal });
    // What `fetch` cannot do: a request in the background that lets the process end.
    outgoing.on('socket', (socket) => (isBackground === true ? socket.unref() : socket.ref()));
    outgoing.on('response', (incoming) => collect(incoming).then(resolve, reject));
    outgoing.on('error', (error) => {
      const isStale = outgoing.reusedSocket && (error as { code?: unknown }).code === 'ECONNRESET';
      reject(isStale ? new StaleSocketError(error.message, { cause: error }) : error);
    });
    outgoing.end(body);
  });
}

/** The server had closed an idle connection just before it was used again. */
class StaleSocketError extends Error {}

/** A {@link Fetch} over node:http with kept-alive connections. */
export function createNodeFetch(): Fetch {
  let http: Promise<{ send: Send; agent: Agent }> | null = null;
  let https: Promise<{ send: Send; agent: Agent }> | null = null;
  const openHttp = async () => {
    const { Agent, request } = await import('node:http');
    return { send: request, agent: new Agent({ keepAlive: true }) };
  };
  const openHttps = async () => {
    const { Agent, request } = await import('node:https');
    return { send: request as Send, agent: new Agent({ keepAlive: true }) };
  };
  return async (url, init) => {
    const isTls = url.startsWith('https:');
    if (isTls) https ??= openHttps();
    else http ??= openHttp();
    const { send, agent } = (await (isTls ? https : http)) ?? (await openHttp());
    for (;;) {
      try {
        return await sendOnce(send, agent, url, init);
      } catch (thrown) {
        // Every stale connection is used up by its failure, so this ends.
        if (!(thrown instanceof StaleSocketError)) throw thrown;
      }
    }
  };
}
