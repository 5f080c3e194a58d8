import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { type Database, openStore } from '@assay/store';
import { pino } from 'pino';
import type { EngineContext } from '../src/engine/context.ts';
import { createEngine, type Engine } from '../src/engine/engine.ts';
import { createUpkeep } from '../src/engine/upkeep.ts';
import { createApp } from '../src/http/app.ts';
import { createContext } from '../src/main.ts';

/** An engine whose time stands still until a test moves it. */
export interface SteppedEngine {
  readonly engine: Engine;
  readonly tenantId: number;
  /** Lets time pass and does the duties of the background. */
  step(ms: number): Promise<void>;
}

/** A server around such an engine, which has no duties of its own. */
export interface SteppedServer extends SteppedEngine {
  readonly url: string;
  /** Headers with the admin key. */
  readonly headers: Readonly<Record<string, string>>;
  /** The JSON of a GET; throws what is not 200. */
  get<T>(path: string): Promise<T>;
  /** Closes the server and leaves the store open. */
  close(): Promise<void>;
}

/** The time at the start (ms since 1970), and what is different in the engine's context. */
export interface SteppedHow {
  readonly startMs: number;
  readonly context?: Partial<EngineContext>;
}

/** An empty store in memory. */
export const openMemoryStore = (): Promise<Database> =>
  openStore({ kind: 'pglite', directory: 'memory' });

/** Opens an engine on a store; its tenant is the first of the store. */
export async function startSteppedEngine(db: Database, how: SteppedHow): Promise<SteppedEngine> {
  let nowMs = how.startMs;
  const context = { ...createContext(db, '/nowhere'), now: () => nowMs, ...how.context };
  const engine = await createEngine({
    context,
    recordWindowDays: 20_000,
    newSecret: () => randomUUID().replaceAll('-', ''),
    pause: () => Promise.resolve(),
    onFault: (error) => {
      throw error;
    },
  });
  const { tenantId } = await engine.tenants.bootstrap(null);
  const upkeep = createUpkeep(engine);
  return {
    engine,
    tenantId,
    async step(ms) {
      nowMs += ms;
      await engine.refresh();
      await engine.settleTraces();
      await upkeep.rollUpAll();
    },
  };
}

/** Starts a server on a store. */
export async function startSteppedServer(db: Database, how: SteppedHow): Promise<SteppedServer> {
  const stepped = await startSteppedEngine(db, how);
  const { engine, tenantId } = stepped;
  const request = { name: 'test', roles: ['admin' as const], scopes: [] };
  const { key } = await engine.tenants.createKey(tenantId, request);
  const app = createApp({
    engine,
    log: pino({ level: 'silent' }),
    rateLimitPerSecond: 0,
    publicDirectory: '/nowhere',
    version: '0',
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  const url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
  const headers = { authorization: `Bearer ${key}` };
  return {
    ...stepped,
    url,
    headers,
    async get<T>(path: string) {
      const answer = await fetch(`${url}${path}`, { headers });
      if (answer.status !== 200) throw new Error(`${path}: ${answer.status}`);
      return (await answer.json()) as T;
    },
    async close() {
      await app.close();
      await engine.close();
    },
  };
}
