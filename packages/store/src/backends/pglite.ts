import type { Database, QueryResult, RunStatement } from '../database.ts';
import { tenantScope } from '../database.ts';
import { guardDirectory, realPathOf } from './guard.ts';
import type { WorkerAnswer } from './pglite-messages.ts';
import type { PgliteThread } from './pglite-thread.ts';
import { startPgliteThread } from './pglite-thread.ts';
import { createUpkeep } from './pglite-upkeep.ts';

/** How to open the embedded database. */
export interface PgliteOptions {
  /** Data directory, made when missing; 'memory' keeps nothing. */
  readonly directory: string;
  /** False gives durability up for speed; it then shows in the health. Default true. */
  readonly isDurable?: boolean;
  /** Ignores the lock file of a process that is certainly gone. */
  readonly forceUnlock?: boolean;
  /** Longest run of one statement, ms; 0 = no limit. Default 120,000. Not for 'memory'. */
  readonly statementLimitMs?: number;
  /** Replaces the extra start parameters; only tests of the self-test set it. */
  readonly extraStartParams?: readonly string[];
}

/** The embedded database, with a look at its syncs for tests and metrics. */
export interface PgliteDatabase extends Database {
  /** Syncs of the host's file system since the engine was opened. */
  syncCount(): Promise<number>;
}

const DEFAULT_LIMIT_MS = 120_000;

/**
 * Opens PGlite in a worker thread, durable and guarded against a second process.
 *
 * @param prepare runs once before the database is handed out (migrations).
 * @throws `store.locked` when another process has the directory, `store.not_durable` when the
 *   self-test fails, `store.not_built` when the compiled worker is missing.
 */
export async function openPglite(
  options: PgliteOptions,
  prepare: (db: Database) => Promise<unknown>,
): Promise<PgliteDatabase> {
  const isMemory = options.directory === 'memory';
  const guard = isMemory ? null : await guardDirectory(options.directory, options.forceUnlock);
  try {
    const limitMs = options.statementLimitMs ?? DEFAULT_LIMIT_MS;
    const thread = await startPgliteThread({
      start: {
        directory: isMemory ? null : realPathOf(options.directory),
        isDurable: !isMemory && options.isDurable !== false,
        ...(options.extraStartParams === undefined
          ? {}
          : { extraStartParams: options.extraStartParams }),
      },
      limitMs: isMemory ? 0 : limitMs,
    });
    const db = databaseOf(thread, async () => {
      await thread.close();
      await guard?.release();
    });
    try {
      await prepare(db);
    } catch (error) {
      await thread.close();
      throw error;
    }
    return db;
  } catch (error) {
    await guard?.release();
    throw error;
  }
}

function databaseOf(thread: PgliteThread, close: () => Promise<void>): PgliteDatabase {
  let closing: Promise<void> | null = null;
  let transactions = 0;

  async function transaction<T>(
    scope: string | null,
    work: (run: RunStatement) => Promise<T>,
  ): Promise<T> {
    transactions += 1;
    const number = transactions;
    const run: RunStatement = async <Row>(text: string, params: readonly unknown[] = []) =>
      only<Row>(await thread.send({ kind: 'run', transaction: number, text, params }));
    await thread.send({ kind: 'begin', transaction: number, scope });
    let result: T;
    try {
      result = await work(run);
    } catch (error) {
      // When the engine itself went away there is nothing to roll back; the cause is what matters.
      await thread.send({ kind: 'finish', transaction: number, isCommit: false }).catch(() => []);
      throw error;
    }
    await thread.send({ kind: 'finish', transaction: number, isCommit: true });
    return result;
  }

  const db: Omit<PgliteDatabase, 'maintain'> = {
    dialect: 'pglite',
    health: { dialect: 'pglite', ...thread.ready },
    query: async <Row>(text: string, params: readonly unknown[] = []) =>
      only<Row>(await thread.send({ kind: 'query', text, params })),
    exec: async (sql) => {
      await thread.send({ kind: 'exec', sql });
    },
    ownerTransaction: (work) => transaction(null, work),
    tenantBatch: async (tenantIds, statements) =>
      resultsOf(await thread.send({ kind: 'batch', scope: tenantScope(tenantIds), statements })),
    tenantTransaction: (tenantIds, work) => transaction(tenantScope(tenantIds), work),
    bytes: (body) => Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('base64'),
    bytesParameter: (placeholder) => `decode(${placeholder}::text, 'base64')`,
    syncCount: async () => {
      const answer = await thread.send({ kind: 'syncs' });
      return typeof answer === 'number' ? answer : 0;
    },
    close: () => {
      closing ??= close();
      return closing;
    },
  };
  return { ...db, maintain: createUpkeep(db) };
}

function resultsOf(answer: WorkerAnswer): readonly QueryResult[] {
  return typeof answer === 'number' ? [] : answer;
}

function only<Row>(answer: WorkerAnswer): QueryResult<Row> {
  const result = resultsOf(answer)[0];
  if (result === undefined) throw new Error('the worker gave no result');
  return result as QueryResult<Row>;
}
