import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';

/** The part of a zod schema that reading needs. */
export interface ItemSchema<Item> {
  safeParse(value: unknown):
    | { readonly success: true; readonly data: Item }
    | {
        readonly success: false;
        readonly error: {
          readonly issues: readonly {
            readonly path: readonly PropertyKey[];
            readonly message: string;
          }[];
        };
      };
}

/** A line of JSON that is an item, or what is wrong with it. */
export type ItemLine<Item> =
  | { readonly kind: 'item'; readonly line: number; readonly item: Item }
  | {
      readonly kind: 'invalid';
      /** Number of the line, from 1. */
      readonly line: number;
      readonly code: 'request.not-json' | 'request.invalid' | 'request.too-large';
      /** JSON path of what is wrong. */
      readonly path: string;
      readonly message: string;
    };

/** Longest line, in UTF-16 units. Beyond it a line is told as too large and passed over. */
const MAX_LINE = 16_000_000;

/**
 * Reads JSON lines one by one, as they are asked for, so that memory stays flat. Empty lines are
 * passed over; a line that is no item comes out as such and the rest is read. Ends with the error of
 * the stream, or with the reason of the signal.
 */
export async function* readItemLines<Item>(
  input: Readable,
  schema: ItemSchema<Item>,
  signal: AbortSignal,
): AsyncGenerator<ItemLine<Item>> {
  signal.throwIfAborted();
  const stop = (): void => {
    input.destroy(signal.reason);
  };
  signal.addEventListener('abort', stop, { once: true });
  try {
    let line = 0;
    for await (const found of splitStream(input)) {
      line += 1;
      const text = line === 1 ? found?.replace(/^\ufeff/, '') : found;
      if (text === undefined) yield tooLarge(line);
      else if (text.trim() !== '') yield lineOf(text, line, schema);
    }
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** Lines of a stream without their ends; undefined = a line that is too long. */
async function* splitStream(input: Readable): AsyncGenerator<string | undefined> {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  let isTooLong = false;
  for await (const chunk of input) {
    const parts = `${rest}${Buffer.isBuffer(chunk) ? decoder.write(chunk) : String(chunk)}`.split(
      '\n',
    );
    rest = parts.pop() ?? '';
    for (const part of parts) {
      yield isTooLong || part.length > MAX_LINE ? undefined : part;
      isTooLong = false;
    }
    if (rest.length > MAX_LINE) isTooLong = true;
    if (isTooLong) rest = '';
  }
  rest += decoder.end();
  if (isTooLong) yield undefined;
  else if (rest !== '') yield rest;
}

function tooLarge(line: number): ItemLine<never> {
  const message = `longer than ${MAX_LINE} characters`;
  return { kind: 'invalid', line, code: 'request.too-large', path: '$', message };
}

function lineOf<Item>(text: string, line: number, schema: ItemSchema<Item>): ItemLine<Item> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    const message = 'not valid JSON';
    return { kind: 'invalid', line, code: 'request.not-json', path: '$', message };
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return { kind: 'item', line, item: parsed.data };
  const [issue] = parsed.error.issues;
  const names = issue?.path ?? [];
  const message = `${names.map(String).join('.')}: ${issue?.message ?? 'not an item'}`;
  const path = names.map((name) => (typeof name === 'number' ? `[${name}]` : `.${String(name)}`));
  return { kind: 'invalid', line, code: 'request.invalid', path: `$${path.join('')}`, message };
}
