import { constants } from 'node:fs';
import type * as pyodide from 'pyodide';
import { FRAME } from '../frames.ts';
import type { Channel } from './channel.ts';
import type { OpenSettings } from './interpreter.ts';
import { type WasmMemory, webAssembly } from './web-assembly.ts';

/** Where the Python of a cell comes from. */
export interface PythonSource {
  readonly library: typeof pyodide;
  /** Our own programs, one after the other. */
  readonly guestSource: string;
  /** Memory of an interpreter that has started; null starts one anew. */
  readonly snapshot: Uint8Array | null;
}

/** A started interpreter: good for one run. */
export interface PythonInterpreter {
  /** Serves one run on the channel until it is finished. */
  serve(settings: OpenSettings): void;
}

const DEVICE = '/dev/assay';
const PAGE_BYTES = 65_536;

/** Modules that many programs import: starting with them is cheaper than importing them each time. */
const PRELOADED =
  'abc bisect collections copy dataclasses datetime decimal enum fractions functools hashlib heapq ' +
  'itertools json math operator random re statistics string textwrap typing unicodedata unittest';

/** Starts Python with nothing of the host in reach; its only device is the channel. */
export async function startPython(
  source: PythonSource,
  channel: Channel,
): Promise<PythonInterpreter> {
  const limit = limitMemoryGrowth();
  const python = await source.library.loadPyodide({
    ...baseOptions(),
    ...(source.snapshot === null ? {} : { _loadSnapshot: source.snapshot }),
  });
  if (source.snapshot === null) python.runPython(bootCode(source));
  provideDevice(python.FS as unknown as FileSystem, channel);
  return {
    serve: ({ role, memoryBytes, outputBytes, valueBytes }) => {
      limit.maxBytes = memoryBytes;
      const args = [DEVICE, role, outputBytes, valueBytes].map((value) => JSON.stringify(value));
      python.runPython(`assay_serve(${args.join(', ')})`);
    },
  };
}

/** Starts Python once and gives its memory, so that others start from there. */
export async function makeSnapshot(source: Omit<PythonSource, 'snapshot'>): Promise<Uint8Array> {
  const python = await source.library.loadPyodide({ ...baseOptions(), _makeSnapshot: true });
  python.runPython(bootCode(source));
  return python.makeMemorySnapshot();
}

function baseOptions(): Parameters<typeof pyodide.loadPyodide>[0] {
  // It asks for the constants of `fs` by a way that is closed in this process.
  Reflect.set(process, 'binding', () => ({ fs: constants }));
  // It would tell Python the path of this file.
  process.argv = [];
  const silent = (): void => {};
  return {
    jsglobals: Object.create(null) as object,
    stdin: () => null,
    stdout: silent,
    stderr: silent,
    env: { HOME: '/home', PYTHONHASHSEED: '0' },
    _sysExecutable: '/python',
  };
}

/** Runs our programs in a namespace of their own and leaves one name behind. */
function bootCode({ guestSource }: Pick<PythonSource, 'guestSource'>): string {
  return [
    `import ${PRELOADED.split(' ').join(', ')}`,
    'assay_scope = {"__name__": "assay"}',
    `exec(compile(${JSON.stringify(guestSource)}, "assay.py", "exec"), assay_scope)`,
    'assay_serve = assay_scope["serve"]',
  ].join('\n');
}

/** Python grows its memory through this one function. */
function limitMemoryGrowth(): { maxBytes: number } {
  const limit = { maxBytes: Number.POSITIVE_INFINITY };
  const { prototype } = webAssembly.Memory;
  const grow = prototype.grow;
  prototype.grow = function growWithin(this: WasmMemory, pages: number): number {
    if (this.buffer.byteLength + pages * PAGE_BYTES > limit.maxBytes) {
      throw new RangeError('the memory limit is reached');
    }
    return Reflect.apply(grow, this, [pages]);
  };
  return limit;
}

/** The part of the in-memory file system that makes devices. */
interface FileSystem {
  makedev(major: number, minor: number): number;
  registerDevice(device: number, operations: object): void;
  mkdev(path: string, mode: number, device: number): void;
}

type Transfer = (stream: unknown, heap: Uint8Array, offset: number, length: number) => number;

/** Gives Python the channel as a device file: bytes in, bytes out, no object of JavaScript. */
function provideDevice(fileSystem: FileSystem, channel: Channel): void {
  const read: Transfer = (_, heap, offset, length) =>
    channel.readBytes(heap.subarray(offset, offset + length));
  const write: Transfer = (_, heap, offset, length) => {
    channel.writeBytes(heap.subarray(offset, offset + length));
    return length;
  };
  const device = fileSystem.makedev(64, 0);
  fileSystem.registerDevice(device, { open: () => {}, close: () => {}, read, write });
  fileSystem.mkdev(DEVICE, 0o666, device);
}

/** Serves one run: the cell ends with it, and the next run gets another. */
export function servePythonRun(
  channel: Channel,
  python: PythonInterpreter,
  onOpen: (settings: OpenSettings) => void,
): void {
  for (;;) {
    const frame = channel.read();
    if (frame === null) return;
    if (frame.kind !== FRAME.command) continue;
    const command = JSON.parse(frame.payload.toString('utf8')) as OpenSettings;
    if (command.do !== 'open') continue;
    onOpen(command);
    channel.write(FRAME.result, JSON.stringify({ ok: null }));
    python.serve(command);
    return;
  }
}
