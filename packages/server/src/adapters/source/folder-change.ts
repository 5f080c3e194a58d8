import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, readdir, readFile, readlink, stat } from 'node:fs/promises';
import { devNull } from 'node:os';
import { basename, join, posix, relative, sep } from 'node:path';
import { languageOf, type SourceFile } from '@assay/loop';
import { decodeSource } from './decode-source.ts';
import {
  MAX_CHANGE_BYTES,
  MAX_FILE_BYTES,
  refused,
  type SourceChange,
  TOO_LONG,
} from './source-change.ts';

/** Folders that hold no source of the project. */
const SKIPPED_FOLDERS: ReadonlySet<string> = new Set(['.git', '.hg', '.svn', 'node_modules']);
const MOST_FILES = 100_000;

/**
 * The files that differ between two files or two folders. Links are not followed; folders of
 * version control and `node_modules` are left out.
 *
 * @param only paths within the folders to which the comparison is limited; empty for all.
 */
export async function readFolderChange(
  before: string,
  after: string,
  only: readonly string[],
): Promise<SourceChange> {
  const [first, second] = [await kindOf(before), await kindOf(after)];
  if (first === 'nothing') return refused(`there is no file or folder ${before}`);
  if (second === 'nothing') return refused(`there is no file or folder ${after}`);
  if (first !== second) {
    return refused(`${before} is a ${first} and ${after} is a ${second}: give two of one kind`);
  }
  if (first === 'device') return refused(`${before} is neither a file nor a folder`);
  return first === 'file' ? readFiles(before, after) : readFolders(before, after, only);
}

async function kindOf(path: string): Promise<'file' | 'folder' | 'device' | 'nothing'> {
  // Stands for a file that is not there, as in the output of git.
  if (path === devNull) return 'file';
  const found = await stat(path).catch(() => null);
  if (found === null) return 'nothing';
  if (found.isDirectory()) return 'folder';
  return found.isFile() ? 'file' : 'device';
}

async function readFiles(before: string, after: string): Promise<SourceChange> {
  const name = basename(after === devNull ? before : after);
  // Two versions of one file may have any names, as long as they are of one language.
  const isOneFile = languageOf(before) === languageOf(after) || before === devNull;
  const nameBefore = isOneFile || after === devNull ? name : basename(before);
  return {
    kind: 'change',
    before: before === devNull ? [] : [await readNamed(nameBefore, before)],
    after: after === devNull ? [] : [await readNamed(name, after)],
    isWhole: false,
  };
}

async function readFolders(
  before: string,
  after: string,
  only: readonly string[],
): Promise<SourceChange> {
  const first = await listFiles(before, only);
  const second = await listFiles(after, only);
  if (first === null || second === null) {
    return refused(`more than ${MOST_FILES} files: limit the comparison with --path`);
  }
  const files: { readonly before: SourceFile[]; readonly after: SourceFile[] } = {
    before: [],
    after: [],
  };
  let bytes = 0;
  for (const path of new Set([...first, ...second])) {
    const old = first.has(path) ? await readFound(path, join(before, path)) : null;
    const now = second.has(path) ? await readFound(path, join(after, path)) : null;
    if (old !== null && now !== null && old.text === now.text && old.digest === now.digest)
      continue;
    bytes += (old?.text?.length ?? 0) + (now?.text?.length ?? 0);
    if (bytes > MAX_CHANGE_BYTES) {
      return refused('the change is too large: limit the comparison with --path');
    }
    if (old !== null) files.before.push(old);
    if (now !== null) files.after.push(now);
  }
  return { kind: 'change', ...files, isWhole: only.length === 0 };
}

/** Paths of the files under a folder, with `/`; null when there are too many. */
async function listFiles(
  root: string,
  only: readonly string[],
): Promise<ReadonlySet<string> | null> {
  const found = new Set<string>();
  const pending = [root];
  for (let folder = pending.pop(); folder !== undefined; folder = pending.pop()) {
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) {
        if (!SKIPPED_FOLDERS.has(entry.name)) pending.push(path);
        continue;
      }
      const name = relative(root, path).split(sep).join('/');
      if ((entry.isFile() || entry.isSymbolicLink()) && isWanted(name, only)) found.add(name);
      if (found.size > MOST_FILES) return null;
    }
  }
  return found;
}

function isWanted(path: string, only: readonly string[]): boolean {
  if (only.length === 0) return true;
  return only.some((wanted) => {
    const clean = posix.normalize(wanted.split(sep).join('/')).replace(/\/$/, '');
    return clean === '.' || path === clean || path.startsWith(`${clean}/`);
  });
}

/** A file that was named is read through a link, a file that was found is not. */
async function readFound(name: string, path: string): Promise<SourceFile> {
  const found = await lstat(path);
  return found.isSymbolicLink()
    ? { path: name, text: null, digest: await readlink(path), withoutText: 'a link' }
    : readNamed(name, path);
}

async function readNamed(name: string, path: string): Promise<SourceFile> {
  const { size } = await stat(path);
  if (size <= MAX_FILE_BYTES) return decodeSource(name, await readFile(path));
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return { path: name, text: null, digest: hash.digest('hex'), withoutText: TOO_LONG };
}
