import { promisify } from 'node:util';
import { brotliDecompress } from 'node:zlib';
import { boundOf } from '@assay/loop';
import type { Database } from './database.ts';

const decompress: (body: Uint8Array) => Promise<Uint8Array> = promisify(brotliDecompress);

/** Where a document lies. */
export interface DocumentPlace {
  readonly id: string;
  readonly block: string;
  readonly index: number;
}

interface BlockCache {
  /** Insertion order = age; a hit moves the entry to the end. */
  readonly lines: Map<string, readonly string[]>;
  units: number;
}

/** Decoded text that is kept per database, in UTF-16 units. */
const CACHE_UNITS = 16_000_000;
const caches = new WeakMap<Database, BlockCache>();

function cacheOf(db: Database): BlockCache {
  let cache = caches.get(db);
  if (cache === undefined) {
    cache = { lines: new Map(), units: 0 };
    caches.set(db, cache);
  }
  return cache;
}

function unitsOf(lines: readonly string[]): number {
  return lines.reduce((sum, line) => sum + line.length, 0);
}

function remember(cache: BlockCache, key: string, lines: readonly string[]): void {
  if (cache.lines.has(key)) return;
  cache.lines.set(key, lines);
  cache.units += unitsOf(lines);
  for (const [oldest, old] of cache.lines) {
    if (cache.units <= CACHE_UNITS || oldest === key) break;
    cache.lines.delete(oldest);
    cache.units -= unitsOf(old);
  }
}

function recall(cache: BlockCache, key: string): readonly string[] | undefined {
  const lines = cache.lines.get(key);
  if (lines === undefined) return undefined;
  cache.lines.delete(key);
  cache.lines.set(key, lines);
  return lines;
}

/** Lines of a stored block. Throws when the codec is not known. */
export async function decodeBlock(codec: number, body: Uint8Array): Promise<readonly string[]> {
  if (codec !== 1) throw new Error(`block codec ${codec} is not known to this version`);
  const lines = Buffer.from(await decompress(body))
    .toString('utf8')
    .split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

/** Reads the raw lines at the given places. A place whose block is gone is left out. */
export async function readPlaces(
  db: Database,
  tenantId: number,
  places: readonly DocumentPlace[],
): Promise<Map<string, string>> {
  const cache = cacheOf(db);
  const blocks = new Map<string, readonly string[]>();
  const missing: string[] = [];
  for (const block of new Set(places.map((place) => place.block))) {
    const lines = recall(cache, `${tenantId}/${block}`);
    if (lines === undefined) missing.push(block);
    else blocks.set(block, lines);
  }
  if (missing.length > 0) {
    const [result] = await db.tenantBatch(
      [tenantId],
      [
        {
          text: `select id, codec, body from doc_block
          where tenant_id = $1::int and id = any (string_to_array($2::text, ',')::uuid[])`,
          params: [tenantId, missing.join(',')],
        },
      ],
    );
    for (const row of result?.rows ?? []) {
      const lines = await decodeBlock(Number(row['codec']), row['body'] as Uint8Array);
      blocks.set(String(row['id']), lines);
      remember(cache, `${tenantId}/${String(row['id'])}`, lines);
    }
  }
  const found = new Map<string, string>();
  for (const place of places) {
    const line = blocks.get(place.block)?.[place.index];
    if (line !== undefined) found.set(place.id, line);
  }
  return found;
}

/** Raw JSON lines of facts by record id; ids that are not stored are absent from the map. */
export async function readDocuments(
  db: Database,
  tenantId: number,
  ids: readonly string[],
): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map();
  const [result] = await db.tenantBatch(
    [tenantId],
    [
      {
        text: `select id, block, idx from task
        where tenant_id = $1::int and id = any (string_to_array($2::text, ',')::uuid[])`,
        params: [tenantId, ids.join(',')],
      },
    ],
  );
  return readPlaces(db, tenantId, (result?.rows ?? []).map(placeOf));
}

function placeOf(row: Readonly<Record<string, unknown>>): DocumentPlace {
  return { id: String(row['id']), block: String(row['block']), index: Number(row['idx']) };
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
        text: `select id, block, idx from task
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
