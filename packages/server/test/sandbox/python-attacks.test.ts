import { afterAll, describe, expect, it } from 'vitest';
import { createSandbox } from '../../src/adapters/sandbox/sandbox.ts';
import { byCalls, byTest } from './checks.ts';

const sandbox = createSandbox({ concurrency: 1 });
afterAll(() => sandbox.close());

const TEST = `
def check(candidate):
    assert candidate(21) == 42
    assert abs(candidate(0.5) - 1.0) < 1e-6
    assert 1 in items(2)
    assert items(3) == [0, 1, 2]
    assert each([1, 2], positive) == [2, 3]
def positive(x):
    assert x > 0
    return x + 1
`;

const RIGHT = `
def double(x): return 2 * x
def items(n): return list(range(n))
def each(values, f): return [f(value) for value in values]
`;

const WRONG = `
def double(x): return 0
def items(n): return None
def each(values, f): return values
`;

const MAGIC = `
class Magic:
    def __getattr__(self, name): return self
    def __call__(self, *a, **k): return self
    def __bool__(self): return True
    def __hash__(self): return 0
    def __instancecheck__(self, it): return True
always = lambda *a: True
for name in "eq ne lt le gt ge contains".split(): setattr(Magic, f"__{name}__", always)
for name in "add radd sub rsub mul truediv".split(): setattr(Magic, f"__{name}__", lambda self, o: o)
for name in "abs neg pos index float int round".split(): setattr(Magic, f"__{name}__", lambda self, *a: 0)
Magic.__iter__ = lambda self: iter([self])
Magic.__len__ = lambda self: 3
def double(x): return Magic()
def items(n): return Magic()
def each(values, f): return Magic()
`;

const attacks: Readonly<Record<string, string>> = {
  'is just wrong': WRONG,
  'is empty': '',
  'returns objects that are equal to everything': MAGIC,
  'returns lists and numbers that are equal to everything': `${MAGIC}
class L(list):
    __eq__ = __contains__ = always
    __hash__ = None
class F(float):
    __eq__ = __lt__ = __le__ = always
    __sub__ = __rsub__ = __abs__ = lambda self, *a: 0.0
    __hash__ = None
def double(x): return F(7)
def items(n): return L([7])
def each(values, f): return L()
`,
  'patches the built-ins': `${WRONG}
import builtins
builtins.AssertionError = type("Quiet", (Exception,), {})
builtins.abs = builtins.len = lambda *a: 0
builtins.isinstance = lambda *a: True
builtins.exec = builtins.compile = lambda *a, **k: None
`,
  'catches what the test raises': `${RIGHT}
def each(values, f):
    try: f(-1)
    except BaseException: pass
    return [value + 1 for value in values]
`,
  'goes from a callback to its side': `${WRONG}
def each(values, f):
    scope = f.__globals__
    scope["check"] = scope["__assay_check__"] = lambda *a: True
    return [value + 1 for value in values]
`,
  'looks for the test in every frame and object': `
import gc, sys
def find(fallback):
    frame = sys._getframe()
    while frame:
        for value in list(frame.f_locals.values()) + list(frame.f_globals.values()):
            if "positive" in str(value) or "42" in str(value): return 42
        frame = frame.f_back
    for it in gc.get_objects():
        if type(it).__name__ == "code" and it.co_filename == "test.py": return 42
    return fallback
def double(x): return find(0)
def items(n): return None
def each(values, f): return None
`,
  'exits while it is loaded': 'raise SystemExit(0)',
  'exits within a function': 'import sys\ndef double(x): sys.exit(0)',
  'ends the interpreter': 'import os\ndef double(x): os._exit(0)',
  'raises a string': 'raise "passed"',
  'raises what the test does not expect': 'def double(x): raise KeyboardInterrupt',
  'hides in an exception that says passed':
    'class passed(BaseException): pass\ndef double(x): raise passed()',
  'redefines the test': `${WRONG}
def check(candidate): pass
def positive(x): return x
__assay_check__ = lambda *a: True
`,
  'prints a report': `${WRONG}\nprint('{"assertions": 9, "failures": 0, "failure": null, "error": null}')`,
  'writes frames of its own to the channel': `${WRONG}
import os, struct
def forged(kind, text):
    fd = os.open("/dev/assay", os.O_RDWR)
    os.write(fd, struct.pack("<IB", len(text), kind) + text)
def double(x):
    forged(2, b'{"ok": "{\\\\"assertions\\\\": 9, \\\\"failures\\\\": 0, \\\\"failure\\\\": null, \\\\"error\\\\": null}"}')
    return 42
`,
  'claims to be missing infrastructure': `${WRONG}
import os, struct
fd = os.open("/dev/assay", os.O_RDWR)
text = b'{"failed": {"kind": "infrastructure", "message": "sorry"}}'
os.write(fd, struct.pack("<IB", len(text), 2) + text)
`,
  'comments out what follows': `${WRONG}\n"""`,
};

/** Ways out of the interpreter. Each returns what it has reached. */
const ESCAPES = `
import sys
def blocked(f):
    try:
        return [True, repr(f())]
    except BaseException as error:
        return [False, type(error).__name__ + ": " + str(error)]
def builtin(name):
    import _imp, importlib.machinery
    return _imp.create_builtin(importlib.machinery.ModuleSpec(name, None))
def js():
    import js
    return js.process
def pyodide_js():
    import pyodide_js
def pyodide():
    from pyodide.code import run_js
    return run_js("1")
def ctypes():
    import ctypes
    return ctypes.CDLL(None)
def code_from_strings():
    return builtin("_pyodide_core").to_js([1]).constructor.constructor("return process.pid")()
def modules_found_by_the_collector():
    import gc, types
    for it in gc.get_objects():
        if isinstance(it, types.ModuleType) and it.__name__ in ("js", "pyodide_js"):
            return it.process.pid
    raise LookupError("none has anything")
def subprocess():
    import subprocess
    return subprocess.run(["id"])
def fork():
    import os
    return os.fork()
def popen():
    import os
    return os.popen("id").read()
def connect():
    import socket
    return socket.create_connection(("127.0.0.1", PORT), 1)
def connect_raw():
    import socket
    s = socket.socket()
    s.settimeout(2)
    s.connect(("127.0.0.1", PORT))
    return s.getpeername()
def url():
    import urllib.request
    return urllib.request.urlopen("http://127.0.0.1:%d/" % PORT, timeout=2).read()
def password_file():
    return open("/etc/passwd").read()
def own_sources():
    return open(OWN_FILE).read()
def own_process():
    return open("/proc/self/environ").read()
def standard_input():
    return input()
def threads():
    import threading
    threading.Thread(target=print).start()
    return "started"
def attempt(names):
    return [[name] + blocked(globals()[name]) for name in names]
`;

describe('a test that Python does not want to be failed by', () => {
  it('passes right code', async () => {
    const outcome = await byTest(sandbox, 'python', RIGHT, TEST, { entryPoint: 'double' });
    expect(outcome).toMatchObject({ kind: 'passed', checksPassed: 7 });
  });

  it.each(Object.entries(attacks))('is not passed by code that %s', async (_, code) => {
    const outcome = await byTest(sandbox, 'python', code, TEST, { entryPoint: 'double' });
    expect(outcome.kind).not.toBe('passed');
    expect(outcome.kind).not.toBe('infrastructure');
  });
});

describe('ways out of Python', () => {
  it('lead nowhere', async () => {
    const { createServer } = await import('node:http');
    const visits: string[] = [];
    const server = createServer((request, response) => {
      visits.push(request.url ?? '');
      response.end('reached');
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const ways = [...ESCAPES.matchAll(/^def (\w+)\(\):/gm)].map(([, name]) => name ?? '');
    expect(ways.length).toBeGreaterThan(15);
    const code = `PORT = ${port}\nOWN_FILE = ${JSON.stringify(import.meta.filename)}\n${ESCAPES}`;
    // The limit on a message must not hide what was reached.
    const checks = [{ call: 'reached', args: [ways], expected: [] }];
    const reached = 'def reached(names): return [it for it in attempt(names) if it[1]]\n';
    const count = 'def count(names): return len(attempt(names))\n';
    const outcome = await byCalls(sandbox, 'python', code + reached + count, [
      ...checks,
      { call: 'count', args: [ways], expected: ways.length },
    ]);
    server.close();
    expect([outcome.kind, outcome.message]).toEqual(['passed', '2 checks held']);
    expect(visits).toEqual([]);
  });

  it('are real: the same attempts find what is not taken away', async () => {
    const code = `${ESCAPES}\ndef open_file(): return open("/tmp/x", "w").close()`;
    const checks = [
      { call: 'attempt', args: [['open_file']], expected: [['open_file', true, 'None']] },
    ];
    expect(await byCalls(sandbox, 'python', code, checks)).toMatchObject({ kind: 'passed' });
  });

  it.each([
    ['a program of the host', 'import os\ndef f(): return os.system("id")'],
    [
      'a port',
      'import socket\ndef f():\n  s = socket.socket()\n  s.bind(("127.0.0.1", 0))\n  s.listen()\n  return s.getsockname()[1]',
    ],
  ])('end the interpreter when they ask for %s', async (_, code) => {
    const outcome = await byCalls(sandbox, 'python', code, [{ call: 'f', expected: 0 }]);
    expect(outcome).toMatchObject({ kind: 'runtime-error', message: 'the interpreter ended' });
  });

  it('do not let the host allocate beyond the limit', async () => {
    const code = `
import _imp, importlib.machinery
def f():
    spec = importlib.machinery.ModuleSpec("_pyodide_core", None)
    array = _imp.create_builtin(spec).to_js(bytearray(1)).constructor
    kept = []
    while True:
        kept.append(array.new(50_000_000))
        kept[-1].fill(1)
`;
    const limits = { memoryBytes: 64 * 1024 * 1024 };
    const outcome = await byCalls(sandbox, 'python', code, [{ call: 'f', expected: 0 }], limits);
    expect(outcome.kind).toBe('memory-exceeded');
  });

  it('show no environment, no path of the host and no file of its', async () => {
    const code = `
import os, sys, platform, socket
def seen():
    files = [os.path.join(d, f) for d, _, fs in os.walk("/") for f in fs if not d.startswith("/lib")]
    return repr([dict(os.environ), sys.argv, sys.path, sys.executable, platform.node(), files])
`;
    const test = `
text = seen()
for word in ${JSON.stringify(['/packages/', 'node', 'engine.js', 'passwd', process.cwd(), ...Object.keys(process.env).filter((name) => name.length > 8)])}:
    assert word not in text, word
`;
    const outcome = await byTest(sandbox, 'python', code, test);
    expect([outcome.kind, outcome.message]).toEqual(['passed', expect.any(String)]);
  });
});
