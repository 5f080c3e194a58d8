import type { FactKind } from '@assay/loop';
import { FACT_KINDS } from '@assay/loop';
import { z } from 'zod';
import { FACT_FIELDS } from './fact-fields.ts';
import type { Field, Fields } from './field.ts';
import { timeOf } from './field.ts';

function textSchema(field: Extract<Field, { type: 'text' }>): z.ZodType {
  const schema = z.string().min(field.min).max(field.max);
  if (field.isKey !== true) return schema;
  return schema.refine((value) => !value.includes('\u0000'), 'must not contain the NUL character');
}

const timeSchema: z.ZodType = z
  .union([z.string(), z.number()])
  .refine((value) => timeOf(value) !== null, 'must be an ISO 8601 time or ms since 1970')
  .meta({ description: 'ISO 8601 time with a zone, or milliseconds since 1970' });

const featuresSchema: z.ZodType = z
  .record(z.string(), z.union([z.string().max(500), z.number(), z.boolean()]))
  .refine((value) => Object.keys(value).length <= 500, 'must have at most 500 fields');

/** Zod schema of a field that is there and not null. */
export function schemaOf(field: Field): z.ZodType {
  switch (field.type) {
    case 'text':
      return textSchema(field);
    case 'number':
      return z.number().min(field.min).max(field.max);
    case 'integer':
      return z
        .number()
        .min(field.min)
        .max(field.max)
        .refine(Number.isInteger, 'must be a whole number')
        .meta({ type: 'integer' });
    case 'boolean':
      return z.boolean();
    case 'choice':
      return z.enum([...field.values]);
    case 'list':
      return z.array(schemaOf(field.of)).max(field.max);
    case 'object':
      return objectSchemaOf(field.fields);
    case 'features':
      return featuresSchema;
    case 'open':
      return z.record(z.string(), z.unknown());
    case 'json':
      return z.unknown();
    case 'time':
      return timeSchema;
  }
}

/** Zod schema of an object. Null is taken for "absent" in every optional field. */
export function objectSchemaOf(fields: Fields): z.ZodObject {
  const shape: Record<string, z.ZodType> = {};
  for (const [name, field] of Object.entries(fields)) {
    const schema = schemaOf(field);
    shape[name] = field.isRequired === true ? schema : schema.nullish();
  }
  return z.object(shape);
}

/** Schemas of the facts by kind, as they come over the wire. */
export const FACT_SCHEMAS: ReadonlyMap<FactKind, z.ZodObject> = new Map(
  (Object.keys(FACT_KINDS) as FactKind[]).map((kind) => [
    kind,
    z.object({ kind: z.literal(kind), ...objectSchemaOf(FACT_FIELDS[kind]).shape }),
  ]),
);

/** Schema of any fact. */
export const factSchema: z.ZodType = z.union([...FACT_SCHEMAS.values()]);

/** Schema of a fact of one kind, on a route where the kind is implied. */
export function impliedFactSchema(kind: FactKind): z.ZodType {
  return z.object({
    kind: z.literal(kind).optional(),
    ...objectSchemaOf(FACT_FIELDS[kind]).shape,
  });
}
