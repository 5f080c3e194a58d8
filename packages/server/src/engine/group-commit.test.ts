import { describe, expect, it } from 'vitest';
import { createGroupCommit } from './group-commit.ts';

interface Held<Item> {
  readonly items: readonly Item[];
  release(): void;
}

/** A queue whose flushes end when the test says so. */
function heldQueue(options: { maxItems?: number; maxBytes?: number; maxGroup?: number } = {}) {
  const held: Held<number>[] = [];
  const queue = createGroupCommit<number>({
    ...options,
    sizeOf: () => 10,
    flush: (items) => new Promise((resolve) => held.push({ items, release: resolve })),
  });
  return { queue, held };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('group commit', () => {
  it('flushes a lone item at once', () => {
    const { queue, held } = heldQueue();
    queue.push([1]);
    expect(held.map((one) => one.items)).toEqual([[1]]);
  });

  it('keeps two flushes in flight and gathers the rest in order', async () => {
    const { queue, held } = heldQueue();
    for (const item of [1, 2, 3, 4, 5]) queue.push([item]);
    expect(held.map((one) => one.items)).toEqual([[1], [2]]);
    expect(queue.depth()).toBe(3);
    held[0]?.release();
    await turn();
    expect(held[2]?.items).toEqual([3, 4, 5]);
    expect(queue.depth()).toBe(0);
  });

  it('splits what is larger than a group', async () => {
    const { queue, held } = heldQueue({ maxGroup: 2 });
    queue.push([1, 2, 3, 4, 5]);
    held[0]?.release();
    await turn();
    expect(held.map((one) => one.items)).toEqual([[1, 2], [3, 4], [5]]);
  });

  it.each([{ maxItems: 2 }, { maxBytes: 20 }])('refuses when it is full: %j', async (limits) => {
    const { queue, held } = heldQueue(limits);
    for (const item of [1, 2, 3, 4]) queue.push([item]);
    expect(() => queue.push([5])).toThrowError(/queue is full/);
    held[0]?.release();
    await turn();
    queue.push([5]);
    expect(held[2]?.items).toEqual([3, 4]);
  });

  it('takes a batch larger than the limit when nothing waits', () => {
    const { queue } = heldQueue({ maxItems: 2 });
    expect(() => queue.push([1, 2, 3])).not.toThrow();
  });

  it('drains on close and takes nothing more', async () => {
    const { queue, held } = heldQueue();
    for (const item of [1, 2, 3]) queue.push([item]);
    let isClosed = false;
    const closing = queue.close().then(() => {
      isClosed = true;
    });
    expect(() => queue.push([4])).toThrowError(/shutting down/);
    held[0]?.release();
    held[1]?.release();
    await turn();
    expect(isClosed).toBe(false);
    held[2]?.release();
    await closing;
    expect(held.flatMap((one) => one.items)).toEqual([1, 2, 3]);
  });

  it('goes on after a flush that failed', async () => {
    const seen: number[] = [];
    const queue = createGroupCommit<number>({
      sizeOf: () => 1,
      async flush(items) {
        seen.push(...items);
        throw new Error('broken');
      },
    });
    queue.push([1]);
    await turn();
    queue.push([2]);
    await queue.close();
    expect(seen).toEqual([1, 2]);
  });
});
