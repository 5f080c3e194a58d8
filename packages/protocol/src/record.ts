import type { Fact, FactKind } from '@assay/loop';
import { FACT_KINDS } from '@assay/loop';
import type { ErrorCode } from './errors.ts';
import { FACT_FIELDS } from './fact-fields.ts';
import type { FieldFault } from './field.ts';
import { compileFields, timeOf } from './field.ts';

/** A fact that was read, or why it cannot be. */
export type FactReading =
  | { readonly fact: Fact; readonly code?: undefined }
  | {
      readonly fact?: undefined;
      readonly code: ErrorCode;
      readonly path: string;
      readonly message: string;
    };

const CHECKS: ReadonlyMap<unknown, (value: unknown) => FieldFault | null> = new Map(
  (Object.keys(FACT_KINDS) as FactKind[]).map((kind) => [kind, compileFields(FACT_FIELDS[kind])]),
);

/**
 * Reads a fact from parsed JSON: checks every field and turns times into milliseconds.
 *
 * The value must be the caller's own: it is changed in place and becomes the fact, which spares a
 * copy on the hot path. Unknown fields stay in it and are ignored.
 * @param value parsed JSON
 * @param impliedKind kind when the value names none, as on the routes for a single kind
 */
export function readFact(value: unknown, impliedKind?: FactKind): FactReading {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { code: 'fact.invalid', path: '$', message: 'must be an object' };
  }
  const fact = value as Record<string, unknown>;
  const kind = Object.hasOwn(fact, 'kind') ? fact['kind'] : impliedKind;
  const check = CHECKS.get(kind);
  if (check === undefined || (impliedKind !== undefined && kind !== impliedKind)) {
    return { code: 'fact.unknown-kind', path: '$.kind', message: kindMessage(impliedKind) };
  }
  const found = check(fact);
  if (found !== null) return { code: 'fact.invalid', ...found };
  fact['kind'] = kind;
  fact['timestamp'] = timeOf(fact['timestamp']) ?? 0;
  if (kind === 'feedback') return readTimeRange(fact);
  return { fact: fact as unknown as Fact };
}

function readTimeRange(fact: Record<string, unknown>): FactReading {
  const range = fact['timeRange'] as { start: unknown; end: unknown };
  const start = timeOf(range.start) ?? 0;
  const end = timeOf(range.end) ?? 0;
  if (end < start) {
    return { code: 'fact.invalid', path: '$.timeRange.end', message: 'must not be before start' };
  }
  fact['timeRange'] = { start, end };
  return { fact: fact as unknown as Fact };
}

function kindMessage(impliedKind: FactKind | undefined): string {
  if (impliedKind !== undefined) return `must be ${impliedKind} on this route, or absent`;
  return `must be one of ${Object.keys(FACT_KINDS).join(', ')}`;
}

/** Answer for one item of a batch. */
export interface RecordResult {
  /** Position in the batch, from 0. */
  readonly index: number;
  readonly status: 'accepted' | 'duplicate' | 'rejected';
  /** Id of the fact in the store. */
  readonly id?: string;
  readonly code?: ErrorCode;
  readonly path?: string;
  readonly message?: string;
}

/** Answer of `POST /v1/records`. */
export interface RecordAnswer {
  readonly accepted: number;
  readonly duplicates: number;
  readonly rejected: number;
  readonly results: readonly RecordResult[];
}
