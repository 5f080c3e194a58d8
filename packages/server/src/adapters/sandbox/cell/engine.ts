// The thread of a cell that holds the interpreter. What it is told on the command line is made by
// the server; what comes through the channel may have been made by anybody.
import { readFileSync, writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import { workerData } from 'node:worker_threads';
import { FRAME } from '../frames.ts';
import type { CellArguments } from './arguments.ts';
import { type Channel, openChannel } from './channel.ts';
import type { OpenSettings } from './interpreter.ts';
import { lockDown } from './lock-down.ts';
import { makeSnapshot, servePythonRun, startPython } from './pyodide.ts';
import { quickJsOpener } from './quickjs.ts';
import { serveRuns } from './serve-runs.ts';
import { webAssembly } from './web-assembly.ts';

const ERROR_DESCRIPTOR = 2;
const CHANNEL_DESCRIPTOR = 3;

/** A run that never comes: it loads what would be loaded late, before loading ends. */
const REHEARSAL = {
  do: 'open',
  role: 'test',
  wallMs: 60_000,
  memoryBytes: 16 * 1024 * 1024,
  outputBytes: 0,
  valueBytes: 0,
} as const;

const writeWords = writeSync;
const killProcess = process.kill;
const ownPid = process.pid;
const residentBytes = process.memoryUsage.rss;
const memoryLimit = workerData as Float64Array;
/** Of the process beyond the interpreter's own memory: compiled code, values on their way. */
const SLACK_BYTES = 128 * 1024 * 1024;

function limitMemory({ memoryBytes }: OpenSettings): void {
  memoryLimit[0] = residentBytes() + memoryBytes + SLACK_BYTES;
}

const settings = JSON.parse(process.argv[2] ?? '') as CellArguments;
const channel = openChannel(CHANNEL_DESCRIPTOR);
try {
  await (settings.kind === 'python' ? runPython(settings) : runJavaScript(settings));
} catch (error) {
  // Node's own way of reporting it is among what is gone by then.
  writeWords(ERROR_DESCRIPTOR, `${error instanceof Error ? error.stack : String(error)}\n`);
}
// At once: no event loop is to turn in which something that foreign code has begun could go on.
killProcess(ownPid, 'SIGKILL');

async function runJavaScript(given: Extract<CellArguments, { kind: 'javascript' }>): Promise<void> {
  const library = await import('quickjs-emscripten');
  const wasm = new webAssembly.Module(readFileSync(new URL(given.wasmUrl)));
  const guestSources = new Map(
    given.guestUrls.map((url) => [
      url.slice(url.lastIndexOf('/') + 1),
      readFileSync(new URL(url), 'utf8'),
    ]),
  );
  const stripTypes = given.stripperPath === null ? null : loadStripper(given.stripperPath);
  const open = quickJsOpener({ library, wasm, guestSources, stripTypes });
  await open(REHEARSAL, () => '');
  lockDown();
  channel.write(FRAME.ready, '');
  await serveRuns(channel, (run, ask) => {
    limitMemory(run);
    return open(run, ask);
  });
}

async function runPython(given: Extract<CellArguments, { kind: 'python' }>): Promise<void> {
  const library = await import('pyodide');
  const guestSource = given.guestUrls.map((url) => readFileSync(new URL(url), 'utf8')).join('\n');
  if (given.makesSnapshot) {
    channel.write(FRAME.snapshot, await makeSnapshot({ library, guestSource }));
    return;
  }
  const python = await startPython(
    { library, guestSource, snapshot: readSnapshot(channel) },
    channel,
  );
  lockDown();
  channel.write(FRAME.ready, '');
  servePythonRun(channel, python, limitMemory);
}

/** The first frame of a Python cell; without contents the interpreter starts anew. */
function readSnapshot(from: Channel): Uint8Array | null {
  const frame = from.read();
  return frame === null || frame.payload.length === 0 ? null : frame.payload;
}

/** The part of `@swc/wasm-typescript` that is used: the parser that Node itself strips types with. */
interface TypeScriptTransformer {
  transformSync(source: string, options: object): { readonly code: string };
}

function loadStripper(path: string): (source: string) => string {
  const { transformSync } = createRequire(import.meta.url)(path) as TypeScriptTransformer;
  return (source) => {
    try {
      return transformSync(source, { mode: 'transform', transform: { noEmptyExport: true } }).code;
    } catch (error) {
      // It throws plain objects.
      const { message, startLine } = Object(error) as { message?: unknown; startLine?: unknown };
      throw new Error(`${String(message)} (line ${String(startLine)})`);
    }
  };
}
