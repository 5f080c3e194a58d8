import type * as FsPromises from 'node:fs/promises';

/** Who writes a set of segments. Lives in `<owner>.lock` beside them. */
export interface SpoolOwner {
  readonly pid: number;
  readonly host: string;
  /** When the process started, in the system's own words; null where it cannot be told. */
  readonly startedAt: string | null;
}

/** A lock from another host is taken for dead when it was not renewed for this long, ms. */
export const FOREIGN_LOCK_STALE_MS = 120_000;

/** How often a live owner renews its lock, ms. */
export const LOCK_RENEW_MS = 20_000;

// The start time of a process tells a reused pid from the process that wrote the lock. The
// fields are counted after the last parenthesis since a command name may hold spaces.
async function startOf(fs: typeof FsPromises, pid: number): Promise<string | null> {
  try {
    const stat = await fs.readFile(`/proc/${pid}/stat`, 'utf8');
    const boot = (await fs.readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return `${boot}/${fields[19] ?? ''}`;
  } catch {
    return null;
  }
}

function isPidAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    return (thrown as { code?: unknown }).code === 'EPERM';
  }
}

/** Describes this process. */
export async function describeOwner(fs: typeof FsPromises, host: string): Promise<SpoolOwner> {
  return { pid: process.pid, host, startedAt: await startOf(fs, process.pid) };
}

function parseOwner(text: string): SpoolOwner | null {
  try {
    const parsed = JSON.parse(text) as Partial<SpoolOwner>;
    if (typeof parsed.pid !== 'number' || typeof parsed.host !== 'string') return null;
    return { pid: parsed.pid, host: parsed.host, startedAt: parsed.startedAt ?? null };
  } catch {
    return null;
  }
}

/**
 * Whether the owner of a lock file may still write. Without a lock file the owner has closed
 * or never lived. On the same host the process table decides; for another host (or container)
 * the age of the lock does.
 */
export async function isOwnerAlive(
  fs: typeof FsPromises,
  lockPath: string,
  self: SpoolOwner,
): Promise<boolean> {
  let text: string;
  let ageMs: number;
  try {
    text = await fs.readFile(lockPath, 'utf8');
    // File times come from the system's clock, so does the time that they are compared with.
    ageMs = Date.now() - (await fs.stat(lockPath)).mtimeMs;
  } catch {
    return false;
  }
  const owner = parseOwner(text);
  if (owner === null || owner.host !== self.host) return ageMs < FOREIGN_LOCK_STALE_MS;
  if (!isPidAlive(owner.pid)) return false;
  const startedAt = await startOf(fs, owner.pid);
  return owner.startedAt === null || startedAt === null || owner.startedAt === startedAt;
}
