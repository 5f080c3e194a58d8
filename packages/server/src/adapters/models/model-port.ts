import type { ModelReply, ModelRequest } from '@assay/loop';
import { AssayError, type ErrorCode } from '@assay/protocol';

/** A model that can be asked. Judges, calibration and third-party scorers know nothing else of it. */
export interface ModelPort {
  /** The model's id, as its endpoint knows it. */
  readonly id: string;
  /**
   * Asks once and resolves to the reply, whatever it says.
   * @throws AssayError of a code `model.*`; the reason of the signal when that was aborted
   */
  complete(request: ModelRequest, signal?: AbortSignal): Promise<ModelReply>;
}

/** Faults that every other request would meet in the same way. */
const FATAL: ReadonlySet<ErrorCode> = new Set([
  'model.not-configured',
  'model.unauthorized',
  'model.no-credit',
  'model.not-found',
]);

/** True for a fault of a model that another request may not meet: it concerns one item only. */
export function isItemFault(error: unknown): error is AssayError {
  return error instanceof AssayError && error.code.startsWith('model.') && !FATAL.has(error.code);
}
