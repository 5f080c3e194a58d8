import type { ExecutionLanguage } from '@assay/loop';
import { type Cell, startCell } from './cell.ts';
import { FRAME, type Frame } from './frames.ts';

/** Starts cells and knows all that are alive. */
export interface CellStarter {
  /** A new cell that is ready. @throws Error with the reason when it does not start */
  start(language: ExecutionLanguage): Promise<Cell>;
  /** Ends a cell; gives an error with its last words. */
  discard(cell: Cell): Error;
  /** Ends all cells, and starts no more. */
  close(): void;
}

/** Python takes seconds; on a machine with a hundred other things to do it takes longer. */
const START_MS = 120_000;

/** Makes a starter. Python is started once from the beginning, afterwards from a snapshot of that. */
export function createCellStarter(): CellStarter {
  const alive = new Set<Cell>();
  let snapshot: Promise<Uint8Array> | null = null;
  let isClosed = false;

  const launch = (kind: Cell['kind']): Cell => {
    if (isClosed) throw new Error('the sandbox is closed');
    const cell = startCell(kind);
    alive.add(cell);
    return cell;
  };
  /** First frame of a cell; null when it ends, or has not started after a long time. */
  const firstFrame = async (cell: Cell): Promise<Frame | null> => {
    const timer = setTimeout(cell.kill, START_MS);
    try {
      return await cell.next();
    } finally {
      clearTimeout(timer);
    }
  };
  const discard = (cell: Cell): Error => {
    alive.delete(cell);
    cell.kill();
    const words = cell.lastWords().split('\n').slice(0, 3).join(' ');
    return new Error(`the interpreter did not start${words ? `: ${words}` : ''}`);
  };
  const takeSnapshot = async (): Promise<Uint8Array> => {
    const cell = launch('python-snapshot');
    const frame = await firstFrame(cell);
    const fault = discard(cell);
    if (frame?.kind !== FRAME.snapshot) throw fault;
    return frame.payload;
  };
  const pythonSnapshot = (): Promise<Uint8Array> => {
    if (snapshot === null) {
      snapshot = takeSnapshot();
      // A failure is not for ever: the next start tries again.
      snapshot.catch(() => {
        snapshot = null;
      });
    }
    return snapshot;
  };
  return {
    start: async (language) => {
      const memory = language === 'python' ? await pythonSnapshot() : null;
      const cell = launch(language);
      if (memory !== null) cell.send(FRAME.snapshot, memory);
      const frame = await firstFrame(cell);
      if (frame?.kind === FRAME.ready) return cell;
      throw discard(cell);
    },
    discard,
    close: () => {
      isClosed = true;
      for (const cell of alive) cell.kill();
      alive.clear();
    },
  };
}
