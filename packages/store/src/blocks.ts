import { promisify } from 'node:util';
import { brotliDecompress } from 'node:zlib';
import { readTransposed } from './transposed.ts';

const decompress: (body: Uint8Array) => Promise<Uint8Array> = promisify(brotliDecompress);

/** A block whose documents can be read. */
export interface OpenBlock {
  /** Size in memory, UTF-16 units. */
  readonly units: number;
  /** JSON of a document; undefined when there is none with this number. */
  line(index: number): string | undefined;
}

/** Blocks that were read last. Insertion order = age; a hit moves the entry to the end. */
export interface BlockCache {
  readonly blocks: Map<string, OpenBlock>;
  readonly mostUnits: number;
  units: number;
}

/** An empty cache. A block that is larger than the whole cache is kept until the next one comes. */
export function createBlockCache(mostUnits: number): BlockCache {
  return { blocks: new Map(), mostUnits, units: 0 };
}

/** Keeps a block, and lets the oldest go when there are too many. */
export function remember(cache: BlockCache, key: string, block: OpenBlock): void {
  if (cache.blocks.has(key)) return;
  cache.blocks.set(key, block);
  cache.units += block.units;
  for (const [oldest, old] of cache.blocks) {
    if (cache.units <= cache.mostUnits || oldest === key) break;
    cache.blocks.delete(oldest);
    cache.units -= old.units;
  }
}

/** A block that is kept; it becomes the youngest. */
export function recall(cache: BlockCache, key: string): OpenBlock | undefined {
  const block = cache.blocks.get(key);
  if (block === undefined) return undefined;
  cache.blocks.delete(key);
  cache.blocks.set(key, block);
  return block;
}

/** How the body of a block is written. */
export const CODECS = { lines: 1, transposed: 2 } as const;

/** Opens a stored block. Throws when the codec is not known. */
export async function openBlock(codec: number, body: Uint8Array): Promise<OpenBlock> {
  if (codec !== CODECS.lines && codec !== CODECS.transposed) {
    throw new Error(`block codec ${codec} is not known to this version`);
  }
  const text = Buffer.from(await decompress(body)).toString('utf8');
  if (codec === CODECS.transposed) {
    const block = readTransposed(text);
    return { units: text.length, line: block.line };
  }
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return { units: text.length, line: (index) => lines[index] };
}
