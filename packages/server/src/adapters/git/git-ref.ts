import { execFile } from 'node:child_process';
import type { FileText } from '../files/file-text.ts';

/** A commit of a repository, whose files can be read. */
export interface GitRef {
  readonly kind: 'ref';
  /** Full object name of the commit. */
  readonly commit: string;
  /** Path from the root of the repository, or from the folder that was given when it starts with `./`. */
  read(path: string, mostBytes: number): Promise<FileText>;
}

/** Why a ref cannot be opened. */
export interface UnknownGitRef {
  readonly kind: 'unknown';
  readonly reason: string;
}

/** Finds the commit that a ref names in the repository around a folder. Nothing is fetched. */
export async function openGitRef(ref: string, folder: string): Promise<GitRef | UnknownGitRef> {
  const asked = ['rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`];
  const found = await git(folder, asked, 1_000);
  if (found.kind !== 'output') {
    const said = found.kind === 'failed' ? found.reason : '';
    return { kind: 'unknown', reason: said === '' ? `there is no ref ${ref}` : said };
  }
  const commit = found.text.trim();
  return {
    kind: 'ref',
    commit,
    read: async (path, mostBytes) => {
      const blob = await git(folder, ['cat-file', 'blob', `${commit}:${path}`], mostBytes);
      if (blob.kind === 'output') return { kind: 'text', text: blob.text };
      return blob.kind === 'too-large'
        ? { kind: 'too-large', mostBytes }
        : { kind: 'absent', reason: blob.reason };
    },
  };
}

type GitAnswer =
  | { readonly kind: 'output'; readonly text: string }
  | { readonly kind: 'too-large' }
  | { readonly kind: 'failed'; readonly reason: string };

function git(folder: string, words: readonly string[], mostBytes: number): Promise<GitAnswer> {
  const env = {
    ...process.env,
    LC_ALL: 'C',
    GIT_TERMINAL_PROMPT: '0',
    GIT_NO_LAZY_FETCH: '1',
    // A hook sets these for its own repository, relative to a folder that is not this one.
    GIT_DIR: undefined,
    GIT_WORK_TREE: undefined,
    GIT_INDEX_FILE: undefined,
  };
  return new Promise((resolve) => {
    execFile(
      'git',
      ['-C', folder, ...words],
      { env, encoding: 'utf8', maxBuffer: mostBytes, windowsHide: true },
      (error, text, said) => {
        if (error === null) resolve({ kind: 'output', text });
        else if (error.code === 'ENOENT') {
          resolve({ kind: 'failed', reason: 'git is not installed' });
        } else if (String(error.code) === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER') {
          resolve({ kind: 'too-large' });
        } else resolve({ kind: 'failed', reason: said.trim().replace(/^fatal: /, '') });
      },
    );
  });
}
