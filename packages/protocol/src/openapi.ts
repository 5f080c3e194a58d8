import { z } from 'zod';
import { ERRORS } from './errors.ts';
import { factSchema } from './fact-schema.ts';
import type { Operation } from './operation.ts';
import { OPERATIONS } from './operations.ts';

/** A JSON object. */
export type JsonObject = { readonly [name: string]: unknown };

function schemaOf(schema: z.ZodType, io: 'input' | 'output'): JsonObject {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
  return rest;
}

function parametersOf(operation: Operation): JsonObject[] {
  const inPath = [...operation.path.matchAll(/\{(\w+)\}/g)].map((match) => ({
    name: match[1],
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
  if (operation.query === undefined) return inPath;
  const query = schemaOf(operation.query, 'input');
  const inQuery = Object.entries((query['properties'] ?? {}) as JsonObject).map(
    ([name, schema]) => ({ name, in: 'query', required: false, schema }),
  );
  return [...inPath, ...inQuery];
}

const PROBLEM: JsonObject = {
  description: 'What went wrong and what to do',
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
};

function bodyOf(operation: Operation): JsonObject {
  const isOtlp = operation.accepts?.includes('application/x-protobuf') === true;
  if (operation.body === undefined && !isOtlp) return {};
  const schema = operation.body === undefined ? {} : schemaOf(operation.body, 'input');
  const types = operation.accepts ?? ['application/json'];
  return {
    requestBody: {
      required: true,
      content: Object.fromEntries(types.map((type) => [type, { schema }])),
    },
  };
}

function describe(id: string, operation: Operation): JsonObject {
  const schema = operation.answer === undefined ? {} : schemaOf(operation.answer, 'output');
  return {
    operationId: id,
    summary: operation.summary,
    tags: [operation.capability],
    ...(operation.role === null ? { security: [] } : { 'x-role': operation.role }),
    parameters: parametersOf(operation),
    ...bodyOf(operation),
    responses: {
      [operation.status ?? 200]: {
        description: operation.summary,
        content: { [operation.answers ?? 'application/json']: { schema } },
      },
      default: PROBLEM,
    },
  };
}

/** The OpenAPI 3.1 description of every route. */
export function describeInterface(version: string): JsonObject {
  const paths: Record<string, Record<string, JsonObject>> = {};
  for (const [id, operation] of Object.entries(OPERATIONS)) {
    const path = paths[operation.path] ?? {};
    path[operation.method.toLowerCase()] = describe(id, operation);
    paths[operation.path] = path;
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Assay', version, license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
    security: [{ key: [] }],
    paths,
    components: {
      securitySchemes: {
        key: { type: 'http', scheme: 'bearer', bearerFormat: 'assay_<id>_<secret>' },
      },
      schemas: {
        Fact: schemaOf(factSchema, 'input'),
        RoutingPolicy: schemaOf(OPERATIONS.activatePolicy.body ?? z.unknown(), 'input'),
        Problem: {
          type: 'object',
          required: ['type', 'title', 'status', 'code', 'fix'],
          properties: {
            type: { type: 'string' },
            title: { type: 'string' },
            status: { type: 'integer' },
            code: { type: 'string', enum: Object.keys(ERRORS) },
            detail: { type: 'string' },
            fix: { type: 'string' },
            path: { type: 'string' },
          },
        },
      },
    },
  };
}
