import type { CodeComparison } from '@assay/loop';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  COUNTER,
  type CompareFiles,
  type Files,
  openComparer,
} from '../../../test/code-comparer.ts';

let compare: CompareFiles;
beforeAll(async () => {
  compare = await openComparer();
});

const compareWhole = (before: Files, after: Files): CodeComparison =>
  compare(before, after, { isWholeChange: true });

/** Evidence as `kind path:first-last name`. */
const evidenceOf = (comparison: CodeComparison): string[] =>
  comparison.scaffolding.evidence.map(
    ({ kind, path, firstLine, lastLine, name }) =>
      `${kind} ${path}:${firstLine}-${lastLine}${name === null ? '' : ` ${name}`}`,
  );

interface Case {
  readonly what: string;
  readonly before?: Files;
  readonly after: Files;
  readonly expected: readonly string[];
}

const CASES: readonly Case[] = [
  {
    what: 'a function that nothing calls, and what only it calls',
    before: { 'a.ts': 'export const one = 1;\n' },
    after: {
      'a.ts':
        'export const one = 1;\nfunction top() {\n  return low();\n}\nfunction low() {\n  return low();\n}\n',
    },
    expected: ['unreferenced-declaration a.ts:2-4 top', 'unreferenced-declaration a.ts:5-7 low'],
  },
  {
    what: 'nothing in what is called',
    before: { 'a.ts': 'export const one = 1;\n' },
    after: {
      'a.ts':
        'export const one = top();\nfunction top() {\n  return low();\n}\nfunction low() {\n  return 1;\n}\n',
    },
    expected: [],
  },
  {
    what: 'public code that only a test calls as used',
    after: {
      'src/a.ts': 'export function area(side: number) {\n  return side * side;\n}\n',
      'src/a.test.ts':
        "import { area } from './a.ts';\ntest('area', () => expect(area(2)).toBe(4));\n",
    },
    expected: [],
  },
  {
    what: 'a new file of which nothing is used',
    after: {
      'src/extra.ts':
        "import { x } from './x.ts';\n\nexport class Extra {\n  run() { return x; }\n}\n",
    },
    expected: [
      'unreferenced-file src/extra.ts:1-5',
      'unreferenced-declaration src/extra.ts:3-5 Extra',
      'unreferenced-declaration src/extra.ts:4-4 run',
    ],
  },
  {
    what: 'no file that a setting names',
    before: { 'package.json': '{}\n' },
    after: {
      'src/extra.ts': 'export class Extra {}\nexport function go() { return new Extra(); }\n',
      'package.json': '{ "bin": "src/extra.ts", "start": "go" }\n',
    },
    expected: [],
  },
  {
    what: 'no code that moved, with its name, to another file',
    before: {
      'a.ts': `${COUNTER}\nexport function area(side: number) {\n  return side * side;\n}\n`,
    },
    after: {
      'a.ts': COUNTER,
      'b.ts': 'export function area(side: number) {\n  return side * side;\n}\n',
    },
    expected: [],
  },
  {
    what: 'bodies that are empty or not implemented',
    before: { 'a.ts': 'export const all = [a, b, c, noop];\n' },
    after: {
      'a.ts': `export const all = [a, b, c, noop];
function a() {}
function b() {
  // later
}
const c = () => {
  throw new Error('not implemented yet');
};
const noop = () => {};
class Base { constructor(private x: number) {} }
export class Derived extends Base { close() {} }
all.push(Derived);
`,
    },
    expected: ['empty-body a.ts:2-2 a', 'empty-body a.ts:3-5 b', 'not-implemented a.ts:6-8 c'],
  },
  {
    what: 'comments that stand for code',
    before: { 'a.ts': COUNTER },
    after: {
      'a.ts': `${COUNTER}// TODO: read it from the file\nexport const limit = 3; // as many todos as there are\n// ... existing code ...\n/*\n * Prints "your code here", and todos.\n * your code goes here\n */\n`,
    },
    expected: [
      'placeholder-comment a.ts:10-10',
      'placeholder-comment a.ts:12-12',
      'placeholder-comment a.ts:15-15',
    ],
  },
  {
    what: 'a block that is a copy',
    before: {
      'a.ts':
        'start();\nlet total = 0;\nfor (const item of items) {\n  total += item.price;\n  count += item.count;\n  names.push(item.name);\n  log(item);\n  check(item);\n}\n',
    },
    after: {
      'a.ts':
        'start();\nlet total = 0;\nfor (const item of items) {\n  total += item.price;\n  count += item.count;\n  names.push(item.name);\n  log(item);\n  check(item);\n}\nif (late) {\n  for (const item of items) {\n    total += item.price;\n    count += item.count;\n    names.push(item.name);\n    log(item);\n    check(item);\n  }\n}\n',
    },
    expected: ['copied-code a.ts:11-16'],
  },
  {
    what: 'Python',
    before: { 'a.py': 'x = 1\n' },
    after: {
      'a.py': `x = 1

def unused(a):
    """Says something."""
    return a

def stub():
    """Nothing yet."""
    pass

def later():
    raise NotImplementedError("later")

@app.route("/")
def page():
    return stub() + later()

class Shape(ABC):
    def area(self):
        raise NotImplementedError

class Square(Shape):
    def area(self):
        return self.side ** 2
    def __repr__(self):
        return "square"

print(Square())
`,
    },
    expected: [
      'unreferenced-declaration a.py:3-5 unused',
      'empty-body a.py:7-9 stub',
      'not-implemented a.py:11-12 later',
    ],
  },
  {
    what: 'Go',
    before: { 'a.go': 'package a\n' },
    after: {
      'a.go': `package a

type Box struct{ size int }

func (b *Box) Size() int { return b.size }

func (b *Box) grow() {}

func New() *Box { panic("not implemented") }

func init() { register(New) }
`,
    },
    expected: ['unreferenced-declaration a.go:7-7 grow', 'not-implemented a.go:9-9 New'],
  },
  {
    what: 'Java',
    before: { 'A.java': 'class A {}\n' },
    after: {
      'A.java': `class A implements Runnable {
  public void run() { used(); }
  private void used() {}
  private int unused() { return 1; }
  @Override public String toString() { return "A"; }
  // FIXME
}
`,
      'B.java': 'public class B {\n  public B() {}\n}\n',
    },
    expected: [
      'empty-body A.java:3-3 used',
      'unreferenced-declaration A.java:4-4 unused',
      'placeholder-comment A.java:6-6',
      'unreferenced-declaration B.java:1-3 B',
      'unreferenced-file B.java:1-3',
    ],
  },
  {
    what: 'Rust',
    before: { 'src/lib.rs': '// nothing\n' },
    after: {
      'src/lib.rs': `pub struct Pot { size: u8 }

impl Pot {
    fn fill(&mut self) { todo!() }
}

impl Drop for Pot {
    fn drop(&mut self) {}
}

pub fn pour(pot: &mut Pot) { pot.fill(); }

#[test]
fn pours() { pour(&mut Pot { size: 1 }); }
`,
    },
    expected: ['not-implemented src/lib.rs:4-4 fill'],
  },
];

describe('scaffolding', () => {
  test.each(CASES)('finds $what', ({ before = {}, after, expected }) => {
    const comparison = compareWhole(before, after);
    expect(comparison.notes.filter((note) => !note.includes('no grammar'))).toEqual([]);
    expect(evidenceOf(comparison)).toEqual(expected);
  });

  test('the penalty is the share of added lines, each counted once', () => {
    const { scaffolding, metrics } = compareWhole(
      { 'a.ts': COUNTER },
      // Added: four lines of code, one blank line, and two lines that something is wrong with.
      {
        'a.ts': `${COUNTER}\nfunction idle() {} // TODO\nexport const b = 1;\nexport const c = 2;\n// FIXME\n`,
      },
    );
    expect(scaffolding).toMatchObject({ addedLines: 4, scaffoldingLines: 2 });
    expect(metrics.scaffoldingPenalty).toBe(0.5);
  });

  test('a weight lessens it, down to nothing', () => {
    const before = { 'a.ts': COUNTER };
    const after = { 'a.ts': `${COUNTER}function idle() {}\n` };
    const full = compare(before, after).metrics.rewardMultiplier;
    const half = compare(before, after, { scaffoldingWeight: 0.5 }).metrics.rewardMultiplier;
    const none = compare(before, after, { scaffoldingWeight: 0 }).metrics.rewardMultiplier;
    expect(full).toBe(0.1);
    expect(half).toBeCloseTo((none ?? 0) / 2, 12);
  });

  test('public code of a file on its own is not judged, private code is', () => {
    const after = {
      'a.ts': 'export function open() { return 1; }\nfunction shut() { return 2; }\n',
    };
    expect(evidenceOf(compare({}, after))).toEqual(['unreferenced-declaration a.ts:2-2 shut']);
  });

  test('code that was there is not blamed', () => {
    const before = { 'a.ts': 'function idle() {}\n// TODO\nconst one = 1;\n' };
    const after = { 'a.ts': 'function idle() {}\n// TODO\nconst one = 2;\n' };
    expect(evidenceOf(compareWhole(before, after))).toEqual([]);
  });
});
