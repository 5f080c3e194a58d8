import pg from 'pg';
import type { Database, Dialect, QueryResult, RunStatement } from '../database.ts';
import { tenantScope } from '../database.ts';
import { codeOf } from '../store-error.ts';
import type { AppLogin } from './app-login.ts';
import { appLogin } from './app-login.ts';
import { POSTGRES_TYPES } from './postgres-types.ts';

/** How to reach a PostgreSQL server. */
export interface PostgresOptions {
  /** URL of the owner of the schema: migrations and jobs. */
  readonly url: string;
  /** URL of a login in the role `app`; when absent the owner sets one up. */
  readonly appUrl?: string;
  /** Longest run of a tenant's statement, ms; 0 = no limit. Default 60,000. */
  readonly statementTimeoutMs?: number;
}

const DEFAULT_TIMEOUT_MS = 60_000;
const OWNER_CONNECTIONS = 4;
const APP_CONNECTIONS = 10;
const CONNECT_TIMEOUT_MS = 10_000;

/** Settings without which an acknowledged commit can be lost. */
const DURABLE_SETTINGS = ['fsync', 'synchronous_commit', 'full_page_writes'] as const;

/** Opens a PostgreSQL server, version 15 or later. */
export function openPostgres(
  options: PostgresOptions,
  prepare: (db: Database) => Promise<unknown>,
): Promise<Database> {
  return openPostgresAs('postgres', options, prepare, []);
}

/**
 * Opens a server that speaks PostgreSQL.
 *
 * @param prepare runs once as owner before tenants are let in; it makes the role `app`.
 * @param roleSql statements of the owner that run after `prepare`, before anyone logs in as `app`.
 */
export async function openPostgresAs(
  dialect: Dialect,
  options: PostgresOptions,
  prepare: (db: Database) => Promise<unknown>,
  roleSql: readonly string[],
): Promise<Database> {
  const owner = createPool({ connectionString: options.url, max: OWNER_CONNECTIONS });
  let tenants: pg.Pool | null = null;
  try {
    const health = await readHealth(owner, dialect);
    // Until `prepare` has made the role there is no login for tenants: the owner stands in.
    const early = { pool: owner, begin: 'begin; set local role app' };
    await prepare(databaseOf(dialect, owner, early, health));
    for (const sql of roleSql) await changeRole(owner, sql);
    const login = await appLogin(options.url, options.appUrl, (sql) => changeRole(owner, sql));
    const timeoutMs = options.statementTimeoutMs ?? DEFAULT_TIMEOUT_MS;
    tenants = createPool({
      connectionString: login.url,
      max: APP_CONNECTIONS,
      statement_timeout: timeoutMs,
      idle_in_transaction_session_timeout: timeoutMs,
      ...(dialect === 'citus' ? { options: '-c citus.propagate_set_commands=local' } : {}),
    });
    const warnings = [...health.warnings, ...login.warnings];
    return databaseOf(dialect, owner, scopeOf(tenants, login), { ...health, warnings });
  } catch (error) {
    await owner.end();
    await tenants?.end();
    throw error;
  }
}

/** Pool and first statements of a tenant's transaction. */
interface TenantScope {
  readonly pool: pg.Pool;
  readonly begin: string;
}

function scopeOf(pool: pg.Pool, login: AppLogin): TenantScope {
  return { pool, begin: login.mustSetRole ? 'begin; set local role app' : 'begin' };
}

function createPool(config: pg.PoolConfig): pg.Pool {
  const pool = new pg.Pool({
    types: POSTGRES_TYPES,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    application_name: 'assay',
    ...config,
  });
  // An idle connection that the server ends is replaced on the next use; nothing to do or to crash on.
  pool.on('error', () => undefined);
  return pool;
}

function databaseOf(
  dialect: Dialect,
  owner: pg.Pool,
  tenants: TenantScope,
  health: Database['health'],
): Database {
  const beginFor = (tenantIds: readonly number[]): string =>
    `${tenants.begin}; ${tenantScope(tenantIds)}`;
  let closing: Promise<void> | null = null;
  return {
    dialect,
    health,
    query: async <Row>(text: string, params: readonly unknown[] = []) =>
      resultOf<Row>(await owner.query(text, [...params])),
    exec: (sql) => execOn(owner, sql),
    ownerTransaction: (work) => transaction(owner, 'begin', work),
    tenantBatch: async (tenantIds, statements) =>
      transaction(tenants.pool, beginFor(tenantIds), async (run) => {
        const results: QueryResult[] = [];
        for (const { text, params } of statements) results.push(await run(text, params));
        return results;
      }),
    tenantTransaction: async (tenantIds, work) =>
      transaction(tenants.pool, beginFor(tenantIds), work),
    bytes: (body) => Buffer.from(body.buffer, body.byteOffset, body.byteLength),
    bytesParameter: (placeholder) => `${placeholder}::bytea`,
    maintain: () => analyzeParents(owner),
    close: () => {
      closing ??= Promise.all([owner.end(), tenants.pool.end()]).then(() => undefined);
      return closing;
    },
  };
}

function resultOf<Row>(result: pg.QueryResult): QueryResult<Row> {
  return { rows: result.rows as Row[], affected: result.rowCount ?? 0 };
}

/** A connection is given back to the pool only in a known state; otherwise it is thrown away. */
async function withClient<T>(
  pool: pg.Pool,
  work: (client: pg.PoolClient) => Promise<T>,
): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  const onError = (error: Error): void => {
    broken = error;
  };
  client.on('error', onError);
  try {
    return await work(client);
  } catch (error) {
    await client.query('rollback').catch(onError);
    throw error;
  } finally {
    client.removeListener('error', onError);
    client.release(broken);
  }
}

function execOn(pool: pg.Pool, sql: string): Promise<void> {
  return withClient(pool, async (client) => {
    await client.query(sql);
  });
}

function transaction<T>(
  pool: pg.Pool,
  begin: string,
  work: (run: RunStatement) => Promise<T>,
): Promise<T> {
  return withClient(pool, async (client) => {
    const run: RunStatement = async <Row>(text: string, params: readonly unknown[] = []) =>
      resultOf<Row>(await client.query(text, [...params]));
    await client.query(begin); // one simple query, one hop
    const result = await work(run);
    const { command } = await client.query('commit');
    if (command !== 'COMMIT') {
      throw Object.assign(new Error('a statement failed, so the transaction was rolled back'), {
        code: '25P02',
      });
    }
    return result;
  });
}

async function readHealth(pool: pg.Pool, dialect: Dialect): Promise<Database['health']> {
  const warnings: string[] = [];
  for (const name of DURABLE_SETTINGS) {
    const value = await settingOf(pool, name);
    if (value === 'off') warnings.push(`${name} is off: a power cut can lose acknowledged facts`);
  }
  const version = await settingOf(pool, 'server_version');
  return { dialect, version, isDurable: warnings.length === 0, warnings };
}

async function settingOf(pool: pg.Pool, name: string): Promise<string> {
  const { rows } = await pool.query<Record<string, string>>(`show ${name}`);
  return rows[0]?.[name] ?? '';
}

/** Roles belong to the whole server: two processes that start at once may collide on the row. */
async function changeRole(pool: pg.Pool, sql: string): Promise<void> {
  const attempts = 5;
  for (let attempt = 1; ; attempt += 1) {
    try {
      await pool.query(sql);
      return;
    } catch (error) {
      const isCollision = codeOf(error) === 'XX000' && attempt < attempts;
      if (!isCollision) throw error;
    }
  }
}

/** A server vacuums by itself, but never analyses the parent of partitions. */
async function analyzeParents(pool: pg.Pool): Promise<void> {
  const { rows } = await pool.query<{ name: string }>(
    `select format('%I.%I', n.nspname, c.relname) as name
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind = 'p' and n.nspname = 'public' order by 1`,
  );
  for (const { name } of rows) await execOn(pool, `analyze ${name}`);
}
