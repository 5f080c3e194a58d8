/**
 * A small language for the fields of a JSON object. One table of fields gives both the zod schema
 * (documentation, OpenAPI) and the hot-path reader, so that the two cannot drift apart.
 * This module has no dependency and may be used in a browser.
 */
export type Field = { readonly isRequired?: boolean; readonly isNullable?: boolean } & (
  | { readonly type: 'text'; readonly min: number; readonly max: number; readonly isKey?: boolean }
  | { readonly type: 'number'; readonly min: number; readonly max: number }
  | { readonly type: 'integer'; readonly min: number; readonly max: number }
  | { readonly type: 'boolean' }
  | { readonly type: 'choice'; readonly values: readonly string[] }
  | { readonly type: 'list'; readonly of: Field; readonly max: number }
  | { readonly type: 'object'; readonly fields: Fields }
  | { readonly type: 'features' }
  | { readonly type: 'open' }
  | { readonly type: 'json' }
  | { readonly type: 'time' }
);

/** Fields of an object by name. */
export type Fields = Readonly<Record<string, Field>>;

/** Marks a field as one that must be there and not null. */
export function required(field: Field): Field {
  return { ...field, isRequired: true };
}

/** A field that may be null, which means "not known". */
export function nullable(field: Field): Field {
  return { ...field, isNullable: true };
}

/** Text of any content, `max` in UTF-16 units. */
export function text(max: number, min = 0): Field {
  return { type: 'text', min, max };
}

/** Text that names something: 1 to `max` UTF-16 units, no NUL character. */
export function key(max: number): Field {
  return { type: 'text', min: 1, max, isKey: true };
}

/** A finite number in a closed range. */
export function number(min: number, max: number): Field {
  return { type: 'number', min, max };
}

/** A whole number in a closed range. */
export function integer(min: number, max: number): Field {
  return { type: 'integer', min, max };
}

/** One of the given texts. */
export function choice(values: readonly string[]): Field {
  return { type: 'choice', values };
}

/** An array with at most `max` items. */
export function list(of: Field, max: number): Field {
  return { type: 'list', of, max };
}

/** An object with known fields; others are ignored. */
export function object(fields: Fields): Field {
  return { type: 'object', fields };
}

/** What is wrong with a value, and where. */
export interface FieldFault {
  /** JSON path such as `$.candidateAgents[2].probability`. */
  readonly path: string;
  readonly message: string;
}

type Check = (value: unknown) => FieldFault | null;

const ISO_TIME =
  /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,9})?)?(Z|[+-]([01]\d|2[0-3]):?[0-5]\d)$/;
/** Times are held to 1970..2100 here; the window that is open for recording is narrower. */
const MAX_TIME_MS = 4_102_444_800_000;

/** Milliseconds since 1970 of an ISO 8601 text or a number; null when it is neither. */
export function timeOf(value: unknown): number | null {
  if (typeof value === 'number') {
    return Number.isFinite(value) && value >= 0 && value <= MAX_TIME_MS ? Math.floor(value) : null;
  }
  if (typeof value !== 'string' || value.length > 40 || !ISO_TIME.test(value)) return null;
  const ms = Date.parse(value);
  return Number.isFinite(ms) && ms >= 0 && ms <= MAX_TIME_MS ? ms : null;
}

function fault(message: string): FieldFault {
  return { path: '', message };
}

function textCheck(field: Extract<Field, { type: 'text' }>): Check {
  const { min, max, isKey } = field;
  const isWrong = fault('must be text');
  const isShort = fault(min === 1 ? 'must not be empty' : `must have at least ${min} characters`);
  const isLong = fault(`must have at most ${max} characters`);
  const hasNul = fault('must not contain the NUL character');
  return (value) => {
    if (typeof value !== 'string') return isWrong;
    if (value.length < min) return isShort;
    if (value.length > max) return isLong;
    return isKey === true && value.includes('\u0000') ? hasNul : null;
  };
}

function numberCheck(min: number, max: number, isWhole: boolean): Check {
  const isWrong = fault(isWhole ? 'must be a whole number' : 'must be a finite number');
  const isOutside = fault(`must be between ${min} and ${max}`);
  return (value) => {
    if (typeof value !== 'number' || !Number.isFinite(value)) return isWrong;
    if (isWhole && !Number.isInteger(value)) return isWrong;
    return value < min || value > max ? isOutside : null;
  };
}

function listCheck(of: Field, max: number): Check {
  const isWrong = fault('must be an array');
  const isLong = fault(`must have at most ${max} items`);
  const check = checkOf(of);
  return (value) => {
    if (!Array.isArray(value)) return isWrong;
    if (value.length > max) return isLong;
    for (let index = 0; index < value.length; index++) {
      const found = check(value[index]);
      if (found !== null) return { path: `[${index}]${found.path}`, message: found.message };
    }
    return null;
  };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const NOT_OBJECT = fault('must be an object');
const MISSING = 'is required';

interface Slot {
  readonly name: string;
  readonly check: Check;
  readonly isRequired: boolean;
  readonly isNullable: boolean;
}

function slotOf(name: string, field: Field): Slot {
  return {
    name,
    check: checkOf(field),
    isRequired: field.isRequired === true,
    isNullable: field.isNullable === true,
  };
}

function absentFault(slot: Slot, value: Record<string, unknown>): FieldFault | null {
  if (slot.isRequired) return { path: `.${slot.name}`, message: MISSING };
  if (!slot.isNullable && value[slot.name] === null) value[slot.name] = undefined;
  return null;
}

function objectCheck(fields: Fields): Check {
  const slots = Object.entries(fields).map(([name, field]) => slotOf(name, field));
  return (value) => {
    if (!isObject(value)) return NOT_OBJECT;
    for (const slot of slots) {
      const item = value[slot.name];
      const isAbsent = item === undefined || item === null;
      const found = isAbsent ? absentFault(slot, value) : slot.check(item);
      if (found === null) continue;
      return isAbsent ? found : { path: `.${slot.name}${found.path}`, message: found.message };
    }
    return null;
  };
}

const NOT_BOOLEAN = fault('must be true or false');
const NOT_TIME = fault('must be an ISO 8601 time with a zone, or milliseconds since 1970');
const NOT_FEATURE = 'must be text of at most 500 characters, a finite number, true or false';
const TOO_MANY = fault('must have at most 500 fields');

function featuresCheck(value: unknown): FieldFault | null {
  if (!isObject(value)) return NOT_OBJECT;
  const names = Object.keys(value);
  if (names.length > 500) return TOO_MANY;
  for (const name of names) {
    const item = value[name];
    if (name === '__proto__') {
      // Never a feature, and a trap for whoever copies the object.
      delete value[name];
      continue;
    }
    const isText = typeof item === 'string' && item.length <= 500;
    if (isText || typeof item === 'boolean' || Number.isFinite(item)) continue;
    return { path: `[${JSON.stringify(name.slice(0, 100))}]`, message: NOT_FEATURE };
  }
  return null;
}

/** Compiles a field to a check of a value that is there and not null. */
function checkOf(field: Field): Check {
  switch (field.type) {
    case 'text':
      return textCheck(field);
    case 'number':
      return numberCheck(field.min, field.max, false);
    case 'integer':
      return numberCheck(field.min, field.max, true);
    case 'boolean':
      return (value) => (typeof value === 'boolean' ? null : NOT_BOOLEAN);
    case 'choice': {
      const allowed = new Set<unknown>(field.values);
      const isWrong = fault(`must be one of ${field.values.join(', ')}`);
      return (value) => (allowed.has(value) ? null : isWrong);
    }
    case 'list':
      return listCheck(field.of, field.max);
    case 'object':
      return objectCheck(field.fields);
    case 'features':
      return featuresCheck;
    case 'open':
      return (value) => (isObject(value) ? null : NOT_OBJECT);
    case 'json':
      return () => null;
    case 'time':
      return (value) => (timeOf(value) === null ? NOT_TIME : null);
  }
}

/**
 * Compiles fields to a function that checks an object and gives the first fault, or null.
 *
 * The function tidies the object that it is given: null in an optional field that knows no null
 * becomes undefined. Unknown fields are left alone.
 */
export function compileFields(fields: Fields): (value: unknown) => FieldFault | null {
  const check = objectCheck(fields);
  return (value) => {
    const found = check(value);
    return found === null ? null : { path: `$${found.path}`, message: found.message };
  };
}
