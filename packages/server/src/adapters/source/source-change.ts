import type { SourceFile } from '@assay/loop';

/** Two states of some files, without those that are the same in both; or why there are none. */
export type SourceChange =
  | {
      readonly kind: 'change';
      readonly before: readonly SourceFile[];
      readonly after: readonly SourceFile[];
      /** False for a file on its own, which may be part of a larger change. */
      readonly isWhole: boolean;
    }
  | { readonly kind: 'refused'; readonly reason: string };

/** Longest file whose lines are compared, in bytes. */
export const MAX_FILE_BYTES: number = 16 << 20;
/** Says of a file that it is longer. */
export const TOO_LONG: string = `longer than ${MAX_FILE_BYTES >> 20} MiB`;
/** Most that a change may hold in all, in bytes. */
export const MAX_CHANGE_BYTES: number = 128 << 20;

/** Says that there is nothing to compare, and what to do about it. */
export function refused(reason: string): SourceChange {
  return { kind: 'refused', reason };
}
