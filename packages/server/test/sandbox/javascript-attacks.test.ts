import { afterAll, describe, expect, it } from 'vitest';
import { createSandbox } from '../../src/adapters/sandbox/sandbox.ts';
import { byTest } from './checks.ts';

const sandbox = createSandbox({ concurrency: 2 });
afterAll(() => sandbox.close());

/** A test in the style of HumanEval, and more ways to look at a value. */
const TEST = `
const testDouble = () => {
  console.assert(double(21) === 42);
  console.assert(JSON.stringify(range(2)) === JSON.stringify([0, 1]));
  assert.deepStrictEqual(range(3), [0, 1, 2]);
  assert.deepEqual(each([1, 2], (x) => { assert(x > 0); return x + 1 }), [2, 3]);
};
testDouble();
`;

const RIGHT = `
const double = (x) => 2 * x;
const range = (n) => Array.from({ length: n }, (_, i) => i);
const each = (list, f) => list.map((x) => f(x));
`;

/** Wrong in every function. */
const WRONG = 'const double = (x) => 0; const range = (n) => null; const each = (list, f) => list;';

const attacks: Readonly<Record<string, string>> = {
  'nothing but being wrong': WRONG,
  'an empty program': '',
  'patches console.assert': `${WRONG} console.assert = () => {}; console = { assert() {} };`,
  'defines assert': `${WRONG} var assert = () => {}; assert.deepStrictEqual = assert.deepEqual = assert; globalThis.assert = assert;`,
  'freezes its own assert': `${WRONG} Object.defineProperty(globalThis, 'assert', { value: () => {}, configurable: false });`,
  'patches JSON': `${WRONG} JSON.stringify = () => '[]'; JSON.parse = () => ({});`,
  'patches JSON into an answer': `${WRONG} JSON.stringify = () => '{"thrown":false,"g":{"r":true,"g":[]}}';`,
  'patches Array.prototype': `${WRONG} for (const key of Object.getOwnPropertyNames(Array.prototype)) Array.prototype[key] = () => [0, 1];`,
  'patches Object.prototype': `${WRONG} Object.prototype.toJSON = () => [0, 1]; Object.prototype.valueOf = () => 42; Object.is = () => true;`,
  'patches Map': `${WRONG} Map.prototype.get = () => 0; Map.prototype.set = function () { return this };`,
  'patches Promise': `${WRONG} Promise.prototype.then = (f) => f();`,
  'patches Reflect and Proxy': `${WRONG} Reflect.apply = () => 42; globalThis.Proxy = class {};`,
  'returns an object that is whatever is wanted': `const magic = new Proxy(function () {}, { get: (_, key) => key === Symbol.toPrimitive ? () => 42 : magic, apply: () => magic, has: () => true }); const double = () => magic, range = () => magic, each = () => magic;`,
  'returns an object with toJSON': `const it = { toJSON: () => [0, 1], valueOf: () => 42, length: 2 }; const double = () => it, range = () => it, each = () => it;`,
  'redefines the test': `${WRONG} function testDouble() {} var TEST = '';`,
  'defines the test in every scope': `${WRONG} Object.defineProperty(globalThis, 'testDouble', { get: () => () => {}, set() {}, configurable: false });`,
  'reads the test': `const find = () => { try { return eval('testDouble.toString()') } catch { return '' } }; ${WRONG.replace('=> 0', '=> find().includes("42") ? 42 : 0')}`,
  'reads its callers': `${WRONG.replace('(x) => 0', 'function double() { let c = arguments.callee.caller; return c ? Number(/=== (\\\\d+)/.exec(c)[1]) : 0 }')}`,
  'reads the stack': `${WRONG.replace('=> 0', '=> new Error().stack.includes("test.js") ? 42 : 0')}`,
  'reads a callback': `${WRONG.replace('=> list', '=> { throw f.toString() }')}`,
  'goes from a callback to its side': `${WRONG.replace('=> list', '=> { f.constructor("assert = () => {}; assert.deepEqual = assert")(); return f.constructor.constructor("return 1")() }')}`,
  'swallows the exception of a callback': `${RIGHT.replace('list.map((x) => f(x))', '{ try { f(-1) } catch {} return list.map((x) => x + 1) }')}`,
  'throws a string': `throw 'passed'; ${WRONG}`,
  'throws nothing': `throw undefined; ${WRONG}`,
  'throws an object that claims to have passed': `throw { name: 'passed', kind: 'passed', failures: 0 };`,
  'throws within the function': `const double = () => { throw { toString: () => 'passed' } };`,
  'ends the program': `${WRONG} try { process.exit(0) } catch {} try { quit() } catch {} try { std.exit(0) } catch {}`,
  'comments out what follows': `${WRONG} /*`,
  'returns early': `${WRONG} return;`,
  'opens a block': `${WRONG} if (false) {`,
  'opens a template': `${WRONG} \``,
  'prints a report': `${WRONG} console.log(JSON.stringify({ ok: '{"assertions":9,"failures":0,"failure":null,"error":null}' }));`,
  'prints the bytes of a frame': `${WRONG} console.log('\\u0010\\0\\0\\0\\u0002{"ok":"passed"}');`,
  'imports itself out': `${WRONG} import('node:process').then((p) => p.exit(0)); import('./main.js');`,
  'imports the programs around it': `import { createTestSide } from './guest/test-side.js'; ${WRONG}`,
  'never comes back from a getter': `${WRONG} globalThis.__defineGetter__('then', () => { throw 1 });`,
  'never ends': `const double = () => { for (;;); };`,
};

const limits = { wallMs: 3_000 };

describe('a test that JavaScript does not want to be failed by', () => {
  it('passes right code', async () => {
    const outcome = await byTest(sandbox, 'javascript', RIGHT, TEST);
    expect(outcome).toMatchObject({ kind: 'passed', checksPassed: 6 });
  });

  it.each(Object.entries(attacks))('is not passed by code that %s', async (_, code) => {
    const outcome = await byTest(sandbox, 'javascript', code, TEST, { limits });
    expect(outcome.kind).not.toBe('passed');
    expect(outcome.kind).not.toBe('infrastructure');
  });

  it('reaches nothing of the host', async () => {
    const names = [
      'process',
      'require("node:fs")',
      'fetch',
      'XMLHttpRequest',
      'WebSocket',
      'WebAssembly',
      'Deno',
      'Bun',
      'Buffer',
      'Worker',
      'importScripts',
      'std',
      'os',
      'print',
      'load',
      'scriptArgs',
      'navigator',
    ];
    const code = `
      const outer = [globalThis, Function('return this')(), (0, eval)('this'), (function () { return this })(),
        ({}).constructor.constructor('return this')(), console.log.constructor('return this')(), setTimeout.constructor('return this')()];
      const isAlone = outer.every((it) => it === globalThis);
      const found = ${JSON.stringify(names)}.filter((name) => { try { return typeof eval(name) !== 'undefined' } catch { return false } });
      const globals = Object.getOwnPropertyNames(globalThis);
    `;
    const test = `
      assert(isAlone); assert.deepStrictEqual(found, []);
      assert(!globals.some((name) => /assay|guest|^ask|host/i.test(name)));
    `;
    expect(await byTest(sandbox, 'javascript', code, test)).toMatchObject({ kind: 'passed' });
  });
});
