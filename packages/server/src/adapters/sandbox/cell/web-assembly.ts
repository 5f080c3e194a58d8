/** Compiled WebAssembly: opaque. */
export type WasmModule = object;

/** Linear memory of an instance. */
export interface WasmMemory {
  readonly buffer: ArrayBuffer;
  /** Adds pages of 64 KiB; gives the number of pages before. */
  grow(pages: number): number;
}

/** What is used of the global `WebAssembly`, which the types of Node 20 do not know. */
interface WebAssemblyGlobal {
  readonly Module: new (bytes: Uint8Array) => WasmModule;
  readonly Memory: {
    new (limits: { readonly initial: number; readonly maximum: number }): WasmMemory;
    readonly prototype: WasmMemory;
  };
}

/** The global `WebAssembly`. */
export const webAssembly: WebAssemblyGlobal = (
  globalThis as unknown as { readonly WebAssembly: WebAssemblyGlobal }
).WebAssembly;
