import fs from 'node:fs';
import { dirname, join } from 'node:path';
import { NodeFS } from '@electric-sql/pglite/nodefs';

/** PGlite's file system on a directory, with the fsync that it lacks. */
export interface DurableFs {
  readonly layer: NodeFS;
  /** Syncs that reached the host so far. */
  syncCount(): number;
}

interface SyncStream {
  readonly nfd: number;
  readonly node: { readonly mode: number };
}

interface EmscriptenModule {
  readonly FS: { readonly ErrnoError: new (errno: number) => Error };
  readonly NODEFS: { readonly stream_ops: { fsync?: (stream: SyncStream) => number } };
}

const EIO = 29; // emscripten's number
const TYPE_MASK = 0o170000;
const DIRECTORY_TYPE = 0o040000;

/**
 * Makes the file system layer of one data directory.
 *
 * Emscripten calls `stream_ops.fsync` when there is one, and NODEFS ships none: without this hook
 * no fsync of PostgreSQL reaches the kernel, whatever its settings say.
 */
export function createDurableFs(directory: string): DurableFs {
  let syncs = 0;
  const layer = new NodeFS(directory);
  const init = layer.init.bind(layer);
  layer.init = async (pg, options) => {
    const result = await init(pg, options);
    const hook = (module: unknown): void => {
      const emscripten = module as EmscriptenModule;
      emscripten.NODEFS.stream_ops.fsync = (stream) => {
        try {
          const isDirectory = (stream.node.mode & TYPE_MASK) === DIRECTORY_TYPE;
          if (isDirectory) fs.fsyncSync(stream.nfd);
          else fs.fdatasyncSync(stream.nfd);
        } catch {
          throw new emscripten.FS.ErrnoError(EIO);
        }
        syncs += 1;
        return 0;
      };
    };
    const before = result.emscriptenOpts.preRun ?? [];
    result.emscriptenOpts.preRun = [...before, hook];
    return result;
  };
  return { layer, syncCount: () => syncs };
}

/** Syncs every file and directory below and including `directory`, then its parent. */
export function syncTree(directory: string): void {
  for (const entry of fs.readdirSync(directory, { withFileTypes: true, recursive: true })) {
    if (entry.isFile() || entry.isDirectory()) syncPath(join(entry.parentPath, entry.name));
  }
  syncPath(directory);
  syncPath(dirname(directory));
}

/** Syncs one file or directory. Windows cannot sync a directory: there it is left out. */
export function syncPath(path: string): void {
  if (process.platform === 'win32' && fs.statSync(path).isDirectory()) return;
  const descriptor = fs.openSync(path, 'r');
  try {
    fs.fsyncSync(descriptor);
  } finally {
    fs.closeSync(descriptor);
  }
}
