import { AssayError } from '@assay/protocol';
import type { z } from 'zod';

/** Parses a request body. Throws AssayError `request.invalid` with the path of the first fault. */
export function parseBody<T>(schema: z.ZodType<T>, body: unknown): T {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const path = (issue?.path ?? []).map((part) =>
    typeof part === 'number' ? `[${part}]` : `.${String(part)}`,
  );
  throw new AssayError('request.invalid', {
    path: `$${path.join('')}`,
    detail: issue?.message ?? 'the body does not match the schema',
  });
}
