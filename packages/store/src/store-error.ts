/** Makes an Error that carries a code, as every failure of the store does. */
export function storeError(code: string, message: string): Error & { code: string } {
  return Object.assign(new Error(message), { code });
}

/** The code of a failure: a SQLSTATE, a store code or an operating system code; '' when none. */
export function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('code' in error)) return '';
  return typeof error.code === 'string' ? error.code : '';
}

/** Fields of a PostgreSQL error that callers read. */
export const ERROR_FIELDS: readonly string[] = [
  'code',
  'severity',
  'detail',
  'hint',
  'schema',
  'table',
  'column',
  'constraint',
  'where',
  'position',
];

/** An error as plain values: fields of an Error do not survive `postMessage`. */
export interface PlainError {
  readonly message: string;
  readonly fields: Readonly<Record<string, string>>;
}

/** Takes an error apart so that it can cross a thread boundary. */
export function toPlainError(error: unknown): PlainError {
  if (typeof error !== 'object' || error === null) return { message: String(error), fields: {} };
  const source = error as Readonly<Record<string, unknown>>;
  const fields: Record<string, string> = {};
  for (const name of ERROR_FIELDS) {
    const value = source[name];
    if (typeof value === 'string') fields[name] = value;
  }
  return { message: String(source['message'] ?? error), fields };
}

/** Rebuilds an error that `toPlainError` took apart. */
export function fromPlainError(plain: PlainError): Error {
  return Object.assign(new Error(plain.message), plain.fields);
}
