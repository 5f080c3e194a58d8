/** One statement with its parameters, `$1` and so on, cast in the text. */
export interface Statement {
  readonly text: string;
  readonly params?: readonly unknown[];
}

/** What a statement gave back. */
export interface QueryResult<Row = Record<string, unknown>> {
  readonly rows: readonly Row[];
  /** Rows that the engine says were touched. Not to be trusted on Citus: use RETURNING. */
  readonly affected: number;
}

/** Runs one statement inside an open transaction. */
export type RunStatement = <Row = Record<string, unknown>>(
  text: string,
  params?: readonly unknown[],
) => Promise<QueryResult<Row>>;

/** Which engine is behind the port. */
export type Dialect = 'pglite' | 'postgres' | 'citus';

/** What the engine said of its durability and health at start. */
export interface DatabaseHealth {
  readonly dialect: Dialect;
  readonly version: string;
  /** False when an acknowledged fact could be lost; `warnings` says why. */
  readonly isDurable: boolean;
  readonly warnings: readonly string[];
}

/**
 * The one port to PostgreSQL, whatever engine runs it.
 *
 * Integers (int8, count) arrive as number when safe and as bigint beyond 2^53; numeric as string;
 * timestamptz as Date; bytea as Uint8Array. A failed statement rejects with an Error that has
 * `code` (SQLSTATE).
 */
export interface Database {
  readonly dialect: Dialect;
  readonly health: DatabaseHealth;
  /** Runs one statement as the owner: row-level security of other roles does not apply. */
  query<Row = Record<string, unknown>>(
    text: string,
    params?: readonly unknown[],
  ): Promise<QueryResult<Row>>;
  /** Runs SQL text with several statements and no parameters, outside a transaction, as owner. */
  exec(sql: string): Promise<void>;
  /** Runs the statements in one transaction as owner. */
  ownerTransaction<T>(work: (run: RunStatement) => Promise<T>): Promise<T>;
  /** Runs the statements in one transaction and one hop, as the application role, scoped to the tenants. */
  tenantBatch(
    tenantIds: readonly number[],
    statements: readonly Statement[],
  ): Promise<readonly QueryResult[]>;
  /** An interactive transaction, scoped to the tenants. Keep it short: PGlite has one connection. */
  tenantTransaction<T>(
    tenantIds: readonly number[],
    work: (run: RunStatement) => Promise<T>,
  ): Promise<T>;
  /** Value to pass for a bytea parameter; write `bytesParameter('$5')` in the text. */
  bytes(body: Uint8Array): unknown;
  /** SQL expression that turns the parameter into bytea on this engine. */
  bytesParameter(placeholder: string): string;
  /**
   * Duties that the engine does not do by itself. PGlite: checkpoint, analyze and vacuum, as its
   * calendar says; call it every minute. A server: analyze of the partitioned tables at every call;
   * call it daily.
   */
  maintain(nowMs: number): Promise<void>;
  close(): Promise<void>;
}

/** Scope of a request as SQL text. Throws on anything that is not a positive safe integer. */
export function tenantScope(tenantIds: readonly number[]): string {
  if (tenantIds.length === 0) throw new RangeError('a request needs at least one tenant');
  for (const id of tenantIds) {
    if (!Number.isSafeInteger(id) || id < 1) throw new RangeError(`not a tenant id: ${id}`);
  }
  return `set local app.tenants = '${tenantIds.join(',')}'`;
}
