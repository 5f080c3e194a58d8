import { z } from 'zod';
import type { Role } from './schemas.ts';

/** One route of the HTTP interface: what the server registers and what OpenAPI says. */
export interface Operation {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Path with `{name}` for parameters. */
  readonly path: string;
  /** What a key may be held to by its scopes. */
  readonly capability: string;
  /** Least role that may call it; null = nobody has to say who he is. */
  readonly role: Role | null;
  readonly summary: string;
  readonly query?: z.ZodType;
  readonly body?: z.ZodType;
  /** Content types of the request; JSON when absent. */
  readonly accepts?: readonly string[];
  readonly answer?: z.ZodType;
  /** Content type of the answer; JSON when absent. */
  readonly answers?: string;
  /** Status of success; 200 when absent. */
  readonly status?: number;
}

/** Answer that is a list. */
export const items: z.ZodType = z.object({ items: z.array(z.looseObject({})) });
/** Answer that is one page of a list. */
export const page: z.ZodType = z.object({
  items: z.array(z.looseObject({})),
  nextCursor: z.string().nullable(),
});
/** Answer that is an object. */
export const anything: z.ZodType = z.looseObject({});

/** A route that reads and changes nothing. */
export function read(
  path: string,
  capability: string,
  summary: string,
  answer: z.ZodType,
): Operation {
  return { method: 'GET', path, capability, role: 'reader', summary, answer };
}

/** A route that does something. */
export function post(path: string, capability: string, role: Role, summary: string): Operation {
  return { method: 'POST', path, capability, role, summary, answer: anything };
}
