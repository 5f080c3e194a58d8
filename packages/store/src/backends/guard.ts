import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { createServer } from 'node:net';
import { hostname } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { codeOf, storeError } from '../store-error.ts';

/** Proof that this process alone has the directory open. */
export interface Guard {
  /** Gives the directory up. */
  release(): Promise<void>;
}

interface Holder {
  readonly pid: number;
  /** Start time of the process in clock ticks since boot; '' where /proc is missing. */
  readonly start: string;
  readonly boot: string;
  readonly host: string;
}

/**
 * Takes a data directory for this process, or throws `store.locked` and says who has it.
 *
 * PGlite itself never notices a second opener: both would acknowledge writes and corrupt each
 * other. On Linux an abstract socket is the first lock, since the kernel frees it with the process;
 * it does not reach into other containers, so a lock file beside the directory is the second.
 *
 * @param isForced ignores the lock file, for a holder known to be gone. A living process on this
 *   machine is refused all the same where its socket can be seen.
 */
export async function guardDirectory(directory: string, isForced = false): Promise<Guard> {
  const path = realPathOf(directory);
  const lockFile = `${path}.lock`;
  const releaseSocket = await takeSocket(path, lockFile);
  try {
    takeLockFile(path, lockFile, isForced);
  } catch (error) {
    await releaseSocket();
    throw error;
  }
  return {
    release: async () => {
      fs.rmSync(lockFile, { force: true });
      await releaseSocket();
    },
  };
}

/** Real path of a directory that may not exist yet; makes its parents. */
export function realPathOf(directory: string): string {
  const path = resolve(directory);
  if (fs.existsSync(path)) return fs.realpathSync(path);
  fs.mkdirSync(dirname(path), { recursive: true });
  return join(fs.realpathSync(dirname(path)), basename(path));
}

function takeSocket(path: string, lockFile: string): Promise<() => Promise<void>> {
  if (process.platform !== 'linux') return Promise.resolve(() => Promise.resolve());
  const name = createHash('sha256').update(path).digest('hex').slice(0, 40);
  const server = createServer();
  return new Promise((done, reject) => {
    server.once('error', (error) => {
      const isTaken = codeOf(error) === 'EADDRINUSE';
      reject(isTaken ? lockedError(path, lockFile, readHolder(lockFile)) : error);
    });
    server.listen(`\0assay-${name}`, () => {
      server.unref();
      done(() => new Promise((closed) => server.close(() => closed())));
    });
  });
}

function takeLockFile(path: string, lockFile: string, isForced: boolean): void {
  if (isForced) fs.rmSync(lockFile, { force: true });
  if (writeLockFile(lockFile)) return;
  const holder = readHolder(lockFile);
  if (holder === null || !isStale(holder)) throw lockedError(path, lockFile, holder);
  removeStale(path, lockFile, holder);
  if (!writeLockFile(lockFile)) throw lockedError(path, lockFile, readHolder(lockFile));
}

/** Writes the whole file under another name first, so that nobody ever reads half a lock. */
function writeLockFile(lockFile: string): boolean {
  const draft = `${lockFile}.${process.pid}`;
  fs.writeFileSync(draft, `${JSON.stringify(thisProcess())}\n`, { flush: true });
  try {
    fs.linkSync(draft, lockFile);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    return writeWithoutLink(lockFile); // a file system without hard links
  } finally {
    fs.rmSync(draft, { force: true });
  }
}

function writeWithoutLink(lockFile: string): boolean {
  try {
    fs.writeFileSync(lockFile, `${JSON.stringify(thisProcess())}\n`, { flag: 'wx' });
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

/** Moves the lock away and looks again: another process may have replaced it in the meantime. */
function removeStale(path: string, lockFile: string, stale: Holder): void {
  const aside = `${lockFile}.stale.${process.pid}`;
  try {
    fs.renameSync(lockFile, aside);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return;
    throw error;
  }
  const moved = readHolder(aside);
  if (moved !== null && JSON.stringify(moved) === JSON.stringify(stale)) {
    fs.rmSync(aside, { force: true });
    return;
  }
  if (!fs.existsSync(lockFile)) fs.renameSync(aside, lockFile);
  throw lockedError(path, lockFile, moved);
}

function readHolder(lockFile: string): Holder | null {
  try {
    const value: unknown = JSON.parse(fs.readFileSync(lockFile, 'utf8'));
    if (typeof value !== 'object' || value === null) return null;
    const { pid, start, boot, host } = value as Readonly<Record<string, unknown>>;
    const isComplete =
      typeof pid === 'number' &&
      typeof start === 'string' &&
      typeof boot === 'string' &&
      typeof host === 'string';
    return isComplete ? { pid, start, boot, host } : null;
  } catch {
    return null;
  }
}

/** Only a holder of this very host can be judged; any other is taken to be alive. */
function isStale(holder: Holder): boolean {
  if (holder.host !== hostname()) return false;
  if (holder.boot !== bootId()) return true;
  return !isAlive(holder.pid) || startOf(holder.pid) !== holder.start;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

function thisProcess(): Holder {
  return {
    pid: process.pid,
    start: startOf(process.pid),
    boot: bootId(),
    host: hostname(),
  };
}

function bootId(): string {
  return readOrEmpty('/proc/sys/kernel/random/boot_id');
}

/** Field 22 of stat, counted after the command name, which may hold spaces and brackets. */
function startOf(pid: number): string {
  const stat = readOrEmpty(`/proc/${pid}/stat`);
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}

function readOrEmpty(path: string): string {
  try {
    return fs.readFileSync(path, 'utf8').trim();
  } catch {
    return '';
  }
}

function lockedError(path: string, lockFile: string, holder: Holder | null): Error {
  const who =
    holder === null
      ? 'another process (its lock file cannot be read)'
      : `process ${holder.pid} on host ${holder.host}`;
  return storeError(
    'store.locked',
    `${path} is open in ${who}. Two processes on one directory would corrupt it. ` +
      `Stop that process, or talk to it over HTTP. If it is certainly gone, start with ` +
      `--force-unlock, which ignores ${lockFile}.`,
  );
}
