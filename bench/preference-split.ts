import { fnv1a } from '@assay/loop';

/**
 * Whether a query may be looked at while a scorer is tuned. The other half is for reporting only:
 * all answers to one query fall on the same side.
 */
export function isTuningHalf(query: string): boolean {
  return fnv1a(query) % 2 === 0;
}
