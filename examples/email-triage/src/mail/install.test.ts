import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cacheFolder, unpack, verifyIntegrity } from './install.ts';

function archiveOf(files: Readonly<Record<string, string>>): Buffer {
  const parts: Buffer[] = [];
  for (const [path, content] of Object.entries(files)) {
    const header = Buffer.alloc(512);
    header.write(path, 0, 100);
    header.write(`${content.length.toString(8).padStart(11, '0')}\0`, 124);
    header.write('0', 156);
    const body = Buffer.alloc(Math.ceil(content.length / 512) * 512);
    body.write(content);
    parts.push(header, body);
  }
  return gzipSync(Buffer.concat([...parts, Buffer.alloc(1024)]));
}

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'assay-demo-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe('unpack', () => {
  it('writes the mails, the list and the licence, and nothing else', async () => {
    const archive = archiveOf({
      'package/LICENSE': 'licence',
      'package/lib/index.js': 'code',
      'package/data/file_list.json': '[]',
      'package/data/spam-1/00001.0a.txt': 'mail',
      'package/data/spam-1/00001.0a.json': '{}',
    });
    expect(await unpack(archive, folder)).toBe(3);
    expect(await readdir(folder)).toEqual(['LICENSE', 'data']);
    expect(await readFile(join(folder, 'data/spam-1/00001.0a.txt'), 'utf8')).toBe('mail');
  });

  it('refuses a path that leaves the folder', async () => {
    const archive = archiveOf({ 'package/../../evil.txt': 'x' });
    await expect(unpack(archive, folder)).rejects.toThrow('unsafe path');
  });
});

describe('verifyIntegrity', () => {
  it('takes only the named bytes', () => {
    const bytes = Buffer.from('archive');
    const digest = createHash('sha512').update(bytes).digest('base64');
    expect(() => verifyIntegrity(bytes, `sha512-${digest}`)).not.toThrow();
    expect(() => verifyIntegrity(bytes)).toThrow('sha512');
  });
});

describe('cacheFolder', () => {
  it('is what ASSAY_DEMO_CACHE says, else in the cache of the system', () => {
    expect(cacheFolder({ ASSAY_DEMO_CACHE: '/somewhere' })).toBe('/somewhere');
    expect(cacheFolder({})).toContain(join('assay', 'email-triage'));
  });
});
