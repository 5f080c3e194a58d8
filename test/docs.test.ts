import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, test } from 'vitest';
import { generatedPages } from '../scripts/generated-pages.ts';

const pages = [
  '.',
  'docs',
  'docs/guide',
  'docs/reference',
  'docs/decisions',
  'examples/email-triage',
]
  .filter((folder) => existsSync(folder))
  .flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => name.endsWith('.md'))
      .map((name) => join(folder, name)),
  );

const generated = await generatedPages();

describe('documentation', () => {
  test.each(pages)('%s links to files that exist', (page) => {
    const text = readFileSync(page, 'utf8');
    const broken = [...text.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)]
      .map((match) => match[1] ?? '')
      .filter((target) => !/^[a-z]+:/.test(target))
      .filter((target) => !existsSync(normalize(join(dirname(page), target))));
    expect(broken).toEqual([]);
  });

  test('ARCHITECTURE.md names paths that exist', () => {
    const text = readFileSync('ARCHITECTURE.md', 'utf8');
    const named = [...text.matchAll(/`((?:packages|test|docs)\/[\w./-]+)`/g)].map(
      (match) => match[1] ?? '',
    );
    expect(named.length).toBeGreaterThan(8);
    expect(named.filter((path) => !existsSync(path))).toEqual([]);
  });

  test.each(generated)('$path is what the code says', ({ path, text }) => {
    expect(existsSync(path) ? readFileSync(path, 'utf8') : 'missing: npm run docs:generate').toBe(
      text,
    );
  });

  test('the program in README.md is right for the client as it is', () => {
    const program = /```ts\n([\s\S]*?)```/.exec(readFileSync('README.md', 'utf8'))?.[1] ?? '';
    expect(program).toContain('assay.track(');
    // What the reader is to put in.
    const own = `
      declare const search: (text: string) => Promise<readonly string[]>;
      declare const callYourAgent: (
        agentId: string,
        found: readonly string[],
      ) => Promise<{ isCorrect: boolean }>;`;
    const folder = mkdtempSync('test/readme-');
    try {
      const file = join(folder, 'example.ts');
      writeFileSync(file, program + own);
      const options = '--noEmit --strict --ignoreConfig --module nodenext --target es2023';
      const types = '--lib es2023 --types node --customConditions @assay/source';
      const flags = '--allowImportingTsExtensions --skipLibCheck';
      const said = spawnSync(
        process.execPath,
        ['node_modules/typescript/bin/tsc', ...`${options} ${types} ${flags}`.split(' '), file],
        { encoding: 'utf8' },
      );
      expect(said.stdout).toBe('');
      expect(said.status).toBe(0);
    } finally {
      rmSync(folder, { recursive: true });
    }
  }, 30_000);
});
