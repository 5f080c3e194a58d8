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

/** Every engine that the suite runs on; Citus when ASSAY_TEST_CITUS_URL names an empty database. */
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
