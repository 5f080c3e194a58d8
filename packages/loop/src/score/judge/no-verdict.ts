/** A judge gave no usable verdict: the item is unscored, never 0 and never a middling default. */
export interface NoVerdict {
  readonly kind: 'unscored';
  /** Why, in few fixed words, so that reasons can be counted. */
  readonly reason: string;
  /** What was seen, for a reader. */
  readonly detail?: string;
}

/** A {@link NoVerdict}. */
export function noVerdict(reason: string, detail?: string): NoVerdict {
  return { kind: 'unscored', reason, ...(detail === undefined ? {} : { detail }) };
}
