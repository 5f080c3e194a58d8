/** What went wrong in the client. `client.http` carries the server's own code in `serverCode`. */
export type ClientErrorCode =
  | 'client.invalid-fact'
  | 'client.rejected'
  | 'client.dropped'
  | 'client.spool'
  | 'client.network'
  | 'client.timeout'
  | 'client.refused'
  | 'client.bad-answer'
  | 'client.http'
  | 'client.no-agent'
  | 'client.evaluate'
  | 'client.closed';

/** One fact that the server refused, with the reason. */
export interface Rejection {
  /** Position within the batch that was sent, from 0. */
  readonly index: number;
  /** Error code of the server's registry. */
  readonly code: string;
  /** JSON path of the offending field, when there is one. */
  readonly path?: string;
  readonly message: string;
}

/** What else an {@link AssayClientError} may say. */
export interface ClientErrorDetails {
  /** HTTP status, when the server answered. */
  readonly status?: number;
  /** Code of the server's problem document. */
  readonly serverCode?: string;
  /** What to do about it, in the server's words. */
  readonly fix?: string;
  /** Number of facts that the error is about. */
  readonly count?: number;
  /** The facts that were refused, at most 100 of them. */
  readonly rejections?: readonly Rejection[];
  readonly cause?: unknown;
}

/** An error of the client, thrown by `route` and `api` and handed to `onError` by the rest. */
export class AssayClientError extends Error {
  readonly code: ClientErrorCode;
  readonly status: number | undefined;
  readonly serverCode: string | undefined;
  readonly fix: string | undefined;
  readonly count: number | undefined;
  readonly rejections: readonly Rejection[];

  constructor(code: ClientErrorCode, message: string, details: ClientErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'AssayClientError';
    this.code = code;
    this.status = details.status;
    this.serverCode = details.serverCode;
    this.fix = details.fix;
    this.count = details.count;
    this.rejections = details.rejections ?? [];
  }
}

/** The message of anything that was thrown. Never throws, whatever the value. */
export function messageOf(thrown: unknown): string {
  try {
    return thrown instanceof Error ? thrown.message : String(thrown);
  } catch {
    return 'unknown error';
  }
}
