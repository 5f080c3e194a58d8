import { timingSafeEqual } from 'node:crypto';
import type { NewKeyRequest, Role } from '@assay/protocol';
import { AssayError } from '@assay/protocol';
import type { StoredKey } from '@assay/store';
import { createTenant, findKey, insertKey, listKeys, revokeKey } from '@assay/store';
import type { EngineContext } from './context.ts';

/** Who calls, once the key has been checked. */
export interface Principal {
  readonly tenantId: number;
  readonly keyId: string;
  readonly roles: readonly string[];
  /** Capabilities that the key is held to; none = all. */
  readonly scopes: readonly string[];
}

/** A key as it may be shown: without hash and secret. */
export interface KeySummary {
  readonly keyId: string;
  readonly name: string;
  readonly roles: readonly string[];
  readonly scopes: readonly string[];
  readonly createdAt: string;
  readonly revokedAt: string | null;
}

/** A new key. Its text is never stored and cannot be shown again. */
export interface CreatedKey {
  readonly keyId: string;
  readonly key: string;
}

/** Tenants and their keys. */
export interface Tenants {
  /**
   * Checks the text of a key.
   * @throws AssayError `auth.invalid`
   */
  authenticate(keyText: string): Promise<Principal>;
  createKey(tenantId: number, request: NewKeyRequest): Promise<CreatedKey>;
  listKeys(tenantId: number): Promise<KeySummary[]>;
  /** @throws AssayError `key.not-found` */
  revokeKey(tenantId: number, keyId: string): Promise<void>;
  /**
   * Makes the first tenant and its admin key if there is none; makes sure that a given key works.
   * @throws AssayError `config.invalid` for a given key that cannot be one
   */
  bootstrap(adminKey: string | null): Promise<{ tenantId: number; newKey: string | null }>;
}

const FIRST_TENANT = 'default';
const KEY_TEXT = /^assay_([A-Za-z0-9]{1,64})_([A-Za-z0-9_-]{16,200})$/;
/** How long a key that was found is believed, ms: one revoked elsewhere works no longer than this. */
const BELIEVED_MS = 5_000;
const MAX_CACHED = 10_000;

/** Whether some roles include what a route asks for. An admin may do everything, a writer reads. */
export function hasRole(roles: readonly string[], wanted: Role): boolean {
  if (roles.includes('admin')) return true;
  if (wanted === 'reader') return roles.includes('reader') || roles.includes('writer');
  return wanted === 'writer' && roles.includes('writer');
}

interface KeyParts {
  readonly keyId: string;
  readonly secret: string;
}

function splitKey(text: string): KeyParts | null {
  const match = KEY_TEXT.exec(text);
  return match?.[1] && match[2] ? { keyId: match[1], secret: match[2] } : null;
}

function isSame(hash: string, other: string): boolean {
  const left = Buffer.from(hash);
  const right = Buffer.from(other);
  return left.length === right.length && timingSafeEqual(left, right);
}

function timeText(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}

function summaryOf(key: StoredKey): KeySummary {
  const { keyId, name, roles, scopes } = key;
  const createdAt = new Date(key.createdAtMs).toISOString();
  return { keyId, name, roles, scopes, createdAt, revokedAt: timeText(key.revokedAtMs) };
}

interface KeyCache {
  find(keyId: string): Promise<StoredKey | null>;
  forget(keyId: string): void;
}

interface CachedKey {
  readonly key: StoredKey;
  /** From then on the key is asked for again, while it is still believed. ms since 1970. */
  readonly renewFromMs: number;
  readonly untilMs: number;
}

/**
 * Keys that were found. A key in use is asked for again before its time is over, so that no
 * request waits for the store, which may be busy.
 */
function createKeyCache(context: EngineContext): KeyCache {
  const cache = new Map<string, CachedKey>();
  const loading = new Map<string, { readonly promise: Promise<StoredKey | null> }>();

  async function load(keyId: string, isCurrent: () => boolean): Promise<StoredKey | null> {
    const askedMs = context.now();
    const key = await findKey(context.db, keyId);
    if (!isCurrent()) return key; // forgotten meanwhile: what was read may be out of date
    if (cache.size >= MAX_CACHED) cache.clear();
    // Unknown ids are not kept: guessing must not fill the memory, and a new key works at once.
    if (key === null) cache.delete(keyId);
    else {
      const untilMs = askedMs + BELIEVED_MS;
      cache.set(keyId, { key, renewFromMs: askedMs + BELIEVED_MS / 2, untilMs });
    }
    return key;
  }

  function loadOnce(keyId: string): Promise<StoredKey | null> {
    const running = loading.get(keyId);
    if (running !== undefined) return running.promise;
    const isCurrent = (): boolean => loading.get(keyId) === entry;
    const promise = load(keyId, isCurrent).finally(() => {
      if (isCurrent()) loading.delete(keyId);
    });
    const entry = { promise };
    loading.set(keyId, entry);
    return promise;
  }

  return {
    async find(keyId) {
      const known = cache.get(keyId);
      const nowMs = context.now();
      if (known === undefined || known.untilMs <= nowMs) return loadOnce(keyId);
      if (known.renewFromMs <= nowMs) loadOnce(keyId).catch(() => undefined);
      return known.key;
    },
    forget(keyId) {
      cache.delete(keyId);
      loading.delete(keyId);
    },
  };
}

async function store(
  context: EngineContext,
  tenantId: number,
  { keyId, secret }: KeyParts,
  request: NewKeyRequest,
): Promise<void> {
  await insertKey(context.db, {
    keyId,
    tenantId,
    hash: context.hash(secret),
    name: request.name,
    roles: request.roles,
    scopes: request.scopes,
    createdAtMs: context.now(),
  });
}

const FIRST_KEY: NewKeyRequest = { name: 'first admin key', roles: ['admin'], scopes: [] };

/** Stores a key that the configuration gives, unless it is stored already. */
async function adopt(context: EngineContext, tenantId: number, adminKey: string): Promise<void> {
  const parts = splitKey(adminKey);
  if (parts === null) {
    throw new AssayError('config.invalid', {
      detail:
        'ASSAY_ADMIN_KEY must look like assay_<letters and digits>_<at least 16 letters and digits>',
    });
  }
  const known = await findKey(context.db, parts.keyId);
  if (known === null) return store(context, tenantId, parts, FIRST_KEY);
  if (!isSame(context.hash(parts.secret), known.hash) || known.revokedAtMs !== null) {
    throw new AssayError('config.invalid', {
      detail: `ASSAY_ADMIN_KEY has the id ${parts.keyId} of a key that was revoked or differs`,
    });
  }
}

/**
 * Tenants and keys of a store. Secrets are kept as SHA-256: they are random, not passwords.
 * @param newSecret gives at least 32 random bytes as text of letters, digits, - and _
 */
export function createTenants(context: EngineContext, newSecret: () => string): Tenants {
  const cache = createKeyCache(context);

  async function createKey(tenantId: number, request: NewKeyRequest): Promise<CreatedKey> {
    const keyId = context.newId().replaceAll('-', '').slice(-12);
    const secret = newSecret();
    await store(context, tenantId, { keyId, secret }, request);
    return { keyId, key: `assay_${keyId}_${secret}` };
  }

  return {
    createKey,
    async authenticate(keyText) {
      const parts = splitKey(keyText);
      const key = parts === null ? null : await cache.find(parts.keyId);
      const isRight = key !== null && isSame(context.hash(parts?.secret ?? ''), key.hash);
      if (key === null || !isRight || key.revokedAtMs !== null) {
        throw new AssayError('auth.invalid');
      }
      return { tenantId: key.tenantId, keyId: key.keyId, roles: key.roles, scopes: key.scopes };
    },
    listKeys: async (tenantId) => (await listKeys(context.db, tenantId)).map(summaryOf),
    async revokeKey(tenantId, keyId) {
      const isRevoked = await revokeKey(context.db, tenantId, keyId, context.now());
      cache.forget(keyId);
      if (!isRevoked) throw new AssayError('key.not-found');
    },
    async bootstrap(adminKey) {
      const tenantId = await createTenant(context.db, FIRST_TENANT, context.now());
      if (adminKey !== null) {
        await adopt(context, tenantId, adminKey);
        return { tenantId, newKey: null };
      }
      const hasKey = (await listKeys(context.db, tenantId)).length > 0;
      return { tenantId, newKey: hasKey ? null : (await createKey(tenantId, FIRST_KEY)).key };
    },
  };
}
