import { type ParseCode, type SyntaxTree, treeSimilarity } from '@assay/loop';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { Parser, Tree, TreeCursor } from 'web-tree-sitter';
import { MAX_CODE_LENGTH, openCodeParser } from './parse-code.ts';

type Files = Readonly<Record<string, string>>;

interface Snippet {
  readonly path: string;
  readonly code: string;
  /** The same code, written otherwise: formatting and comments only. */
  readonly restyled: string;
  /** A name that occurs in the code and may be replaced everywhere. */
  readonly name: string;
}

const SNIPPETS: readonly Snippet[] = [
  {
    path: 'tank.ts',
    name: 'level',
    code: `export class Tank {
  private level = 0;
  fill(litres: number, by: 'pump' | 'hand'): number {
    for (let i = 0; i < 3; i++) this.level += litres;
    return Math.min(this.level, 100);
  }
}
export interface Gauge { read(): number; unit: string }
`,
    restyled: `// A tank of water.
export class Tank {
\tprivate level = 0
\tfill(
\t\tlitres: number, // per stroke
\t\tby: "pump" | "hand",
\t): number {
\t\tfor (let i = 0; i < 3; i++) this.level += litres
\t\treturn Math.min(
\t\t\tthis.level,
\t\t\t100,
\t\t)
\t}
}
export interface Gauge {
\tread(): number,
\tunit: string,
}`,
  },
  {
    path: 'card.tsx',
    name: 'title',
    code: `export const Card = ({ title }: { title: string }) => (
  <section className="card"><h2>{title}</h2><p>Two words</p></section>
);
`,
    restyled: `export const Card = ({ title }: { title: string }) => (
  <section className='card'>
    <h2>{title}</h2>
    {/* nothing */}
    <p>
      Two
      words
    </p>
  </section>
)
`.replace('    {/* nothing */}\n', ''),
  },
  {
    path: 'queue.mjs',
    name: 'waiting',
    code: `const waiting = [];
export async function* drain(limit) {
  while (waiting.length > 0 && limit-- > 0) yield await waiting.shift();
}
export const empty = [, 1];
`,
    restyled: `#!/usr/bin/env node
/** What waits. */
const waiting = []
export async function* drain(
  limit,
) {
  while (waiting.length > 0 && limit-- > 0)
    yield await waiting.shift()
}
export const empty = [, 1,]
`,
  },
  {
    path: 'soil.py',
    name: 'moisture',
    code: `@cached
def dry(plots, *, below=0.2):
    """Plots that need water."""
    for moisture in plots: print(f'{moisture:.2f}', (1,), plots[0])
    return [moisture for moisture in plots if moisture < below]
`,
    restyled: `# Gardening.
@cached
def dry(
        plots,
        *,
        below=0.2,
):
        """Plots that need water."""
        for moisture in plots:
                # shown with two digits
                print(f"{moisture:.2f}", (1,), \\
                      plots[0])
        return [
                moisture
                for moisture in plots
                if moisture < below
        ]
`,
  },
  {
    path: 'ferry.go',
    name: 'seats',
    code: `package ferry

import "fmt"

type Deck struct { seats int; name string }

func (d *Deck) Board(groups []int) error {
	for i := 0; i < len(groups); i++ { d.seats -= groups[i] }
	if d.seats < 0 { return fmt.Errorf("no room: %d", d.seats) }
	return nil
}
`,
    restyled: `package ferry

import "fmt"

// Deck is one deck.
type Deck struct {
	seats int
	name  string
}

func (d *Deck) Board(
	groups []int,
) error {
	for i := 0; i < len(groups); i++ {
		d.seats -= groups[i]
	}
	if d.seats < 0 {
		return fmt.Errorf(
			"no room: %d",
			d.seats, /* below zero */
		)
	}
	return nil
}
`,
  },
  {
    path: 'Oven.java',
    name: 'degrees',
    code: `package kitchen;
public final class Oven implements Heater {
  private int degrees = 20;
  private static final int[] STEPS = {10, 20};
  @Override public int heat(int by) { degrees += by; return degrees; }
}
`,
    restyled: `package kitchen;

/** Heats. */
public final class Oven implements Heater {
    private int degrees = 20; // Celsius
    private static final int[] STEPS = {
        10,
        20,
    };

    @Override
    public int heat(int by)
    {
        degrees += by;
        return degrees;
    }
}
`,
  },
  {
    path: 'kiln.rs',
    name: 'glaze',
    code: `pub struct Kiln { glaze: Vec<u8>, hot: bool }
impl Kiln {
    pub fn fire(&mut self, times: usize) -> Option<(u8,)> {
        for _ in 0..times { self.glaze.push(1); }
        self.glaze.first().map(|first| (*first,))
    }
}
`,
    restyled: `//! Pots.

/// Burns clay.
pub struct Kiln {
    glaze: Vec<u8>,
    hot: bool, // now
}

impl Kiln {
    pub fn fire(
        &mut self,
        times: usize,
    ) -> Option<(u8,)> {
        /* every time */
        for _ in 0..times {
            self.glaze.push(1);
        }
        self.glaze.first().map(|first| (*first,))
    }
}
`,
  },
];

let parse: ParseCode;
beforeAll(async () => {
  parse = await openCodeParser(SNIPPETS.map((snippet) => snippet.path));
});

function treeOf(path: string, text: string): SyntaxTree {
  const parsed = parse(path, text);
  if (parsed.kind !== 'tree') throw new Error(`${path}: ${parsed.reason}`);
  return parsed.tree;
}

function reasonOf(path: string, text: string): string {
  const parsed = parse(path, text);
  return parsed.kind === 'not-parsed' ? parsed.reason : 'parsed';
}

describe.each(SNIPPETS)('$path', ({ path, code, restyled, name }) => {
  test('is parsed, and every named leaf has its text', () => {
    const tree = treeOf(path, code);
    expect(tree.size[0]).toBe(tree.nodeCount);
    const texts = new Set<string>();
    for (let node = 0; node < tree.nodeCount; node++) {
      if (tree.size[node] === 1) texts.add(code.slice(tree.start[node], tree.end[node]));
    }
    expect(texts).toContain(name);
  });

  test('formatting and comments change nothing', () => {
    expect(restyled).not.toBe(code);
    expect(treeSimilarity(treeOf(path, code), treeOf(path, restyled))).toMatchObject({
      exact: 1,
      shape: 1,
    });
  });

  test('another name changes the tree and not its shape', () => {
    const renamed = code.replaceAll(name, 'other');
    const { exact, shape } = treeSimilarity(treeOf(path, code), treeOf(path, renamed));
    expect(exact).toBeGreaterThan(0.4);
    expect(exact).toBeLessThan(1);
    expect(shape).toBe(1);
  });

  test('one more bracket is no valid code', () => {
    expect(reasonOf(path, `${code}\n)`)).toMatch(/^not valid /);
  });
});

test('what means something is no formatting', () => {
  const differs = (path: string, first: string, second: string): void => {
    expect(treeSimilarity(treeOf(path, first), treeOf(path, second)).exact).toBeLessThan(1);
  };
  differs('a.py', 'x = (1,)\n', 'x = (1)\n');
  differs('a.py', 'x[1,]\n', 'x[1]\n');
  differs('a.py', "x = f'a'\n", "x = 'a'\n");
  differs('a.py', 'if a:\n    b()\n    c()\n', 'if a:\n    b()\nc()\n');
  differs('a.js', 'x = [,1]', 'x = [1]');
  differs('a.js', 'x = [1,,]', 'x = [1]');
  differs('a.js', 'for (a;;) b()', 'for (;;a) b()');
  differs('a.js', 'while (a) ; b()', 'while (a) b()');
  differs('a.js', 'x = `a`', "x = 'a'");
  differs('a.rs', 'fn f() -> u8 { 1 }', 'fn f() -> u8 { 1; }');
  differs('a.rs', "fn f() { g('a') }", 'fn f() { g("a") }');
  differs('a.tsx', 'x = <p>a <b/></p>', 'x = <p>a<b/></p>');
  differs(
    'a.go',
    'package p\nfunc f() { for a; b; { } }',
    'package p\nfunc f() { for ; b; a { } }',
  );
});

/** Every form of literal that a language has. */
const LITERALS: Files = {
  'a.ts': `let a = 'x\\n1y', b = "q\\u0041w", c = \`k\${d}m\\tz\`, e = /ab[c]\\d+/gi, f = 0x1fn, g = 1_000.5e3;\ntype T = 'lit' | \`t\${string}u\`;\nlet h = tag\`raw\`;\n`,
  'a.tsx': 'let a = <b c="d&amp;e" f-g={1}>text &nbsp; more {h} tail</b>;\n',
  'a.mjs':
    "let a = 'x\\x41y', b = /[/]q/u, c = 07, d = { 'key-1': 2, [e]: 3, 4: 5 };\nlabel: for (;;) break label;\n",
  'a.py':
    'a = "x\\ny{z}"\nb = f"p{q!r:>{w}}s\\tt{{u}}"\nc = b"r\\x00d" "e"\nd = r"\\w+" + """m\nn\\\\o"""\ne = 1_0j + 0xff + 1e5\nf = u\'k\'\n',
  'a.go': "package a\nvar a, b, c, d, e = \"x\\ny\", `raw q`, 'r', '\\u0041', 0x1p-2\nvar f = 3i\n",
  'A.java':
    'class A { String a = "x\\ny"; char b = \'q\', c = \'\\u0041\'; String d = """\n  text\n  bl\\tock"""; long e = 0xFFL; double f = 1.5e3d; }\n',
  'a.rs':
    'fn f() { let a = "x\\ny"; let b = r#"raw"q"#; let c = \'d\'; let e = b"by\\x41te"; let g = b\'h\'; let i = 0xffu8; let j = 1.5e3f32; let k: &\'static str = ""; m!(n "o"); }\n',
};

test.each(Object.entries(LITERALS))('no letter or digit of %s is overlooked', (path, code) => {
  const tree = treeOf(path, code);
  let changed = 0;
  for (const { index } of code.matchAll(/[a-z0-9]/g)) {
    const other =
      code[index] === '7'
        ? '6'
        : /\d/.test(code[index] ?? '')
          ? '7'
          : code[index] === 'v'
            ? 'k'
            : 'v';
    const parsed = parse(path, code.slice(0, index) + other + code.slice(index + 1));
    if (parsed.kind === 'not-parsed') continue;
    changed++;
    expect([index, treeSimilarity(tree, parsed.tree).exact < 1]).toEqual([index, true]);
  }
  expect(changed).toBeGreaterThan(20);
});

describe('hostile text', () => {
  const deep = 50_000;
  test.each([
    ['nested brackets', 'a.js', '['.repeat(deep) + ']'.repeat(deep)],
    ['nested parentheses', 'a.py', `${'('.repeat(deep)}1${')'.repeat(deep)}`],
    ['nested blocks', 'a.rs', 'fn a(){'.repeat(deep / 10) + '}'.repeat(deep / 10)],
    ['a long sum', 'a.go', `package p\nvar x = 1${'+1'.repeat(deep)}\n`],
  ])('%s have a tree, which is like itself', (_name, path, text) => {
    const tree = treeOf(path, text);
    expect(treeSimilarity(tree, tree).exact).toBe(1);
  });

  test.each([
    ['open raw strings, each read to the end', 'a.rs', 'r#"'.repeat(deep), 'too hard to parse'],
    ['open brackets', 'a.java', '{'.repeat(deep), 'not valid java'],
    ['open templates', 'a.ts', `\`$${'{'.repeat(deep)}`, 'not valid typescript'],
    ['control characters', 'a.py', '\u0000\u0001\u0002'.repeat(deep), 'not valid python'],
    ['lone surrogates', 'a.go', '\ud800'.repeat(deep), 'not valid go'],
    ['replacement characters', 'a.go', '\ufffd'.repeat(deep), 'not valid go'],
    [
      'too long a text',
      'a.ts',
      `x${' '.repeat(MAX_CODE_LENGTH)}`,
      'longer than 1,048,576 characters',
    ],
    ['a language that was not opened', 'a.rb', 'puts 1', 'no grammar for this file'],
  ])('%s are told apart', (_name, path, text, reason) => {
    expect(reasonOf(path, text)).toBe(reason);
    // The parser is as good as before.
    expect(reasonOf('a.ts', 'let x = 1;')).toBe('parsed');
  });

  test('characters beyond the basic plane do not shift positions', () => {
    const text = '// \u{1F600}\u{1F600}\nconst after\u0301 = "\u{1F600}";';
    const tree = treeOf('a.ts', text);
    const words = Array.from({ length: tree.nodeCount }, (_, node) =>
      text.slice(tree.start[node], tree.end[node]),
    );
    expect(words).toContain('after\u0301');
    expect(words).toContain('\u{1F600}');
  });

  test('memory of the parser is given back, whatever came out', () => {
    const freed = [Parser, Tree, TreeCursor].map((kind) => vi.spyOn(kind.prototype, 'delete'));
    treeOf('a.ts', 'const a = [1, 2, 3];');
    expect(freed.map((spy) => spy.mock.calls.length)).toEqual([1, 1, 1]);
    expect(reasonOf('a.ts', 'const = ')).toBe('not valid typescript');
    expect(freed.map((spy) => spy.mock.calls.length)).toEqual([2, 2, 1]);
    vi.restoreAllMocks();
  });
});
