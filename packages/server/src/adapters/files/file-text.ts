import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';

/** Text of a file, or why there is none. */
export type FileText =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'absent'; readonly reason: string }
  | { readonly kind: 'too-large'; readonly mostBytes: number };

const CHUNK_BYTES = 1 << 20;

/**
 * Reads a text file of at most `mostBytes`. A larger one is refused before it is read where its size
 * is known, and after `mostBytes` where it is not (a pipe, a device).
 */
export async function readFileText(path: string, mostBytes: number): Promise<FileText> {
  const tooLarge: FileText = { kind: 'too-large', mostBytes };
  let file: FileHandle | null = null;
  try {
    file = await open(path, 'r');
    if ((await file.stat()).size > mostBytes) return tooLarge;
    const chunks: Buffer[] = [];
    let bytes = 0;
    for (;;) {
      const chunk = Buffer.alloc(CHUNK_BYTES);
      const { bytesRead } = await file.read(chunk, 0, CHUNK_BYTES, null);
      if (bytesRead === 0) break;
      bytes += bytesRead;
      if (bytes > mostBytes) return tooLarge;
      chunks.push(chunk.subarray(0, bytesRead));
    }
    return { kind: 'text', text: Buffer.concat(chunks).toString('utf8') };
  } catch (error) {
    return { kind: 'absent', reason: error instanceof Error ? error.message : String(error) };
  } finally {
    await file?.close();
  }
}

/** SHA-256 of the bytes of a file as 64 hex digits; null when it cannot be read. */
export async function hashFile(path: string): Promise<string | null> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
    return hash.digest('hex');
  } catch {
    return null;
  }
}
