import { readScoringConfig } from '../src/config.ts';
import type { RunningServer } from '../src/main.ts';
import { createServer } from '../src/main.ts';

/** What came back. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers freely
  readonly json: any;
}

/** A server on a store that keeps nothing, with free ports. */
export function startServer(
  options: Partial<Parameters<typeof createServer>[0]> = {},
): Promise<RunningServer> {
  return createServer({
    dataDirectory: 'memory',
    databaseUrl: null,
    isCitus: false,
    host: '127.0.0.1',
    port: 0,
    otlpPort: null,
    adminKey: null,
    logLevel: 'silent',
    rateLimitPerSecond: 0,
    recordWindowDays: 400,
    traceQuietMs: 2_000,
    isDurable: false,
    forceUnlock: false,
    scoring: readScoringConfig({}),
    ...options,
  });
}

/** Sends a request; objects go as JSON. */
export async function send(
  url: string,
  key: string | null,
  method: string,
  path: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const isRaw = typeof body === 'string' || body instanceof Uint8Array;
  const response = await fetch(url + path, {
    method,
    headers: {
      ...(key === null ? {} : { authorization: `Bearer ${key}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined
      ? {}
      : { body: isRaw ? (body as string | Uint8Array<ArrayBuffer>) : JSON.stringify(body) }),
  });
  const text = await response.text();
  let json: unknown = null;
  try {
    json = JSON.parse(text);
  } catch {}
  return { status: response.status, headers: response.headers, text, json };
}
