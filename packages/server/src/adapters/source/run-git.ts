import { spawn } from 'node:child_process';

/** What a run of git gave. */
export interface GitResult {
  /** Exit code; null when git could not be started or was killed. */
  readonly exitCode: number | null;
  readonly output: Buffer;
  /** What it said about a failure, in one line. */
  readonly message: string;
}

/**
 * Runs git in a folder, without a shell. Paths among the arguments are taken literally, nothing is
 * asked of the terminal, and no lock is taken.
 */
export function runGit(
  folder: string,
  args: readonly string[],
  input: string = '',
): Promise<GitResult> {
  return new Promise((resolve) => {
    const child = spawn('git', ['-C', folder, '--literal-pathspecs', '--no-pager', ...args], {
      stdio: 'pipe',
      env: { ...process.env, GIT_TERMINAL_PROMPT: '0', GIT_OPTIONAL_LOCKS: '0', LC_ALL: 'C' },
    });
    const output: Buffer[] = [];
    let complaint = '';
    child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => {
      if (complaint.length < 4096) complaint += chunk.toString('utf8');
    });
    child.once('error', (error) => {
      const isMissing = 'code' in error && error.code === 'ENOENT';
      const message = isMissing ? 'git is not installed' : error.message;
      resolve({ exitCode: null, output: Buffer.alloc(0), message });
    });
    child.once('close', (exitCode) => {
      const message = complaint.split('\n')[0]?.replace(/^fatal: /, '') ?? '';
      resolve({ exitCode, output: Buffer.concat(output), message });
    });
    // git may end before it has read everything; its exit code says so.
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });
}
