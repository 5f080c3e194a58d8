import { timingSafeEqual } from 'node:crypto';
import { AssayError, type NewKeyRequest, type Role } from '@assay/protocol';
import { createTenant, findKey, insertKey, listKeys, revokeKey, type StoredKey } from '@assay/store';
import type { EngineContext } from './context.ts';

/** Who is asking. */
export interface Principal {
  readonly tenantId: number;
  readonly keyId: string;
  readonly roles: readonly string[];
  /** Capabilities that the key is held to; none = all. */
  readonly scopes: readonly string[];
}

/** A key as it is shown: without its secret. */
export interface KeyLine {
  readonly keyId: string;
  readonly name: string;
  readonly roles: readonly string[];
  readonly scopes: readonly string[];
  readonly createdAt: string;
  readonly revokedAt: string | null;
}

/** A new key. `key` is shown once and stored nowhere. */
export interface NewKeyAnswer {
  readonly keyId: string;
  readonly key: string;
}

/** The keys of all tenants, with what is known of them kept for a moment. */
export interface Tenants {
  /** @throws AssayError `auth.missing`, `auth.invalid` */
  authenticate(header: string | undefined): Promise<Principal>;
  create(tenantId: number, request: NewKeyRequest): Promise<NewKeyAnswer>;
  list(tenantId: number): Promise<KeyLine[]>;
  /** @throws AssayError `key.not-found` */
  revoke(tenantId: number, keyId: string): Promise<void>;
  /** Creates the first tenant and its admin key; null when it has a key already. */
  bootstrap(adminKey: string | null): Promise<string | null>;
}

const FIRST_TENANT = 'default';
/** How long a key that was revoked by another process may still be taken here, ms. */
const KNOWN_FOR_MS = 5_000;
const MAX_KNOWN = 10_000;
const KEY_TEXT = /^assay_([A-Za-z0-9]{1,40})_([A-Za-z0-9_-]{16,200})$/;

interface Known {
  readonly key: StoredKey | null;
  readonly untilMs: number;
}

function splitKey(text: string): { readonly keyId: string; readonly secret: string } | null {
  const match = KEY_TEXT.exec(text);
  return match?.[1] && match[2] ? { keyId: match[1], secret: match[2] } : null;
}

function isSameHash(left: string, right: string): boolean {
  const a = Buffer.from(left, 'utf8');
  const b = Buffer.from(right, 'utf8');
  return a.length === b.length && timingSafeEqual(a, b);
}

const lineOf = (key: StoredKey): KeyLine => ({
  keyId: key.keyId,
  name: key.name,
  roles: key.roles,
  scopes: key.scopes,
  createdAt: new Date(key.createdAtMs).toISOString(),
  revokedAt: key.revokedAtMs === null ? null : new Date(key.revokedAtMs).toISOString(),
});

/** Opens the tenants and keys of a store. `newSecret` gives at least 32 random bytes as URL-safe text. */
export function createTenants(context: EngineContext, newSecret: () => string): Tenants {
  const known = new Map<string, Known>();

  async function keyOf(keyId: string): Promise<StoredKey | null> {
    const nowMs = context.now();
    const found = known.get(keyId);
    if (found && found.untilMs > nowMs) return found.key;
    const key = await findKey(context.db, keyId);
    if (known.size >= MAX_KNOWN) known.clear();
    known.set(keyId, { key, untilMs: nowMs + KNOWN_FOR_MS });
    return key;
  }

  async function store(
    tenantId: number,
    text: { readonly keyId: string; readonly secret: string },
    request: { readonly name: string; readonly roles: readonly Role[]; readonly scopes: readonly string[] },
  ): Promise<void> {
    await insertKey(context.db, {
      tenantId,
      keyId: text.keyId,
      hash: context.hash(text.secret),
      roles: request.roles,
      scopes: request.scopes,
      createdAtMs: context.now(),
      name: request.name,
    });
    known.delete(text.keyId);
  }

  async function create(tenantId: number, request: NewKeyRequest): Promise<NewKeyAnswer> {
    const keyId = context.hash(newSecret()).slice(0, 16);
    const secret = newSecret();
    await store(tenantId, { keyId, secret }, request);
    return { keyId, key: `assay_${keyId}_${secret}` };
  }

  return {
    create,
    async authenticate(header) {
      const match = /^Bearer\s+(\S+)$/i.exec(header ?? '');
      if (!match?.[1]) throw new AssayError('auth.missing');
      const given = splitKey(match[1]);
      const key = given ? await keyOf(given.keyId) : null;
      if (!given || !key || key.revokedAtMs !== null || !isSameHash(context.hash(given.secret), key.hash)) {
        throw new AssayError('auth.invalid');
      }
      return { tenantId: key.tenantId, keyId: key.keyId, roles: key.roles, scopes: key.scopes };
    },
    list: async (tenantId) => (await listKeys(context.db, tenantId)).map(lineOf),
    async revoke(tenantId, keyId) {
      const own = (await listKeys(context.db, tenantId)).some((key) => key.keyId === keyId);
      if (!own) throw new AssayError('key.not-found');
      await revokeKey(context.db, tenantId, keyId, context.now());
      known.delete(keyId);
    },
    async bootstrap(adminKey) {
      const tenantId = await createTenant(context.db, FIRST_TENANT, context.now());
      const admin = { name: 'first admin key', roles: ['admin'] as const, scopes: [] };
      if (adminKey !== null) {
        const given = splitKey(adminKey);
        if (!given) {
          throw new AssayError('config.invalid', {
            detail: 'ASSAY_ADMIN_KEY must look like assay_<letters and digits>_<at least 16 letters and digits>.',
          });
        }
        const stored = await findKey(context.db, given.keyId);
        if (!stored) await store(tenantId, given, admin);
        else if (!isSameHash(context.hash(given.secret), stored.hash)) {
          throw new AssayError('config.invalid', {
            detail: `ASSAY_ADMIN_KEY has the id ${given.keyId} of a stored key with another secret.`,
          });
        }
        return adminKey;
      }
      if ((await listKeys(context.db, tenantId)).length > 0) return null;
      return (await create(tenantId, admin)).key;
    },
  };
}
