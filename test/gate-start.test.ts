import { readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { parseSync } from 'oxc-parser';
import { expect, test } from 'vitest';

/** The source file of a module of Assay; null for one that comes from elsewhere. */
function sourceOf(specifier: string, from: string): string | null {
  if (specifier.startsWith('.')) return normalize(join(dirname(from), specifier));
  const own = /^@assay\/(\w+)(?:\/(.+))?$/.exec(specifier);
  return own === null ? null : `packages/${own[1]}/src/${own[2] ?? 'index'}.ts`;
}

/** Every file and foreign package that is loaded before the first command of a program runs. */
function loadedBy(entries: readonly string[]): { files: Set<string>; packages: Set<string> } {
  const files = new Set<string>();
  const packages = new Set<string>();
  const visit = (file: string): void => {
    if (files.has(file)) return;
    files.add(file);
    const { module } = parseSync(file, readFileSync(file, 'utf8'));
    const imported = module.staticImports
      .filter(({ entries: names }) => names.length === 0 || names.some((name) => !name.isType))
      .map((found) => found.moduleRequest.value);
    const passedOn = module.staticExports.flatMap((found) =>
      found.entries.flatMap(({ moduleRequest, isType }) =>
        moduleRequest && !isType ? [moduleRequest.value] : [],
      ),
    );
    for (const specifier of [...imported, ...passedOn]) {
      const source = sourceOf(specifier, file);
      if (source !== null) visit(source);
      else if (!specifier.startsWith('node:')) packages.add(specifier);
    }
  };
  for (const entry of entries) visit(entry);
  return { files, packages };
}

const CLI = 'packages/server/src/cli';

test('a gate starts without the server, the schemas and the rest of the computations', () => {
  const { files, packages } = loadedBy([`${CLI}/main.ts`, `${CLI}/gate-command.ts`]);
  expect([...packages]).toEqual(['commander']);
  expect(files).not.toContain('packages/loop/src/index.ts');
  expect(files).not.toContain('packages/protocol/src/index.ts');
  expect(files.size).toBeGreaterThan(20);
  expect(files.size).toBeLessThan(60);
});

test('the walk sees what a command loads', () => {
  expect([...loadedBy([`${CLI}/scorecard-new.ts`]).packages]).toEqual(
    expect.arrayContaining(['commander', 'zod']),
  );
});
