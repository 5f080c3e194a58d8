import type { ErrorCode } from '@assay/protocol';
import { AssayError, errorEntry, problemOf } from '@assay/protocol';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { answerType, encodeStatus } from '../adapters/otlp/encode.ts';

/** Codes that Fastify gives to faults of a request. */
const FASTIFY_CODES: ReadonlyMap<string, ErrorCode> = new Map([
  ['FST_ERR_CTP_BODY_TOO_LARGE', 'request.too-large'],
  ['FST_ERR_CTP_INVALID_MEDIA_TYPE', 'request.unsupported-media-type'],
  ['FST_ERR_CTP_EMPTY_TYPE', 'request.unsupported-media-type'],
  ['FST_ERR_CTP_INVALID_CONTENT_LENGTH', 'request.not-json'],
]);

/** States of a store that cannot answer now: connection, shutdown, resources, watchdog. */
const UNAVAILABLE = /^(08|53|57|58)[0-9A-Z]{3}$/;

/** Turns whatever was thrown into an error of the registry. */
export function toAssayError(error: unknown): AssayError {
  if (error instanceof AssayError) return error;
  const { code, statusCode } = error as { code?: unknown; statusCode?: unknown };
  if (typeof code === 'string') {
    const known = FASTIFY_CODES.get(code);
    if (known !== undefined) return new AssayError(known, { cause: error });
    if (UNAVAILABLE.test(code)) return new AssayError('store.unavailable', { cause: error });
  }
  if (typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500) {
    return new AssayError('request.not-json', { cause: error });
  }
  return new AssayError('internal', { cause: error });
}

function isOtlp(request: FastifyRequest): boolean {
  const accepts = request.routeOptions.config.operation?.accepts;
  return accepts?.includes('application/x-protobuf') === true;
}

/** Sends an error: `google.rpc.Status` to OTLP exporters, a problem document to all others. */
export function sendProblem(
  request: FastifyRequest,
  reply: FastifyReply,
  error: AssayError,
): FastifyReply {
  const { status } = errorEntry(error.code);
  if (status === 429 || status === 503) reply.header('retry-after', '1');
  if (status === 401) reply.header('www-authenticate', 'Bearer realm="assay"');
  if (isOtlp(request)) {
    const type = request.headers['content-type'];
    // An exporter gives up for good on 500, though what failed may well work a second later.
    if (status === 500) reply.header('retry-after', '1');
    return reply
      .code(status === 500 ? 503 : status)
      .type(answerType(type))
      .send(Buffer.from(encodeStatus(type, `${error.code}: ${error.message}`)));
  }
  const { code, detail, path } = error;
  return reply
    .code(status)
    .type('application/problem+json')
    .send(
      JSON.stringify(
        problemOf(code, {
          ...(detail === undefined ? {} : { detail }),
          ...(path === undefined ? {} : { path }),
        }),
      ),
    );
}

/** Maps every error of an app to its answer; faults of the server are logged with their cause. */
export function mapErrors(app: FastifyInstance): void {
  app.setErrorHandler((error, request, reply) => {
    const mapped = toAssayError(error);
    if (errorEntry(mapped.code).status >= 500) {
      request.log.error({ err: mapped.cause ?? mapped, code: mapped.code }, mapped.message);
    }
    return sendProblem(request, reply, mapped);
  });
}
