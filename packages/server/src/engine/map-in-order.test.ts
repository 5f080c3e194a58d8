import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mapInOrder } from './map-in-order.ts';

async function* from<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}

const turns = async (count: number): Promise<void> => {
  for (let turn = 0; turn < count; turn += 1) await Promise.resolve();
};

async function all<T>(results: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const one of results) found.push(one);
  return found;
}

describe('mapInOrder', () => {
  it('keeps the order and the limit, however long each takes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(30), { maxLength: 60 }),
        fc.integer({ min: 1, max: 6 }),
        async (durations, concurrency) => {
          let inside = 0;
          let most = 0;
          const results = await all(
            mapInOrder(from([...durations.entries()]), concurrency, async ([at, duration]) => {
              inside += 1;
              most = Math.max(most, inside);
              await turns(duration);
              inside -= 1;
              return at;
            }),
          );
          expect(results).toEqual([...durations.keys()]);
          expect(most).toBeLessThanOrEqual(concurrency);
          if (durations.length >= concurrency && durations.every((one) => one > 20)) {
            expect(most).toBe(concurrency);
          }
        },
      ),
    );
  });

  it('gives a result at once when the next item is long in coming', async () => {
    async function* slow(): AsyncGenerator<number> {
      yield 1;
      await new Promise(() => {});
    }
    const results = mapInOrder(slow(), 4, async (item) => item * 2);
    expect(await results.next()).toEqual({ done: false, value: 2 });
  });

  it('reads only a little ahead of a result that is long in coming', async () => {
    let read = 0;
    async function* endless(): AsyncGenerator<number> {
      while (true) {
        read += 1;
        yield read;
      }
    }
    const results = mapInOrder(endless(), 2, (item) =>
      item === 1 ? new Promise<number>(() => {}) : Promise.resolve(item),
    );
    void results.next();
    await turns(2_000);
    expect(read).toBeLessThanOrEqual(2 * 8 + 1);
    expect(read).toBeGreaterThan(2);
  });

  it('ends with the first error and closes its source', async () => {
    let isClosed = false;
    async function* source(): AsyncGenerator<number> {
      try {
        for (let item = 0; ; item += 1) yield item;
      } finally {
        isClosed = true;
      }
    }
    const seen: number[] = [];
    const run = async (): Promise<void> => {
      for await (const one of mapInOrder(source(), 3, async (item) => {
        if (item >= 5) throw new Error(`item ${item}`);
        return item;
      })) {
        seen.push(one);
      }
    };
    await expect(run()).rejects.toThrow('item 5');
    expect(seen).toEqual([0, 1, 2, 3, 4]);
    await turns(10);
    expect(isClosed).toBe(true);
  });

  it('ends with an error while the source is waiting', async () => {
    async function* waiting(): AsyncGenerator<number> {
      yield 1;
      await new Promise(() => {});
    }
    const results = mapInOrder(waiting(), 2, () => Promise.reject(new Error('enough')));
    await expect(results.next()).rejects.toThrow('enough');
  });

  it('passes an error of the source on', async () => {
    async function* broken(): AsyncGenerator<number> {
      yield 1;
      throw new Error('no such line');
    }
    await expect(all(mapInOrder(broken(), 2, async (item) => item))).rejects.toThrow('no such');
  });
});
