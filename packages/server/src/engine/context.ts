import type { Database } from '@assay/store';

/** What every use case of the engine needs from the outside. Tests pass their own. */
export interface EngineContext {
  readonly db: Database;
  /** Directory for files that Assay writes (exported batches, reports). */
  readonly dataDirectory: string;
  /** Milliseconds since 1970. */
  now(): number;
  /** A new unique id, text of at most 36 characters. */
  newId(): string;
  /** A uniform random number, 0 <= u < 1. */
  random(): number;
  /** SHA-256 of the UTF-8 of a text, as 64 hexadecimal digits. */
  hash(text: string): string;
  /** SHA-256 of bytes, as 64 hexadecimal digits. */
  hashBytes(bytes: Uint8Array): string;
}
