import type { Database } from '@assay/store';
import { type ClosedPeriod, closedPeriods, ensurePartitions, listPartitions } from '@assay/store';

const DAY_MS = 86_400_000;
const FRESH_MS = 60_000;

/** Period of a partition, start included, end not. ms since 1970. */
export interface Period {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Which times may be recorded, and where they go. */
export interface OpenWindow {
  /** True when a fact of this time may be recorded now by this tenant. */
  isOpen(timestampMs: number, tenantId: number): boolean;
  /** Start of the partition of a time if it is known to exist, else null. */
  periodOf(timestampMs: number): number | null;
  /** Makes sure that partitions exist for the times, which must be open. */
  ensure(timestampsMs: readonly number[]): Promise<void>;
  /** Reads anew, once a minute at most, which periods there are and which are closed. */
  keepFresh(): Promise<void>;
  /** Makes sure that today and the days ahead have partitions. */
  ensureAhead(): Promise<void>;
}

/**
 * The open window of a store.
 * @param windowDays how far back facts are taken, days
 */
export function createOpenWindow(db: Database, now: () => number, windowDays: number): OpenWindow {
  let periods: readonly Period[] = [];
  let ends = new Map<number, Period>();
  let closed: readonly ClosedPeriod[] = [];
  /** Periods from here on are open; so are most facts. */
  let closedBeforeMs = Number.NEGATIVE_INFINITY;
  let readAtMs = Number.NEGATIVE_INFINITY;
  let changing: Promise<void> = Promise.resolve();

  async function refresh(): Promise<void> {
    periods = [...(await listPartitions(db))].sort((p, q) => p.fromMs - q.fromMs);
    ends = new Map();
    closed = await closedPeriods(db);
    closedBeforeMs = Math.max(Number.NEGATIVE_INFINITY, ...closed.map(({ toMs }) => toMs));
    readAtMs = now();
  }

  function isClosed(timestampMs: number, tenantId: number): boolean {
    if (timestampMs >= closedBeforeMs) return false;
    return closed.some(
      (one) => one.fromMs <= timestampMs && timestampMs < one.toMs && one.tenantId === tenantId,
    );
  }

  function find(timestampMs: number): Period | null {
    const day = Math.floor(timestampMs / DAY_MS);
    const known = ends.get(day);
    if (known !== undefined) return known;
    const found = periods.find((p) => p.fromMs <= timestampMs && timestampMs < p.toMs);
    if (found === undefined) return null;
    ends.set(day, found);
    return found;
  }

  async function createMissing(timestampsMs: readonly number[]): Promise<void> {
    const days = new Set<number>();
    for (const ms of timestampsMs) if (find(ms) === null) days.add(Math.floor(ms / DAY_MS));
    if (days.size === 0) return;
    for (const day of days) await ensurePartitions(db, day * DAY_MS, (day + 1) * DAY_MS);
    await refresh();
  }

  function ensure(timestampsMs: readonly number[]): Promise<void> {
    const next = changing.then(() => createMissing(timestampsMs));
    changing = next.catch(() => undefined);
    return next;
  }

  return {
    isOpen(timestampMs, tenantId) {
      const at = now();
      const isInside = timestampMs >= at - windowDays * DAY_MS && timestampMs <= at + DAY_MS;
      return isInside && !isClosed(timestampMs, tenantId);
    },
    async keepFresh() {
      if (now() - readAtMs >= FRESH_MS) await refresh();
    },
    periodOf: (timestampMs) => find(timestampMs)?.fromMs ?? null,
    ensure,
    async ensureAhead() {
      const today = Math.floor(now() / DAY_MS) * DAY_MS;
      if (periods.length === 0) await refresh();
      await ensure([-1, 0, 1, 2, 3].map((offset) => today + offset * DAY_MS));
    },
  };
}
