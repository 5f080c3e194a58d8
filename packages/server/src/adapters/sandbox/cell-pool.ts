import type { ExecutionLanguage } from '@assay/loop';
import type { Cell } from './cell.ts';
import { createCellStarter } from './start-cells.ts';

/** Started cells, ready for the next check. */
export interface CellPool {
  /** A cell with a fresh interpreter. @throws Error with the reason when none can be started */
  acquire(language: ExecutionLanguage): Promise<Cell>;
  /** Takes a cell back. It is kept when it can make a fresh interpreter, else it is ended. */
  release(cell: Cell, isIntact: boolean): void;
  /** Ends every cell, those in use as well. */
  close(): void;
}

/** Settings of the pool. */
export interface PoolSettings {
  /** Started cells of a language that wait for work, 0 or more. */
  readonly spare: number;
  /** After this many milliseconds without work no cell is kept. */
  readonly idleMs: number;
}

/** A JavaScript cell makes a fresh interpreter per run; after this many it is replaced. */
const MAX_RUNS = 200;

/** Keeps cells warm: starting Python takes longer than most programs run. */
export function createCellPool({ spare, idleMs }: PoolSettings): CellPool {
  const starter = createCellStarter();
  const waiting: Record<ExecutionLanguage, Promise<Cell>[]> = {
    javascript: [],
    typescript: [],
    python: [],
  };
  const runs = new WeakMap<Cell, number>();
  let idleTimer: NodeJS.Timeout | undefined;

  const addSpare = (language: ExecutionLanguage, cell: Promise<Cell>): void => {
    waiting[language].push(cell);
    cell.then(
      (ready) => ready.keepAlive(false),
      // Whoever takes it learns of the failure.
      () => {},
    );
  };
  const dropSpares = (): void => {
    for (const list of Object.values(waiting)) {
      for (const cell of list.splice(0)) cell.then(starter.discard, () => {});
    }
  };
  const postponeIdle = (): void => {
    clearTimeout(idleTimer);
    idleTimer = setTimeout(dropSpares, idleMs);
    idleTimer.unref();
  };
  const take = async (language: ExecutionLanguage): Promise<Cell> => {
    const cell = await waiting[language].shift();
    return cell === undefined || cell.hasEnded() ? starter.start(language) : cell;
  };

  return {
    acquire: async (language) => {
      postponeIdle();
      const taken = take(language).catch(() => starter.start(language));
      // Python cells serve one run: the next ones start while this one is used.
      if (language === 'python') {
        while (waiting.python.length < spare) addSpare('python', starter.start('python'));
      }
      const cell = await taken;
      cell.keepAlive(true);
      return cell;
    },
    release: (cell, isIntact) => {
      postponeIdle();
      const count = (runs.get(cell) ?? 0) + 1;
      runs.set(cell, count);
      const { kind } = cell;
      const isReusable = kind === 'javascript' || kind === 'typescript';
      const isWanted = isIntact && isReusable && count < MAX_RUNS && !cell.hasEnded();
      if (isWanted && waiting[kind].length < spare) addSpare(kind, Promise.resolve(cell));
      else starter.discard(cell);
    },
    close: () => {
      clearTimeout(idleTimer);
      starter.close();
    },
  };
}
