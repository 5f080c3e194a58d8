import { createHash, randomUUID } from 'node:crypto';
import type { Database } from '@assay/store';
import { createTenant, openStore } from '@assay/store';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTenants } from './tenants.ts';

let real: Database;
let nowMs = Date.UTC(2026, 0, 1);
let queries = 0;
let held: Promise<void> = Promise.resolve();

beforeAll(async () => {
  real = await openStore({ kind: 'pglite', directory: 'memory' });
});
afterAll(() => real?.close());

/** The store, which counts what it is asked and may be held up. */
function busyStore(): Database {
  return {
    ...real,
    query: async (...args: Parameters<Database['query']>) => {
      queries += 1;
      await held;
      return real.query(...args);
    },
  } as Database;
}

const tenantsOf = (db: Database) =>
  createTenants(
    {
      db,
      dataDirectory: '.',
      now: () => nowMs,
      newId: randomUUID,
      random: () => 0.5,
      hash: (text) => createHash('sha256').update(text).digest('hex'),
      hashBytes: (bytes) => createHash('sha256').update(bytes).digest('hex'),
    },
    () => randomUUID().replaceAll('-', ''),
  );

describe('keys', () => {
  it('are asked for again before their time is over, so that no request waits', async () => {
    const tenantId = await createTenant(real, 'busy', nowMs);
    const tenants = tenantsOf(busyStore());
    const { key } = await tenants.createKey(tenantId, { name: 'k', roles: ['reader'], scopes: [] });
    await tenants.authenticate(key);
    const before = queries;
    nowMs += 3_000;
    let release: () => void = () => undefined;
    held = new Promise((resolve) => {
      release = resolve;
    });
    // Many requests, none of which waits for the one question that is asked.
    const seen = await Promise.all(Array.from({ length: 20 }, () => tenants.authenticate(key)));
    expect(seen.every((one) => one.tenantId === tenantId)).toBe(true);
    expect(queries - before).toBe(1);
    release();
    await held;
  });

  it('work no longer than they are believed once they are revoked elsewhere', async () => {
    const tenantId = await createTenant(real, 'revoked', nowMs);
    const here = tenantsOf(real);
    const elsewhere = tenantsOf(real);
    const made = await here.createKey(tenantId, { name: 'k', roles: ['reader'], scopes: [] });
    await here.authenticate(made.key);
    await elsewhere.revokeKey(tenantId, made.keyId);
    await expect(here.authenticate(made.key)).resolves.toMatchObject({ tenantId });
    nowMs += 5_001;
    await expect(here.authenticate(made.key)).rejects.toMatchObject({ code: 'auth.invalid' });
  });

  it('are forgotten at once when they are revoked here, also while one asks for them', async () => {
    const tenantId = await createTenant(real, 'own', nowMs);
    const tenants = tenantsOf(real);
    const made = await tenants.createKey(tenantId, { name: 'k', roles: ['reader'], scopes: [] });
    const asking = tenants.authenticate(made.key);
    await tenants.revokeKey(tenantId, made.keyId);
    await asking.catch(() => undefined);
    await expect(tenants.authenticate(made.key)).rejects.toMatchObject({ code: 'auth.invalid' });
  });
});
