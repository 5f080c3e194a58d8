/** What kind of thing was found. */
export type FindingType = 'secret' | 'email' | 'card' | 'iban' | 'ssn' | 'phone' | 'ip-address';

/** A stretch of text that should not leave the house. */
export interface Finding {
  readonly type: FindingType;
  /** Name of the rule that found it. */
  readonly rule: string;
  /** `error`: must not be stored or exported. `warning`: must not be exported. */
  readonly severity: 'error' | 'warning';
  /** Offsets in UTF-16 units: `text.slice(start, end)`. */
  readonly start: number;
  readonly end: number;
}

/** Finds what should not leave the house in a text. Pure; findings sorted, without overlaps. */
export type Detector = (text: string) => readonly Finding[];
