import type { SourceFile } from '@assay/loop';
import { z } from 'zod';

/** Longest file, in UTF-16 units. */
const FILE = 2_000_000;
const MAX_FILES = 2_000;

/** Two states of a set of files. */
export interface CodeChange {
  readonly before: readonly SourceFile[];
  readonly after: readonly SourceFile[];
  /** True when the files are all that the change touched. */
  readonly isWholeChange?: boolean | undefined;
  /** How much of the scaffolding penalty counts, 0..1. */
  readonly scaffoldingWeight?: number | undefined;
}

const file: z.ZodType<SourceFile> = z.object({
  path: z.string().min(1).max(2_000),
  text: z.string().max(FILE).nullable(),
  digest: z.string().max(200).exactOptional(),
});
const files = z
  .array(file)
  .max(MAX_FILES)
  .refine(
    (list) => new Set(list.map(({ path }) => path)).size === list.length,
    'names a path twice',
  );

/** Body of `POST /v1/score/diff`. */
export const codeChangeSchema: z.ZodType<CodeChange> = z.strictObject({
  before: files,
  after: files,
  isWholeChange: z.boolean().optional(),
  scaffoldingWeight: z.number().min(0).max(1).optional(),
});
