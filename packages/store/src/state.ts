import type { Database, Statement } from './database.ts';

/** A small document of a tenant: a policy, a scorecard, a manifest. */
export interface StateEntry {
  readonly key: string;
  /** Any JSON value. */
  readonly value: unknown;
  /** ms since 1970. */
  readonly updatedAtMs: number;
}

/** Statement that writes a document, replacing the one with this collection and key. */
export function putStateStatement(
  tenantId: number,
  collection: string,
  key: string,
  value: unknown,
  nowMs: number,
): Required<Statement> {
  return {
    text: `insert into tenant_state (tenant_id, collection, key, value, updated_at)
      values ($1::int, $2::text, $3::text, $4::text::json, $5::timestamptz)
      on conflict (tenant_id, collection, key)
      do update set value = excluded.value, updated_at = excluded.updated_at`,
    params: [tenantId, collection, key, JSON.stringify(value), new Date(nowMs).toISOString()],
  };
}

/**
 * Writes a document, replacing the one with this collection and key. Documents that processes keep
 * in memory are written by `putSharedState`.
 */
export async function putState(
  db: Database,
  tenantId: number,
  collection: string,
  key: string,
  value: unknown,
  nowMs: number,
): Promise<void> {
  await db.tenantBatch([tenantId], [putStateStatement(tenantId, collection, key, value, nowMs)]);
}

/**
 * Writes a document that is never changed afterwards.
 * @returns false when there was one with this collection and key: it stays as it is
 */
export async function addState(
  db: Database,
  tenantId: number,
  collection: string,
  key: string,
  value: unknown,
  nowMs: number,
): Promise<boolean> {
  const [result] = await db.tenantBatch(
    [tenantId],
    [
      {
        text: `insert into tenant_state (tenant_id, collection, key, value, updated_at)
        values ($1::int, $2::text, $3::text, $4::text::json, $5::timestamptz)
        on conflict do nothing returning key`,
        params: [tenantId, collection, key, JSON.stringify(value), new Date(nowMs).toISOString()],
      },
    ],
  );
  return (result?.rows.length ?? 0) > 0;
}

/** Writes several documents of a collection in one statement. The last one of a key counts. */
export async function putStates(
  db: Database,
  tenantId: number,
  collection: string,
  entries: readonly { readonly key: string; readonly value: unknown }[],
  nowMs: number,
): Promise<void> {
  if (entries.length === 0) return;
  // Inside JSON half a surrogate pair is refused; as a parameter the driver would replace it.
  const last = new Map(
    entries.map((one) => [one.key.replaceAll(/\p{Surrogate}/gu, '\ufffd'), one.value]),
  );
  const rows = [...last].map(([k, value]) => ({ k, v: JSON.stringify(value) }));
  await db.tenantBatch(
    [tenantId],
    [
      {
        text: `insert into tenant_state (tenant_id, collection, key, value, updated_at)
        select $1::int, $2::text, k, v::json, $4::timestamptz
        from json_to_recordset($3::text::json) as r(k text, v text) order by k collate "C"
        on conflict (tenant_id, collection, key)
        do update set value = excluded.value, updated_at = excluded.updated_at`,
        params: [tenantId, collection, JSON.stringify(rows), new Date(nowMs).toISOString()],
      },
    ],
  );
}

function entryOf(row: Readonly<Record<string, unknown>>): StateEntry {
  return {
    key: String(row['key']),
    value: JSON.parse(String(row['value'])),
    updatedAtMs: (row['updated_at'] as Date).getTime(),
  };
}

/** Reads a document; null when there is none. */
export async function getState(
  db: Database,
  tenantId: number,
  collection: string,
  key: string,
): Promise<StateEntry | null> {
  const [result] = await db.tenantBatch(
    [tenantId],
    [
      {
        text: `select key, value::text as value, updated_at from tenant_state
        where tenant_id = $1::int and collection = $2::text and key = $3::text`,
        params: [tenantId, collection, key],
      },
    ],
  );
  const row = result?.rows[0];
  return row === undefined ? null : entryOf(row);
}

/** One page of a collection by key, ascending in code point order. */
export async function listStates(
  db: Database,
  tenantId: number,
  collection: string,
  page: { readonly after?: string; readonly prefix?: string; readonly limit?: number } = {},
): Promise<StateEntry[]> {
  const [result] = await db.tenantBatch(
    [tenantId],
    [
      {
        text: `select key, value::text as value, updated_at from tenant_state
        where tenant_id = $1::int and collection = $2::text and key > $3::text
          and starts_with(key, $4::text)
        order by key limit $5::int`,
        params: [tenantId, collection, page.after ?? '', page.prefix ?? '', page.limit ?? 1_000],
      },
    ],
  );
  return (result?.rows ?? []).map(entryOf);
}

/** Removes a document. False when there was none. */
export async function deleteState(
  db: Database,
  tenantId: number,
  collection: string,
  key: string,
): Promise<boolean> {
  const [result] = await db.tenantBatch(
    [tenantId],
    [
      {
        text: `delete from tenant_state
        where tenant_id = $1::int and collection = $2::text and key = $3::text returning key`,
        params: [tenantId, collection, key],
      },
    ],
  );
  return (result?.rows.length ?? 0) > 0;
}
