import { pathToFileURL } from 'node:url';
import type { CustomFactor } from '@assay/loop';
import { AssayError } from '@assay/protocol';

const NAME = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/;

function isFactor(value: unknown): value is CustomFactor {
  if (typeof value !== 'object' || value === null) return false;
  const { name, weight, score } = value as Record<string, unknown>;
  return (
    typeof name === 'string' &&
    NAME.test(name) &&
    typeof weight === 'number' &&
    weight >= 0 &&
    Number.isFinite(weight) &&
    typeof score === 'function'
  );
}

/**
 * Loads factors of one's own: a JavaScript module whose default export is an array of
 * `{ name, weight, score(input, tools) }`. The module is trusted code of whoever runs the server.
 *
 * @throws AssayError `config.invalid` when the module cannot be loaded or gives something else
 */
export async function loadCustomFactors(path: string): Promise<readonly CustomFactor[]> {
  let given: unknown;
  try {
    given = ((await import(pathToFileURL(path).href)) as { default?: unknown }).default;
  } catch (cause) {
    throw new AssayError('config.invalid', { detail: `cannot load the factors ${path}`, cause });
  }
  if (Array.isArray(given) && given.every(isFactor)) {
    const names = given.map((factor) => factor.name);
    if (new Set(names).size === names.length) return given;
  }
  throw new AssayError('config.invalid', {
    detail: `${path} must export by default an array of { name, weight, score }, each name once`,
  });
}
