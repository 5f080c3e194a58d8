import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { AssayError } from '@assay/protocol';

/**
 * Digest of a module with factors of one's own: scores with other factors are of another version.
 * @throws AssayError `config.invalid` when the file cannot be read
 */
export function digestOfFactors(file: string | null): string | null {
  if (file === null) return null;
  try {
    return createHash('sha256').update(readFileSync(file)).digest('hex');
  } catch (cause) {
    const detail = `ASSAY_QUALITY_FACTORS: cannot read ${file}`;
    throw new AssayError('config.invalid', { detail, cause });
  }
}
