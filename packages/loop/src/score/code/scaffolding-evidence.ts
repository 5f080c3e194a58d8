/** Something in the added code that is not wired to anything. Lines count from 1. */
export interface ScaffoldingEvidence {
  readonly kind: ScaffoldingKind;
  readonly path: string;
  readonly firstLine: number;
  readonly lastLine: number;
  /** Name of the declaration; null where there is none. */
  readonly name: string | null;
}

/** What scaffolding looks like. */
export type ScaffoldingKind =
  | 'unreferenced-declaration'
  | 'unreferenced-file'
  | 'empty-body'
  | 'not-implemented'
  | 'placeholder-comment'
  | 'copied-code'
  | 'copied-comment';
