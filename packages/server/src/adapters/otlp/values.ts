import type { Attributes } from '@assay/loop';

/**
 * Readers for the leaves of OTLP messages. Protobuf and JSON messages have the same field names and
 * differ only in ids (bytes / hex), 64-bit integers (bigint / text or number) and bytes, so each
 * reader takes both forms.
 */

/** A message of either road, read as a bag of fields. */
export type Message = Readonly<Record<string, unknown>>;

/** Deepest nesting of values that is kept. */
const MAX_DEPTH = 32;
const INT64 = 64;

/** The value as a message; an empty one when it is none. */
export function messageOf(value: unknown): Message {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Message)
    : {};
}

/** The messages of a repeated field. */
export function listOf(message: Message, field: string): readonly Message[] {
  const value = message[field];
  return Array.isArray(value) ? value.map(messageOf) : [];
}

/** Text that every store and encoder takes: without NUL and lone surrogates. */
export function cleanText(text: string): string {
  return /[\0\ud800-\udfff]/.test(text) ? text.replaceAll(/\0|\p{Surrogate}/gu, '\ufffd') : text;
}

/** Text of a field; `''` when absent. */
export function textOf(message: Message, field: string): string {
  const value = message[field];
  return typeof value === 'string' ? cleanText(value) : '';
}

/** An id in lower-case hex, `''` when it is absent, null when its length or form is wrong. */
export function idOf(message: Message, field: string, bytes: number): string | null {
  const value = message[field];
  const hex =
    value instanceof Uint8Array
      ? Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('hex')
      : typeof value === 'string'
        ? value.toLowerCase()
        : '';
  if (hex === '' || /^0+$/.test(hex)) return '';
  return hex.length === bytes * 2 && /^[0-9a-f]+$/.test(hex) ? hex : null;
}

/** A 64-bit integer of either road, wrapped to 64 bits; null when it is none. */
function bigOf(value: unknown): bigint | null {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? BigInt(Math.trunc(value)) : null;
  if (typeof value !== 'string' || !/^-?\d{1,20}$/.test(value)) return null;
  return BigInt(value);
}

/** Nanoseconds since 1970 as decimal text; null when absent or 0. */
export function nanosOf(message: Message, field: string): string | null {
  const big = bigOf(message[field]);
  const wrapped = big === null ? 0n : BigInt.asUintN(INT64, big);
  return wrapped === 0n ? null : wrapped.toString();
}

/** A small integer; 0 when absent. */
export function smallIntOf(message: Message, field: string): number {
  const value = message[field];
  const number = typeof value === 'string' ? Number(value) : value;
  return typeof number === 'number' && Number.isInteger(number) ? number : 0;
}

/** A signed 64-bit integer: a number while that is exact, else decimal text. */
function intValueOf(value: unknown): number | string | null {
  const big = bigOf(value);
  if (big === null) return null;
  const signed = BigInt.asIntN(INT64, big);
  const number = Number(signed);
  return Number.isSafeInteger(number) ? number : signed.toString();
}

/** A finite double; NaN and infinities, which JSON cannot say, become null. */
function doubleValueOf(value: unknown): number | null {
  const number = typeof value === 'string' && value !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : null;
}

function bytesValueOf(value: unknown): string | null {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  return typeof value === 'string' ? Buffer.from(value, 'base64').toString('base64') : null;
}

/** The plain value of an `AnyValue`; null when it is empty, not a number, or nested too deeply. */
export function anyValueOf(value: unknown, depth = 0): unknown {
  if (typeof value !== 'object' || value === null || depth > MAX_DEPTH) return null;
  const message = value as Message;
  const text = message['stringValue'];
  if (typeof text === 'string') return cleanText(text);
  const flag = message['boolValue'];
  if (typeof flag === 'boolean') return flag;
  const int = message['intValue'];
  if (int !== undefined && int !== null) return intValueOf(int);
  const double = message['doubleValue'];
  if (double !== undefined && double !== null) return doubleValueOf(double);
  const array = message['arrayValue'];
  if (typeof array === 'object' && array !== null) {
    const { values } = array as Message;
    return Array.isArray(values) ? values.map((item) => anyValueOf(item, depth + 1)) : [];
  }
  const list = message['kvlistValue'];
  if (typeof list === 'object' && list !== null) {
    return attributesOf(list as Message, 'values', depth + 1);
  }
  return bytesValueOf(message['bytesValue']);
}

/**
 * Key-value pairs as an object without a prototype, so that a key such as `__proto__` is a key.
 * The first of two values for one key wins.
 */
export function attributesOf(message: Message, field: string, depth = 0): Attributes {
  const attributes: Record<string, unknown> = Object.create(null);
  for (const pair of listOf(message, field)) {
    const key = textOf(pair, 'key');
    if (key !== '' && !(key in attributes)) attributes[key] = anyValueOf(pair['value'], depth);
  }
  return attributes;
}
