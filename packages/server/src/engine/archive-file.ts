import { createHash } from 'node:crypto';
import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AssayError } from '@assay/protocol';
import { archiveBlocks, type FactsState, readArchiveBlock, type StoredPeriod } from '@assay/store';
import type { EngineContext } from './context.ts';

/** First bytes of an archive; then, for each block, its length in four bytes and the block. */
const HEAD: Buffer = Buffer.from('assay-archive/1\n');

/** A file that was written and read back. */
export interface WrittenArchive extends FactsState {
  /** Relative to the data directory; '' = there were no facts, and there is no file. */
  readonly file: string;
  readonly bytes: number;
  readonly sha256: string;
}

async function readExactly(handle: FileHandle, length: number): Promise<Buffer | null> {
  const bytes = Buffer.alloc(length);
  let done = 0;
  while (done < length) {
    const { bytesRead } = await handle.read(bytes, done, length - done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  if (done === 0) return null;
  if (done < length) throw new AssayError('internal', { detail: 'the archive ends too soon' });
  return bytes;
}

/**
 * Reads the documents of an archive, as JSON, block by block.
 * @throws AssayError `internal` when the file is not an archive or ends too soon
 */
export async function* readArchive(path: string): AsyncGenerator<readonly string[]> {
  const handle = await open(path, 'r');
  try {
    const head = await readExactly(handle, HEAD.length);
    if (head === null || !head.equals(HEAD)) {
      throw new AssayError('internal', { detail: `${path} is no archive of Assay` });
    }
    for (;;) {
      const length = await readExactly(handle, 4);
      if (length === null) return;
      const body = await readExactly(handle, length.readUInt32BE());
      if (body === null) throw new AssayError('internal', { detail: 'the archive ends too soon' });
      yield await readArchiveBlock(body);
    }
  } finally {
    await handle.close();
  }
}

async function syncDirectory(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function digestOf(path: string): Promise<string> {
  const handle = await open(path, 'r');
  const digest = createHash('sha256');
  for await (const chunk of handle.createReadStream()) digest.update(chunk as Buffer);
  return digest.digest('hex');
}

async function writeBlocks(
  context: EngineContext,
  period: StoredPeriod,
  tenantId: number,
  path: string,
): Promise<Omit<WrittenArchive, 'file'>> {
  const handle = await open(path, 'wx');
  const digest = createHash('sha256').update(HEAD);
  let bytes = HEAD.length;
  let facts = 0;
  let flags = 0;
  try {
    await handle.writeFile(HEAD);
    for await (const block of archiveBlocks(context.db, period, tenantId)) {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(block.body.length);
      const frame = Buffer.concat([length, block.body]);
      await handle.writeFile(frame);
      digest.update(frame);
      bytes += frame.length;
      facts += block.facts;
      flags += block.flags;
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
  return { facts, flags, bytes, sha256: digest.digest('hex') };
}

/**
 * Writes the documents of a tenant and period into a file, reads it back and gives it its name,
 * which contains its digest: the same documents give the same file.
 * @throws AssayError `internal` when what was read back is not what was written
 */
export async function writeArchive(
  context: EngineContext,
  period: StoredPeriod,
  tenantId: number,
): Promise<WrittenArchive> {
  const folder = join('archive', String(tenantId));
  const directory = join(context.dataDirectory, folder);
  await mkdir(directory, { recursive: true });
  const draft = join(directory, `${context.newId()}.writing`);
  try {
    const written = await writeBlocks(context, period, tenantId, draft);
    let facts = 0;
    for await (const lines of readArchive(draft)) facts += lines.length;
    if (facts !== written.facts || (await digestOf(draft)) !== written.sha256) {
      throw new AssayError('internal', { detail: 'an archive was not read back as written' });
    }
    if (facts === 0) return { ...written, file: '' };
    const day = new Date(period.fromMs).toISOString().slice(0, 10);
    const file = join(folder, `${day}-${written.sha256.slice(0, 16)}.assay`);
    await rename(draft, join(context.dataDirectory, file));
    await syncDirectory(directory);
    return { ...written, file };
  } finally {
    await rm(draft, { force: true });
  }
}
