import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { AssayError } from '@assay/protocol';
import type { FastifyInstance, FastifyRequest } from 'fastify';

const inflate = promisify(gunzip);

/** Largest body as sent, bytes. */
export const MAX_BODY_BYTES: number = 16 * 1024 * 1024;
/** Largest body after decompression, bytes; also what OTLP requests may have as sent. */
export const MAX_INFLATED_BYTES: number = 64 * 1024 * 1024;

const JSON_TYPES: readonly string[] = ['application/json'];

async function inflated(body: Buffer): Promise<Buffer> {
  try {
    return await inflate(body, { maxOutputLength: MAX_INFLATED_BYTES });
  } catch (cause) {
    const isTooLarge = (cause as { code?: string }).code === 'ERR_BUFFER_TOO_LARGE';
    throw isTooLarge
      ? new AssayError('request.too-large', { cause })
      : new AssayError('request.not-json', { detail: 'the body is not valid gzip', cause });
  }
}

/** Content type of a request without its parameters, in lower case. */
export function mediaTypeOf(request: FastifyRequest): string {
  return (request.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
}

function checkType(request: FastifyRequest): void {
  const accepted = request.routeOptions.config.operation?.accepts ?? JSON_TYPES;
  const type = mediaTypeOf(request);
  if (accepted.includes(type)) return;
  throw new AssayError('request.unsupported-media-type', {
    detail: `send ${accepted.join(' or ')}, not ${type === '' ? 'a body without a type' : type}`,
  });
}

async function readBody(request: FastifyRequest, body: Buffer): Promise<Buffer> {
  checkType(request);
  const encoding = (request.headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  if (encoding === 'gzip') return inflated(body);
  if (encoding === 'identity' || encoding === '') return body;
  throw new AssayError('request.unsupported-media-type', {
    detail: `Content-Encoding may be gzip, not ${encoding}`,
  });
}

/** Hands every body to the handlers as the bytes that it has after decompression. */
export function readBodiesAsBytes(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    '*',
    { parseAs: 'buffer' },
    async (request: FastifyRequest, body: string | Buffer) =>
      readBody(request, Buffer.isBuffer(body) ? body : Buffer.from(body)),
  );
}
