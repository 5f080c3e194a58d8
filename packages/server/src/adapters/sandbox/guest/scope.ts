/** What the candidate defines, by name. */
export interface Scope {
  /**
   * Value of a name: a global, an export of the ES module, or a property of `module.exports`.
   * @throws ReferenceError when there is none
   */
  lookUp(name: string): unknown;
  /** Whether the candidate, and not the interpreter, defines a name. */
  isDefined(name: string): boolean;
  /** Takes over what an ES module exports. */
  takeExports(namespace: object): void;
}

// biome-ignore lint/security/noGlobalEval: only a global eval sees what `const` and `class` define
const evaluateGlobally = globalThis.eval;
const IDENTIFIER = /^[$_\p{ID_Start}][$\p{ID_Continue}]*$/u;

/** Prepares the global scope for a candidate, before any of its code has run. */
export function createScope(print: (text: string) => void): Scope {
  const module = { exports: {} as object };
  const builtIn = new Set(Object.getOwnPropertyNames(globalThis));
  let namespace: object = {};
  const globals = {
    console: consoleOf(print),
    require: missingModule,
    module,
    exports: module.exports,
  };
  for (const [name, value] of Object.entries(globals)) {
    Object.defineProperty(globalThis, name, { value, writable: true, configurable: true });
    builtIn.add(name);
  }
  const lookUp = (name: string): unknown => {
    if (IDENTIFIER.test(name) && evaluateGlobally(`typeof ${name}`) !== 'undefined') {
      return evaluateGlobally(name);
    }
    if (Object.hasOwn(namespace, name)) return Reflect.get(namespace, name);
    const exported = module.exports;
    if (typeof exported === 'function' && exported.name === name) return exported;
    if (Object.hasOwn(exported, name)) return Reflect.get(exported, name);
    throw new ReferenceError(`${name} is not defined`);
  };
  const isDefined = (name: string): boolean => {
    if (builtIn.has(name)) return false;
    try {
      return lookUp(name) !== undefined;
    } catch {
      return false;
    }
  };
  const takeExports = (exported: object): void => {
    namespace = exported;
  };
  return { lookUp, isDefined, takeExports };
}

function consoleOf(print: (text: string) => void): object {
  const show = (value: unknown): string => {
    if (typeof value === 'string') return value;
    try {
      return JSON.stringify(value) ?? String(value);
    } catch {
      return String(value);
    }
  };
  const log = (...values: unknown[]): void => print(`${values.map(show).join(' ')}\n`);
  const silent = (): void => {};
  const printing = ['log', 'info', 'warn', 'error', 'debug', 'trace', 'table', 'dir'];
  const others = ['assert', 'time', 'timeEnd', 'timeLog', 'group', 'groupEnd', 'count', 'clear'];
  return Object.fromEntries([
    ...printing.map((name) => [name, log]),
    ...others.map((name) => [name, silent]),
  ]);
}

/** `require` of the candidate: there are no modules. */
function missingModule(name: string): never {
  const message = `there is no module ${JSON.stringify(String(name))}`;
  throw Object.defineProperty(new Error(message), 'name', { value: 'ModuleNotFoundError' });
}
