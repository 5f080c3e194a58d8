import { createHash } from 'node:crypto';
import { boundOf } from '@assay/loop';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPglite } from '../src/backends/pglite.ts';
import type { Database } from '../src/database.ts';
import type { Migration } from '../src/migrate.ts';
import { migrate, readMigrations } from '../src/migrate.ts';
import { openStore } from '../src/open.ts';
import { listPartitions } from '../src/partitions.ts';
import type { EmbeddedServer } from './embedded-postgres.ts';
import { startEmbeddedPostgres } from './embedded-postgres.ts';

let server: EmbeddedServer;

beforeAll(async () => {
  server = await startEmbeddedPostgres();
});
afterAll(() => server?.stop());

describe('migrations', () => {
  it('run once when several processes start at the same time', async () => {
    const url = await server.createDatabase('together');
    const opened = await Promise.all([1, 2, 3].map(() => openStore({ kind: 'postgres', url })));
    const { rows } = await (opened[0] as Database).query<{ n: number }>(
      'select count(*) as n from schema_migration',
    );
    expect(rows[0]?.n).toBeGreaterThan(0);
    await Promise.all(opened.map((db) => db.close()));
  });

  it('go forward only, whole or not at all', async () => {
    const first: Migration = { name: '0001_a', sql: 'create table a (i int);' };
    const second: Migration = { name: '0002_b', sql: 'create table b (i int); select 1 / 0;' };
    const index: Migration = {
      name: '0002_index',
      sql: '-- no-transaction\ncreate index concurrently a_i on a (i);\nanalyze a;\n',
    };
    const db = await openPglite({ directory: 'memory' }, (opening) =>
      migrate(opening, 1000, [first]),
    );
    expect(await migrate(db, 2000, [first])).toBe(0);
    await expect(migrate(db, 2000, [first, second])).rejects.toMatchObject({
      code: '22012',
      message: expect.stringContaining('migration 0002_b'),
    });
    const { rows } = await db.query(`select to_regclass('b')::text as b`);
    expect(rows).toEqual([{ b: null }]);
    expect(await migrate(db, 2000, [first, index])).toBe(1);

    const changed = { ...first, sql: `${first.sql} -- edited` };
    await expect(migrate(db, 3000, [changed, index])).rejects.toMatchObject({
      code: 'store.migration_changed',
      message: expect.stringContaining('0001_a'),
    });
    await expect(migrate(db, 3000, [first])).rejects.toMatchObject({ code: 'store.newer' });
    await db.close();
  });

  it('may be mended when the text names the one that it stands for', async () => {
    const first: Migration = { name: '0001_a', sql: 'create table a (i int);' };
    const sha256 = createHash('sha256').update(first.sql).digest('hex');
    const db = await openPglite({ directory: 'memory' }, (opening) =>
      migrate(opening, 1000, [first]),
    );
    const mended = { ...first, sql: `-- same effect as ${sha256}\ncreate table a (i integer);` };
    expect(await migrate(db, 2000, [mended])).toBe(0);
    const other = { ...first, sql: mended.sql.replace(sha256, 'f'.repeat(64)) };
    await expect(migrate(db, 2000, [other])).rejects.toMatchObject({
      code: 'store.migration_changed',
    });
    await db.close();
  });

  it('give a new partitioned table the periods that the others have', async () => {
    const all = readMigrations(false);
    const before = all.filter(({ name }) => name < '0005');
    const db = await openPglite({ directory: 'memory' }, (opening) =>
      migrate(opening, 1000, before),
    );
    const day = Date.UTC(2026, 10, 1);
    const bounds = `from ('${boundOf(day)}') to ('${boundOf(day + 86_400_000)}')`;
    for (const table of ['task', 'doc_block', 'task_text']) {
      await db.exec(`create table ${table}_20261101 partition of ${table} for values ${bounds}`);
    }
    await migrate(db, 2000, all);
    expect(await listPartitions(db)).toEqual([{ fromMs: day, toMs: day + 86_400_000 }]);
    await db.close();
  });
});
