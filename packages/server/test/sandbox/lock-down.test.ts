import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';

const LOCK_DOWN = new URL('../../dist/adapters/sandbox/cell/lock-down.js', import.meta.url).href;

/** What a program could do that has broken out of its interpreter, held before the lock-down. */
const ATTEMPTS: Readonly<Record<string, string>> = {
  'read a file': 'fs.statSync("/")',
  'read a file by a promise': 'fsp.stat("/")',
  'read through the namespace': 'namespace.readdirSync("/")',
  'write a file': 'fs.openSync("/dev/null", "w")',
  'start a program': 'childProcess.spawnSync("id")',
  'open a connection': 'net.connect(80, "127.0.0.1")',
  'make a socket of its own': 'new net.Socket()',
  'make a datagram': 'dgram.createSocket("udp4")',
  'ask for a name': 'dns.lookup("localhost", () => {})',
  'make a request': 'http.get("http://127.0.0.1/")',
  fetch: 'fetch("http://127.0.0.1/")',
  'load a module': 'require("node:fs")',
  'get a built-in module': 'proc.getBuiltinModule("node:net")',
  'bind a module': 'proc.binding("fs")',
  'load a library': 'proc.dlopen({}, "/tmp/x.node")',
  'kill a process': 'proc.kill(proc.pid, 0)',
  'start a thread': 'new threads.Worker("1", { eval: true })',
  'make a context': 'vm.runInNewContext("1")',
  'find the process': 'process.pid',
  'find the path of Node': '{ if (!proc.execPath && proc.argv.length === 0) throw 1 }',
  'find a global that does more than compute': `{
    const kept = new Set(["TextDecoder", "TextEncoder", "WebAssembly", "console", "crypto", "performance"]);
    const language = new Set(vmGlobals);
    const found = Object.getOwnPropertyNames(globalThis).filter((name) =>
      globalThis[name] !== undefined && !kept.has(name) && !language.has(name));
    if (found.length === 0) throw 1;
    report(found.join());
  }`,
};

const PROGRAM = `
import { createRequire } from 'node:module';
import fs from 'node:fs';
import * as namespace from 'node:fs';
import fsp from 'node:fs/promises';
import childProcess from 'node:child_process';
import net from 'node:net';
import dgram from 'node:dgram';
import dns from 'node:dns';
import http from 'node:http';
import threads, { parentPort } from 'node:worker_threads';
import vm from 'node:vm';
const require = createRequire('file:///');
const proc = process;
const vmGlobals = vm.runInNewContext('Object.getOwnPropertyNames(globalThis)');
const post = parentPort.postMessage.bind(parentPort);
const isLocked = LOCKED;
if (isLocked) (await import(${JSON.stringify(LOCK_DOWN)})).lockDown();
const found = [];
const report = (text) => found.push(text);
${Object.entries(ATTEMPTS)
  .map(([name, code]) => `try { ${code}; found.push(${JSON.stringify(name)}) } catch {}`)
  .join('\n')}
post(found);
`;

async function whatCanBeDone(isLocked: boolean): Promise<readonly string[]> {
  const source = PROGRAM.replace('LOCKED', String(isLocked));
  const url = new URL(`data:text/javascript,${encodeURIComponent(source)}`);
  const worker = new Worker(url, { env: {} });
  // Sockets and requests of the control group fail later, as they should.
  worker.on('error', () => {});
  const [found] = (await once(worker, 'message')) as [readonly string[]];
  await worker.terminate();
  return found;
}

describe('a thread that has been locked down', () => {
  it('can do nothing of what it could do before', async () => {
    expect(await whatCanBeDone(true)).toEqual([]);
  });

  it('could do it before', async () => {
    const found = await whatCanBeDone(false);
    // There is no such library to load.
    const others = Object.keys(ATTEMPTS).filter((name) => name !== 'load a library');
    expect(others.filter((name) => !found.includes(name))).toEqual([]);
  });
});
