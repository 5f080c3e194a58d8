/** Lets so many through at a time. */
export interface Turns {
  /**
   * Waits for a turn, in the order of asking.
   * @throws the reason of the signal when it is aborted before
   */
  take(signal?: AbortSignal): Promise<void>;
  /** Ends a turn that was taken. */
  give(): void;
}

/** Makes turns, `count` at the same time. */
export function createTurns(count: number): Turns {
  let free = count;
  const queue = new Set<() => void>();
  return {
    take: async (signal) => {
      signal?.throwIfAborted();
      if (free > 0) {
        free -= 1;
        return;
      }
      await new Promise<void>((resolve, reject) => {
        const leave = (): void => {
          queue.delete(enter);
          reject(signal?.reason);
        };
        const enter = (): void => {
          signal?.removeEventListener('abort', leave);
          resolve();
        };
        queue.add(enter);
        signal?.addEventListener('abort', leave, { once: true });
      });
    },
    give: () => {
      const [next] = queue;
      if (next === undefined) {
        free += 1;
        return;
      }
      queue.delete(next);
      next();
    },
  };
}
