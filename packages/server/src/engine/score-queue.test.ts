import { AssayError } from '@assay/protocol';
import { describe, expect, it } from 'vitest';
import type { StoredFact } from './record.ts';
import { createScoreQueue, type QueuedResponse, type ScoreQueueParts } from './score-queue.ts';

function stored(tenantId: number, text: string): StoredFact {
  return { tenantId, taskRef: text, bytes: Buffer.from(text) } as unknown as StoredFact;
}

interface Seen {
  readonly tenantId: number;
  readonly texts: readonly string[];
}

/** A queue whose work is written down; `gate` holds it back. */
function open(over: Partial<ScoreQueueParts> = {}) {
  const seen: Seen[] = [];
  const faults: unknown[] = [];
  const pauses: number[] = [];
  const queue = createScoreQueue({
    work: async (tenantId: number, group: readonly QueuedResponse[]) => {
      seen.push({ tenantId, texts: group.map(({ line }) => Buffer.from(line).toString()) });
      return { scored: group.length, unscored: 0 };
    },
    pause: async (ms) => void pauses.push(ms),
    onFault: (error) => faults.push(error),
    ...over,
  });
  return { queue, seen, faults, pauses };
}

describe('the queue of responses to score', () => {
  it('works off groups of one tenant, in order, each response once', async () => {
    const { queue, seen } = open();
    const offered = Array.from({ length: 50 }, (_, i) => stored(i < 20 ? 1 : 2, `r${i}`));
    for (const one of offered) queue.offer(one);
    await queue.idle();
    expect(seen.flatMap(({ texts }) => texts)).toEqual(offered.map(({ taskRef }) => taskRef));
    expect(seen.map(({ tenantId, texts }) => [tenantId, texts.length])).toEqual([
      [1, 16],
      [1, 4],
      [2, 16],
      [2, 14],
    ]);
    expect(queue.figures).toEqual({ scored: 50, unscored: 0, dropped: 0, lost: 0 });
    expect(queue.depth()).toBe(0);
  });

  it('drops and counts what does not fit, by items and by bytes', async () => {
    const { queue } = open({ maxItems: 10 });
    for (let i = 0; i < 25; i++) queue.offer(stored(1, `r${i}`));
    expect(queue.depth()).toBe(10);
    await queue.idle();
    expect(queue.figures).toMatchObject({ scored: 10, dropped: 15 });
    queue.offer(stored(1, 'later'));
    await queue.idle();
    expect(queue.figures).toMatchObject({ scored: 11, dropped: 15 });

    const small = open({ maxBytes: 10 });
    for (const text of ['12345678901', '1234567890', '1']) small.queue.offer(stored(1, text));
    await small.queue.idle();
    expect(small.seen.flatMap(({ texts }) => texts)).toEqual(['1234567890']);
    expect(small.queue.figures.dropped).toBe(2);
    small.queue.offer(stored(1, '1234567890'));
    await small.queue.idle();
    expect(small.queue.figures.scored).toBe(2);
  });

  it('keeps a copy: the line may be a view of a whole request', async () => {
    const { queue, seen } = open();
    const one = stored(1, 'as it was');
    queue.offer(one);
    one.bytes.fill(0x20);
    await queue.idle();
    expect(seen[0]?.texts).toEqual(['as it was']);
  });

  it('tries again what passes by itself, and gives up what does not', async () => {
    let failures = 2;
    const passing = open({
      work: async () => {
        if (failures-- > 0) throw new AssayError('ingest.busy');
        return { scored: 1, unscored: 0 };
      },
    });
    passing.queue.offer(stored(1, 'a'));
    await passing.queue.idle();
    expect(passing.queue.figures).toMatchObject({ scored: 1, lost: 0 });
    expect(passing.pauses).toEqual([200, 400]);
    expect(passing.faults).toEqual([]);

    const error = new Error('broken');
    const broken = open({ work: () => Promise.reject(error) });
    for (const text of ['a', 'b']) broken.queue.offer(stored(1, text));
    await broken.queue.idle();
    expect(broken.queue.figures).toMatchObject({ scored: 0, lost: 2 });
    expect(broken.faults).toEqual([error]);

    const busy = open({ work: () => Promise.reject(new AssayError('store.unavailable')) });
    busy.queue.offer(stored(1, 'a'));
    await busy.queue.idle();
    expect(busy.queue.figures.lost).toBe(1);
    expect(busy.pauses).toHaveLength(4);
  });

  it('gives up what waits when it closes, and takes nothing more', async () => {
    let finish: () => void = () => undefined;
    const { queue } = open({
      work: (_tenant, group) =>
        new Promise((resolve) => {
          finish = () => resolve({ scored: group.length, unscored: 0 });
        }),
    });
    for (let i = 0; i < 20; i++) queue.offer(stored(1, `r${i}`));
    await Promise.resolve().then(() => undefined);
    const closing = queue.close();
    queue.offer(stored(1, 'late'));
    finish();
    await closing;
    expect(queue.figures).toEqual({ scored: 16, unscored: 0, dropped: 4, lost: 0 });
  });
});
