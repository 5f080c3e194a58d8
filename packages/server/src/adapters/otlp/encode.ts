import { encodeMessage } from './codec.ts';
import { isJson } from './decode.ts';
import type { OtlpMessage } from './schema.ts';

/** Signal of a request. */
export type OtlpKind = 'traces' | 'logs';

function encode(
  type: OtlpMessage,
  contentType: string | undefined,
  value: Readonly<Record<string, unknown>>,
): Uint8Array {
  return isJson(contentType) ? Buffer.from(JSON.stringify(value)) : encodeMessage(type, value);
}

/** Content type of the answer: that of the request. */
export function answerType(contentType: string | undefined): string {
  return isJson(contentType) ? 'application/json' : 'application/x-protobuf';
}

/**
 * Body of a 200 answer in the encoding of the request. Without rejects and message it says full
 * success, which in protobuf is an empty body; with rejects the client must not send again; with a
 * message alone it is a warning.
 *
 * @param rejected spans or log records that were not taken.
 */
export function encodeResponse(
  kind: OtlpKind,
  contentType: string | undefined,
  rejected = 0,
  message = '',
): Uint8Array {
  const type = kind === 'traces' ? 'ExportTraceServiceResponse' : 'ExportLogsServiceResponse';
  if (rejected === 0 && message === '') return encode(type, contentType, {});
  const field = kind === 'traces' ? 'rejectedSpans' : 'rejectedLogRecords';
  // proto3 leaves out a field that has its default; int64 is text in JSON.
  const count = rejected === 0 ? {} : { [field]: isJson(contentType) ? `${rejected}` : rejected };
  return encode(type, contentType, { partialSuccess: { ...count, errorMessage: message } });
}

/** Body of an error answer (`google.rpc.Status`) in the encoding of the request. */
export function encodeStatus(contentType: string | undefined, message: string): Uint8Array {
  return encode('RpcStatus', contentType, { message });
}
