import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { promisify } from 'node:util';
import { brotliCompress, constants } from 'node:zlib';
import { blockId } from '@assay/loop';
import {
  type BlockCache,
  CODECS,
  createBlockCache,
  type OpenBlock,
  openBlock,
  recall,
  remember,
} from './blocks.ts';
import type { Database } from './database.ts';
import { FLAGS, placeOf } from './documents.ts';
import type { StoredPeriod } from './periods.ts';
import { createTransposer } from './transposed.ts';

const compress = promisify(brotliCompress);

/** Where documents are read: names that are fit to stand in SQL. */
export interface SourceTables {
  readonly task: string;
  readonly blocks: string;
}

/** Where documents are copied from and to: names that are fit to stand in SQL. */
export interface CopyTables extends SourceTables {
  readonly newTask: string;
  readonly newBlocks: string;
  /** Columns of a row that are copied as they are: all but block and idx. */
  readonly columns: readonly string[];
}

/** A document with the row that points to it. */
interface Document {
  readonly id: string;
  readonly line: string;
  /** Of the row: they change whenever the document is replaced. */
  readonly flags: number;
}

const ROWS_PER_PAGE = 1_000;
const DOCUMENTS_PER_BLOCK = 1_000;
/**
 * Large documents go in smaller blocks, UTF-16 units: writing the text of a block keeps everything
 * else waiting, 16 ms for this much.
 */
const UNITS_PER_BLOCK = 3_000_000;
/** Text of source blocks that is kept: documents of one time may be spread over many of them. */
const CACHE_UNITS = 64_000_000;
/** Documents that are worked on before requests get their turn. */
const DOCUMENTS_PER_TURN = 32;
const BROTLI_QUALITY = 4;
const FIRST_ID = '00000000-0000-0000-0000-000000000000';

const hashBytes = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

async function readSources(
  db: Database,
  tables: SourceTables,
  tenantId: number,
  ids: readonly string[],
  cache: BlockCache,
): Promise<Map<string, OpenBlock>> {
  const blocks = new Map<string, OpenBlock>();
  for (const id of ids) {
    let block = recall(cache, id);
    if (block === undefined) {
      const { rows } = await db.query<{ codec: number; body: Uint8Array }>(
        `select codec, body from ${tables.blocks} where tenant_id = $1::int and id = $2::uuid`,
        [tenantId, id],
      );
      const row = rows[0];
      if (row === undefined) continue;
      block = await openBlock(Number(row.codec), row.body);
      remember(cache, id, block);
    }
    blocks.set(id, block);
  }
  return blocks;
}

/** The documents of a tenant that a row points to, by record id. */
async function* documentsOf(
  db: Database,
  tables: SourceTables,
  tenantId: number,
): AsyncGenerator<Document> {
  const cache = createBlockCache(CACHE_UNITS);
  let after = FIRST_ID;
  for (;;) {
    const { rows } = await db.query<{ id: string; block: string; idx: number; flags: number }>(
      `select id, block, idx, flags from ${tables.task}
       where tenant_id = $1::int and id > $2::uuid order by id limit ${ROWS_PER_PAGE}`,
      [tenantId, after],
    );
    const places = rows.map((row) => ({ ...placeOf(row), flags: Number(row.flags) }));
    const ids = [...new Set(places.map((place) => place.block))];
    const blocks = await readSources(db, tables, tenantId, ids, cache);
    for (const { id, block, index, flags } of places) {
      const line = blocks.get(block)?.line(index);
      if (line === undefined) throw new Error(`the document of ${id} is missing`);
      yield { id, line, flags };
    }
    const last = places.at(-1);
    if (last === undefined || places.length < ROWS_PER_PAGE) return;
    after = last.id;
  }
}

/**
 * The body of a transposed block, after every document was read back from it.
 * @throws Error when one would not come back with the same value
 */
async function bodyOf(documents: readonly Document[]): Promise<Uint8Array> {
  const transposer = createTransposer();
  for (const [i, { line }] of documents.entries()) {
    if (i % DOCUMENTS_PER_TURN === 0) await nextTurn();
    transposer.add(line);
  }
  const text = transposer.text();
  const body = await compress(text, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY,
      [constants.BROTLI_PARAM_SIZE_HINT]: text.length,
    },
  });
  const block = await openBlock(CODECS.transposed, body);
  for (const [i, { id, line }] of documents.entries()) {
    if (i % DOCUMENTS_PER_TURN === 0) await nextTurn();
    const restored = block.line(i);
    if (restored === line || restored === JSON.stringify(JSON.parse(line))) continue;
    throw new Error(`the document of ${id} would not survive`);
  }
  return body;
}

/** Writes a block and the rows of its documents in one statement. */
async function writeBlock(
  db: Database,
  tables: CopyTables,
  tenantId: number,
  documents: readonly Document[],
): Promise<void> {
  const ids = documents.map(({ id }) => id);
  const body = await bodyOf(documents);
  const columns = tables.columns.join(', ');
  const copied = tables.columns.map((column) => `t.${column}`).join(', ');
  await db.query(
    `with b as (
       insert into ${tables.newBlocks} (tenant_id, id, n, codec, rolled, body)
       values ($1::int, $2::uuid, $3::int, ${CODECS.transposed}::smallint, true, ${db.bytesParameter('$4')}))
     insert into ${tables.newTask} (block, idx, ${columns})
     select $2::uuid, m.x, ${copied}
     from json_to_recordset($5::text::json) as m(i uuid, x smallint)
     join ${tables.task} t on t.tenant_id = $1::int and t.id = m.i
     order by t.id`,
    [
      tenantId,
      blockId(hashBytes, ids),
      ids.length,
      db.bytes(body),
      JSON.stringify(ids.map((i, x) => ({ i, x }))),
    ],
  );
}

/** Documents of a tenant in groups that make a block each, by record id. */
async function* groupsOf(
  db: Database,
  tables: SourceTables,
  tenantId: number,
): AsyncGenerator<readonly Document[]> {
  let open: Document[] = [];
  let units = 0;
  for await (const document of documentsOf(db, tables, tenantId)) {
    const { length } = document.line;
    const isFull = open.length === DOCUMENTS_PER_BLOCK || units + length > UNITS_PER_BLOCK;
    if (isFull && open.length > 0) {
      yield open;
      open = [];
      units = 0;
    }
    open.push(document);
    units += length;
  }
  if (open.length > 0) yield open;
}

/**
 * Copies the facts of a tenant into new tables: documents that a row points to, in blocks of a
 * thousand, by record id, transposed.
 *
 * @returns how many blocks were written
 * @throws Error when a document is missing; what `signal` was aborted with
 */
export async function copyDocuments(
  db: Database,
  tables: CopyTables,
  tenantId: number,
  signal: AbortSignal,
): Promise<number> {
  let blocks = 0;
  for await (const documents of groupsOf(db, tables, tenantId)) {
    signal.throwIfAborted();
    await writeBlock(db, tables, tenantId, documents);
    blocks += 1;
  }
  return blocks;
}

/** How many facts there are, and the sum of their flags: it changes when a document is replaced. */
export interface FactsState {
  readonly facts: number;
  readonly flags: number;
}

/** The documents as they are read now: those that were replaced come from their revisions. */
async function revised(
  db: Database,
  period: StoredPeriod,
  tenantId: number,
  documents: readonly Document[],
): Promise<Document[]> {
  const ids = documents.filter(({ flags }) => flags >= FLAGS.revision).map(({ id }) => id);
  if (ids.length === 0) return [...documents];
  const { rows } = await db.query<{ id: string; line: string }>(
    `select id, line from ${period.names.task_revision}
     where tenant_id = $1::int and id = any (string_to_array($2::text, ',')::uuid[])`,
    [tenantId, ids.join(',')],
  );
  const lines = new Map(rows.map(({ id, line }) => [id, line]));
  return documents.map((one) => ({ ...one, line: lines.get(one.id) ?? one.line }));
}

/** Documents on their way into an archive: a compressed block, read back and compared. */
export interface ArchiveBlock extends FactsState {
  /** Brotli of the transposed form. */
  readonly body: Uint8Array;
}

/** The documents of a tenant and period as blocks for an archive, by record id. */
export async function* archiveBlocks(
  db: Database,
  period: StoredPeriod,
  tenantId: number,
): AsyncGenerator<ArchiveBlock> {
  const { task, doc_block: blocks } = period.names;
  for await (const documents of groupsOf(db, { task, blocks }, tenantId)) {
    const flags = documents.reduce((sum, one) => sum + one.flags, 0);
    const body = await bodyOf(await revised(db, period, tenantId, documents));
    yield { facts: documents.length, flags, body };
  }
}

/** Documents of a block of an archive, as JSON, by record id. */
export async function readArchiveBlock(body: Uint8Array): Promise<string[]> {
  const block = await openBlock(CODECS.transposed, body);
  const lines: string[] = [];
  for (let line = block.line(0); line !== undefined; line = block.line(lines.length)) {
    lines.push(line);
  }
  return lines;
}
