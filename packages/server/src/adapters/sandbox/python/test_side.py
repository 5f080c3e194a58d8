"""The interpreter of the test: the candidate's code never runs here."""

import ast
import builtins
import contextlib
import importlib
import io
import json
import sys
import types
import unittest


COMMON_MODULES = frozenset(
    "collections copy datetime functools itertools json math operator random re string".split()
)


class Asker:
    """Sends operations on objects of the candidate."""

    def __init__(self, channel):
        self.channel = channel
        self.border = Border("test", self.is_function, self.stand_in_for)

    @staticmethod
    def is_function(value):
        # Other objects go as copies of their attributes: nothing must lead to this interpreter.
        return isinstance(value, (types.FunctionType, types.BuiltinFunctionType, types.MethodType, type))

    def stand_in_for(self, node):
        if node["w"] == "error-class":
            return error_class_from(node)
        if node["w"] == "awaitable":
            return self.awaiting(node)
        return Remote(self, node["i"], node["n"])

    async def awaiting(self, node):
        return self.ask("await", node["i"], [])

    def ask(self, operation, reference, values, **more):
        graph, objects = self.border.encode(values)
        message = {"op": operation, "g": graph} | more
        if reference is not None:
            message["ref"] = reference
        answer = json.loads(self.channel.ask(to_json(message)))
        value, _ = self.border.decode(answer["g"], objects)
        if answer["thrown"]:
            raise value
        return value

    def answer(self, text):
        """The candidate may call functions that it was given, and do nothing else."""
        ask = json.loads(text)
        objects = []
        try:
            target = self.border.lent[ask["ref"]]
            (args, keywords), objects = self.border.decode(ask["g"])
            if ask["op"] != "call":
                raise TypeError("only functions that were given can be called")
            result, thrown = target(*args, **keywords), False
        except Exception as error:
            result, thrown = error, True
        graph, _ = self.border.encode(result, changeable(objects))
        return to_json({"thrown": thrown, "g": graph})


class Remote:
    """Stands for an object of the candidate. Every use is an ask; what comes back is a copy or
    another stand-in. The candidate never decides a comparison with a value of the test."""

    __slots__ = ("_asker", "_reference", "_name")

    def __init__(self, asker, reference, name):
        object.__setattr__(self, "_asker", asker)
        object.__setattr__(self, "_reference", reference)
        object.__setattr__(self, "_name", name)

    def __call__(self, *args, **keywords):
        return self._asker.ask("call", self._reference, [args, keywords])

    def __getattr__(self, name):
        return self._asker.ask("get", self._reference, [name])

    def __setattr__(self, name, value):
        self._asker.ask("set", self._reference, [name, value])

    def __instancecheck__(self, value):
        return self._asker.ask("instanceof", self._reference, [value]) is True

    def __contains__(self, item):
        return any(other is item or other == item for other in self)

    def __hash__(self):
        return hash(self._reference)

    def __eq__(self, other):
        if isinstance(other, Remote):
            return self is other or special(self, "__eq__", other) is True
        return self._base() == other

    def __ne__(self, other):
        return not self == other

    def __bool__(self):
        value = special(self, "__bool__")
        if value is NotImplemented:
            value = special(self, "__len__")
        return value is NotImplemented or bool(value)

    def _base(self):
        """Its value as a plain str, int, list …; an object equal to nothing when it is none."""
        value = self._asker.ask("base", self._reference, [])
        return object() if value is None else value


def special(remote, method, *args):
    """What the object's class makes of a special method; NotImplemented when it has none."""
    return remote._asker.ask("special", remote._reference, list(args), method=method)


def forward(method):
    def forwarded(self, *args):
        result = special(self, method, *args)
        if result is NotImplemented:
            raise TypeError(f"{self._name!r} object has no {method}")
        return result

    return forwarded


def forward_comparison(method):
    def compared(self, other):
        if isinstance(other, Remote):
            return special(self, method, other) is True
        return getattr(self._base(), method)(other)

    return compared


def forward_operator(method):
    def computed(self, *args):
        result = special(self, method, *args)
        # With a value of the test in hand the candidate could compute whatever the test expects.
        if isinstance(result, Remote) or all(isinstance(value, Remote) for value in args):
            return result
        return NotImplemented

    return computed


UNARY = (
    "len iter next getitem setitem delitem reversed enter exit str repr format "
    "int float complex index round trunc floor ceil abs neg pos invert"
).split()
OPERATORS = "add sub mul truediv floordiv mod divmod pow matmul and or xor lshift rshift".split()
for _name in UNARY:
    setattr(Remote, f"__{_name}__", forward(f"__{_name}__"))
for _name in "lt le gt ge".split():
    setattr(Remote, f"__{_name}__", forward_comparison(f"__{_name}__"))
for _name in OPERATORS + ["r" + name for name in OPERATORS]:
    setattr(Remote, f"__{_name}__", forward_operator(f"__{_name}__"))


class Assertions:
    """Counts assertions and remembers the first that failed, whoever catches its exception."""

    def __init__(self):
        self.count = 0
        self.failure = None

    def check(self, value, text):
        holds = bool(value)
        self.count += 1
        if not holds and self.failure is None:
            self.failure = text
        return holds


class CountAssertions(ast.NodeTransformer):
    """`assert test, message` becomes `if not check(test, text): raise AssertionError(message)`."""

    def visit_Assert(self, node):
        text = ast.unparse(node.test)[:200]
        check = ast.Call(ast.Name("__assay_check__", ast.Load()), [node.test, ast.Constant(text)], [])
        error = ast.Name("AssertionError", ast.Load())
        raised = ast.Call(error, [node.msg], []) if node.msg else error
        changed = ast.If(ast.UnaryOp(ast.Not(), check), [ast.Raise(raised)], [])
        return ast.fix_missing_locations(ast.copy_location(changed, node))


class Test:
    def __init__(self, channel):
        self.asker = Asker(channel)
        self.answer = self.asker.answer
        self.assertions = Assertions()
        self.code = None
        self.modules = {}

    def prepare(self, source):
        try:
            tree = ast.parse(source, "test.py")
            names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
            imported = {
                alias.name
                for node in ast.walk(tree)
                if isinstance(node, ast.ImportFrom) and node.module == "solution"
                for alias in node.names
            }
            self.modules = modules_of(tree)
            self.code = compile(CountAssertions().visit(tree), "test.py", "exec", dont_inherit=True)
        except (SyntaxError, ValueError) as error:
            raise RunFailed("syntax-error", describe(error), type(error).__name__) from None
        return sorted((names | imported) - vars(builtins).keys() - self.modules.keys())

    def run(self, names, entry_point):
        error = None
        try:
            self.run_program(names, entry_point)
        except RunFailed:
            raise
        except RunAborted as aborted:
            raise RunFailed("runtime-error", "the run was ended") from aborted
        except AssertionError as failed:
            if self.assertions.failure is None:
                self.assertions.failure = text_of(failed) or "an assertion failed"
                self.assertions.count += 1
        except BaseException as raised:
            error = {"name": type(raised).__name__, "message": text_of(raised)}
        return to_json(
            {
                "assertions": self.assertions.count,
                "failures": 0 if self.assertions.failure is None else 1,
                "failure": self.assertions.failure,
                "error": error,
            }
        )

    def run_program(self, names, entry_point):
        values = {name: self.asker.ask("value", None, [], name=name) for name in names}
        # A test may also import the code as the module `solution`.
        solution = types.ModuleType("solution")
        solution.__dict__.update(values)
        sys.modules["solution"] = solution
        scope = {"__name__": "test", "__assay_check__": self.assertions.check}
        scope |= self.modules | values
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            exec(self.code, scope)
            if entry_point is not None and callable(scope.get("check")):
                if entry_point not in scope:
                    scope[entry_point] = self.asker.ask("value", None, [], name=entry_point)
                scope["check"](scope[entry_point])
            for name, value in list(scope.items()):
                if name.startswith("test") and is_test_function(value):
                    run_test_function(value)
            self.run_test_cases(scope)

    def run_test_cases(self, scope):
        cases = [value for value in scope.values() if is_test_case(value)]
        suite = unittest.TestSuite(map(unittest.defaultTestLoader.loadTestsFromTestCase, cases))
        result = unittest.TestResult()
        suite.run(result)
        self.assertions.count += result.testsRun
        broken = result.failures + result.errors
        if broken and self.assertions.failure is None:
            case, trace = broken[0]
            self.assertions.failure = f"{case.id()}: {trace.strip().splitlines()[-1]}"


def is_test_function(value):
    return isinstance(value, types.FunctionType) and value.__code__.co_argcount == 0


def is_test_case(value):
    return (
        isinstance(value, type)
        and issubclass(value, unittest.TestCase)
        and value.__module__ == "test"
    )


def run_test_function(function):
    result = function()
    if isinstance(result, types.CoroutineType):
        run_coroutine(result)


def modules_of(tree):
    """Modules that a test uses as `math.isclose` without importing them: its own, never the code's."""
    used = {
        node.value.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
    }
    return {name: importlib.import_module(name) for name in used & COMMON_MODULES}
