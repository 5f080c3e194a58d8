import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

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
  | { readonly kind: 'item'; readonly item: Item }
  | { readonly kind: 'invalid'; readonly line: number; readonly message: string };

/**
 * Reads JSON lines one by one, so that memory stays flat. Empty lines are passed over; a line that is
 * no item comes out as such and the rest is read. Ends with the error of the stream, or with the
 * reason of the signal.
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
  const failed = new Promise<never>((_, reject) => input.once('error', reject));
  failed.catch(() => {});
  const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
  const iterator = lines[Symbol.asyncIterator]();
  try {
    for (let line = 1; ; line += 1) {
      // Readline itself waits for ever when its input fails.
      const next = await Promise.race([iterator.next(), failed]);
      if (next.done === true) return;
      const text = line === 1 ? next.value.replace(/^\ufeff/, '') : next.value;
      if (text.trim() !== '') yield lineOf(text, line, schema);
    }
  } finally {
    signal.removeEventListener('abort', stop);
    lines.close();
  }
}

function lineOf<Item>(text: string, line: number, schema: ItemSchema<Item>): ItemLine<Item> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { kind: 'invalid', line, message: 'not valid JSON' };
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return { kind: 'item', item: parsed.data };
  const [issue] = parsed.error.issues;
  const path = issue?.path.map(String).join('.') ?? '';
  return { kind: 'invalid', line, message: `${path}: ${issue?.message ?? 'not an item'}` };
}
