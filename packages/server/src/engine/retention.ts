import type { RetentionSettings } from '@assay/protocol';
import { DEFAULT_RETENTION, retentionSchema } from '@assay/protocol';
import {
  type ArchivePart,
  getState,
  listArchiveParts,
  listPeriods,
  listTenants,
  type PeriodShare,
  periodShares,
  putState,
  restingSince,
} from '@assay/store';
import type { EngineContext } from './context.ts';
import { parseBody } from './parse-body.ts';

const COLLECTION = 'retention';
const KEY = 'settings';
const DAY_MS = 86_400_000;

/** How long the facts of a tenant stay in which form. */
export async function retentionOf(
  { db }: EngineContext,
  tenantId: number,
): Promise<RetentionSettings> {
  const entry = await getState(db, tenantId, COLLECTION, KEY);
  const stored = retentionSchema.safeParse(entry?.value);
  return stored.success ? stored.data : DEFAULT_RETENTION;
}

/** Settings of all tenants, by tenant. */
export async function allRetentions(
  context: EngineContext,
): Promise<ReadonlyMap<number, RetentionSettings>> {
  const all = new Map<number, RetentionSettings>();
  for (const { tenantId } of await listTenants(context.db)) {
    all.set(tenantId, await retentionOf(context, tenantId));
  }
  return all;
}

/** Days for which every tenant wants its facts as they were written. */
export async function longestHotDays(context: EngineContext): Promise<number> {
  const all = [...(await allRetentions(context)).values()];
  return all.length === 0
    ? DEFAULT_RETENTION.hotDays
    : Math.max(...all.map(({ hotDays }) => hotDays));
}

/**
 * Changes the settings of a tenant. What is gone does not come back.
 * @throws AssayError `request.invalid`
 */
export async function changeRetention(
  context: EngineContext,
  tenantId: number,
  body: unknown,
): Promise<RetentionSettings> {
  const settings = parseBody(retentionSchema, body);
  await putState(context.db, tenantId, COLLECTION, KEY, settings, context.now());
  return settings;
}

/** What is in one tier. */
export interface TierReport {
  readonly tier: 'hot' | 'warm' | 'cold';
  /** Days with facts, or files. */
  readonly count: number;
  readonly facts: number;
  /** Of the compressed documents or the files. */
  readonly bytes: number;
}

/** Where the facts of a tenant are, and what has moved. */
export interface RetentionReport {
  readonly settings: RetentionSettings;
  readonly tiers: readonly TierReport[];
  /** Files that were written, newest period first. */
  readonly archive: readonly {
    readonly from: string;
    readonly to: string;
    readonly file: string;
    readonly facts: number;
    readonly bytes: number;
    readonly sha256: string;
    readonly archivedAt: string;
    readonly movedAt: string | null;
    readonly deletedAt: string | null;
  }[];
}

const timeOf = (ms: number | null): string | null =>
  ms === null ? null : new Date(ms).toISOString();

function tierOf(tier: TierReport['tier'], shares: readonly PeriodShare[]): TierReport {
  const own = shares.filter(({ documents }) => documents > 0);
  const facts = own.reduce((sum, { documents }) => sum + documents, 0);
  const bytes = own.reduce((sum, share) => sum + share.bytes, 0);
  return { tier, count: own.length, facts, bytes };
}

function coldTier(parts: readonly ArchivePart[]): TierReport {
  const kept = parts.filter((part) => part.movedAtMs !== null && part.deletedAtMs === null);
  const facts = kept.reduce((sum, part) => sum + part.facts, 0);
  const bytes = kept.reduce((sum, part) => sum + part.bytes, 0);
  return { tier: 'cold', count: kept.length, facts, bytes };
}

/** Says where the facts of a tenant are and what has moved. */
export async function retentionReport(
  context: EngineContext,
  tenantId: number,
): Promise<RetentionReport> {
  const { db, now } = context;
  const settings = await retentionOf(context, tenantId);
  const periods = await listPeriods(db, now());
  const shares = await periodShares(db, tenantId, periods);
  const hotSince = now() - settings.hotDays * DAY_MS;
  const isHot = new Set(
    periods.filter((one) => restingSince(one) > hotSince).map(({ fromMs }) => fromMs),
  );
  const parts = await listArchiveParts(db, tenantId);
  return {
    settings,
    tiers: [
      tierOf(
        'hot',
        shares.filter(({ fromMs }) => isHot.has(fromMs)),
      ),
      tierOf(
        'warm',
        shares.filter(({ fromMs }) => !isHot.has(fromMs)),
      ),
      coldTier(parts),
    ],
    archive: parts.reverse().map((part) => ({
      from: new Date(part.fromMs).toISOString(),
      to: new Date(part.toMs).toISOString(),
      file: part.file,
      facts: part.facts,
      bytes: part.bytes,
      sha256: part.sha256,
      archivedAt: new Date(part.archivedAtMs).toISOString(),
      movedAt: timeOf(part.movedAtMs),
      deletedAt: timeOf(part.deletedAtMs),
    })),
  };
}
