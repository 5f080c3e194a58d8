import type { ModelReply, ModelRequest } from '@assay/loop';

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
