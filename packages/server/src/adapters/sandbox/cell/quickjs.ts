import type * as quickjs from 'quickjs-emscripten';
import {
  type AskOtherSide,
  boundedText,
  type Interpreter,
  type OpenInterpreter,
  type OpenSettings,
  RunAborted,
  RunFailed,
} from './interpreter.ts';
import { type WasmModule, webAssembly } from './web-assembly.ts';

/** The library, its compiled WebAssembly, and the programs that run inside before any foreign code. */
export interface QuickJsEngine {
  readonly library: typeof quickjs;
  readonly wasm: WasmModule;
  /** Sources of our own modules inside the interpreter, by name without folder. */
  readonly guestSources: ReadonlyMap<string, string>;
  /** Makes TypeScript JavaScript; throws with a message when it does not parse. */
  readonly stripTypes: ((source: string) => string) | null;
}

/** Pages of WebAssembly memory. */
const PAGE_BYTES = 65_536;
/** The library's module itself wants this much. */
const OWN_BYTES = 16 * 1024 * 1024;
/** Of the interpreter's own stack, well below what its host stack can take. */
const STACK_BYTES = 512 * 1024;

/** Makes interpreters that share compiled code and nothing else: each has a memory of its own. */
export function quickJsOpener(engine: QuickJsEngine): OpenInterpreter {
  return async (settings, ask) => {
    const pages = Math.ceil((settings.memoryBytes + OWN_BYTES) / PAGE_BYTES);
    const wasmMemory = new webAssembly.Memory({ initial: OWN_BYTES / PAGE_BYTES, maximum: pages });
    const { newQuickJSWASMModuleFromVariant, newVariant, RELEASE_SYNC } = engine.library;
    const variant = newVariant(RELEASE_SYNC, {
      wasmModule: engine.wasm,
      wasmMemory: wasmMemory as unknown as WasmMemoryOption,
    });
    const module = await newQuickJSWASMModuleFromVariant(variant);
    return openRun(engine, module.newRuntime(), settings, ask);
  };
}

/** Its type is there only where the types of a browser are. */
type WasmMemoryOption = NonNullable<quickjs.CustomizeVariantOptions['wasmMemory']>;

interface Run {
  readonly engine: QuickJsEngine;
  readonly runtime: quickjs.QuickJSRuntime;
  readonly context: quickjs.QuickJSContext;
  readonly clock: Clock;
  readonly ask: AskOtherSide;
  /** The object that our own program in the interpreter has made. */
  readonly guest: quickjs.QuickJSHandle;
}

interface Clock {
  /** Time counts from here: opening and parsing a test are not the time of the code. */
  start(): void;
  isOver(): boolean;
  isAborted: boolean;
}

function createClock(wallMs: number): Clock {
  let deadline = Number.POSITIVE_INFINITY;
  return {
    start: () => {
      deadline = performance.now() + wallMs;
    },
    isOver: () => performance.now() > deadline,
    isAborted: false,
  };
}

function openRun(
  engine: QuickJsEngine,
  runtime: quickjs.QuickJSRuntime,
  settings: OpenSettings,
  ask: AskOtherSide,
): Interpreter {
  const clock = createClock(settings.wallMs);
  runtime.setMemoryLimit(settings.memoryBytes);
  runtime.setMaxStackSize(STACK_BYTES);
  const context = runtime.newContext();
  const output = boundedText(settings.outputBytes);
  const guest = startGuest(engine, runtime, context, settings.role, {
    print: output.add,
    ask: (text) => {
      try {
        return ask(text);
      } catch (error) {
        // Only an interrupt cannot be caught by the program inside.
        clock.isAborted = true;
        throw error;
      }
    },
  });
  runtime.setInterruptHandler(() => clock.isAborted || clock.isOver());
  const run: Run = { engine, runtime, context, clock, ask, guest };
  let test: string | null = null;
  return {
    load: (source) => {
      clock.start();
      loadCandidate(run, source);
    },
    prepare: (source) => {
      test = sourceOf(run, source);
      compile(run, test, 'test.js');
      return JSON.parse(callGuest(run, 'namesIn', test)) as string[];
    },
    run: (names) => {
      clock.start();
      return runTest(run, test ?? '', names);
    },
    answer: (text) => answerAsk(run, text),
    output: output.text,
    // The memory goes with the module; disposing of what a broken run has left would only fail.
    close: () => {},
  };
}

/** Runs our own program inside the fresh interpreter. After it, no module can be loaded. */
function startGuest(
  engine: QuickJsEngine,
  runtime: quickjs.QuickJSRuntime,
  context: quickjs.QuickJSContext,
  role: OpenSettings['role'],
  host: { print(text: string): void; ask(text: string): string },
): quickjs.QuickJSHandle {
  runtime.setModuleLoader((name) => engine.guestSources.get(fileNameOf(name)) ?? missing(name));
  const [file, maker] =
    role === 'candidate' ? ['candidate.js', 'createCandidate'] : ['test-side.js', 'createTestSide'];
  const code = `export { ${maker} as make } from './${file}';`;
  const namespace = context.unwrapResult(
    context.evalCode(code, 'guest/main.js', { type: 'module' }),
  );
  runtime.setModuleLoader((name) => (role === 'test' ? assertModule(name) : missing(name)));
  const askFunction = context.newFunction('ask', (text) =>
    context.newString(host.ask(context.getString(text))),
  );
  const make = context.getProp(namespace, 'make');
  if (role === 'test') {
    return context.unwrapResult(context.callFunction(make, context.undefined, askFunction));
  }
  const given = context.newObject();
  context.setProp(given, 'ask', askFunction);
  const print = context.newFunction('print', (text) => host.print(context.getString(text)));
  context.setProp(given, 'print', print);
  return context.unwrapResult(context.callFunction(make, context.undefined, given));
}

const fileNameOf = (name: string): string => name.slice(name.lastIndexOf('/') + 1);

function missing(name: string): { error: Error } {
  return {
    error: Object.assign(new Error(`there is no module ${JSON.stringify(name)}`), {
      name: 'ModuleNotFoundError',
    }),
  };
}

/** A test may import `assert`; the assertions are a global already. */
function assertModule(name: string): string | { error: Error } {
  if (!/^(node:)?assert(\/strict)?$/.test(name)) return missing(name);
  const names = ['ok', 'equal', 'strictEqual', 'deepEqual', 'deepStrictEqual', 'throws', 'rejects'];
  return `export default assert; export const { ${names.join(', ')} } = assert;`;
}

function sourceOf({ engine }: Run, source: string): string {
  if (engine.stripTypes === null) return source;
  try {
    return engine.stripTypes(source);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new RunFailed({ kind: 'syntax-error', message, name: 'SyntaxError' });
  }
}

type CodeType = 'global' | 'module';

/** Whether the source is a script or a module; throws when it is neither. */
function compile(run: Run, source: string, fileName: string): CodeType {
  const attempt = (type: CodeType) =>
    guarded(run, () => run.context.evalCode(source, fileName, { type, compileOnly: true }));
  const script = attempt('global');
  if (!script.error) return 'global';
  let failure = errorOf(run, script.error);
  if (/\b(?:import|export|await)\b/.test(source)) {
    const module = attempt('module');
    if (!module.error) return 'module';
    const moduleFailure = errorOf(run, module.error);
    // Parsing a module already loads what it imports.
    if (moduleFailure.name !== 'SyntaxError') throw new RunFailed(moduleFailure);
    if (/^\s*(?:import|export)\b/m.test(source)) failure = moduleFailure;
  }
  throw new RunFailed({ ...failure, kind: 'syntax-error' });
}

function loadCandidate(run: Run, source: string): void {
  const code = sourceOf(run, source);
  const type = compile(run, code, 'code.js');
  const value = unwrap(run, () => run.context.evalCode(code, 'code.js', { type }));
  runJobs(run);
  if (type === 'module') {
    const namespace = settledValue(run, value);
    const take = run.context.getProp(run.guest, 'takeExports');
    unwrap(run, () => run.context.callFunction(take, run.context.undefined, namespace));
  }
}

/** Value of a handle, or what its promise has come to. */
function settledValue(run: Run, value: quickjs.QuickJSHandle): quickjs.QuickJSHandle {
  for (;;) {
    const state = run.context.getPromiseState(value);
    if (state.type === 'fulfilled') return state.value;
    if (state.type === 'rejected') throw new RunFailed(errorOf(run, state.error));
    if (callGuest(run, 'tick') !== 'true') throw neverSettles();
    runJobs(run);
  }
}

function neverSettles(): RunFailed {
  const message = 'a promise never settles: nothing is left to run';
  return new RunFailed({ kind: 'runtime-error', message });
}

function answerAsk(run: Run, text: string): string {
  let answer = callGuest(run, 'handle', text);
  runJobs(run);
  while (answer === '') {
    answer = callGuest(run, 'settled');
    if (answer !== '') break;
    if (callGuest(run, 'tick') !== 'true') throw neverSettles();
    runJobs(run);
  }
  return answer;
}

function runTest(run: Run, source: string, names: readonly string[]): string {
  callGuest(run, 'define', JSON.stringify(names));
  const type = compile(run, source, 'test.js');
  const result = guarded(run, () => run.context.evalCode(source, 'test.js', { type }));
  const [method, handle] = result.error ? ['note', result.error] : ['watch', result.value];
  const told = run.context.getProp(run.guest, method);
  unwrap(run, () => run.context.callFunction(told, run.context.undefined, handle));
  do {
    runJobs(run);
  } while (callGuest(run, 'tick') === 'true' || tickOther(run));
  if (callGuest(run, 'isSettled') !== 'true') throw neverSettles();
  return callGuest(run, 'report');
}

/** Lets the candidate run one timer; false when it has none. */
function tickOther(run: Run): boolean {
  const answer = JSON.parse(run.ask('{"op":"tick"}')) as { g?: { r?: unknown } };
  return answer.g?.r === true;
}

/** Calls a method of our own program; its result as text. */
function callGuest(run: Run, method: string, argument?: string): string {
  const { context, guest } = run;
  const target = context.getProp(guest, method);
  const args = argument === undefined ? [] : [context.newString(argument)];
  const value = unwrap(run, () => context.callFunction(target, context.undefined, ...args));
  return context.typeof(value) === 'string'
    ? context.getString(value)
    : String(context.dump(value));
}

function runJobs(run: Run): void {
  const result = guarded(run, () => run.runtime.executePendingJobs());
  if (result.error) throw new RunFailed(errorOf(run, result.error));
}

function unwrap(
  run: Run,
  action: () => quickjs.VmCallResult<quickjs.QuickJSHandle>,
): quickjs.QuickJSHandle {
  const result = guarded(run, action);
  if (result.error) throw new RunFailed(errorOf(run, result.error));
  return result.value;
}

/** The host's own stack may overflow within the interpreter; nothing can be done with it then. */
function guarded<T>(run: Run, action: () => T): T {
  try {
    const result = action();
    // What an interrupt has ended may look as if it had come to its end.
    if (run.clock.isOver()) throw timedOut();
    return result;
  } catch (error) {
    if (error instanceof RunFailed || error instanceof RunAborted) throw error;
    if (run.clock.isOver()) throw timedOut();
    const message = error instanceof RangeError ? 'stack overflow' : String(error);
    throw new RunFailed({ kind: 'runtime-error', message, name: 'InternalError' });
  }
}

function timedOut(): RunFailed {
  return new RunFailed({ kind: 'timeout', message: 'the time is up' });
}

/** What an error of the interpreter says. */
function errorOf(run: Run, handle: quickjs.QuickJSHandle): RunFailed['failure'] {
  if (run.clock.isAborted) throw new RunAborted('the run was ended');
  if (run.clock.isOver()) return timedOut().failure;
  const read = (key: string): string => {
    try {
      return run.context.getProp(handle, key).consume((value) => run.context.getString(value));
    } catch {
      return '';
    }
  };
  const isObject = run.context.typeof(handle) === 'object';
  const name = isObject ? read('name') : '';
  const message = isObject ? read('message') : run.context.getString(handle);
  if (name === 'InternalError' && message === 'out of memory') {
    return { kind: 'memory-exceeded', message: 'out of memory', name };
  }
  return { kind: 'runtime-error', message: name ? `${name}: ${message}` : message, name };
}
