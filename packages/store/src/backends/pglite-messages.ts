import type { QueryResult, Statement } from '../database.ts';
import type { PlainError } from '../store-error.ts';

/** What the worker is started with. */
export interface WorkerStart {
  /** Real path of the data directory; null keeps everything in memory. */
  readonly directory: string | null;
  /** Whether every commit must reach the disk before it is answered. */
  readonly isDurable: boolean;
  /** Replaces the extra start parameters; only tests of the self-test set it. */
  readonly extraStartParams?: readonly string[];
}

/** Work for the worker. A scope of null means the owner. */
export type WorkerRequest =
  | { readonly kind: 'query'; readonly text: string; readonly params: readonly unknown[] }
  | { readonly kind: 'exec'; readonly sql: string }
  | {
      readonly kind: 'batch';
      readonly scope: string;
      readonly statements: readonly Statement[];
    }
  | { readonly kind: 'begin'; readonly transaction: number; readonly scope: string | null }
  | {
      readonly kind: 'run';
      readonly transaction: number;
      readonly text: string;
      readonly params: readonly unknown[];
    }
  | { readonly kind: 'finish'; readonly transaction: number; readonly isCommit: boolean }
  | { readonly kind: 'syncs' }
  | { readonly kind: 'close' };

/** A request with the number that its answer repeats. */
export interface NumberedRequest {
  readonly id: number;
  readonly request: WorkerRequest;
}

/** What the engine said of itself when it opened. */
export interface WorkerReady {
  readonly version: string;
  readonly isDurable: boolean;
  readonly warnings: readonly string[];
}

/** What the worker sends. */
export type WorkerMessage =
  | { readonly kind: 'ready'; readonly ready: WorkerReady }
  | { readonly kind: 'failed'; readonly error: PlainError }
  | { readonly kind: 'answer'; readonly id: number; readonly value: WorkerAnswer }
  | { readonly kind: 'error'; readonly id: number; readonly error: PlainError };

/** Answer of one request: results for statements, a number for `syncs`. */
export type WorkerAnswer = readonly QueryResult[] | number;
