import type { CodeComparison } from '@assay/loop';
import { AssayError, codeChangeSchema } from '@assay/protocol';
import { parseBody } from './parse-body.ts';
import type { Scoring } from './scoring.ts';

/**
 * Compares two states of files. A change that the parsers cannot take in time is refused, not guessed.
 * @throws AssayError `request.invalid`, `score.busy`, `score.too-hard`
 */
export async function scoreDiff(scoring: Scoring, body: unknown): Promise<CodeComparison> {
  const { before, after, isWholeChange, scaffoldingWeight } = parseBody(codeChangeSchema, body);
  const settings = {
    ...(isWholeChange === undefined ? {} : { isWholeChange }),
    ...(scaffoldingWeight === undefined ? {} : { scaffoldingWeight }),
  };
  const work = { kind: 'changes' as const, items: [{ before, after, settings }] };
  const [outcome] = await scoring.pool.run(work);
  if (outcome?.kind === 'done') return outcome.value;
  throw new AssayError('score.too-hard', { detail: outcome?.reason ?? 'no answer' });
}
