import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import type { ExecutionCheck } from '@assay/loop';
import { describe, expect, it } from 'vitest';
import { createSandbox, type Sandbox } from '../../src/adapters/sandbox/sandbox.ts';
import { byCalls, byTest } from './checks.ts';

const COMPILED = new URL('../../dist/adapters/sandbox/sandbox.js', import.meta.url).href;

async function within<T>(action: (sandbox: Sandbox) => Promise<T>, concurrency = 2): Promise<T> {
  const sandbox = createSandbox({ concurrency });
  try {
    return await action(sandbox);
  } finally {
    sandbox.close();
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Waits for a condition by asking again, as long as the test may take. */
async function until(isMet: () => boolean): Promise<void> {
  while (!isMet()) await new Promise((resolve) => setImmediate(resolve));
}

/** Children of a process, from /proc. */
function childrenOf(pid: number): readonly number[] {
  const list = spawnSyncText('ps', ['-o', 'pid=', '--ppid', String(pid)]);
  return list
    .split('\n')
    .map(Number)
    .filter((child) => child > 0);
}

function spawnSyncText(command: string, args: readonly string[]): string {
  const { spawnSync } = createRequire(import.meta.url)('node:child_process');
  return String(spawnSync(command, args, { encoding: 'utf8' }).stdout ?? '');
}

/** Runs a program that uses the compiled sandbox. */
function host(body: string) {
  const program = `import { createSandbox } from ${JSON.stringify(COMPILED)};
const sandbox = createSandbox({ concurrency: 1 });
const check = (code, wallMs = 60_000) => sandbox.check({
  language: 'javascript', code, limits: { wallMs },
  oracle: { kind: 'test', test: 'assert(f() === 1)' },
});
${body}`;
  return spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

describe('the sandbox', () => {
  it('ends when its signal says so, and throws the reason', async () => {
    await within(async (sandbox) => {
      const request: ExecutionCheck = {
        language: 'javascript',
        code: 'for (;;);',
        limits: { wallMs: 60_000 },
        oracle: { kind: 'test', test: 'assert(1)' },
      };
      const controller = new AbortController();
      const running = sandbox.check(request, controller.signal);
      const next = byTest(sandbox, 'javascript', 'const f = 1', 'assert(f)');
      controller.abort(new Error('enough'));
      await expect(running).rejects.toThrow('enough');
      await expect(sandbox.check(request, AbortSignal.abort(new Error('early')))).rejects.toThrow(
        'early',
      );
      expect((await next).kind).toBe('passed');
    }, 1);
  });

  it('says infrastructure when it is closed under way, and afterwards', async () => {
    const sandbox = createSandbox({ concurrency: 1 });
    const limits = { wallMs: 60_000 };
    const running = byTest(sandbox, 'javascript', 'for (;;);', 'assert(1)', { limits });
    const waiting = byTest(sandbox, 'javascript', 'const f = 1', 'assert(f)');
    await byTest(createSandbox(), 'javascript', '', 'assert(1)');
    sandbox.close();
    expect((await running).kind).toBe('infrastructure');
    expect((await waiting).kind).toBe('infrastructure');
    expect((await byTest(sandbox, 'javascript', '', 'assert(1)')).kind).toBe('infrastructure');
  });

  it('keeps many checks apart that run at the same time', async () => {
    await within(async (sandbox) => {
      const outcomes = await Promise.all(
        Array.from({ length: 12 }, (_, index) =>
          byCalls(sandbox, 'javascript', `console.log(${index}); const f = () => ${index}`, [
            { call: 'f', expected: index },
          ]),
        ),
      );
      expect(outcomes.map(({ kind, output }) => [kind, output])).toEqual(
        outcomes.map((_, index) => ['passed', `${index}\n`]),
      );
    }, 3);
  });

  it('lets its process end without being closed, and leaves none behind', async () => {
    const child = host(`
      const { kind } = await check('const f = () => 1');
      const { readdirSync } = await import('node:fs');
      console.log(kind);
    `);
    const [output] = (await once(child.stdout, 'data')) as [Buffer];
    expect(String(output)).toBe('passed\n');
    const cells = childrenOf(child.pid ?? 0);
    const [code] = (await once(child, 'exit')) as [number];
    expect(code).toBe(0);
    await until(() => !cells.some(isAlive));
  });

  it('leaves no process behind when its own is killed in the middle of an endless loop', async () => {
    const child = host(`
      await check('const f = () => 1');
      const running = check('for (;;);', 600_000);
      setTimeout(() => console.log('running'), 0);
      await running;
    `);
    await once(child.stdout, 'data');
    const cells = childrenOf(child.pid ?? 0);
    expect(cells.length).toBeGreaterThan(0);
    child.kill('SIGKILL');
    await until(() => !cells.some(isAlive));
  });
});

function hasStripper(): boolean {
  try {
    createRequire(new URL('../../src/main.ts', import.meta.url)).resolve('@swc/wasm-typescript');
    return true;
  } catch {
    return false;
  }
}

describe.skipIf(!hasStripper())('TypeScript (needs @swc/wasm-typescript)', () => {
  const CODE = `
    enum Sign { Minus = -1, Plus = 1 }
    interface Point { readonly x: number; readonly y?: number }
    namespace Maths { export const twice = (n: number): number => 2 * n }
    abstract class Shape { constructor(protected readonly side: number) {} abstract area(): number }
    class Square extends Shape { area(): number { return this.side ** 2 } }
    export function move<T extends Point>(point: T, by = Sign.Plus as const): Point {
      return { ...point, x: Maths.twice(point.x!) + by } satisfies Point;
    }
    export const square = (side: number): Square => new Square(side);
  `;

  it('is executed as JavaScript, code and test', async () => {
    await within(async (sandbox) => {
      const test = `
        const area: number = square(3).area();
        assert.strictEqual(area, 9);
        assert.deepEqual(move({ x: 2 } as { x: number }), { x: 5 });
      `;
      expect(await byTest(sandbox, 'typescript', CODE, test)).toMatchObject({
        kind: 'passed',
        checksPassed: 2,
      });
      const checks = [{ call: 'move', args: [{ x: 1, y: 2 }], expected: { x: 3, y: 2 } }];
      expect(await byCalls(sandbox, 'typescript', CODE, checks)).toMatchObject({ kind: 'passed' });
    });
  });

  it('that does not parse is a syntax error, in a test infrastructure', async () => {
    await within(async (sandbox) => {
      const wrong = 'const f: = 1;';
      expect(await byTest(sandbox, 'typescript', wrong, 'assert(f)')).toMatchObject({
        kind: 'syntax-error',
      });
      expect(await byTest(sandbox, 'typescript', 'const f = 1', wrong)).toMatchObject({
        kind: 'infrastructure',
      });
    });
  });
});
