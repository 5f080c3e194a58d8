import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { guardDirectory } from '../src/backends/guard.ts';

const HOLDER = `
  import { guardDirectory } from ${JSON.stringify(new URL('../dist/backends/guard.js', import.meta.url).href)};
  try {
    await guardDirectory(process.argv[1]);
    console.log('held');
    setInterval(() => {}, 1000);
  } catch (error) {
    console.log(error.code + ' ' + error.message);
  }`;

function startHolder(directory: string): ChildProcess {
  return spawn(process.execPath, ['--input-type=module', '-e', HOLDER, directory], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

async function firstLine(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error('no output');
  const [chunk] = (await once(child.stdout, 'data')) as [Buffer];
  return chunk.toString().trim();
}

describe('the guard of a data directory', () => {
  let root = '';

  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'assay-guard-'));
  });

  afterAll(() => {
    rmSync(root, { recursive: true, force: true });
  });

  it('refuses a second process and names the first; kill -9 frees the directory at once', async () => {
    const directory = join(root, 'two');
    const first = startHolder(directory);
    expect(await firstLine(first)).toBe('held');
    const second = startHolder(directory);
    const refusal = await firstLine(second);
    expect(refusal).toContain('store.locked');
    expect(refusal).toContain(`process ${first.pid} on host ${hostname()}`);

    const gone = once(first, 'exit');
    first.kill('SIGKILL');
    await gone;
    expect(existsSync(`${directory}.lock`)).toBe(true);
    const third = startHolder(directory);
    expect(await firstLine(third)).toBe('held');
    expect(readFileSync(`${directory}.lock`, 'utf8')).toContain(`"pid":${third.pid}`);
    third.kill('SIGKILL');
  });

  it('is not fooled by another spelling of the path', async () => {
    const directory = join(root, 'real');
    const guard = await guardDirectory(join(root, 'sub', '..', 'real'));
    await expect(guardDirectory(directory)).rejects.toMatchObject({ code: 'store.locked' });
    symlinkSync(root, join(root, 'link'));
    await expect(guardDirectory(join(root, 'link', 'real'))).rejects.toMatchObject({
      code: 'store.locked',
    });
    await guard.release();
    await (await guardDirectory(directory)).release();
    expect(existsSync(`${directory}.lock`)).toBe(false);
  });

  it('refuses the lock of another host unless forced', async () => {
    const directory = join(root, 'foreign');
    const holder = { pid: 1, start: '5', boot: 'elsewhere', host: 'another-machine' };
    writeFileSync(`${directory}.lock`, JSON.stringify(holder));
    await expect(guardDirectory(directory)).rejects.toMatchObject({
      code: 'store.locked',
      message: expect.stringContaining('process 1 on host another-machine'),
    });
    await (await guardDirectory(directory, true)).release();
  });

  it('refuses a lock that it cannot read', async () => {
    const directory = join(root, 'unreadable');
    writeFileSync(`${directory}.lock`, '{"pid":');
    await expect(guardDirectory(directory)).rejects.toMatchObject({
      code: 'store.locked',
      message: expect.stringContaining('cannot be read'),
    });
    // The refused attempt freed its socket: only the file stands in the way.
    rmSync(`${directory}.lock`);
    await (await guardDirectory(directory)).release();
  });

  it.skipIf(process.platform !== 'linux')(
    'takes over from this host: before a restart of the machine, gone, or another process with the same number',
    async () => {
      const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
      const stale = [
        { pid: process.pid, start: '5', boot: 'earlier', host: hostname() },
        { pid: 2 ** 22 + 5, start: '5', boot, host: hostname() },
        { pid: process.pid, start: '5', boot, host: hostname() },
      ];
      for (const [index, holder] of stale.entries()) {
        const directory = join(root, `stale-${index}`);
        writeFileSync(`${directory}.lock`, JSON.stringify(holder));
        await (await guardDirectory(directory)).release();
      }
    },
  );

  it.skipIf(process.platform !== 'linux')(
    'does not let force through while the holder lives on this machine',
    async () => {
      const directory = join(root, 'forced');
      const holder = startHolder(directory);
      expect(await firstLine(holder)).toBe('held');
      await expect(guardDirectory(directory, true)).rejects.toMatchObject({ code: 'store.locked' });
      holder.kill('SIGKILL');
    },
  );
});
