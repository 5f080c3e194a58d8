import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import type { SubjectFile } from '@assay/loop/gate/scorecard';
import { CommandFault } from './command-fault.ts';
import type { ScorecardIo } from './scorecard-io.ts';

/**
 * Names and digests of the files that ship: the name without folders, or the path where two files
 * have one name. Throws CommandFault 2 for a file that cannot be read.
 */
export async function subjectFiles(
  paths: readonly string[],
  io: Pick<ScorecardIo, 'hashFile'>,
): Promise<readonly SubjectFile[]> {
  const names = paths.map((path) => basename(path));
  const files: SubjectFile[] = [];
  for (const [index, path] of paths.entries()) {
    const name = names[index] ?? path;
    const isAlone = names.indexOf(name) === names.lastIndexOf(name);
    files.push({ name: isAlone ? name : path, sha256: await digestOf(path, io) });
  }
  return files;
}

/**
 * One digest of the files that can change what the agent answers: SHA-256 of the lines
 * `<sha256>  <path>`, in the order of the paths, as `sha256sum` writes them. Null without files.
 * Throws CommandFault 2 for a file that cannot be read.
 */
export async function declaredDigest(
  paths: readonly string[],
  io: Pick<ScorecardIo, 'hashFile'>,
): Promise<string | null> {
  if (paths.length === 0) return null;
  const hash = createHash('sha256');
  const byName = new Map(paths.map((path) => [path.replaceAll('\\', '/'), path]));
  for (const [name, path] of [...byName].sort(([a], [b]) => (a < b ? -1 : 1))) {
    hash.update(`${await digestOf(path, io)}  ${name}\n`);
  }
  return hash.digest('hex');
}

async function digestOf(path: string, io: Pick<ScorecardIo, 'hashFile'>): Promise<string> {
  const sha256 = await io.hashFile(path);
  if (sha256 === null) throw new CommandFault(2, `cannot read ${path}`);
  return sha256;
}
