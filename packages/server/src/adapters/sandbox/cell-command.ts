import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { ExecutionLanguage } from '@assay/loop';
import type { CellArguments } from './cell/arguments.ts';

/** How to start the process of a cell. */
export interface CellCommandLine {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** What a cell is started for. */
export type CellKind = ExecutionLanguage | 'python-snapshot';

const require = createRequire(import.meta.url);

/** Programs of the cells run compiled, also when this file runs from its source. */
const compiledRoot = import.meta.url.endsWith('.ts')
  ? new URL('../../../dist/adapters/sandbox/', import.meta.url)
  : new URL('./', import.meta.url);
/** Python is not compiled: it is read from the sources, which the package contains. */
const pythonRoot = new URL('../../../src/adapters/sandbox/python/', compiledRoot);
/** In this order: each uses what those before it define. */
const PYTHON_FILES = ['border.py', 'channel.py', 'candidate.py', 'test_side.py', 'serve.py'];

/** Library that turns TypeScript into JavaScript. */
const TYPE_STRIPPER = '@swc/wasm-typescript';

/**
 * Command line of a cell: no environment, no standard input, no right to write a file, to start a
 * program or to read anything but its own libraries, and no code from strings.
 *
 * @throws Error when a library is not installed
 */
export function cellCommandLine(kind: CellKind): CellCommandLine {
  const { cell, readable } = kind.startsWith('python') ? pythonCell(kind) : javaScriptCell(kind);
  const flags = process.allowedNodeEnvironmentFlags;
  const permission = flags.has('--permission') ? '--permission' : '--experimental-permission';
  return {
    command: process.execPath,
    args: [
      permission,
      '--allow-worker',
      ...[fileURLToPath(compiledRoot), ...readable].map((path) => `--allow-fs-read=${path}`),
      '--disallow-code-generation-from-strings',
      '--no-warnings',
      // Optimising an interpreter that serves one run costs more than it gains.
      ...(kind.startsWith('python') ? ['--liftoff-only'] : []),
      fileURLToPath(new URL('cell/main.js', compiledRoot)),
      JSON.stringify(cell),
    ],
    // Windows cannot open a socket, not even a pipe, without it.
    env: process.platform === 'win32' ? { SystemRoot: process.env['SystemRoot'] ?? '' } : {},
  };
}

interface CellNeeds {
  readonly cell: CellArguments;
  readonly readable: readonly string[];
}

function javaScriptCell(kind: CellKind): CellNeeds {
  const library = require.resolve('quickjs-emscripten');
  const variant = createRequire(library).resolve('@jitl/quickjs-wasmfile-release-sync/wasm');
  const guestRoot = new URL('guest/', compiledRoot);
  const stripper = kind === 'typescript' ? require.resolve(TYPE_STRIPPER) : null;
  const folders = ['quickjs-emscripten-core', '@jitl/quickjs-ffi-types'].map((name) =>
    packageFolder(createRequire(library).resolve(name)),
  );
  return {
    cell: {
      kind: 'javascript',
      wasmUrl: pathToFileURL(variant).href,
      guestUrls: readdirSync(guestRoot)
        .filter((name) => name.endsWith('.js'))
        .map((name) => new URL(name, guestRoot).href),
      stripperPath: stripper,
    },
    readable: [
      packageFolder(library),
      packageFolder(variant),
      ...folders,
      ...(stripper === null ? [] : [packageFolder(stripper)]),
    ],
  };
}

function pythonCell(kind: CellKind): CellNeeds {
  const library = require.resolve('pyodide');
  return {
    cell: {
      kind: 'python',
      guestUrls: PYTHON_FILES.map((name) => new URL(name, pythonRoot).href),
      makesSnapshot: kind === 'python-snapshot',
    },
    readable: [packageFolder(library), fileURLToPath(pythonRoot)],
  };
}

/** The folder of the package that a file belongs to, with a separator at its end. */
function packageFolder(file: string): string {
  const parts = file.split(/(?<=[/\\]node_modules[/\\])/);
  const inside = parts.at(-1) ?? '';
  const depth = inside.startsWith('@') ? 2 : 1;
  const name = inside.split(/[/\\]/).slice(0, depth).join('/');
  return parts.length > 1 ? join(...parts.slice(0, -1), name, '/') : join(dirname(file), '/');
}
