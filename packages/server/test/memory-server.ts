import { readConfig } from '../src/config.ts';
import { createServer, type RunningServer } from '../src/main.ts';

/** A server in this process whose store ends with it. */
export interface MemoryServer extends RunningServer {
  readonly otlpUrl: string;
  readonly adminKey: string;
  /** Headers with the admin key. */
  readonly headers: Readonly<Record<string, string>>;
  /** The JSON of a GET; throws what is not 200. */
  get<T>(path: string): Promise<T>;
}

/** Starts a server on free ports with an empty store in memory. */
export async function startMemoryServer(): Promise<MemoryServer> {
  const config = readConfig({
    ASSAY_PORT: '0',
    ASSAY_OTLP_PORT: '0',
    ASSAY_LOG_LEVEL: 'error',
    ASSAY_RATE_LIMIT: '0',
    ASSAY_RECORD_WINDOW_DAYS: '20000',
    ASSAY_DATA_DIR: 'memory',
  });
  const server = await createServer(config);
  const { otlpUrl, adminKey } = server;
  if (otlpUrl === null || adminKey === null) throw new Error('no listener or no key');
  const headers = { authorization: `Bearer ${adminKey}` };
  return {
    ...server,
    otlpUrl,
    adminKey,
    headers,
    async get<T>(path: string) {
      const answer = await fetch(`${server.url}${path}`, { headers });
      if (answer.status !== 200)
        throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
      return (await answer.json()) as T;
    },
  };
}
