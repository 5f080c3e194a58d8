import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PgliteDatabase } from '../src/backends/pglite.ts';
import { openPglite } from '../src/backends/pglite.ts';

const nothing = (): Promise<void> => Promise.resolve();
let root = '';

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'assay-durability-'));
});

afterAll(() => {
  rmSync(root, { recursive: true, force: true });
});

describe('the embedded database on a directory', () => {
  let db: PgliteDatabase;

  beforeAll(async () => {
    db = await openPglite({ directory: join(root, 'syncs') }, nothing);
    await db.exec('create table t (k int primary key, body text)');
  });

  afterAll(() => db.close());

  async function syncsDuring(work: () => Promise<unknown>): Promise<number> {
    const before = await db.syncCount();
    await work();
    return (await db.syncCount()) - before;
  }

  it('says that it is durable', () => {
    expect(db.health).toMatchObject({ dialect: 'pglite', isDurable: true, warnings: [] });
  });

  it('syncs exactly once per commit', async () => {
    const syncs = await syncsDuring(async () => {
      for (let k = 1; k <= 10; k += 1) {
        await db.query('insert into t values ($1::int, $2::text)', [k, 'x']);
      }
    });
    expect(syncs).toBe(10);
  });

  it('syncs once for a transaction of several statements', async () => {
    const syncs = await syncsDuring(() =>
      db.ownerTransaction(async (run) => {
        for (let k = 11; k <= 15; k += 1) await run('insert into t values ($1::int)', [k]);
      }),
    );
    expect(syncs).toBe(1);
  });

  it('does not sync for a read, and does for a checkpoint', async () => {
    expect(await syncsDuring(() => db.query('select count(*) from t'))).toBe(0);
    expect(await syncsDuring(() => db.exec('checkpoint'))).toBeGreaterThan(0);
  });

  it('checkpoints when five minutes have passed since something was written', async () => {
    const start = 1_750_000_000_000;
    await db.maintain(start);
    await db.query('insert into t values (100)');
    expect(await syncsDuring(() => db.maintain(start + 60_000))).toBe(0);
    expect(await syncsDuring(() => db.maintain(start + 301_000))).toBeGreaterThan(5);
  });

  it('vacuums and analyses by the calendar', async () => {
    const dayMs = 24 * 60 * 60_000;
    const start = 1_750_000_000_000;
    await db.maintain(start);
    await db.maintain(start + dayMs);
    const { rows } = await db.query<{ reltuples: number }>(
      `select reltuples::float8 as reltuples from pg_class where relname = 't'`,
    );
    expect(rows[0]?.reltuples).toBe(16);
    const duties = await db.query('select name, done_at_ms from assay_upkeep.duty order by name');
    expect(duties.rows).toEqual([
      { name: 'analyze-all', done_at_ms: start + dayMs },
      { name: 'analyze-busy', done_at_ms: start + dayMs },
      { name: 'vacuum-all', done_at_ms: start },
      { name: 'vacuum-busy', done_at_ms: start + dayMs },
    ]);
  });
});

describe('the self-test at start', () => {
  it('refuses when commits do not reach fsync, although the settings look right', async () => {
    const directory = join(root, 'default-sync-method');
    const opening = openPglite({ directory, extraStartParams: [] }, nothing);
    await expect(opening).rejects.toMatchObject({
      code: 'store.not_durable',
      message: expect.stringContaining('a commit did not reach fsync'),
    });
    const withFsyncOff = openPglite({ directory, extraStartParams: ['-F'] }, nothing);
    await expect(withFsyncOff).rejects.toMatchObject({
      code: 'store.not_durable',
      message: expect.stringContaining('fsync is off'),
    });
    const db = await openPglite({ directory }, nothing); // the refusal left nothing locked
    expect(db.health.isDurable).toBe(true);
    await db.close();
  });

  it('lets durability be switched off, and shows it', async () => {
    const db = await openPglite(
      { directory: join(root, 'switched-off'), isDurable: false },
      nothing,
    );
    expect(db.health.isDurable).toBe(false);
    expect(db.health.warnings).toEqual([expect.stringContaining('not durable')]);
    await db.close();
  });

  it('refuses a directory that holds something else', async () => {
    const opening = openPglite(
      { directory: fileURLToPath(new URL('.', import.meta.url)) },
      nothing,
    );
    await expect(opening).rejects.toMatchObject({ code: 'store.not_a_database' });
  });
});

/** Writes batches of 100 rows for ever and prints the number of each batch once it is committed. */
const WRITER = `
  import { writeSync } from 'node:fs';
  import { openPglite } from ${JSON.stringify(new URL('../dist/backends/pglite.js', import.meta.url).href)};
  const db = await openPglite({ directory: process.argv[1] }, (db) => db.exec(
    'create table if not exists t (seq int, k int, body text, primary key (seq, k))'));
  const last = await db.query('select coalesce(max(seq), 0)::int as seq from t');
  for (let seq = last.rows[0].seq + 1; ; seq++) {
    await db.query(
      "insert into t select $1::int, k, repeat('x', 200) from generate_series(1, 100) k", [seq]);
    writeSync(1, seq + '\\n');
    if (seq % 40 === 0) await db.exec('checkpoint');
  }`;

function startWriter(directory: string): ChildProcess {
  return spawn(process.execPath, ['--input-type=module', '-e', WRITER, directory], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

/** Kills the writer some batches after its first answer; gives the last batch that it answered. */
function killWriter(writer: ChildProcess, afterBatches: number): Promise<number> {
  return new Promise((resolve, reject) => {
    let output = '';
    let lines = 0;
    writer.stdout?.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      lines += chunk.toString().split('\n').length - 1;
      if (lines >= afterBatches) writer.kill('SIGKILL');
    });
    writer.once('error', reject);
    writer.once('close', () => resolve(Number(output.trimEnd().split('\n').at(-1))));
  });
}

describe('kill -9 in the middle of writing', () => {
  it('keeps every acknowledged batch, whole, and opens again at once', async () => {
    const directory = join(root, 'killed');
    for (const afterBatches of [1, 17, 60]) {
      const acknowledged = await killWriter(startWriter(directory), afterBatches);
      const db = await openPglite({ directory }, nothing);
      const { rows } = await db.query<{ batches: number; last: number; torn: number }>(
        `select count(*)::int as batches, max(seq) as last,
                (count(*) filter (where n <> 100))::int as torn
         from (select seq, count(*) as n from t group by seq) batch`,
      );
      await db.close();
      expect(rows[0]?.torn).toBe(0);
      expect(rows[0]?.last).toBeGreaterThanOrEqual(acknowledged);
      expect(rows[0]?.batches).toBe(rows[0]?.last);
    }
  }, 120_000);
});
