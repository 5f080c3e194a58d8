import { Parser } from 'web-tree-sitter';

/** What the runtime of the parser puts into the object that it is started with. */
interface RuntimeModule {
  HEAP32?: Int32Array;
  getValue?: (address: number, type?: string) => number;
  setValue?: (address: number, value: number, type?: string) => void;
}

const IS_LITTLE_ENDIAN = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;

/** Starts the WebAssembly runtime of the parser. */
export async function startParserRuntime(): Promise<void> {
  const runtime: RuntimeModule = {};
  await Parser.init(runtime);
  if (IS_LITTLE_ENDIAN) shortenMemoryAccess(runtime);
}

/**
 * Every step of a tree cursor copies its four words of state into WebAssembly and back, through
 * functions that choose among all types of number by name. Nearly all of them are 32-bit integers:
 * read and written directly, a tree is copied in half the time. Where the runtime does not offer
 * these functions, nothing changes.
 */
function shortenMemoryAccess(runtime: RuntimeModule): void {
  const { getValue, setValue } = runtime;
  if (getValue === undefined || setValue === undefined || runtime.HEAP32 === undefined) return;
  // The memory is replaced when it grows, so it is looked up each time.
  runtime.getValue = (address, type) =>
    type === 'i32' ? (runtime.HEAP32?.[address >> 2] ?? 0) : getValue(address, type);
  runtime.setValue = (address, value, type) => {
    if (type === 'i32' && runtime.HEAP32 !== undefined) runtime.HEAP32[address >> 2] = value;
    else setValue(address, value, type);
  };
}
