import { existsSync, readdirSync, readFileSync } from 'node:fs';
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
});
