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

/**
 * Reads the regular files of an uncompressed tar archive (ustar, GNU long names, pax paths).
 * Links, devices and folders are passed over. Throws when the archive is cut short.
 */
export function* readTar(archive: Uint8Array): Generator<TarFile> {
  let offset = 0;
  let longPath: string | null = null;
  while (offset + BLOCK <= archive.length) {
    const header = archive.subarray(offset, offset + BLOCK);
    if (header[0] === 0) return;
    const size = Number.parseInt(textOf(header, 124, 12).trim() || '0', 8);
    const type = textOf(header, 156, 1);
    const start = offset + BLOCK;
    if (!Number.isInteger(size) || start + size > archive.length) {
      throw new Error('the archive is cut short or damaged');
    }
    const bytes = archive.subarray(start, start + size);
    offset = start + Math.ceil(size / BLOCK) * BLOCK;
    if (type === 'x') {
      longPath = paxPath(bytes) ?? longPath;
    } else if (type === 'L') {
      longPath = textOf(bytes, 0, bytes.length);
    } else if (type !== 'g') {
      const prefix = textOf(header, 345, 155);
      const name = textOf(header, 0, 100);
      const path: string = longPath ?? (prefix === '' ? name : `${prefix}/${name}`);
      longPath = null;
      if (type === '' || type === '0') yield { path, bytes };
    }
  }
}
