/** Timers of an interpreter that has no event loop. */
export interface Timers {
  /** Runs the timer that is due next, without waiting; false when there is none. */
  tick(): boolean;
}

interface Timer {
  readonly due: number;
  readonly everyMs: number | null;
  readonly run: () => void;
}

/**
 * Gives the interpreter `setTimeout` and its kin. Their time is virtual: nothing waits, timers run in
 * the order in which they are due once the program has nothing else to do.
 */
export function installTimers(target: object): Timers {
  const timers = new Map<number, Timer>();
  let now = 0;
  let lastId = 0;
  const start = (run: () => void, delayMs: number, isRepeated: boolean): number => {
    const everyMs = Math.max(1, Number(delayMs) || 0);
    lastId += 1;
    timers.set(lastId, { due: now + everyMs, everyMs: isRepeated ? everyMs : null, run });
    return lastId;
  };
  const clear = (id: number): void => {
    timers.delete(id);
  };
  const starter =
    (isRepeated: boolean) =>
    (callback: (...args: unknown[]) => void, delayMs = 0, ...args: unknown[]): number =>
      start(() => callback(...args), delayMs, isRepeated);
  const functions = {
    setTimeout: starter(false),
    setInterval: starter(true),
    setImmediate: (callback: (...args: unknown[]) => void, ...args: unknown[]): number =>
      start(() => callback(...args), 0, false),
    clearTimeout: clear,
    clearInterval: clear,
    clearImmediate: clear,
    queueMicrotask: (callback: () => void): void => {
      void Promise.resolve().then(callback);
    },
  };
  for (const [name, value] of Object.entries(functions)) {
    Object.defineProperty(target, name, { value, writable: true, configurable: true });
  }
  return {
    tick: () => {
      let next: [number, Timer] | undefined;
      for (const entry of timers) {
        if (next === undefined || entry[1].due < next[1].due) next = entry;
      }
      if (next === undefined) return false;
      const [id, { due, everyMs, run }] = next;
      now = Math.max(now, due);
      if (everyMs === null) timers.delete(id);
      else timers.set(id, { due: now + everyMs, everyMs, run });
      run();
      return true;
    },
  };
}
