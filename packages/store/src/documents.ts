import { boundOf } from '@assay/loop';
import {
  type BlockCache,
  createBlockCache,
  type OpenBlock,
  openBlock,
  recall,
  remember,
} from './blocks.ts';
import type { Database } from './database.ts';

/** Where a document lies. */
export interface DocumentPlace {
  readonly id: string;
  readonly block: string;
  readonly index: number;
  /** Whether another line stands for the one in the block. */
  readonly isRevised: boolean;
}

/** What `task.flags` is made of. */
export const FLAGS = {
  /** Bit of a span that has yet to be compared with the execution of its trace. */
  unsettled: 1,
  /** Added each time that the document of a fact is replaced, up to `most`. */
  revision: 2,
  most: 32_766,
} as const;

/** Text of blocks that is kept per database, in UTF-16 units. */
const CACHE_UNITS = 16_000_000;
const caches = new WeakMap<Database, BlockCache>();

function cacheOf(db: Database): BlockCache {
  let cache = caches.get(db);
  if (cache === undefined) {
    cache = createBlockCache(CACHE_UNITS);
    caches.set(db, cache);
  }
  return cache;
}

async function readBlocks(
  db: Database,
  tenantId: number,
  ids: readonly string[],
  cache: BlockCache,
): Promise<Map<string, OpenBlock>> {
  const blocks = new Map<string, OpenBlock>();
  const missing: string[] = [];
  for (const id of ids) {
    const block = recall(cache, `${tenantId}/${id}`);
    if (block === undefined) missing.push(id);
    else blocks.set(id, block);
  }
  if (missing.length === 0) return blocks;
  const statement = {
    text: `select id, codec, body from doc_block
      where tenant_id = $1::int and id = any (string_to_array($2::text, ',')::uuid[])`,
    params: [tenantId, missing.join(',')],
  };
  const [result] = await db.tenantBatch([tenantId], [statement]);
  for (const row of result?.rows ?? []) {
    const block = await openBlock(Number(row['codec']), row['body'] as Uint8Array);
    blocks.set(String(row['id']), block);
    remember(cache, `${tenantId}/${String(row['id'])}`, block);
  }
  return blocks;
}

/** Reads the JSON lines at the given places. A place whose block is gone is left out. */
async function linesAt(
  db: Database,
  tenantId: number,
  places: readonly DocumentPlace[],
  cache: BlockCache,
): Promise<Map<string, string>> {
  const ids = [...new Set(places.map((place) => place.block))];
  const blocks = await readBlocks(db, tenantId, ids, cache);
  const found = new Map<string, string>();
  for (const place of places) {
    const line = blocks.get(place.block)?.line(place.index);
    if (line !== undefined) found.set(place.id, line);
  }
  return found;
}

/**
 * Reads the JSON lines at the given places. Compaction may have moved documents since the places
 * were read: those are looked for once more. What is gone is left out.
 */
export async function readPlaces(
  db: Database,
  tenantId: number,
  places: readonly DocumentPlace[],
): Promise<Map<string, string>> {
  const cache = cacheOf(db);
  const found = await linesAt(db, tenantId, places, cache);
  const moved = places.filter(({ id }) => !found.has(id)).map(({ id }) => id);
  const again = moved.length === 0 ? [] : await placesOf(db, tenantId, moved);
  const revised = [...places, ...again].filter((place) => place.isRevised).map(({ id }) => id);
  return new Map([
    ...found,
    ...(await linesAt(db, tenantId, again, cache)),
    ...(await readRevisions(db, tenantId, revised)),
  ]);
}

async function placesOf(
  db: Database,
  tenantId: number,
  ids: readonly string[],
): Promise<DocumentPlace[]> {
  const statement = {
    text: `select id, block, idx, flags from task
      where tenant_id = $1::int and id = any (string_to_array($2::text, ',')::uuid[])`,
    params: [tenantId, ids.join(',')],
  };
  const [result] = await db.tenantBatch([tenantId], [statement]);
  return (result?.rows ?? []).map(placeOf);
}

async function readRevisions(
  db: Database,
  tenantId: number,
  ids: readonly string[],
): Promise<[string, string][]> {
  if (ids.length === 0) return [];
  const [result] = await db.tenantBatch(
    [tenantId],
    [
      {
        text: `select id, line from task_revision
        where tenant_id = $1::int and id = any (string_to_array($2::text, ',')::uuid[])`,
        params: [tenantId, ids.join(',')],
      },
    ],
  );
  return (result?.rows ?? []).map((row) => [String(row['id']), String(row['line'])]);
}

/** Raw JSON lines of facts by record id; ids that are not stored are absent from the map. */
export async function readDocuments(
  db: Database,
  tenantId: number,
  ids: readonly string[],
): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map();
  return readPlaces(db, tenantId, await placesOf(db, tenantId, ids));
}

/** The place in a row with the columns `id`, `block`, `idx` and `flags`. */
export function placeOf(row: Readonly<Record<string, unknown>>): DocumentPlace {
  return {
    id: String(row['id']),
    block: String(row['block']),
    index: Number(row['idx']),
    isRevised: Number(row['flags']) >= FLAGS.revision,
  };
}

/** What an export page reads. */
export interface ScanRange {
  /** ms since 1970, inclusive. */
  readonly fromMs: number;
  /** ms since 1970, exclusive. */
  readonly toMs: number;
  /** Numbers of fact kinds; all when absent. */
  readonly kinds?: readonly number[];
  /** Record id of the last document of the page before. */
  readonly after?: string;
  readonly limit: number;
}

/** One page of raw JSON lines, ascending by record id (that is by time). */
export async function scanDocuments(
  db: Database,
  tenantId: number,
  range: ScanRange,
): Promise<{ id: string; line: string }[]> {
  const low = range.after ?? boundOf(range.fromMs);
  const kinds = range.kinds === undefined ? null : range.kinds.join(',');
  const [result] = await db.tenantBatch(
    [tenantId],
    [
      {
        text: `select id, block, idx, flags from task
        where tenant_id = $1::int and id ${range.after === undefined ? '>=' : '>'} $2::uuid
          and id < $3::uuid ${kinds === null ? '' : "and kind = any (string_to_array($5::text, ',')::smallint[])"}
        order by id limit $4::int`,
        params: [
          tenantId,
          low,
          boundOf(range.toMs),
          range.limit,
          ...(kinds === null ? [] : [kinds]),
        ],
      },
    ],
  );
  const places = (result?.rows ?? []).map(placeOf);
  const lines = await readPlaces(db, tenantId, places);
  return places.flatMap(({ id }) => {
    const line = lines.get(id);
    return line === undefined ? [] : [{ id, line }];
  });
}
