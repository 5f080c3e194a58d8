import type { Operation, OperationId } from '@assay/protocol';
import { AssayError, OPERATIONS } from '@assay/protocol';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import type { Principal } from '../engine/tenants.ts';

/** One authenticated request, ready for a handler. */
export interface Call {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly tenantId: number;
  readonly principal: Principal;
  /** A path parameter. */
  param(name: string): string;
  /** The query, checked. */
  query<T>(schema: z.ZodType<T>): T;
  /** The body after decompression; empty when there was none. */
  readonly body: Buffer;
  /**
   * The body as parsed JSON.
   * @throws AssayError `request.not-json`
   */
  json(): unknown;
}

/** Answers one operation. What it returns is sent as JSON unless it has answered itself. */
export type Handler = (call: Call) => Promise<unknown> | unknown;

declare module 'fastify' {
  interface FastifyContextConfig {
    operation?: Operation;
  }
  interface FastifyRequest {
    principal: Principal | null;
  }
}

const NOBODY: Principal = { tenantId: 0, keyId: '', roles: [], scopes: [] };

/** JSON path of a zod issue. */
function pathOf(parts: readonly PropertyKey[]): string {
  return `$${parts.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('')}`;
}

function parseQuery<T>(schema: z.ZodType<T>, query: unknown): T {
  const parsed = schema.safeParse(query);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new AssayError('request.invalid', {
    path: pathOf(['query', ...(issue?.path ?? [])]),
    detail: issue?.message ?? 'not valid',
  });
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (cause) {
    throw new AssayError('request.not-json', { cause });
  }
}

function callOf(request: FastifyRequest, reply: FastifyReply): Call {
  const principal = request.principal ?? NOBODY;
  const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  return {
    request,
    reply,
    tenantId: principal.tenantId,
    principal,
    param: (name) => (request.params as Readonly<Record<string, string>>)[name] ?? '',
    query: (schema) => parseQuery(schema, request.query),
    body,
    json: () => parseJson(body),
  };
}

/**
 * A path parameter that names something stored.
 * @throws AssayError `request.invalid` when nothing stored can have this name
 */
export function nameOf(call: Call, param: string): string {
  const name = call.param(param);
  if (name.length >= 1 && name.length <= 200 && !name.includes('\u0000')) return name;
  throw new AssayError('request.invalid', { path: `$.path.${param}`, detail: 'not a valid name' });
}

/** Registers the handler of an operation under the method and path that the protocol names. */
export function handle(
  app: FastifyInstance,
  id: OperationId,
  handler: Handler,
  options: { readonly bodyLimit?: number } = {},
): void {
  const operation = OPERATIONS[id];
  app.route({
    method: operation.method,
    url: operation.path.replaceAll(/\{(\w+)\}/g, ':$1'),
    config: { operation },
    ...(options.bodyLimit === undefined ? {} : { bodyLimit: options.bodyLimit }),
    async handler(request, reply) {
      if (operation.status !== undefined) reply.code(operation.status);
      const answer = await handler(callOf(request, reply));
      return answer === undefined || reply.sent ? reply : answer;
    },
  });
}
