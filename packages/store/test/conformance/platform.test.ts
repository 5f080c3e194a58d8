import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  forgetChanges,
  isShared,
  putSharedState,
  readChanges,
  readEvidence,
} from '../../src/changes.ts';
import type { Database } from '../../src/database.ts';
import {
  claimSlot,
  finishSlot,
  forgetSlots,
  listSlots,
  postponeSlot,
  proposeSlots,
  renewSlot,
} from '../../src/jobs.ts';
import { deleteState, getState, listStates, putState } from '../../src/state.ts';
import {
  createTenant,
  findKey,
  insertKey,
  listKeys,
  listTenants,
  revokeKey,
} from '../../src/tenants.ts';
import { BACKENDS } from './backends.ts';

const NOW = Date.UTC(2026, 10, 1, 12);
const MINUTE_MS = 60_000;

describe.each(BACKENDS)('platform on $name', ({ open }) => {
  let db: Database;
  let close: () => Promise<void>;

  beforeAll(async () => {
    ({ db, close } = await open());
  });
  afterAll(() => close?.());

  it('numbers tenants, and gives a known slug its number', async () => {
    const ids = await Promise.all(
      ['a', 'b', 'a', 'c', 'b'].map((slug) => createTenant(db, slug, NOW)),
    );
    expect(ids[0]).toBe(ids[2]);
    expect(ids[1]).toBe(ids[4]);
    expect(new Set(ids).size).toBe(3);
    const tenants = await listTenants(db);
    expect(tenants.map((one) => one.tenantId)).toEqual([1, 2, 3]);
    expect(tenants.map((one) => one.slug).sort()).toEqual(['a', 'b', 'c']);
    expect(tenants[0]?.createdAtMs).toBe(NOW);
  });

  it('stores, finds, lists and revokes keys', async () => {
    const key = {
      keyId: 'k1',
      tenantId: 1,
      hash: 'ab'.repeat(32),
      name: 'first',
      roles: ['admin', 'writer'],
      scopes: [],
      createdAtMs: NOW,
    };
    await insertKey(db, key);
    await insertKey(db, { ...key, keyId: 'k2', tenantId: 2 });
    await expect(insertKey(db, key)).rejects.toMatchObject({ code: '23505' });
    expect(await findKey(db, 'k1')).toEqual({ ...key, revokedAtMs: null });
    expect(await findKey(db, 'k3')).toBeNull();
    expect(await revokeKey(db, 2, 'k1', NOW + 5)).toBe(false);
    expect(await revokeKey(db, 1, 'k1', NOW + 5)).toBe(true);
    expect(await revokeKey(db, 1, 'k1', NOW + 6)).toBe(false);
    expect((await listKeys(db, 1)).map((one) => [one.keyId, one.revokedAtMs])).toEqual([
      ['k1', NOW + 5],
    ]);
  });

  it('keeps the documents of tenants and collections apart', async () => {
    const value = { mean: 0.1, text: 'tâche\u0000', list: [1, null, '2'], big: 1e300 };
    await putState(db, 1, 'policy', 'default', value, NOW);
    await putState(db, 2, 'policy', 'default', 'other', NOW);
    await putState(db, 1, 'card', 'default', null, NOW);
    expect(await getState(db, 1, 'policy', 'default')).toEqual({
      key: 'default',
      value,
      updatedAtMs: NOW,
    });
    expect((await getState(db, 2, 'policy', 'default'))?.value).toBe('other');
    expect((await getState(db, 1, 'card', 'default'))?.value).toBeNull();
    expect(await getState(db, 3, 'policy', 'default')).toBeNull();
    await putState(db, 1, 'policy', 'default', 2, NOW + 1);
    expect(await getState(db, 1, 'policy', 'default')).toEqual({
      key: 'default',
      value: 2,
      updatedAtMs: NOW + 1,
    });
    expect(await deleteState(db, 3, 'policy', 'default')).toBe(false);
    expect(await deleteState(db, 2, 'policy', 'default')).toBe(true);
    expect(await getState(db, 1, 'policy', 'default')).not.toBeNull();
  });

  it('pages a collection in code point order', async () => {
    const keys = ['B', 'a', 'aa', 'b%', 'b_', 'z', 'ä'];
    for (const key of keys) await putState(db, 1, 'page', key, key, NOW);
    const first = await listStates(db, 1, 'page', { limit: 3 });
    const rest = await listStates(db, 1, 'page', { after: first.at(-1)?.key ?? '' });
    expect([...first, ...rest].map((entry) => entry.key)).toEqual(keys);
    expect((await listStates(db, 1, 'page', { prefix: 'b' })).map((entry) => entry.key)).toEqual([
      'b%',
      'b_',
    ]);
    expect(await listStates(db, 2, 'page')).toEqual([]);
  });

  it('gives each slot to one claimer', async () => {
    const range = { fromMs: NOW, toMs: NOW + 9 * MINUTE_MS, intervalMs: MINUTE_MS };
    await Promise.all([proposeSlots(db, 'roll', range), proposeSlots(db, 'roll', range)]);
    expect(
      await claimSlot(db, 'roll', { by: 'early', nowMs: NOW - 1, leaseMs: MINUTE_MS }),
    ).toBeNull();
    const nowMs = NOW + 20 * MINUTE_MS;
    const work = async (by: string): Promise<number[]> => {
      const done: number[] = [];
      for (;;) {
        const slot = await claimSlot(db, 'roll', { by, nowMs, leaseMs: MINUTE_MS });
        if (slot === null) return done;
        expect(await finishSlot(db, 'roll', { ...slot, by, nowMs, note: { by } })).toBe(true);
        done.push(slot.slotMs);
      }
    };
    const slots = (await Promise.all(['p', 'q', 'r'].map(work))).flat();
    expect(slots.sort((a, b) => a - b)).toEqual(
      Array.from({ length: 10 }, (_, i) => NOW + i * MINUTE_MS),
    );
    const listed = await listSlots(db, { job: 'roll', limit: 3 });
    expect(listed.map((slot) => slot.slotMs)).toEqual([9, 8, 7].map((i) => NOW + i * MINUTE_MS));
    expect(listed[0]).toMatchObject({ attempt: 1, doneAtMs: nowMs, note: { by: listed[0]?.by } });
  });

  it('hands an abandoned slot on and refuses its late finisher', async () => {
    await proposeSlots(db, 'export', { fromMs: NOW, toMs: NOW, intervalMs: MINUTE_MS });
    const lease = { leaseMs: MINUTE_MS };
    const first = await claimSlot(db, 'export', { by: 'p', nowMs: NOW, ...lease });
    expect(first).toEqual({ slotMs: NOW, attempt: 1 });
    expect(await claimSlot(db, 'export', { by: 'q', nowMs: NOW + 1_000, ...lease })).toBeNull();
    const held = { slotMs: NOW, by: 'p', attempt: 1 };
    expect(await renewSlot(db, 'export', { ...held, nowMs: NOW + 50_000, ...lease })).toBe(true);
    expect(await claimSlot(db, 'export', { by: 'q', nowMs: NOW + 70_000, ...lease })).toBeNull();
    const second = await claimSlot(db, 'export', { by: 'q', nowMs: NOW + 120_000, ...lease });
    expect(second).toEqual({ slotMs: NOW, attempt: 2 });
    const late = NOW + 121_000;
    expect(await renewSlot(db, 'export', { ...held, nowMs: late, ...lease })).toBe(false);
    expect(await finishSlot(db, 'export', { ...held, nowMs: late })).toBe(false);
    expect(await finishSlot(db, 'export', { slotMs: NOW, by: 'q', attempt: 2, nowMs: late })).toBe(
      true,
    );
    expect(await finishSlot(db, 'export', { slotMs: NOW, by: 'q', attempt: 2, nowMs: late })).toBe(
      false,
    );
    expect(await listSlots(db, { job: 'export' })).toMatchObject([
      { attempt: 2, by: 'q', note: null },
    ]);
  });

  it('takes a slot back until a time, and forgets all but the newest of old ones', async () => {
    const range = { fromMs: NOW, toMs: NOW + 2 * MINUTE_MS, intervalMs: MINUTE_MS };
    await proposeSlots(db, 'tidy', range);
    const claim = { by: 'p', leaseMs: MINUTE_MS };
    const nowMs = NOW + 10;
    const slot = await claimSlot(db, 'tidy', { ...claim, nowMs });
    const hold = { slotMs: NOW, by: 'p', attempt: slot?.attempt ?? 0 };
    const untilMs = NOW + 5_000;
    expect(await postponeSlot(db, 'tidy', { ...hold, untilMs, note: { failed: 'x' } })).toBe(true);
    expect(await claimSlot(db, 'tidy', { ...claim, nowMs: untilMs - 1 })).toBeNull();
    expect(await claimSlot(db, 'tidy', { ...claim, nowMs: untilMs + 1 })).toMatchObject({
      attempt: 2,
    });
    expect(await postponeSlot(db, 'tidy', { ...hold, untilMs, note: null })).toBe(false);
    await proposeSlots(db, 'rare', { ...range, toMs: NOW });
    const others = (await listSlots(db)).filter((one) => !['tidy', 'rare'].includes(one.job));
    const latest = new Map(others.map((one) => [one.job, 0]));
    expect(await forgetSlots(db, NOW + 60 * MINUTE_MS)).toBe(2 + others.length - latest.size);
    expect((await listSlots(db, { job: 'tidy' })).map((one) => one.slotMs)).toEqual([
      NOW + 2 * MINUTE_MS,
    ]);
    expect(await listSlots(db, { job: 'rare' })).toHaveLength(1);
  });

  it('numbers the changes of a tenant without a gap, and goes on after it forgot some', async () => {
    const put = (tenantId: number, key: string, nowMs: number): Promise<void> =>
      putSharedState(db, tenantId, 'shared', key, { key }, nowMs);
    await Promise.all(['p', 'q', 'r', 's'].map((key, i) => put(1, key, NOW + i)));
    await put(2, 'other', NOW);
    expect((await listStates(db, 1, 'shared')).map((one) => one.key)).toEqual(['p', 'q', 'r', 's']);
    const all = await readChanges(db, [{ tenantId: 1, seq: 0 }], 10);
    if (!isShared(db)) {
      expect(all).toEqual([]);
      expect(await readEvidence(db, 1)).toEqual({ rows: [], seq: 0 });
      return;
    }
    expect(all.map((one) => one.seq)).toEqual([1, 2, 3, 4]);
    expect(all.map((one) => one.document?.key).sort()).toEqual(['p', 'q', 'r', 's']);
    expect(all[0]).toMatchObject({ tenantId: 1, blocks: [], document: { collection: 'shared' } });
    const marks = [1, 2].map((tenantId) => ({ tenantId, seq: tenantId === 1 ? 3 : 0 }));
    const later = await readChanges(db, marks, 10);
    expect(later.map((one) => [one.tenantId, one.seq])).toEqual([
      [1, 4],
      [2, 1],
    ]);
    expect(await readChanges(db, marks, 1)).toEqual(later.slice(0, 1));
    expect((await readEvidence(db, 1)).seq).toBe(4);
    expect(await forgetChanges(db, 1, NOW + MINUTE_MS)).toBe(3);
    await put(1, 't', NOW + MINUTE_MS);
    expect((await readChanges(db, [{ tenantId: 1, seq: 0 }], 10)).map((one) => one.seq)).toEqual([
      4, 5,
    ]);
    expect(await readChanges(db, [{ tenantId: 3, seq: 0 }], 10)).toEqual([]);
  });
});
