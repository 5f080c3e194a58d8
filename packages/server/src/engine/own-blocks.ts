import type { IngestBatch } from '@assay/store';

/** Called when a batch has been stored, with the ids that were new; with none when it failed. */
export type BatchEnd = (isNew: ReadonlySet<string>) => void;

/**
 * Which blocks this process has written, so that it does not learn their facts again when they
 * turn up among the changes that all processes follow.
 *
 * A process learns its own facts when their commit is answered. Another process may have rolled
 * their block up before that answer was read: such a block is in flight, and the changes wait.
 */
export interface OwnBlocks {
  /** Notes that a batch is about to be stored. The result must be called, whatever happens. */
  begin(batch: IngestBatch): BatchEnd;
  isInFlight(tenantId: number, block: string): boolean;
  /** Whether every fact of a block has been learned here. */
  isLearned(tenantId: number, block: string): boolean;
  /** Whether one fact of a block has been learned here. */
  hasLearned(tenantId: number, block: string, id: string): boolean;
  /** Notes that every fact of a block has been learned. */
  markLearned(tenantId: number, block: string): void;
  /** Forgets a block: its change has been dealt with. */
  forget(tenantId: number, block: string): void;
  /**
   * The evidence of a tenant was read anew: nothing written before counts as learned any more, and
   * what is in flight is left to the changes, since nobody can say whether it was read.
   */
  restart(tenantId: number): void;
  /** Whether a fact that was just stored is left to the changes. */
  isLeftToChanges(id: string): boolean;
}

interface OwnBlock {
  /** Facts in it. */
  size: number;
  /** Batches with this block that wait for their commit. */
  inFlight: number;
  /** Ids that were learned here; null = all. */
  learned: Set<string> | null;
}

const NONE: ReadonlySet<string> = new Set();

/** What is noted on a store that no other process uses: nothing. */
export const NO_OWN_BLOCKS: OwnBlocks = {
  begin: () => () => undefined,
  isInFlight: () => false,
  isLearned: () => false,
  hasLearned: () => false,
  markLearned: () => undefined,
  forget: () => undefined,
  restart: () => undefined,
  isLeftToChanges: () => false,
};

/** Ids of a batch by tenant and block. */
function idsByBlock(batch: IngestBatch): Map<string, { tenantId: number; ids: string[] }> {
  const byBlock = new Map<string, { tenantId: number; ids: string[] }>();
  for (const { tenantId, blockId, id } of batch.rows) {
    const key = `${tenantId}/${blockId}`;
    const found = byBlock.get(key);
    if (found === undefined) byBlock.set(key, { tenantId, ids: [id] });
    else found.ids.push(id);
  }
  return byBlock;
}

/** Bookkeeping of the blocks of one process. */
export function createOwnBlocks(): OwnBlocks {
  const blocks = new Map<string, OwnBlock>();
  const open = new Set<{ readonly tenantIds: ReadonlySet<number>; readonly ids: string[] }>();
  const leftToChanges = new Set<string>();

  function settle(key: string, ids: readonly string[], isNew: ReadonlySet<string>): void {
    const block = blocks.get(key);
    if (block === undefined) return;
    block.inFlight -= 1;
    for (const id of ids) {
      if (isNew.has(id) && !leftToChanges.has(id)) block.learned?.add(id);
    }
    if (block.learned?.size === block.size) block.learned = null;
    if (block.inFlight === 0 && block.learned?.size === 0) blocks.delete(key);
  }

  return {
    begin(batch) {
      const byBlock = idsByBlock(batch);
      const entries = [...byBlock.values()];
      const flight = {
        tenantIds: new Set(entries.map(({ tenantId }) => tenantId)),
        ids: entries.flatMap(({ ids }) => ids),
      };
      open.add(flight);
      for (const [key, { ids }] of byBlock) {
        const block = blocks.get(key) ?? { size: ids.length, inFlight: 0, learned: new Set() };
        block.inFlight += 1;
        blocks.set(key, block);
      }
      return (isNew) => {
        open.delete(flight);
        for (const [key, { ids }] of byBlock) settle(key, ids, isNew);
        for (const id of leftToChanges.size > 0 ? flight.ids : NONE) leftToChanges.delete(id);
      };
    },
    isInFlight: (tenantId, block) => (blocks.get(`${tenantId}/${block}`)?.inFlight ?? 0) > 0,
    isLearned: (tenantId, block) => blocks.get(`${tenantId}/${block}`)?.learned === null,
    hasLearned(tenantId, block, id) {
      const found = blocks.get(`${tenantId}/${block}`);
      return found !== undefined && (found.learned === null || found.learned.has(id));
    },
    markLearned(tenantId, block) {
      blocks.set(`${tenantId}/${block}`, { size: 0, inFlight: 0, learned: null });
    },
    forget: (tenantId, block) => void blocks.delete(`${tenantId}/${block}`),
    restart(tenantId) {
      for (const [key, block] of blocks) {
        if (!key.startsWith(`${tenantId}/`)) continue;
        if (block.inFlight === 0) blocks.delete(key);
        else block.learned = new Set();
      }
      for (const { tenantIds, ids } of open) {
        if (tenantIds.has(tenantId)) for (const id of ids) leftToChanges.add(id);
      }
    },
    isLeftToChanges: (id) => leftToChanges.size > 0 && leftToChanges.has(id),
  };
}
