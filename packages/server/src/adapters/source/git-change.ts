import type { SourceFile } from '@assay/loop';
import { decodeSource } from './decode-source.ts';
import { runGit } from './run-git.ts';
import {
  MAX_CHANGE_BYTES,
  MAX_FILE_BYTES,
  refused,
  type SourceChange,
  TOO_LONG,
} from './source-change.ts';

/**
 * The files that differ between two revisions of a git repository. Only committed content is read:
 * no hook, filter, text conversion or external program of the repository runs.
 *
 * @param only paths in the repository to which the comparison is limited; empty for all.
 */
export async function readGitChange(
  repository: string,
  before: string,
  after: string,
  only: readonly string[],
): Promise<SourceChange> {
  const commits: string[] = [];
  for (const revision of [before, after]) {
    const found = await resolveRevision(repository, revision);
    if (found.kind === 'refused') return found;
    commits.push(found.commit);
  }
  const listing = await runGit(repository, [
    ...['diff-tree', '-r', '-z', '--raw', '--no-abbrev', '--no-renames', '--no-ext-diff'],
    ...commits,
    '--',
    ...only,
  ]);
  if (listing.exitCode !== 0) return refused(`git in ${repository}: ${listing.message}`);
  const touched = readListing(listing.output.toString('utf8'));
  const contents = await readBlobs(repository, touched);
  if (contents === null) {
    return refused('the change is too large: limit the comparison with --path');
  }
  const sourceOf = (path: string, version: Version): SourceFile[] => {
    if (version.id === null) return [];
    const bytes = contents.get(version.id);
    // What is not read is told apart by its id.
    if (bytes !== undefined && version.isFile) return [decodeSource(path, bytes)];
    const withoutText = version.isFile ? TOO_LONG : 'a link or a submodule';
    return [{ path, text: null, digest: version.id, withoutText }];
  };
  return {
    kind: 'change',
    before: touched.flatMap((file) => sourceOf(file.path, file.before)),
    after: touched.flatMap((file) => sourceOf(file.path, file.after)),
    isWhole: only.length === 0,
  };
}

type Revision =
  | { readonly kind: 'commit'; readonly commit: string }
  | Extract<SourceChange, { kind: 'refused' }>;

async function resolveRevision(repository: string, revision: string): Promise<Revision> {
  const refuse = (reason: string): Revision => ({ kind: 'refused', reason });
  if (revision.startsWith('-')) return refuse(`${revision} is not the name of a revision`);
  const found = await runGit(repository, [
    ...['rev-parse', '--verify', '--quiet', '--end-of-options'],
    `${revision}^{commit}`,
  ]);
  const commit = found.output.toString('utf8').trim();
  if (found.exitCode === 0 && commit !== '') return { kind: 'commit', commit };
  if (found.exitCode === null) return refuse(found.message);
  return refuse(
    found.message === ''
      ? `there is no revision ${revision} in ${repository}: check its name, or fetch it first`
      : `git in ${repository}: ${found.message}`,
  );
}

/** One side of a touched file; `id` is null when the file is not there. */
interface Version {
  readonly id: string | null;
  /** False for links and submodules. */
  readonly isFile: boolean;
}

interface TouchedFile {
  readonly path: string;
  readonly before: Version;
  readonly after: Version;
}

/** Reads `:mode mode id id status NUL path NUL` records. */
function readListing(text: string): readonly TouchedFile[] {
  const fields = text.split('\0');
  const touched: TouchedFile[] = [];
  for (let place = 0; place + 1 < fields.length; place += 2) {
    const [modeBefore = '', modeAfter = '', idBefore = '', idAfter = ''] = (fields[place] ?? '')
      .slice(1)
      .split(' ');
    touched.push({
      path: fields[place + 1] ?? '',
      before: versionOf(modeBefore, idBefore),
      after: versionOf(modeAfter, idAfter),
    });
  }
  return touched;
}

function versionOf(mode: string, id: string): Version {
  return { id: /^0*$/.test(id) ? null : id, isFile: mode.startsWith('100') };
}

/** Contents by id, without those that are too long; null when all together are too much. */
async function readBlobs(
  repository: string,
  touched: readonly TouchedFile[],
): Promise<ReadonlyMap<string, Buffer> | null> {
  const ids = new Set(
    touched
      .flatMap(({ before, after }) => [before, after])
      .flatMap(({ id, isFile }) => (id !== null && isFile ? [id] : [])),
  );
  if (ids.size === 0) return new Map();
  const check = await runGit(repository, ['cat-file', '--batch-check'], linesOfAll(ids));
  const wanted: string[] = [];
  let total = 0;
  for (const line of check.output.toString('utf8').split('\n')) {
    const [id = '', type, size] = line.split(' ');
    if (type !== 'blob' || Number(size) > MAX_FILE_BYTES) continue;
    wanted.push(id);
    total += Number(size);
  }
  if (total > MAX_CHANGE_BYTES) return null;
  const { output } = await runGit(repository, ['cat-file', '--batch'], linesOfAll(wanted));
  return splitBatch(output);
}

function linesOfAll(ids: Iterable<string>): string {
  return [...ids].map((id) => `${id}\n`).join('');
}

/** Reads `id type size LF content LF` records. */
function splitBatch(output: Buffer): ReadonlyMap<string, Buffer> {
  const contents = new Map<string, Buffer>();
  for (let at = 0; at < output.length; ) {
    const end = output.indexOf(0x0a, at);
    if (end < 0) break;
    const [id = '', , size = '0'] = output.toString('utf8', at, end).split(' ');
    const start = end + 1;
    contents.set(id, output.subarray(start, start + Number(size)));
    at = start + Number(size) + 1;
  }
  return contents;
}
