import { afterAll, describe, expect, it } from 'vitest';
import { createSandbox } from '../../src/adapters/sandbox/sandbox.ts';
import { byCalls, byTest } from './checks.ts';

const sandbox = createSandbox({ concurrency: 2 });
afterAll(() => sandbox.close());

const calls = (code: string, checks: Parameters<typeof byCalls>[3], limits = {}) =>
  byCalls(sandbox, 'javascript', code, checks, limits);
const tested = (code: string, test: string, more: Parameters<typeof byTest>[4] = {}) =>
  byTest(sandbox, 'javascript', code, test, more);

describe('JavaScript by calls', () => {
  it('compares what comes out, and says what differs', async () => {
    const outcome = await calls('const add = (a, b) => a + b; console.log("loaded", [1]);', [
      { call: 'add', args: [1, 2], expected: 3 },
      { call: 'add', args: [1, 2], expected: 4 },
    ]);
    expect(outcome).toMatchObject({
      kind: 'assertion-failed',
      message: 'add(1, 2) gave 3, not 4',
      checksPassed: 1,
      checksFailed: 1,
      output: 'loaded [1]\n',
    });
    expect(outcome.durationMs).toBeGreaterThan(0);
  });

  it.each<[string, string, Parameters<typeof byCalls>[3][number]]>([
    [
      'arrays and objects',
      'f = (x) => ({ a: [x, { b: x }] })',
      { call: 'f', args: [1], expected: { a: [1, { b: 1 }] } },
    ],
    ['undefined', 'function f() {}', { call: 'f', expected: { $: 'undefined' } }],
    ['NaN', 'const f = () => NaN', { call: 'f', expected: { $: 'number', value: 'NaN' } }],
    [
      'bigint',
      'const f = (x) => x * 2n',
      {
        call: 'f',
        args: [{ $: 'bigint', value: '9007199254740993' }],
        expected: { $: 'bigint', value: '18014398509481986' },
      },
    ],
    [
      'sets',
      'const f = (x) => new Set([...x].map((y) => y + 1))',
      { call: 'f', args: [{ $: 'set', items: [1, 2] }], expected: { $: 'set', items: [3, 2] } },
    ],
    [
      'maps',
      'const f = (x) => new Map([...x].reverse())',
      {
        call: 'f',
        args: [
          {
            $: 'map',
            entries: [
              ['a', 1],
              ['b', 2],
            ],
          },
        ],
        expected: {
          $: 'map',
          entries: [
            ['a', 1],
            ['b', 2],
          ],
        },
      },
    ],
    [
      'dates',
      'const f = (x) => new Date(x)',
      { call: 'f', args: [86_400_000], expected: { $: 'date', value: 86_400_000 } },
    ],
    [
      'bytes',
      'const f = () => Uint8Array.of(1, 255)',
      { call: 'f', expected: { $: 'bytes', value: '01ff' } },
    ],
    [
      'a tolerance',
      'const f = () => 0.1 + 0.2',
      { call: 'f', expected: 0.3, tolerance: { absolute: 1e-9 } },
    ],
    [
      'promises',
      'const f = async (x) => { await null; return x + 1 }',
      { call: 'f', args: [1], expected: 2 },
    ],
    [
      'timers, without waiting',
      'const f = () => new Promise((done) => setTimeout(done, 3_600_000, 7))',
      { call: 'f', expected: 7 },
    ],
    [
      'what must throw',
      'function f() { throw new RangeError("x") }',
      { call: 'f', throws: 'RangeError' },
    ],
    [
      'a path',
      'class A { static of(x) { return new this().id(x) } id(x) { return x } }',
      { call: 'A.of', args: [5], expected: 5 },
    ],
    ['CommonJS exports', 'module.exports = { f: () => 1 }', { call: 'f', expected: 1 }],
    [
      'an ES module',
      'const one = 1; export function f() { return one }',
      { call: 'f', expected: 1 },
    ],
    [
      'a key __proto__',
      'const f = (x) => Object.keys(x)',
      { call: 'f', args: [JSON.parse('{"__proto__":1}')], expected: ['__proto__'] },
    ],
  ])('takes %s across', async (_, code, check) => {
    expect(await calls(code, [check])).toMatchObject({ kind: 'passed', checksPassed: 1 });
  });

  it.each<[string, string, Parameters<typeof byCalls>[3][number], string]>([
    ['code that does not parse', 'const f = (', { call: 'f', expected: 1 }, 'syntax-error'],
    ['code that throws', 'null.x', { call: 'f', expected: 1 }, 'runtime-error'],
    ['a function that is not there', 'const g = 1', { call: 'f', expected: 1 }, 'runtime-error'],
    [
      'a function that is not there, when anything may be thrown',
      '',
      { call: 'f', throws: true },
      'runtime-error',
    ],
    ['a value that is no function', 'const f = 1', { call: 'f', throws: true }, 'runtime-error'],
    [
      'another error',
      'function f() { throw new Error() }',
      { call: 'f', throws: 'TypeError' },
      'assertion-failed',
    ],
    [
      'a promise that never settles',
      'const f = () => new Promise(() => {})',
      { call: 'f', expected: 1 },
      'runtime-error',
    ],
    [
      'a module that is not there',
      'const md5 = require("js-md5")',
      { call: 'f', expected: 1 },
      'missing-module',
    ],
    [
      'an import that is not there',
      'import md5 from "js-md5"; export const f = md5',
      { call: 'f', expected: 1 },
      'missing-module',
    ],
    [
      'a cycle',
      'const f = () => { const a = []; a.push(a); return a }',
      { call: 'f', expected: [] },
      'assertion-failed',
    ],
    ['an endless recursion', 'const f = () => f()', { call: 'f', expected: 1 }, 'runtime-error'],
    [
      'a huge tree in a small graph',
      'const f = () => { let a = []; for (let i = 0; i < 64; i++) a = [a, a]; return a }',
      { call: 'f', expected: [] },
      'assertion-failed',
    ],
    [
      'a deep value',
      'const f = () => { let a = []; for (let i = 0; i < 50000; i++) a = [a]; return a }',
      { call: 'f', expected: [] },
      'assertion-failed',
    ],
  ])('tells %s apart', async (_, code, check, kind) => {
    const outcome = await calls(code, [check]);
    expect([outcome.kind, outcome.message]).toEqual([kind, expect.any(String)]);
    expect(outcome.checksPassed).toBe(0);
  });

  it('goes on after a failure, and counts what never ran as failed', async () => {
    const code = 'let n = 0; const f = (x) => { if (x === 3) for (;;); return x }';
    const checks = [9, 2, 3, 4].map((x) => ({ call: 'f', args: [x], expected: x === 9 ? 0 : x }));
    const outcome = await calls(code, checks, { wallMs: 300 });
    expect(outcome).toMatchObject({ kind: 'assertion-failed', checksPassed: 1, checksFailed: 3 });
  });
});

describe('JavaScript by a test', () => {
  it.each<[string, string, string]>([
    [
      'console.assert',
      'const f = (x) => x + 1',
      'const t = () => { console.assert(f(1) === 2) }; t()',
    ],
    [
      'assert',
      'function f(x) { return [x] }',
      'assert.deepStrictEqual(f(1), [1]); assert(f(2)[0] === 2)',
    ],
    [
      'require("assert")',
      'let f = () => 1',
      'const assert = require("node:assert"); assert.equal(f(), "1")',
    ],
    [
      'an imported assert',
      'let f = () => 1',
      'import assert from "node:assert/strict"; assert.equal(f(), 1)',
    ],
    [
      'a required solution',
      'module.exports.f = () => 1',
      'const { f } = require("./solution"); assert(f() === 1)',
    ],
    [
      'changes in place',
      'const f = (list) => { list.sort(); list.push(9) }',
      'const list = [3, 1]; f(list); assert.deepEqual(list, [1, 3, 9])',
    ],
    ['identity', 'const f = (list) => list', 'const list = []; assert(f(list) === list)'],
    [
      'callbacks',
      'const f = (list, g) => list.map((x) => g(x))',
      'assert.deepEqual(f([1, 2], (x) => x * 10), [10, 20])',
    ],
    [
      'classes',
      'class Stack { #items = []; push(x) { this.#items.push(x); return this } get size() { return this.#items.length } pop() { return this.#items.pop() } }',
      'const s = new Stack(); assert(s.push(1).push(2).size === 2); assert(s.pop() === 2); assert(s instanceof Stack); s.extra = 5; assert(s.extra === 5)',
    ],
    [
      'closures',
      'const counter = () => { let n = 0; return { up: () => ++n } }',
      'const c = counter(); c.up(); assert(c.up() === 2)',
    ],
    ['generators', 'function* f() { yield 1; yield 2 }', 'assert.deepEqual([...f()], [1, 2])'],
    [
      'promises',
      'const f = async (x) => { if (x < 0) throw new TypeError("negative"); return x }',
      '(async () => { assert(await f(1) === 1); await assert.rejects(f(-1), TypeError) })()',
    ],
    [
      'timers on both sides',
      'const f = (g) => setTimeout(g, 50)',
      'new Promise((done) => f(() => { assert(true); setTimeout(done, 10) }))',
    ],
    [
      'thrown errors',
      'class Mine extends Error {}; const f = () => { throw new Mine("no") }',
      'assert.throws(() => f(), Mine); assert.throws(() => f(), /no/)',
    ],
    [
      'constants',
      'const LIMITS = { a: 1 }; let n = 0; const up = () => { n++ }',
      'assert.deepEqual(LIMITS, { a: 1 }); up(); assert(n === 1)',
    ],
  ])('knows %s', async (_, code, test) => {
    expect(await tested(code, test)).toMatchObject({ kind: 'passed', checksFailed: 0 });
  });

  it('says that a test which does not parse is not the fault of the code', async () => {
    expect(await tested('const f = 1', 'assert(')).toMatchObject({ kind: 'infrastructure' });
  });

  it('wants an assertion to have run, or as many as a reference has', async () => {
    expect(await tested('const f = 1', 'f;')).toMatchObject({ kind: 'assertion-failed' });
    const test = 'for (const x of list()) assert(x > 0)';
    const more = { minimumAssertions: 3 };
    expect(await tested('const list = () => [1]', test, more)).toMatchObject({
      kind: 'assertion-failed',
      message: '1 assertions ran, 3 are expected',
      checksFailed: 2,
    });
    expect(await tested('const list = () => [1, 2, 3]', test, more)).toMatchObject({
      kind: 'passed',
    });
  });

  it('tells a promise of the test that never settles', async () => {
    const test = '(async () => { assert(true); await f(); assert(true) })()';
    const outcome = await tested('const f = () => new Promise(() => {})', test);
    expect(outcome).toMatchObject({ kind: 'runtime-error' });
  });
});

describe('limits of JavaScript', () => {
  it('cuts an endless loop at its time, in the code and in a function', async () => {
    const limits = { wallMs: 300 };
    const outcomes = await Promise.all([
      tested('for (;;);', 'assert(1)', { limits }),
      tested('const f = () => { for (;;); }', 'assert(f())', { limits }),
      tested('const f = () => { while (true) try { for (;;); } catch {} }', 'assert(f())', {
        limits,
      }),
      tested('const f = async () => { for (;;) await null }', 'f()', { limits }),
      tested('const f = () => setInterval(() => {}, 1)', 'f(); assert(1)', { limits }),
      // A single built-in that never looks at the clock: only the hard limit ends it.
      tested('const f = () => [].indexOf.call({ length: 2 ** 53 - 1 }, 1)', 'assert(f())', {
        limits,
      }),
    ]);
    expect(outcomes.map(({ kind }) => kind)).toEqual(outcomes.map(() => 'timeout'));
  });

  it.each([
    [
      'strings',
      'let s = "x"; const a = []; for (;;) { a.push(s); s += s.slice(0, 1e6) + a.length }',
    ],
    ['arrays', 'const a = []; for (;;) a.push(new Array(1e5).fill(a.length))'],
    ['buffers', 'const a = []; for (;;) a.push(new Uint8Array(1e7).fill(1))'],
  ])('survives a bomb of %s', async (_, bomb) => {
    const outcome = await tested(`const f = () => { ${bomb} }`, 'assert(f())', {
      limits: { memoryBytes: 64 * 1024 * 1024 },
    });
    expect(outcome.kind).toBe('memory-exceeded');
    expect(await tested('const f = 1', 'assert(f)')).toMatchObject({ kind: 'passed' });
  });

  it('keeps of the output what fits, and lets no giant value out', async () => {
    const chatter = 'for (let i = 0; i < 1e5; i++) console.log("ä".repeat(50)); const f = () => 1';
    const outcome = await tested(chatter, 'assert(f())', { limits: { outputBytes: 1_001 } });
    expect(outcome.kind).toBe('passed');
    expect(Buffer.byteLength(outcome.output)).toBeLessThanOrEqual(1_001);
    expect(outcome.output).toMatch(/^ä+/);
    const giant = await tested('const f = () => "x".repeat(1e6)', 'assert(f())', {
      limits: { valueBytes: 100_000 },
    });
    expect(giant).toMatchObject({
      kind: 'runtime-error',
      message: expect.stringContaining('100000'),
    });
  });

  it('forgets everything between two runs', async () => {
    const code = 'globalThis.seen = (globalThis.seen ?? 0) + 1; Array.prototype.leaked = 1;';
    for (let run = 0; run < 4; run++) {
      const outcome = await tested(
        `${code} const f = () => globalThis.seen`,
        'assert.strictEqual(f(), 1); assert(!([].leaked))',
      );
      expect(outcome.kind).toBe('passed');
    }
  });
});
