/** One regular file of a tar archive. */
export interface TarFile {
  /** Path as the archive states it, with `/`. */
  readonly path: string;
  readonly bytes: Uint8Array;
}

const BLOCK = 512;

function textOf(block: Uint8Array, start: number, length: number): string {
  const field = block.subarray(start, start + length);
  const end = field.indexOf(0);
  return Buffer.from(end === -1 ? field : field.subarray(0, end)).toString('utf8');
}

/** The path in a pax extended header (`LENGTH key=value\n` records), or null. */
function paxPath(bytes: Uint8Array): string | null {
  const text = Buffer.from(bytes).toString('utf8');
  return /(?:^|\n)\d+ path=([^\n]*)\n/.exec(text)?.[1] ?? null;
}

/**
 * Tells whether a path stays inside the folder it is unpacked into: relative, with no `..`, no
 * drive letter, no backslash and no NUL.
 */
export function isSafePath(path: string): boolean {
  if (path === '' || path.startsWith('/') || /[\\:\0]/.test(path)) return false;
  return path.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
}

interface Entry {
  readonly type: string;
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Offset of the next header. */
  readonly next: number;
}

function readEntry(archive: Uint8Array, offset: number): Entry {
  const header = archive.subarray(offset, offset + BLOCK);
  const size = Number.parseInt(textOf(header, 124, 12).trim() || '0', 8);
  const start = offset + BLOCK;
  if (!Number.isInteger(size) || size < 0 || start + size > archive.length) {
    throw new Error('the archive is cut short or damaged');
  }
  const prefix = textOf(header, 345, 155);
  const name = textOf(header, 0, 100);
  return {
    type: textOf(header, 156, 1),
    name: prefix === '' ? name : `${prefix}/${name}`,
    bytes: archive.subarray(start, start + size),
    next: start + Math.ceil(size / BLOCK) * BLOCK,
  };
}

/**
 * Reads the regular files of an uncompressed tar archive (ustar, GNU long names, pax paths).
 * Links, devices and folders are passed over. Throws when the archive is cut short.
 */
export function* readTar(archive: Uint8Array): Generator<TarFile> {
  let longPath: string | null = null;
  let offset = 0;
  while (offset + BLOCK <= archive.length && archive[offset] !== 0) {
    const entry = readEntry(archive, offset);
    offset = entry.next;
    if (entry.type === 'x') longPath = paxPath(entry.bytes) ?? longPath;
    if (entry.type === 'L') longPath = textOf(entry.bytes, 0, entry.bytes.length);
    if ('xLg'.includes(entry.type) && entry.type !== '') continue;
    const path: string = longPath ?? entry.name;
    longPath = null;
    if (entry.type === '' || entry.type === '0') yield { path, bytes: entry.bytes };
  }
}
