import { createRequire, syncBuiltinESMExports } from 'node:module';

/** Modules of Node that reach files, the network, other programs, threads or the engine. */
const DANGEROUS_MODULES = [
  'child_process',
  'cluster',
  'dgram',
  'dns',
  'dns/promises',
  'fs',
  'fs/promises',
  'http',
  'https',
  'module',
  'net',
  'os',
  'tls',
  'v8',
  'vm',
  'worker_threads',
];

/** Functions of `process` that do the same. The rest of it Node itself still needs. */
const DANGEROUS_PROCESS_KEYS = [
  '_debugEnd',
  '_debugProcess',
  '_getActiveHandles',
  '_kill',
  '_linkedBinding',
  'binding',
  'chdir',
  'dlopen',
  'getBuiltinModule',
  'kill',
  'loadEnvFile',
  'mainModule',
  'moduleLoadList',
  'report',
];

/** Globals that an interpreter needs while it runs, beyond the language itself. */
const KEPT_GLOBALS: ReadonlySet<string> = new Set([
  'TextDecoder',
  'TextEncoder',
  'WebAssembly',
  'console',
  'crypto',
  'performance',
]);

/** What the language itself has, so that everything else can go. */
const LANGUAGE_GLOBALS: ReadonlySet<string> = new Set(
  (
    'globalThis Infinity NaN undefined eval isFinite isNaN parseFloat parseInt decodeURI ' +
    'decodeURIComponent encodeURI encodeURIComponent escape unescape AggregateError Array ' +
    'ArrayBuffer Atomics BigInt BigInt64Array BigUint64Array Boolean DataView Date Error EvalError ' +
    'FinalizationRegistry Float16Array Float32Array Float64Array Function Int16Array Int32Array ' +
    'Int8Array Intl Iterator JSON Map Math Number Object Promise Proxy RangeError ReferenceError ' +
    'Reflect RegExp Set SharedArrayBuffer String SuppressedError Symbol SyntaxError TypeError ' +
    'URIError Uint16Array Uint32Array Uint8Array Uint8ClampedArray WeakMap WeakRef WeakSet'
  ).split(' '),
);

/**
 * Takes from this thread whatever could do harm, so that code which breaks out of its interpreter
 * finds nothing. Node's own modules are singletons: once emptied they stay empty, however they are
 * reached. Cannot be undone.
 */
export function lockDown(): void {
  const require = createRequire(import.meta.url);
  const refuse = (): never => {
    throw new Error('not available in the sandbox');
  };
  // All are loaded before the first one is emptied: loading needs some of them.
  const modules = DANGEROUS_MODULES.map((name) => require(name) as Record<string, unknown>);
  for (const module of modules) empty(module, refuse);
  syncBuiltinESMExports();
  for (const key of DANGEROUS_PROCESS_KEYS) replace(process, key, refuse);
  for (const key of ['argv', 'execArgv']) replace(process, key, []);
  for (const key of ['execPath', 'argv0', 'title']) replace(process, key, '');
  replaceGlobals();
}

function empty(module: Record<string, unknown>, refuse: () => never): void {
  for (const key of Reflect.ownKeys(module)) {
    if (typeof key !== 'string') continue;
    const value = Object.getOwnPropertyDescriptor(module, key)?.value;
    if (typeof value === 'function' || typeof value === 'object') replace(module, key, refuse);
  }
}

function replace(target: object, key: string, value: unknown): void {
  try {
    Object.defineProperty(target, key, { value, writable: true, configurable: true });
  } catch {
    // A property that cannot be redefined may still be written.
    Reflect.set(target, key, value);
  }
}

function replaceGlobals(): void {
  const { crypto, performance } = globalThis;
  const now = performance.now.bind(performance);
  const getRandomValues = crypto.getRandomValues.bind(crypto);
  for (const key of Reflect.ownKeys(globalThis)) {
    if (typeof key === 'string' && (LANGUAGE_GLOBALS.has(key) || KEPT_GLOBALS.has(key))) continue;
    if (!Reflect.deleteProperty(globalThis, key)) Reflect.set(globalThis, key, undefined);
  }
  replace(globalThis, 'performance', Object.freeze({ now, timeOrigin: 0 }));
  replace(globalThis, 'crypto', Object.freeze({ getRandomValues }));
  const silent = (): void => {};
  const names = ['log', 'info', 'warn', 'error', 'debug', 'trace'];
  replace(globalThis, 'console', Object.fromEntries(names.map((name) => [name, silent])));
}
