// Start of a cell: a process for one interpreter. This thread only watches the memory, and whether
// the server is still there; the interpreter has a thread of its own, with limits of its own.
import { Worker } from 'node:worker_threads';

const HEAP_MEGABYTES = 256;
const STACK_MEGABYTES = 8;

const WATCH_MS = 50;

/** Resident bytes of this process that end it; the other thread sets it when a run begins. */
const memoryLimit = new Float64Array(new SharedArrayBuffer(Float64Array.BYTES_PER_ELEMENT));
memoryLimit[0] = Number.POSITIVE_INFINITY;

const engine = new Worker(new URL('./engine.js', import.meta.url), {
  argv: process.argv.slice(2),
  workerData: memoryLimit,
  env: {},
  execArgv: [],
  stdin: false,
  resourceLimits: { maxOldGenerationSizeMb: HEAP_MEGABYTES, stackSizeMb: STACK_MEGABYTES },
});
engine.on('error', (error) => {
  process.stderr.write(`${error.stack ?? error.message}\n`);
  end(70);
});
engine.on('exit', () => end(0));
process.on('disconnect', () => end(0));
// The limits of the interpreter come first; this one also sees what it may make its host allocate.
setInterval(() => {
  if (process.memoryUsage.rss() <= (memoryLimit[0] ?? 0)) return;
  process.stderr.write('out of memory\n');
  end(0);
}, WATCH_MS);

/** Not `process.exit`: that would wait for a thread that waits for the server. */
function end(code: number): void {
  if (code !== 0) process.exitCode = code;
  process.kill(process.pid, 'SIGKILL');
}
