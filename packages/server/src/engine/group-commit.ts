import { AssayError } from '@assay/protocol';

/** Limits of a queue. */
export interface GroupCommitOptions<Item> {
  /** Stores a group; rejects when none of it can be said to be stored. */
  readonly flush: (items: readonly Item[]) => Promise<void>;
  /** Size of an item, bytes. */
  readonly sizeOf: (item: Item) => number;
  /** Most items in one flush. */
  readonly maxGroup?: number;
  /** Most flushes at the same time. */
  readonly maxInFlight?: number;
  /** Most items that may wait. */
  readonly maxItems?: number;
  /** Most bytes that may wait. */
  readonly maxBytes?: number;
}

/** A queue that commits whatever has gathered while the last commit ran. */
export interface GroupCommit<Item> {
  /**
   * Queues items, in order.
   * @throws AssayError `ingest.busy` when the queue is full, `server.closing` after {@link close}
   */
  push(items: readonly Item[]): void;
  /** Items that wait, not counting those in a flush. */
  depth(): number;
  /** Resolves when everything that was pushed has been flushed. Nothing can be pushed after. */
  close(): Promise<void>;
}

/**
 * A group commit without a timer: a flush starts as soon as there is something to flush and a
 * place in flight, so a lone fact waits for nothing and a busy server commits large groups.
 *
 * `flush` settles its items by itself; a flush that rejects is a fault of the caller's code and
 * is swallowed here so that the queue goes on.
 */
export function createGroupCommit<Item>(options: GroupCommitOptions<Item>): GroupCommit<Item> {
  const { flush, sizeOf, maxGroup = 2_000, maxInFlight = 2 } = options;
  const { maxItems = 50_000, maxBytes = 256 * 1024 * 1024 } = options;
  let waiting: Item[] = [];
  let bytes = 0;
  let inFlight = 0;
  let isClosed = false;
  let drained: (() => void) | null = null;

  function start(): void {
    while (inFlight < maxInFlight && waiting.length > 0) {
      const group = waiting.length <= maxGroup ? waiting : waiting.slice(0, maxGroup);
      waiting = group === waiting ? [] : waiting.slice(maxGroup);
      for (const item of group) bytes -= sizeOf(item);
      inFlight += 1;
      void flush(group)
        .catch(() => undefined)
        .then(settle);
    }
    if (inFlight === 0 && waiting.length === 0) drained?.();
  }

  function settle(): void {
    inFlight -= 1;
    start();
  }

  return {
    push(items) {
      if (isClosed) throw new AssayError('server.closing');
      let size = 0;
      for (const item of items) size += sizeOf(item);
      const isFull = waiting.length + items.length > maxItems || bytes + size > maxBytes;
      if (isFull && waiting.length > 0) throw new AssayError('ingest.busy');
      for (const item of items) waiting.push(item);
      bytes += size;
      start();
    },
    depth: () => waiting.length,
    close() {
      isClosed = true;
      return new Promise((resolve) => {
        drained = resolve;
        start();
      });
    },
  };
}
