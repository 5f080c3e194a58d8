import { Buffer } from 'node:buffer';
import { promisify } from 'node:util';
import { brotliCompress, brotliCompressSync, constants } from 'node:zlib';
import { blockId, FACT_KINDS } from '@assay/loop';
import { AssayError } from '@assay/protocol';
import type { IngestBlock, IngestRow, IngestScore, IngestText } from '@assay/store';
import { FLAGS, ingest } from '@assay/store';
import type { EngineContext } from './context.ts';
import type { OpenWindow } from './open-window.ts';
import type { OwnBlocks } from './own-blocks.ts';
import type { PendingFact } from './pending-fact.ts';

const compressLater = promisify(brotliCompress);

/** Below it a block is compressed at once: the way through the thread pool costs three times more. */
const SMALL_BLOCK_BYTES = 48 * 1024;
const CHUNK_BYTES = 128 * 1024;
/** 256 KiB: at this quality larger windows take longer and compress no better. */
const WINDOW_BITS = 18;

async function compress(lines: Buffer): Promise<Buffer> {
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: 1,
    [constants.BROTLI_PARAM_SIZE_HINT]: lines.length,
    [constants.BROTLI_PARAM_LGWIN]: WINDOW_BITS,
  };
  if (lines.length < SMALL_BLOCK_BYTES) return brotliCompressSync(lines, { params });
  return compressLater(lines, { params, chunkSize: CHUNK_BYTES });
}

const LINE_END: Buffer = Buffer.from('\n');
const MAX_ATTEMPTS = 4;

interface Batch {
  readonly rows: IngestRow[];
  readonly blocks: IngestBlock[];
  readonly texts: IngestText[];
  readonly scores: IngestScore[];
}

function byId(p: PendingFact, q: PendingFact): number {
  return p.id < q.id ? -1 : p.id > q.id ? 1 : 0;
}

/** First item per (tenant, id), in groups that share tenant and partition, each sorted by id. */
function groupsOf(items: readonly PendingFact[], window: OpenWindow): PendingFact[][] {
  const seen = new Set<string>();
  const groups = new Map<string, PendingFact[]>();
  for (const item of items) {
    const name = `${item.tenantId}\0${item.id}`;
    if (seen.has(name)) continue;
    seen.add(name);
    const place = `${item.tenantId}\0${window.periodOf(item.timestampMs)}`;
    const group = groups.get(place);
    if (group === undefined) groups.set(place, [item]);
    else group.push(item);
  }
  return [...groups.values()].map((group) => group.sort(byId));
}

async function blockOf(
  context: EngineContext,
  group: readonly PendingFact[],
): Promise<IngestBlock> {
  const parts: Buffer[] = [];
  for (const item of group) parts.push(item.bytes, LINE_END);
  const body = await compress(Buffer.concat(parts));
  const ids = group.map((item) => item.id);
  return {
    tenantId: group[0]?.tenantId ?? 0,
    id: blockId(context.hashBytes, ids),
    count: group.length,
    body,
  };
}

function rowOf(item: PendingFact, block: string, index: number): IngestRow {
  const { narrow } = item;
  return {
    id: item.id,
    tenantId: item.tenantId,
    timestampMs: item.timestampMs,
    blockId: block,
    index,
    agentId: item.agentId,
    typeId: item.typeId,
    kind: FACT_KINDS[item.kind],
    success: narrow.success,
    latencyMs: narrow.latencyMs,
    tokens: narrow.tokens,
    quality: narrow.quality,
    costUsd: narrow.costUsd,
    taskRef: item.taskRef,
    sessionRef: item.sessionRef,
    flags: item.isUnsettled ? FLAGS.unsettled : 0,
  };
}

async function batchOf(
  context: EngineContext,
  window: OpenWindow,
  items: readonly PendingFact[],
  hasTexts: boolean,
): Promise<Batch> {
  const groups = groupsOf(items, window);
  const blocks = await Promise.all(groups.map((group) => blockOf(context, group)));
  const rows: IngestRow[] = [];
  const texts: IngestText[] = [];
  const scores: IngestScore[] = [];
  groups.forEach((group, at) => {
    const block = blocks[at]?.id ?? '';
    group.forEach((item, index) => {
      rows.push(rowOf(item, block, index));
      if (hasTexts && item.text !== null) {
        texts.push({ tenantId: item.tenantId, id: item.id, text: item.text });
      }
      if (item.score !== null) {
        scores.push({ ...item.score, tenantId: item.tenantId, id: item.id });
      }
    });
  });
  return { rows, blocks, texts, scores };
}

function settleAll(items: readonly PendingFact[], isNew: ReadonlySet<string>): void {
  const told = new Set<string>();
  for (const item of items) {
    const name = `${item.tenantId}\0${item.id}`;
    const isFirst = isNew.has(item.id) && !told.has(name);
    told.add(name);
    item.settle(isFirst ? 'accepted' : 'duplicate');
  }
}

/** SQLSTATE of an error, or ''. */
function stateOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : '';
}

/** Failures that one item can cause: data, integrity, and limits of a value. */
function isPoison(state: string): boolean {
  return /^(22|23|54)[0-9A-Z]{3}$/.test(state);
}

/** Waits before another attempt. */
export type Pause = (ms: number) => Promise<void>;

/** Writes groups of facts; see {@link createFactWriter}. */
export type FactWriter = (items: readonly PendingFact[]) => Promise<void>;

/**
 * A writer that stores facts in one statement, and settles each.
 *
 * When the store refuses the statement because of its data, the group is split in halves until the
 * poisoned item stands alone, so that it takes none of its neighbours with it. After any other
 * failure the same group is sent again: the statement is idempotent.
 */
export function createFactWriter(
  context: EngineContext,
  window: OpenWindow,
  pause: Pause,
  ownBlocks: OwnBlocks,
): FactWriter {
  async function store(items: readonly PendingFact[], hasTexts: boolean): Promise<void> {
    await window.ensure(items.map((item) => item.timestampMs));
    const batch = await batchOf(context, window, items, hasTexts);
    const end = ownBlocks.begin(batch);
    let isNew: ReadonlySet<string> = new Set();
    try {
      isNew = await ingest(context.db, batch);
      settleAll(items, isNew);
    } finally {
      end(isNew);
    }
  }

  async function split(items: readonly PendingFact[], error: unknown): Promise<void> {
    const first = items[0];
    if (items.length === 1 && first !== undefined) {
      try {
        await store(items, false);
      } catch {
        const detail = error instanceof Error ? error.message : 'unknown';
        first.settle(new AssayError('fact.refused', { detail, cause: error }));
      }
      return;
    }
    const half = Math.ceil(items.length / 2);
    await write(items.slice(0, half));
    await write(items.slice(half));
  }

  async function write(items: readonly PendingFact[]): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await store(items, true);
      } catch (error) {
        if (isPoison(stateOf(error))) return await split(items, error);
        if (attempt >= MAX_ATTEMPTS) {
          const failure = new AssayError('store.unavailable', { cause: error });
          for (const item of items) item.settle(failure);
          return;
        }
        await pause(50 * 2 ** attempt);
      }
    }
  }

  return write;
}
