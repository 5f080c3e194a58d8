import type { Database } from './database.ts';

/** One customer or team whose facts are kept apart from all others. */
export interface Tenant {
  readonly tenantId: number;
  readonly slug: string;
  /** ms since 1970. */
  readonly createdAtMs: number;
}

/** A key of a caller. Only the hash of its secret is stored. */
export interface StoredKey {
  readonly keyId: string;
  readonly tenantId: number;
  readonly hash: string;
  readonly name: string;
  readonly roles: readonly string[];
  readonly scopes: readonly string[];
  /** ms since 1970. */
  readonly createdAtMs: number;
  /** ms since 1970; null = in force. */
  readonly revokedAtMs: number | null;
}

/** A key to be stored. */
export type NewKey = Omit<StoredKey, 'revokedAtMs'>;

const MAX_ROUNDS = 100;

/**
 * Creates a tenant and returns its number (1, 2, ...). A slug that is taken gives the number of
 * the tenant that has it, so that two processes may start at once.
 */
export async function createTenant(db: Database, slug: string, nowMs: number): Promise<number> {
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const found = await db.query<{ tenant_id: number }>(
      'select tenant_id from tenant where slug = $1::text',
      [slug],
    );
    if (found.rows[0] !== undefined) return Number(found.rows[0].tenant_id);
    await db.query(
      `insert into tenant (tenant_id, slug, created_at)
       select coalesce(max(tenant_id), 0) + 1, $1::text, $2::timestamptz from tenant
       on conflict do nothing`,
      [slug, new Date(nowMs).toISOString()],
    );
  }
  throw new Error(`no number for tenant ${slug} after ${MAX_ROUNDS} rounds`);
}

/** Lists all tenants by number. */
export async function listTenants(db: Database): Promise<Tenant[]> {
  const { rows } = await db.query<{ tenant_id: number; slug: string; created_at: Date }>(
    'select tenant_id, slug, created_at from tenant order by tenant_id',
  );
  return rows.map((row) => ({
    tenantId: Number(row.tenant_id),
    slug: row.slug,
    createdAtMs: row.created_at.getTime(),
  }));
}

/** Stores a key. Rejects (SQLSTATE 23505) when its id is taken. */
export async function insertKey(db: Database, key: NewKey): Promise<void> {
  await db.query(
    `insert into api_key (key_id, tenant_id, hash, name, roles, scopes, created_at)
     values ($1::text, $2::int, $3::text, $4::text, $5::text::json, $6::text::json, $7::timestamptz)`,
    [
      key.keyId,
      key.tenantId,
      key.hash,
      key.name,
      JSON.stringify(key.roles),
      JSON.stringify(key.scopes),
      new Date(key.createdAtMs).toISOString(),
    ],
  );
}

interface KeyRow {
  readonly key_id: string;
  readonly tenant_id: number;
  readonly hash: string;
  readonly name: string;
  readonly roles: readonly string[];
  readonly scopes: readonly string[];
  readonly created_at: Date;
  readonly revoked_at: Date | null;
}

function storedKeyOf(row: KeyRow): StoredKey {
  return {
    keyId: row.key_id,
    tenantId: Number(row.tenant_id),
    hash: row.hash,
    name: row.name,
    roles: row.roles,
    scopes: row.scopes,
    createdAtMs: row.created_at.getTime(),
    revokedAtMs: row.revoked_at?.getTime() ?? null,
  };
}

/** Finds a key by its id, revoked or not; null when there is none. */
export async function findKey(db: Database, keyId: string): Promise<StoredKey | null> {
  const { rows } = await db.query<KeyRow>('select * from api_key where key_id = $1::text', [keyId]);
  return rows[0] === undefined ? null : storedKeyOf(rows[0]);
}

/** Lists the keys of a tenant, oldest first. */
export async function listKeys(db: Database, tenantId: number): Promise<StoredKey[]> {
  const { rows } = await db.query<KeyRow>(
    'select * from api_key where tenant_id = $1::int order by created_at, key_id collate "C"',
    [tenantId],
  );
  return rows.map(storedKeyOf);
}

/** Revokes a key of a tenant. False when there is no such key in force. */
export async function revokeKey(
  db: Database,
  tenantId: number,
  keyId: string,
  nowMs: number,
): Promise<boolean> {
  const { rows } = await db.query(
    `update api_key set revoked_at = $3::timestamptz
     where key_id = $2::text and tenant_id = $1::int and revoked_at is null returning key_id`,
    [tenantId, keyId, new Date(nowMs).toISOString()],
  );
  return rows.length > 0;
}
