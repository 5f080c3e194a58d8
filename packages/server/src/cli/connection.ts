import { AssayError } from '@assay/protocol';

/** Where the commands find the server. */
export interface Connection {
  readonly url: string;
  readonly apiKey: string;
}

/** Options that every command which talks to a server has. */
export interface ConnectionOptions {
  readonly url?: string;
  readonly key?: string;
}

/**
 * Commands never open the store themselves: a server may have it open.
 * @throws AssayError `auth.missing` without a key
 */
export function connectionOf(options: ConnectionOptions): Connection {
  const url = options.url ?? process.env['ASSAY_URL'] ?? 'http://127.0.0.1:7070';
  const apiKey = options.key ?? process.env['ASSAY_API_KEY'];
  if (!apiKey) throw new AssayError('auth.missing', { detail: 'Give --key or set ASSAY_API_KEY.' });
  return { url: url.replace(/\/+$/, ''), apiKey };
}

/**
 * One request to the server; the parsed answer.
 * @throws AssayError with the server's own words when it refuses
 */
export async function callServer<T>(
  connection: Connection,
  method: string,
  path: string,
  body?: { readonly text: string; readonly type: string },
): Promise<T> {
  const response = await fetch(`${connection.url}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${connection.apiKey}`,
      prefer: 'return=minimal',
      ...(body ? { 'content-type': body.type } : {}),
    },
    ...(body ? { body: body.text } : {}),
  }).catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(
      `no server answers at ${connection.url} (${reason}); start one with "assay start" or give --url`,
    );
  });
  const text = await response.text();
  if (!response.ok && response.status !== 422) throw new Error(`${response.status} ${text}`);
  return JSON.parse(text) as T;
}
