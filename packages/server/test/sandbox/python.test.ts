import { afterAll, describe, expect, it } from 'vitest';
import { createSandbox } from '../../src/adapters/sandbox/sandbox.ts';
import { byCalls, byTest } from './checks.ts';

const sandbox = createSandbox({ concurrency: 1 });
afterAll(() => sandbox.close());

const calls = (code: string, checks: Parameters<typeof byCalls>[3], limits = {}) =>
  byCalls(sandbox, 'python', code, checks, limits);
const tested = (code: string, test: string, more: Parameters<typeof byTest>[4] = {}) =>
  byTest(sandbox, 'python', code, test, more);

/** Everything that is tried in one interpreter: starting one costs more than a hundred calls. */
const VALUES = `
import asyncio, collections, decimal, enum
print("loaded")
def same(x): return x
def add(a, b): return a + b
def pair(x): return (x, [x])
def keys(d): return sorted(d)
def by_number(): return {1: "a", (2, 3): None}
def letters(s): return set(s)
def big(): return 2 ** 70
def not_a_number(): return float("nan")
def data(): return b"\\x01\\xff"
def nothing(): pass
def third(): return 0.1 + 0.2
def fail(): raise ValueError("no")
def leave(): raise SystemExit(0)
def counted(): return collections.Counter("aab")
async def later(x):
    await asyncio.sleep(3600)
    return x
class Box:
    @staticmethod
    def of(x): return [x]
class AlwaysEqual:
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __hash__(self): return 0
def magic(): return AlwaysEqual()
class Pretender(list):
    def __eq__(self, other): return True
    __hash__ = None
def pretender(): return Pretender([1])
def cycle():
    a = []
    a.append(a)
    return a
def deep():
    a = []
    for _ in range(5_000): a = [a]
    return a
def wide():
    a = []
    for _ in range(64): a = [a, a]
    return a
def deeper(): return deeper()
def needs(): import numpy
`;

describe('Python by calls', () => {
  it('takes values across', async () => {
    const checks = [
      { call: 'add', args: [1, 2], expected: 3 },
      { call: 'add', args: ['a', 'ü🙂'], expected: 'aü🙂' },
      { call: 'pair', args: [null], expected: [null, [null]] },
      { call: 'same', args: [{ a: [true, 1.5] }], expected: { a: [true, 1.5] } },
      { call: 'keys', args: [{ b: 1, a: 2 }], expected: ['a', 'b'] },
      {
        call: 'by_number',
        expected: {
          $: 'map',
          entries: [
            [[2, 3], null],
            [1, 'a'],
          ],
        },
      },
      { call: 'letters', args: ['aba'], expected: { $: 'set', items: ['b', 'a'] } },
      { call: 'big', expected: { $: 'bigint', value: String(2n ** 70n) } },
      { call: 'not_a_number', expected: { $: 'number', value: 'NaN' } },
      { call: 'data', expected: { $: 'bytes', value: '01ff' } },
      { call: 'nothing', expected: null },
      { call: 'third', expected: 0.3, tolerance: { relative: 1e-9 } },
      { call: 'fail', throws: 'ValueError' },
      { call: 'fail', throws: true as const },
      { call: 'counted', expected: { a: 2, b: 1 } },
      { call: 'later', args: [4], expected: 4 },
      { call: 'Box.of', args: [1], expected: [1] },
      { call: 'pair', args: [1], expected: [1, [1]] },
    ];
    const outcome = await calls(VALUES, checks);
    expect(outcome).toMatchObject({ kind: 'passed', checksPassed: checks.length });
    expect(outcome.output).toBe('loaded\n');
  });

  it('is not told by the code that values are equal', async () => {
    const names = ['magic', 'pretender', 'cycle', 'deep', 'wide', 'nothing'];
    const checks = names.map((call) => ({ call, expected: true }));
    expect(await calls(VALUES, checks)).toMatchObject({
      kind: 'assertion-failed',
      checksPassed: 0,
      checksFailed: names.length,
    });
  });

  it.each<[string, string, string]>([
    ['a function that is not there', 'absent', 'runtime-error'],
    ['an exit', 'leave', 'runtime-error'],
    ['an endless recursion', 'deeper', 'runtime-error'],
    ['a module that is not there', 'needs', 'missing-module'],
  ])('tells %s apart', async (_, call, kind) => {
    expect(await calls(VALUES, [{ call, expected: 1 }])).toMatchObject({ kind });
  });

  it.each<[string, string, string]>([
    ['code that does not parse', 'def f(:', 'syntax-error'],
    ['code with a null byte', 'x = 1\0', 'syntax-error'],
    ['code that throws', '1 / 0', 'runtime-error'],
    ['code that exits', 'import sys; sys.exit(0)', 'runtime-error'],
    ['code that ends its interpreter', 'import os; os._exit(0)', 'runtime-error'],
  ])('tells %s apart', async (_, code, kind) => {
    expect(await calls(code, [{ call: 'f', expected: 1 }])).toMatchObject({ kind });
  });
});

/** As a task of HumanEval: a prompt with its body, and a test that defines check(candidate). */
const CODE = `
from typing import List
import math

class Stack:
    """Last in, first out."""
    def __init__(self, items=()):
        self.items = list(items)
    def push(self, item):
        self.items.append(item)
        return self
    def __len__(self):
        return len(self.items)
    def __iter__(self):
        return iter(self.items)
    def __getitem__(self, index):
        return self.items[index]
    def __eq__(self, other):
        return self.items == other.items
    def __add__(self, other):
        return Stack(self.items + list(other))
    @property
    def top(self):
        return self.items[-1]
    def __enter__(self):
        return self
    def __exit__(self, *_):
        self.items.clear()

class Odd(ValueError):
    pass

LIMIT = {"a": [1]}

def has_close(numbers: List[float], threshold: float) -> bool:
    return any(abs(a - b) < threshold for i, a in enumerate(numbers) for b in numbers[i + 1:])

def sort_in_place(items):
    items.sort()
    items.append(9)

def halve(n):
    if n % 2:
        raise Odd("odd")
    return n // 2

def apply(f, items):
    return [f(item, scale=10) for item in items]

def count():
    yield from (1, 2)

async def later(x):
    return x
`;

describe('Python by a test', () => {
  it('knows what tests are made of', async () => {
    const test = `
import asyncio, unittest
def check(candidate):
    assert candidate([1.0, 2.0, 2.05], 0.1) == True
    assert not candidate([1.0, 2.0], 0.1), "far"
def test_in_place():
    items = [3, 1]
    sort_in_place(items)
    assert items == [1, 3, 9]
def test_class():
    s = Stack([1])
    assert isinstance(s, Stack) and len(s.push(2)) == 2
    assert s.top == 2 and s[0] == 1 and list(s) == [1, 2] and 2 in s and 3 not in s
    assert s == Stack([1, 2]) and s != Stack([])
    assert list(s + [3]) == [1, 2, 3]
    s.label = "x"
    assert s.label == "x"
    with Stack([1]) as other:
        pass
    assert len(other) == 0 and not other
def test_errors():
    try:
        halve(3)
        assert False
    except Odd as error:
        assert isinstance(error, ValueError) and "odd" in str(error)
def test_callback():
    assert apply(lambda x, scale: x * scale, [1, 2]) == [10, 20]
def test_rest():
    assert list(count()) == [1, 2] and LIMIT["a"] == [1]
    assert math.isclose(math.pi, 3.14159, rel_tol=1e-3)
    assert asyncio.run(later(5)) == 5
async def test_async():
    assert await later(6) == 6
class Cases(unittest.TestCase):
    def test_halve(self):
        self.assertEqual(halve(4), 2)
        with self.assertRaises(Odd):
            halve(1)
from solution import has_close as again
assert again([1, 1], 1)
`;
    const outcome = await tested(CODE, test, { entryPoint: 'has_close' });
    expect(outcome).toMatchObject({ kind: 'passed', checksFailed: 0 });
    expect(outcome.checksPassed).toBe(17);
  });

  it.each<[string, string, string, string]>([
    ['a failed assertion', 'def f(): return 1', 'assert f() == 2', 'assertion-failed'],
    [
      'a failed assertion that somebody catches',
      'def f(g):\n  try: g()\n  except BaseException: pass',
      'def g(): assert False\nf(g)\nassert True',
      'assertion-failed',
    ],
    [
      'a failed unittest',
      'def f(): return 1',
      'import unittest\nclass T(unittest.TestCase):\n  def test_f(self): self.assertEqual(f(), 2)',
      'assertion-failed',
    ],
    ['no assertion', 'def f(): return 1', 'f()', 'assertion-failed'],
    ['a test that does not parse', 'def f(): return 1', 'assert (', 'infrastructure'],
    ['a name that nobody defines', 'x = 1', 'assert f()', 'runtime-error'],
    ['a module that is not there', 'def f():\n  import numpy', 'assert f()', 'missing-module'],
  ])('tells %s apart', async (_, code, test, kind) => {
    expect(await tested(code, test)).toMatchObject({ kind });
  });
});

describe('limits of Python', () => {
  it('cuts an endless loop at its time', async () => {
    const limits = { wallMs: 500 };
    const outcomes = await Promise.all([
      tested('while True: pass', 'assert 1', { limits }),
      tested(
        'def f():\n  while True:\n    try:\n      while True: pass\n    except BaseException: pass',
        'assert f()',
        { limits },
      ),
      tested('def f(): return sum(range(10 ** 15))', 'assert f()', { limits }),
      tested('import re\ndef f(): return re.match("(a+)+$", "a" * 60 + "b")', 'assert f()', {
        limits,
      }),
    ]);
    expect(outcomes.map(({ kind }) => kind)).toEqual(outcomes.map(() => 'timeout'));
  });

  it('survives bombs of memory', async () => {
    const limits = { memoryBytes: 96 * 1024 * 1024 };
    const bombs = [
      'return [0] * 10 ** 9',
      'a = []\n  while True: a.append(bytearray(10 ** 6))',
      'return "x" * 10 ** 9',
    ];
    for (const bomb of bombs) {
      const outcome = await tested(`def f():\n  ${bomb}`, 'assert f()', { limits });
      expect(outcome.kind).toBe('memory-exceeded');
    }
  });

  it('keeps of the output what fits', async () => {
    const code =
      'import sys\nprint("ä" * 100_000)\nprint("more", file=sys.stderr)\ndef f(): return 1';
    const outcome = await tested(code, 'assert f()', { limits: { outputBytes: 1_001 } });
    expect(outcome).toMatchObject({ kind: 'passed', output: 'ä'.repeat(500) });
  });

  it('forgets everything between two runs', async () => {
    const code = `
import builtins, os, sys
seen = (hasattr(builtins, "seen"), os.path.exists("/tmp/seen"), "seen" in sys.modules)
builtins.seen = sys.modules["seen"] = 1
open("/tmp/seen", "w").close()
`;
    for (let run = 0; run < 2; run++) {
      expect(await tested(code, 'assert seen == (False, False, False)')).toMatchObject({
        kind: 'passed',
      });
    }
  });
});
