import { createHash, randomUUID } from 'node:crypto';
import { type Database, openStore } from '@assay/store';
import { startEmbeddedPostgres } from '../../store/test/embedded-postgres.ts';
import type { EngineContext } from '../src/engine/context.ts';
import { createEngine, type Engine } from '../src/engine/engine.ts';

/** A clock that moves only when it is told to. ms since 1970. */
export interface TestClock {
  nowMs: number;
}

/** A PostgreSQL server on which several processes would meet. */
export interface SharedStore {
  readonly url: string;
  /** Opens the database as one more process would; closed by `stop`. */
  open(): Promise<Database>;
  stop(): Promise<void>;
}

/** Starts an empty PostgreSQL server. */
export async function startSharedStore(): Promise<SharedStore> {
  const server = await startEmbeddedPostgres();
  const opened: Database[] = [];
  return {
    url: server.url,
    async open() {
      const db = await openStore({ kind: 'postgres', url: server.url });
      opened.push(db);
      return db;
    },
    async stop() {
      await Promise.all(opened.map((db) => db.close()));
      await server.stop();
    },
  };
}

/** What an engine gets of the outside world, on a test's clock. */
export function contextOn(
  db: Database,
  clock: TestClock,
  dataDirectory = '/nowhere',
): EngineContext {
  return {
    db,
    dataDirectory,
    now: () => clock.nowMs,
    newId: randomUUID,
    random: () => 0.5,
    hash: (text) => createHash('sha256').update(text).digest('hex'),
    hashBytes: (bytes) => createHash('sha256').update(bytes).digest('hex'),
  };
}

/** Opens an engine as one more process would, on a test's clock. */
export function engineOn(
  db: Database,
  clock: TestClock,
  onFault: (error: unknown) => void,
  dataDirectory?: string,
): Promise<Engine> {
  return createEngine({
    context: contextOn(db, clock, dataDirectory),
    recordWindowDays: 400,
    newSecret: () => randomUUID().replaceAll('-', ''),
    pause: () => Promise.resolve(),
    onFault,
  });
}
