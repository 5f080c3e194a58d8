import { setImmediate as nextTurn } from 'node:timers/promises';
import type { TenantChange } from '@assay/store';
import { factsOfBlocks, readChanges } from '@assay/store';
import type { EngineContext } from './context.ts';
import { correctionOfChange, learnCorrection } from './cost-correction.ts';
import type { ForeignFact } from './foreign-fact.ts';
import type { OwnBlocks } from './own-blocks.ts';
import type { TenantMemories, TenantMemory } from './tenant-memory.ts';
import { reloadTenant, takeDocument } from './tenant-memory.ts';

/** What following is made of. */
export interface FollowerParts {
  readonly context: EngineContext;
  readonly memories: TenantMemories;
  readonly ownBlocks: OwnBlocks;
  /** Takes facts into the memory of their tenant, without waiting for anything. */
  readonly learn: (memory: TenantMemory, facts: readonly ForeignFact[]) => void;
  readonly onFault: (error: unknown) => void;
}

const CHANGES_PER_PAGE = 500;
/** Blocks that are read at a time: 40,000 facts when they are full. */
const BLOCKS_PER_READ = 20;
/**
 * Changes older than this, ms, are not followed one by one: the facts of a block may have moved to
 * another one since, so the evidence is read anew. Compaction leaves younger changes alone.
 */
export const FOLLOWED_MS = 600_000;

async function learnBlocks(
  { context, ownBlocks, learn }: FollowerParts,
  memory: TenantMemory,
  blocks: readonly string[],
): Promise<void> {
  const { tenantId } = memory;
  const foreign = blocks.filter((block) => !ownBlocks.isLearned(tenantId, block));
  for (let at = 0; at < foreign.length; at += BLOCKS_PER_READ) {
    const some = foreign.slice(at, at + BLOCKS_PER_READ);
    const rows = await factsOfBlocks(context.db, tenantId, some);
    const facts = rows.filter((row) => !ownBlocks.hasLearned(tenantId, row.block, row.id));
    for (const { id, isRevised, costUsd } of facts) {
      // The column has single precision, however its number is written.
      if (isRevised) memory.readRevised.set(id, costUsd === null ? null : Math.fround(costUsd));
    }
    learn(
      memory,
      facts.map((row) => ({ ...row, tenantId })),
    );
    // Should the next read fail, these are not to be learned again.
    for (const block of some) ownBlocks.markLearned(tenantId, block);
    await nextTurn();
  }
}

async function takeChange(
  context: EngineContext,
  memory: TenantMemory,
  document: NonNullable<TenantChange['document']>,
): Promise<void> {
  const correction = correctionOfChange(document);
  if (correction === null) await takeDocument(context, memory, document);
  else learnCorrection(memory, correction);
}

/** Follows the changes of one tenant, in order. False when something has to be waited for. */
async function followTenant(
  parts: FollowerParts,
  memory: TenantMemory,
  changes: readonly TenantChange[],
): Promise<boolean> {
  const { context, ownBlocks } = parts;
  const { tenantId } = memory;
  for (const change of changes) {
    const isLost = change.seq !== memory.changeSeq + 1;
    if (isLost || change.atMs < context.now() - FOLLOWED_MS) {
      await reloadTenant(context, memory, () => ownBlocks.restart(tenantId));
      return true;
    }
    if (change.blocks.some((block) => ownBlocks.isInFlight(tenantId, block))) return false;
    await learnBlocks(parts, memory, change.blocks);
    if (change.document !== null) await takeChange(context, memory, change.document);
    memory.changeSeq = change.seq;
    for (const block of change.blocks) ownBlocks.forget(tenantId, block);
  }
  return true;
}

function byTenant(changes: readonly TenantChange[]): Map<number, TenantChange[]> {
  const groups = new Map<number, TenantChange[]>();
  for (const change of changes) {
    const group = groups.get(change.tenantId);
    if (group === undefined) groups.set(change.tenantId, [change]);
    else group.push(change);
  }
  return groups;
}

/**
 * What brings the memories up to what other processes have written: facts, agents, policies and
 * priors of every tenant that is in memory. It is to be called a few times per second, not while
 * it runs.
 */
export function createFollower(parts: FollowerParts): () => Promise<void> {
  const { context, memories, onFault } = parts;

  /** False when the tenant has to wait for the next call; it must not hold the others up. */
  async function follow(tenantId: number, changes: readonly TenantChange[]): Promise<boolean> {
    const memory = memories.loaded(tenantId);
    if (memory === null) return false;
    try {
      return await followTenant(parts, memory, changes);
    } catch (error) {
      onFault(error);
      return false;
    }
  }

  return async () => {
    const waiting = new Set<number>();
    for (;;) {
      const marks = memories
        .all()
        .filter(({ tenantId }) => !waiting.has(tenantId))
        .map(({ tenantId, changeSeq }) => ({ tenantId, seq: changeSeq }));
      const changes = await readChanges(context.db, marks, CHANGES_PER_PAGE);
      for (const [tenantId, own] of byTenant(changes)) {
        if (!(await follow(tenantId, own))) waiting.add(tenantId);
      }
      if (changes.length < CHANGES_PER_PAGE) return;
    }
  };
}
