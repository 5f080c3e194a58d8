import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createAssay } from '../src/index.ts';
import { type FakeServer, startFakeServer } from './fake-server.ts';

const here = dirname(fileURLToPath(import.meta.url));
let server: FakeServer;
let folder: string;
const children: ChildProcess[] = [];

beforeEach(async () => {
  server = await startFakeServer();
  folder = mkdtempSync(join(tmpdir(), 'assay-client-'));
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

function start(...args: string[]): ChildProcess {
  const flags = ['--import', 'tsx', '--conditions=@assay/source', join(here, 'child.mjs')];
  const child = spawn(process.execPath, [...flags, ...args], {
    cwd: here,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  return child;
}

function ended(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child.exitCode);
  return new Promise((resolve) => child.once('exit', (code) => resolve(code)));
}

// The pipe stays open afterwards: the child goes on writing to it.
function spooledAll(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.stdout?.on('data', (chunk: Buffer) => {
      if (/"buffered":0,"spooled":[1-9]/.test(String(chunk))) resolve();
    });
  });
}

async function replay(): Promise<void> {
  server.mode = 'up';
  const assay = createAssay({ url: server.url, spoolDirectory: folder });
  await assay.flush();
  await assay.close();
}

describe('a process that ends by itself', () => {
  it('delivers what it recorded last, without flush or close', async () => {
    expect(await ended(start(server.url, '', '10', 'a', 'end'))).toBe(0);
    expect(server.facts.length).toBe(10);
  });

  it('is not held by a server that hangs, and leaves its facts on disk', async () => {
    server.mode = 'hangs';
    const startedMs = performance.now();
    expect(await ended(start(server.url, folder, '10', 'a', 'end'))).toBe(0);
    expect(performance.now() - startedMs).toBeLessThan(8_000);
    await replay();
    expect(server.facts.length).toBe(10);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('leaves its facts on disk when it calls process.exit', async () => {
    expect(await ended(start(server.url, folder, '10', 'a', 'exit'))).toBe(0);
    await replay();
    expect(server.facts.length).toBe(10);
  });

  it('leaves its facts on disk when it is killed after they were spooled', async () => {
    server.mode = 'fails';
    const child = start(server.url, folder, '10', 'a', 'stay');
    await spooledAll(child);
    child.kill('SIGKILL');
    await ended(child);
    await replay();
    expect(server.facts.length).toBe(10);
  });
});

describe('processes that share a folder', () => {
  it('leave each other alone while they live, and take over from the dead', async () => {
    server.mode = 'fails';
    const first = start(server.url, folder, '30', 'first', 'stay');
    const second = start(server.url, folder, '20', 'second', 'stay');
    await Promise.all([spooledAll(first), spooledAll(second)]);
    const before = readdirSync(folder).sort();
    expect(before.filter((name) => name.endsWith('.ndjson')).length).toBeGreaterThanOrEqual(2);
    const third = createAssay({ url: server.url, spoolDirectory: folder });
    await third.flush({ timeoutMs: 100 });
    expect(third.stats().spooled).toBe(0);
    expect(readdirSync(folder).sort()).toEqual(before);
    await third.close({ timeoutMs: 0 });

    for (const child of [first, second]) {
      child.kill('SIGKILL');
      await ended(child);
    }
    await replay();
    expect(new Set(server.facts).size).toBe(50);
    expect(readdirSync(folder)).toEqual([]);
  });
});
