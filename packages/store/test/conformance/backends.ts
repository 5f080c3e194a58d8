import { Client } from 'pg';
import type { Database } from '../../src/database.ts';
import { openStore } from '../../src/open.ts';
import { type EmbeddedServer, startEmbeddedPostgres } from '../embedded-postgres.ts';

/** A store under test. */
export interface Backend {
  readonly name: string;
  /** Opens an empty store; `close` of the result frees everything. */
  open(): Promise<{ db: Database; close(): Promise<void> }>;
}

const citusUrl = process.env['ASSAY_TEST_CITUS_URL'];

const postgresUrl = process.env['ASSAY_TEST_POSTGRES_URL'];

/** Makes an empty database on a running server, and drops it in the end. */
async function openOnServer(url: string): Promise<{ db: Database; close(): Promise<void> }> {
  const name = `assay_test_${process.pid}_${performance.now().toFixed(0)}`;
  const run = async (sql: string): Promise<void> => {
    const client = new Client({ connectionString: url });
    await client.connect();
    await client.query(sql).finally(() => client.end());
  };
  await run(`create database ${name}`);
  const own = new URL(url);
  own.pathname = `/${name}`;
  const db = await openStore({ kind: 'postgres', url: own.href });
  return {
    db,
    close: async () => {
      await db.close();
      await run(`drop database ${name}`);
    },
  };
}

/**
 * Every engine that the suite runs on: PGlite and an embedded PostgreSQL always, the server at
 * ASSAY_TEST_POSTGRES_URL (an owner that may create databases) and the empty Citus database at
 * ASSAY_TEST_CITUS_URL when they are set.
 */
export const BACKENDS: readonly Backend[] = [
  {
    name: 'pglite',
    open: async () => {
      const db = await openStore({ kind: 'pglite', directory: 'memory' });
      return { db, close: () => db.close() };
    },
  },
  {
    name: 'postgres',
    open: async () => {
      const server: EmbeddedServer = await startEmbeddedPostgres();
      const db = await openStore({ kind: 'postgres', url: server.url });
      return {
        db,
        close: async () => {
          await db.close();
          await server.stop();
        },
      };
    },
  },
  ...(postgresUrl === undefined
    ? []
    : [{ name: 'postgres by URL', open: () => openOnServer(postgresUrl) }]),
  ...(citusUrl === undefined
    ? []
    : [
        {
          name: 'citus',
          open: async () => {
            const db = await openStore({ kind: 'citus', url: citusUrl });
            return { db, close: () => db.close() };
          },
        },
      ]),
];
