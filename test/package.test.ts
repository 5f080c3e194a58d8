import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const PRODUCT = ['loop', 'protocol', 'store', 'client', 'server'];
const MEGABYTE = 1024 * 1024;
let work = '';

const npm = (folder: string, ...args: string[]): string =>
  execFileSync('npm', args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

function tarball(name: string): string {
  const found = readdirSync(work).find((file) => file.startsWith(`assay-${name}-`));
  if (!found) throw new Error(`no tarball of ${name}`);
  return join(work, found);
}

function emptyProject(name: string): string {
  const folder = join(work, name);
  execFileSync('mkdir', ['-p', folder]);
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({ name, private: true, type: 'module' }),
  );
  return folder;
}

function bytesUnder(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}

/** One file in each language whose grammar the product ships. */
const SOURCES: Readonly<Record<string, string>> = {
  'a.go': 'package a\n',
  'a.java': 'class A {}\n',
  'a.mjs': 'export {};\n',
  'a.py': 'x = 1\n',
  'a.rs': 'fn main() {}\n',
  'a.ts': 'const a: number = 1;\n',
  'a.tsx': 'const a = <p />;\n',
};

/** What the installed command says of a change that adds all of them. */
function codeDiff(folder: string): { readonly files: readonly { readonly notParsed: unknown }[] } {
  for (const name of ['before', 'after']) execFileSync('mkdir', ['-p', join(folder, name)]);
  for (const [name, text] of Object.entries(SOURCES)) {
    writeFileSync(join(folder, 'after', name), text);
  }
  const command = 'node_modules/@assay/server/dist/cli/main.js';
  const args = [command, 'score', 'diff', 'before', 'after', '--json'];
  return JSON.parse(execFileSync(process.execPath, args, { cwd: folder, encoding: 'utf8' }));
}

beforeAll(() => {
  work = mkdtempSync(join(tmpdir(), 'assay-pack-'));
  for (const name of PRODUCT) {
    if (!existsSync(`packages/${name}/dist/index.js`))
      throw new Error('build first: npm run build');
    npm(`packages/${name}`, 'pack', '--silent', '--pack-destination', work);
  }
}, 120_000);

afterAll(() => rmSync(work, { recursive: true, force: true }));

describe('what users install', () => {
  test('the client installs alone and runs', () => {
    const folder = emptyProject('only-client');
    npm(folder, 'install', '--no-audit', '--no-fund', '--ignore-scripts', tarball('client'));
    expect(
      readdirSync(join(folder, 'node_modules')).filter((name) => !name.startsWith('.')),
    ).toEqual(['@assay']);
    expect(readdirSync(join(folder, 'node_modules/@assay'))).toEqual(['client']);
    writeFileSync(
      join(folder, 'use.js'),
      "import { createAssay } from '@assay/client';\n" +
        "const assay = createAssay({ url: 'http://127.0.0.1:9', apiKey: 'assay_x_y' });\n" +
        "assay.tracker.execution({ taskId: 't', agentId: 'a', success: true });\n" +
        'console.log(typeof assay.track);\n',
    );
    const declarations = readdirSync(join(folder, 'node_modules/@assay/client/dist')).filter(
      (name) => name.endsWith('.d.ts'),
    );
    const foreign = declarations.filter((name) =>
      /from '@assay\//.test(
        readFileSync(join(folder, 'node_modules/@assay/client/dist', name), 'utf8'),
      ),
    );
    expect(foreign).toEqual([]);
    const said = execFileSync(process.execPath, ['use.js'], {
      cwd: folder,
      encoding: 'utf8',
      timeout: 20_000,
    });
    expect(said.trim()).toBe('function');
  }, 120_000);

  test('the whole product stays below 150 MB, works without install scripts, and starts', () => {
    const folder = emptyProject('product');
    npm(folder, 'install', '--no-audit', '--no-fund', '--ignore-scripts', ...PRODUCT.map(tarball));
    const size = bytesUnder(join(folder, 'node_modules')) / MEGABYTE;
    expect(size).toBeLessThan(150);
    const scripted = readdirSync(join(folder, 'node_modules'), {
      recursive: true,
      encoding: 'utf8',
    })
      .filter((path) => /(^|\/)package\.json$/.test(path))
      .map((path) => join(folder, 'node_modules', path))
      .filter((path) => {
        const { name, version, scripts } = JSON.parse(readFileSync(path, 'utf8'));
        const hooks = ['preinstall', 'install', 'postinstall'];
        // npm compiles a package with a binding.gyp although no script says so.
        const isCompiled = existsSync(join(dirname(path), 'binding.gyp'));
        return name && version && (isCompiled || hooks.some((hook) => scripts?.[hook]));
      });
    expect(scripted).toEqual([]);
    const help = execFileSync(
      process.execPath,
      ['node_modules/@assay/server/dist/cli/main.js', '--help'],
      {
        cwd: folder,
        encoding: 'utf8',
      },
    );
    expect(help).toContain('assay');
    expect(codeDiff(folder).files.map(({ notParsed }) => notParsed)).toEqual(
      Object.keys(SOURCES).map(() => null),
    );
    const scored = execFileSync(
      process.execPath,
      ['node_modules/@assay/server/dist/cli/main.js', 'score', '--json', '--workers', '1'],
      {
        cwd: folder,
        encoding: 'utf8',
        input: '{"query":"Why?","response":"Because it rained."}\n',
      },
    );
    expect(JSON.parse(scored)).toMatchObject({ line: 1, kind: 'scored', coverage: 'full' });
    expect(existsSync(join(folder, 'node_modules/@assay/store/migrations'))).toBe(true);
    expect(existsSync(join(folder, 'node_modules/@assay/server/public/index.html'))).toBe(true);
  }, 300_000);
});
