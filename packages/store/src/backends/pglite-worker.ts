import fs from 'node:fs';
import { dirname } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { PGlite } from '@electric-sql/pglite';
import type { QueryResult } from '../database.ts';
import { codeOf, storeError, toPlainError } from '../store-error.ts';
import { createDurableFs, syncPath, syncTree } from './durable-fs.ts';
import type {
  NumberedRequest,
  WorkerAnswer,
  WorkerMessage,
  WorkerReady,
  WorkerRequest,
  WorkerStart,
} from './pglite-messages.ts';

interface Engine {
  readonly db: PGlite;
  syncCount(): number;
}

/** Settings that must hold for an acknowledged commit to be on the disk. */
const DURABLE_SETTINGS: Readonly<Record<string, string>> = {
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  data_checksums: 'on',
  wal_sync_method: 'fsync',
};

const PROBE_SQL = `
  create schema if not exists assay_upkeep;
  create table if not exists assay_upkeep.sync_probe (id int primary key, round int not null);`;
const PROBE_COMMIT = `
  insert into assay_upkeep.sync_probe (id, round) values (1, 1)
  on conflict (id) do update set round = sync_probe.round + 1`;

async function openEngine(start: WorkerStart): Promise<{ engine: Engine; ready: WorkerReady }> {
  if (start.directory === null) {
    const db = await PGlite.create();
    const warnings = ['kept in memory: everything is lost when the process ends'];
    return {
      engine: { db, syncCount: () => 0 },
      ready: { version: await versionOf(db), isDurable: false, warnings },
    };
  }
  await createWhenMissing(start.directory);
  const durable = createDurableFs(start.directory);
  const db = await PGlite.create({ fs: durable.layer, startParams: startParamsOf(start) });
  const engine = { db, syncCount: durable.syncCount };
  const warnings = start.isDurable
    ? []
    : ['not durable: fsync is switched off, a power cut can lose acknowledged facts'];
  if (start.isDurable) await testDurability(engine);
  return { engine, ready: { version: await versionOf(db), isDurable: start.isDurable, warnings } };
}

/** `-F` means fsync off. The default sync method, fdatasync, is a stub in wasm: commits never sync. */
function startParamsOf(start: WorkerStart): string[] {
  if (!start.isDurable) return [...PGlite.defaultStartParams];
  const params = PGlite.defaultStartParams.filter((param) => param !== '-F');
  return [...params, ...(start.extraStartParams ?? ['-c', 'wal_sync_method=fsync'])];
}

/** Creates under a sibling name and renames, so that a kill leaves no half-made directory. */
async function createWhenMissing(directory: string): Promise<void> {
  if (fs.existsSync(`${directory}/PG_VERSION`)) return;
  if (fs.existsSync(directory) && fs.readdirSync(directory).length > 0) {
    throw storeError(
      'store.not_a_database',
      `${directory} has files in it but no database. Name an empty or a new directory.`,
    );
  }
  const draft = `${directory}.creating`;
  fs.rmSync(draft, { recursive: true, force: true }); // left by a kill; the guard is ours
  const durable = createDurableFs(draft);
  const db = await PGlite.create({ fs: durable.layer });
  await db.close();
  syncTree(draft);
  fs.renameSync(draft, directory);
  syncPath(dirname(directory));
}

/** Refuses unless the settings hold and a real commit reached the host's fsync. */
async function testDurability(engine: Engine): Promise<void> {
  const faults: string[] = [];
  for (const [name, wanted] of Object.entries(DURABLE_SETTINGS)) {
    const value = await settingOf(engine.db, name);
    if (value !== wanted) faults.push(`${name} is ${value}, not ${wanted}`);
  }
  await engine.db.exec(PROBE_SQL);
  const before = engine.syncCount();
  await engine.db.query(PROBE_COMMIT);
  if (engine.syncCount() <= before) faults.push('a commit did not reach fsync');
  if (faults.length === 0) return;
  await engine.db.close();
  throw storeError(
    'store.not_durable',
    `The embedded database cannot keep what it acknowledges: ${faults.join('; ')}. ` +
      'Start with durability switched off only if facts may be lost.',
  );
}

async function settingOf(db: PGlite, name: string): Promise<string> {
  const { rows } = await db.query<Record<string, string>>(`show ${name}`);
  return rows[0]?.[name] ?? '';
}

function versionOf(db: PGlite): Promise<string> {
  return settingOf(db, 'server_version');
}

/** One connection: whoever holds the turn has it for a whole transaction. */
function createTurns(): () => Promise<() => void> {
  let last: Promise<void> = Promise.resolve();
  return async () => {
    const before = last;
    let release = (): void => undefined;
    last = new Promise((resolve) => {
      release = resolve;
    });
    await before;
    return release;
  };
}

function createDispatcher(engine: Engine): (request: WorkerRequest) => Promise<WorkerAnswer> {
  const takeTurn = createTurns();
  const openTransactions = new Map<number, () => void>();
  const { db } = engine;

  async function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const release = await takeTurn();
    try {
      return await work();
    } finally {
      release();
    }
  }

  async function begin(transaction: number, scope: string | null): Promise<void> {
    const release = await takeTurn();
    try {
      await db.exec(beginSql(scope));
      openTransactions.set(transaction, release);
    } catch (error) {
      await db.exec('rollback');
      release();
      throw error;
    }
  }

  async function finish(transaction: number, isCommit: boolean): Promise<void> {
    const release = requireTransaction(transaction);
    try {
      if (isCommit) await commit(db);
      else await db.exec('rollback');
    } finally {
      openTransactions.delete(transaction);
      release();
    }
  }

  function requireTransaction(transaction: number): () => void {
    const release = openTransactions.get(transaction);
    if (release === undefined) throw storeError('25P01', 'the transaction is no longer open');
    return release;
  }

  return async (request) => {
    switch (request.kind) {
      case 'query':
        return [await inTurn(() => runStatement(db, request.text, request.params))];
      case 'exec':
        await inTurn(() => execOrRollback(db, request.sql));
        return [];
      case 'batch':
        return inTurn(() => runBatch(db, request));
      case 'begin':
        await begin(request.transaction, request.scope);
        return [];
      case 'run':
        requireTransaction(request.transaction);
        return [await runStatement(db, request.text, request.params)];
      case 'finish':
        await finish(request.transaction, request.isCommit);
        return [];
      case 'syncs':
        return engine.syncCount();
      case 'close':
        await inTurn(async () => {
          await db.exec('checkpoint');
          await db.close();
        });
        return [];
    }
  };
}

/** PGlite logs in as a superuser only, so a scoped transaction steps down to the role `app`. */
function beginSql(scope: string | null): string {
  return scope === null ? 'begin' : `begin; set local role app; ${scope}`;
}

async function runBatch(
  db: PGlite,
  batch: Extract<WorkerRequest, { kind: 'batch' }>,
): Promise<QueryResult[]> {
  try {
    await db.exec(beginSql(batch.scope));
    const results: QueryResult[] = [];
    for (const statement of batch.statements) {
      results.push(await runStatement(db, statement.text, statement.params ?? []));
    }
    await db.exec('commit');
    return results;
  } catch (error) {
    await db.exec('rollback');
    throw error;
  }
}

/** COMMIT of a failed transaction rolls back in silence: ask first, so that the caller hears of it. */
async function commit(db: PGlite): Promise<void> {
  try {
    await db.query('select 1');
    await db.exec('commit');
  } catch (error) {
    await db.exec('rollback');
    throw error;
  }
}

async function execOrRollback(db: PGlite, sql: string): Promise<void> {
  try {
    await db.exec(sql);
  } catch (error) {
    await db.exec('rollback'); // a `begin` inside the text must not stay open
    throw error;
  }
}

async function runStatement(
  db: PGlite,
  text: string,
  params: readonly unknown[],
): Promise<QueryResult> {
  const result = await db.query<Record<string, unknown>>(text, [...params]);
  return { rows: result.rows, affected: result.affectedRows ?? 0 };
}

function isTrap(error: unknown): boolean {
  return error instanceof Error && error.name === 'RuntimeError' && codeOf(error) === '';
}

async function main(): Promise<void> {
  const port = parentPort;
  if (port === null) throw new Error('this file runs as a worker thread');
  const send = (message: WorkerMessage): void => port.postMessage(message);
  try {
    const { engine, ready } = await openEngine(workerData as WorkerStart);
    const dispatch = createDispatcher(engine);
    port.on('message', ({ id, request }: NumberedRequest) => {
      dispatch(request)
        .then((value) => send({ kind: 'answer', id, value }))
        .catch((error: unknown) => {
          send({ kind: 'error', id, error: toPlainError(error) });
          // A wasm trap leaves the engine unusable: end here, the owner of this thread opens anew.
          if (isTrap(error)) process.exit(1);
        });
    });
    send({ kind: 'ready', ready });
  } catch (error) {
    send({ kind: 'failed', error: toPlainError(error) });
  }
}

await main();
