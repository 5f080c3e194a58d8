import type { FactKind } from '@assay/loop';

/** Anything that fixes a moment: milliseconds since 1970, a Date or ISO 8601 text. */
export type TimeInput = number | Date | string;

/** A fact as a caller states it: without its kind, and with the time optional. */
export type FactInput<T> = Omit<T, 'timestamp'> & { readonly timestamp?: TimeInput };

/** Makes the wire line of a fact. */
export type Serialise = (kind: FactKind, fact: object) => string;

// Several facts of these kinds belong to one task and may share a millisecond; without a key of
// its own the second one would be taken for a resend of the first.
function keyOf(kind: FactKind, fact: Readonly<Record<string, unknown>>, fresh: () => string) {
  if (fact['factKey'] !== undefined) return undefined;
  if (kind === 'tool-call') return typeof fact['callId'] === 'string' ? fact['callId'] : fresh();
  if (kind === 'turn') return fresh();
  if (kind === 'rating') return fresh();
  if (kind === 'evaluation' && typeof fact['evaluator'] === 'string') return fact['evaluator'];
  return undefined;
}

/**
 * Makes a serialiser that fixes the time and the key of each fact once, so that a resend is
 * recognised. The line is made at once: the caller may change the fact afterwards. NaN and
 * infinities become null (not known). The serialiser throws what `JSON.stringify` throws.
 */
export function createSerialiser(now: () => number, clientId: string): Serialise {
  let counter = 0;
  const fresh = (): string => {
    counter += 1;
    return `${clientId}-${counter}`;
  };
  return (kind, fact) => {
    const fields = fact as Readonly<Record<string, unknown>>;
    const factKey = keyOf(kind, fields, fresh);
    const { timestamp } = fields;
    const own = {
      kind,
      timestamp: timestamp ?? now(),
      ...(factKey === undefined ? {} : { factKey }),
    };
    // Adding text to the line is cheaper than copying the fact, if nothing would occur twice.
    const isComplete = timestamp !== undefined || 'kind' in fields;
    const line = JSON.stringify(isComplete ? { ...fields, ...own } : fact);
    if (line === undefined || line.charCodeAt(0) !== 123) throw new TypeError('not an object');
    if (isComplete) return line;
    const isEmpty = line.length === 2;
    return `${line.slice(0, -1)}${isEmpty ? '' : ','}${JSON.stringify(own).slice(1)}`;
  };
}
