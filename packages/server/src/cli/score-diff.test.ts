import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { CodeComparison } from '@assay/loop';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createProgram } from './program.ts';
import { runScoreDiff, type ScoreDiffOptions } from './score-diff.ts';

let work = '';
beforeAll(() => {
  work = realpathSync(mkdtempSync(join(tmpdir(), 'assay-diff-')));
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

function write(path: string, content: string | Uint8Array): string {
  const file = join(work, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
  return file;
}

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function run(before: string, after: string, options: ScoreDiffOptions = {}): Promise<Ran> {
  let out = '';
  let err = '';
  const code = await runScoreDiff(before, after, options, {
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
  });
  return { code, out, err };
}

async function json(
  before: string,
  after: string,
  options: ScoreDiffOptions = {},
): Promise<CodeComparison> {
  const { code, out, err } = await run(before, after, { ...options, json: true });
  expect(err).toBe('');
  expect(code).toBe(0);
  return JSON.parse(out);
}

const CODE = 'export function area(side: number): number {\n  return side * side;\n}\n';

describe('two files', () => {
  test('are compared under one name, as text for people', async () => {
    const before = write('old-area.ts', CODE);
    const after = write('new-area.ts', CODE.replaceAll('side', 'edge'));
    const { code, out } = await run(before, after);
    expect(code).toBe(0);
    expect(out).toMatch(/^reward multiplier {2}0\.\d\d {2}(minimal|moderate)\n/);
    expect(out).toContain('1.000 shape (1 of 1 files parsed)');
    expect(out).toContain('lines              +2 -2, ratio 0.667');
    expect(out).toMatch(/changed {2}0\.\d{3} {2}\+2 {2}-2 {2}new-area\.ts/);
  });

  test('may be in any encoding, with any line breaks, or no text at all', async () => {
    const plain = write('a/plain.py', "name = 'Zoë'\nprint(name)\n");
    const latin = write('a/latin.py', Buffer.from("name = 'Zo\xeb'\r\nprint(name)\r\n", 'latin1'));
    const bytes = write('a/bytes.py', Uint8Array.of(0, 159, 146, 150));
    expect((await json(plain, latin)).metrics).toMatchObject({
      astSimilarity: 1,
      lineChangeRatio: 0,
    });
    const binary = await json(plain, bytes);
    expect(binary.metrics).toMatchObject({ astSimilarity: null, fileTouchCount: 1 });
    expect(binary.notes[0]).toBe('bytes.py: counted by lines only, not text');
  });

  test('different bytes that are no text are different', async () => {
    const first = write('b/1.js', Buffer.from('// \xff\n', 'latin1'));
    const second = write('b/2.js', Buffer.from('// \xfe\n', 'latin1'));
    expect((await json(first, second)).lines).toEqual({ added: 1, removed: 1, same: 0 });
  });
});

describe('two folders', () => {
  test('are compared file by file, without links and dependencies', async () => {
    write('one/src/area.ts', CODE);
    write('one/src/same.ts', CODE);
    write('two/src/same.ts', CODE);
    write('two/lib/area.ts', CODE);
    write('two/node_modules/x/index.js', 'x');
    write('two/.git/config', 'x');
    write('two/src/use.py', 'def idle():\n    pass\n');
    symlinkSync(join(work, 'two'), join(work, 'two/src/loop'));
    symlinkSync('/', join(work, 'two/root.ts'));
    const { files, scaffolding } = await json(join(work, 'one'), join(work, 'two'));
    expect(files.map(({ change, path }) => `${change} ${path}`)).toEqual([
      'renamed lib/area.ts',
      'added root.ts',
      'added src/loop',
      'added src/use.py',
    ]);
    expect(scaffolding.evidence.map(({ kind }) => kind)).toEqual([
      'unreferenced-declaration',
      'unreferenced-file',
      'empty-body',
    ]);
  });

  test('can be limited to paths, which leaves public code unjudged', async () => {
    const { files, scaffolding } = await json(join(work, 'one'), join(work, 'two'), {
      path: ['./src/use.py', 'lib/'],
    });
    expect(files.map(({ path }) => path)).toEqual(['lib/area.ts', 'src/use.py']);
    expect(scaffolding.evidence.map(({ kind }) => kind)).toEqual(['empty-body']);
  });
});

describe('two revisions', () => {
  const git = (...args: readonly string[]): string =>
    execFileSync('git', ['-C', join(work, 'repo'), ...args], {
      encoding: 'utf8',
      env: {
        ...process.env,
        GIT_CONFIG_GLOBAL: '/dev/null',
        GIT_CONFIG_NOSYSTEM: '1',
        GIT_AUTHOR_NAME: 'a',
        GIT_AUTHOR_EMAIL: 'a@example.org',
        GIT_COMMITTER_NAME: 'a',
        GIT_COMMITTER_EMAIL: 'a@example.org',
      },
    }).trim();
  const commit = (tag: string): void => {
    git('add', '-A');
    git('commit', '-q', '-m', tag);
    git('tag', tag);
  };

  beforeAll(() => {
    write('repo/src/area.ts', CODE);
    write('repo/src/gone.go', 'package a\n');
    write('repo/name with space.ts', CODE);
    write('repo/image.png', Uint8Array.of(0, 1));
    git('init', '-q', '-b', 'main');
    commit('first');
    write('repo/src/area.ts', `${CODE}// more\nexport const one = area(1);\n`);
    write('repo/name with space.ts', CODE.replace('*', '+'));
    write('repo/image.png', Uint8Array.of(0, 2));
    write('repo/-dash.ts', CODE);
    rmSync(join(work, 'repo/src/gone.go'));
    symlinkSync('src/area.ts', join(work, 'repo/link.ts'));
    commit('second');
    // What would run if the content went through the repository's own filters.
    write('repo/.gitattributes', '*.ts diff=evil filter=evil\n');
    git('config', 'diff.evil.textconv', `touch ${join(work, 'ran')}; cat`);
    git('config', 'diff.external', `touch ${join(work, 'ran')}`);
    git('config', 'filter.evil.smudge', `touch ${join(work, 'ran')}; cat`);
    write('repo/src/area.ts', 'work in progress, not committed');
  });

  test('are compared by what was committed', async () => {
    const comparison = await json('first', 'second', { git: true, repo: join(work, 'repo') });
    expect(
      comparison.files.map(({ change, path, linesAdded, linesRemoved }) => [
        `${change} ${path}`,
        linesAdded,
        linesRemoved,
      ]),
    ).toEqual([
      ['added -dash.ts', 3, 0],
      ['changed image.png', 0, 0],
      ['added link.ts', 0, 0],
      ['changed name with space.ts', 1, 1],
      ['changed src/area.ts', 2, 0],
      ['removed src/gone.go', 0, 1],
    ]);
    expect(existsSync(join(work, 'ran'))).toBe(false);
  });

  test('can be limited to paths, taken literally', async () => {
    const repo = join(work, 'repo');
    const some = await json('first', 'second', { git: true, repo, path: ['src'] });
    expect(some.files.map(({ path }) => path)).toEqual(['src/area.ts', 'src/gone.go']);
    const none = await json('first', 'second', { git: true, repo, path: ['*.ts', ':(top)src'] });
    expect(none.files).toEqual([]);
    const dashed = await json('first', 'second', { git: true, repo, path: ['-dash.ts'] });
    expect(dashed.files.map(({ path }) => path)).toEqual(['-dash.ts']);
  });

  test('the same revision twice is no change', async () => {
    const { out, code } = await run('second', 'second', { git: true, repo: join(work, 'repo') });
    expect(code).toBe(0);
    expect(out).toContain('reward multiplier  1.00  minimal');
    expect(out).toContain('files touched      0\n');
  });

  test.each([
    ['first', 'third', 'there is no revision third in '],
    ['first', 'HEAD:src/area.ts', 'there is no revision HEAD:src/area.ts in '],
    ['--output=ran', 'first', '--output=ran is not the name of a revision'],
    ['first', '--help', '--help is not the name of a revision'],
    ['first', '', 'there is no revision  in '],
  ])('%s and %s are refused', async (before, after, reason) => {
    const { code, out, err } = await run(before, after, { git: true, repo: join(work, 'repo') });
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(`assay score diff: ${reason}`);
  });

  test('a folder that is no repository is refused', async () => {
    mkdirSync(join(work, 'plain'), { recursive: true });
    const { code, err } = await run('a', 'b', { git: true, repo: join(work, 'plain') });
    expect(code).toBe(2);
    expect(err).toMatch(/not a git repository/);
    expect((await run('a', 'b', { git: true, repo: join(work, 'nowhere') })).code).toBe(2);
  });
});

describe('usage', () => {
  test.each([
    ['one', 'nowhere', {}, 'there is no file or folder '],
    ['one', 'old-area.ts', {}, 'give two of one kind'],
    ['one', 'two', { repo: '.' }, '--repo goes with --git'],
    ['one', 'two', { scaffoldingWeight: '2' }, 'is not within 0..1'],
    ['one', 'two', { scaffoldingWeight: '' }, 'is not within 0..1'],
    ['one', 'two', { scaffoldingWeight: 'much' }, 'is not within 0..1'],
  ])('%s %s %o is refused', async (before, after, options, reason) => {
    const { code, err } = await run(join(work, before), join(work, after), options);
    expect(code).toBe(2);
    expect(err).toContain(reason);
  });

  test('names of files do not steer the terminal', async () => {
    const before = write('c/a.ts', CODE);
    const after = write('c/\u001b[31mred\u202e.ts', `${CODE}\n\n`);
    const { out } = await run(before, after);
    expect(out).toContain(' [31mred .ts');
    expect(out).not.toContain('\u001b');
    expect(out).not.toContain('\u202e');
  });

  test('the command is there', async () => {
    const score = (await createProgram()).commands.find((command) => command.name() === 'score');
    expect(score?.commands.map((command) => command.name())).toContain('diff');
  });
});
