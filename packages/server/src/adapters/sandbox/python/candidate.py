"""The interpreter of the candidate: runs its code and answers asks about what it defines."""

import asyncio
import builtins
import json
import types

BINARY = "add sub mul truediv floordiv mod divmod pow matmul and or xor lshift rshift".split()
SPECIAL = frozenset(
    f"__{name}__"
    for name in (
        "call len iter next getitem setitem delitem reversed enter exit bool str repr format "
        "int float complex index round trunc floor ceil abs neg pos invert eq lt le gt ge"
    ).split()
    + BINARY
    + ["r" + name for name in BINARY]
)
BASES = (str, int, float, list, tuple, dict, set, frozenset, bytes)


class Candidate:
    def __init__(self, channel):
        self.channel = channel
        self.border = Border("candidate", lambda value: True, self.call_only)
        self.module = types.ModuleType("solution")

    def load(self, source):
        try:
            code = compile(source, "code.py", "exec", dont_inherit=True)
        except (SyntaxError, ValueError) as error:
            raise RunFailed("syntax-error", describe(error), type(error).__name__) from None
        try:
            exec(code, self.module.__dict__)
        except BaseException as error:
            raise failure_from(error) from None

    def answer(self, text):
        ask = json.loads(text)
        objects = []
        try:
            args, objects = self.border.decode(ask["g"]) if "g" in ask else ([], [])
            result = self.perform(ask, args)
            if ask.get("settle") and isinstance(result, types.CoroutineType):
                result = run_coroutine(result)
            thrown = False
        except RunAborted:
            raise
        except BaseException as error:
            result, thrown = error, True
        try:
            graph, _ = self.border.encode(result, changeable(objects))
        except BaseException as error:
            graph, _ = self.border.encode(plain_error(error))
            thrown = True
        return to_json({"thrown": thrown, "g": graph})

    def perform(self, ask, args):
        operation = ask["op"]
        if operation == "names":
            return [name for name in ask["names"] if name in self.module.__dict__]
        if operation == "value":
            return self.look_up(ask["name"])
        if operation == "tick":
            return False
        target = self.border.lent[ask["ref"]] if "ref" in ask else self.look_up(ask["name"])
        if operation == "call":
            positional, keywords = args
            return target(*positional, **keywords)
        if operation == "get":
            return getattr(target, args[0])
        if operation == "set":
            return setattr(target, args[0], args[1])
        if operation == "instanceof":
            return isinstance(args[0], target)
        if operation == "await":
            return run_coroutine(target)
        if operation == "base":
            return next((base(target) for base in BASES if isinstance(target, base)), None)
        if operation == "special" and ask["method"] in SPECIAL:
            method = getattr(type(target), ask["method"], None)
            return NotImplemented if method is None else method(target, *args)
        raise TypeError(f"the operation {operation} does not exist here")

    def look_up(self, path):
        head, *rest = path.split(".")
        if head not in self.module.__dict__:
            raise NameError(f"name {head!r} is not defined")
        value = self.module.__dict__[head]
        for name in rest:
            value = getattr(value, name)
        return value

    def call_only(self, node):
        """Stands for a function of the test. It can be called, and that is all."""
        if node["w"] == "error-class":
            return error_class_from(node)

        def stand_in(*args, **keywords):
            graph, objects = self.border.encode([args, keywords])
            answer = json.loads(self.channel.ask(to_json({"op": "call", "ref": node["i"], "g": graph})))
            value, _ = self.border.decode(answer["g"], objects)
            if answer["thrown"]:
                raise value
            return value

        return stand_in


def describe(error):
    name, message = type(error).__name__, text_of(error)
    return f"{name}: {message}" if message else name


def failure_from(error):
    """What ended the loading of the code."""
    if isinstance(error, RunFailed):
        return error
    if isinstance(error, MemoryError):
        return RunFailed("memory-exceeded", "out of memory", "MemoryError")
    if isinstance(error, SystemExit):
        return RunFailed("runtime-error", "the code called exit", "SystemExit")
    return RunFailed("runtime-error", describe(error), type(error).__name__)


def plain_error(error):
    """An error without arguments that could fail to cross a second time."""
    known = getattr(builtins, type(error).__name__, None)
    kind = known if isinstance(known, type) and issubclass(known, Exception) else RuntimeError
    return kind(text_of(error)[:2_000])


class VirtualLoop(asyncio.BaseEventLoop):
    """An event loop that waits for nothing: its time jumps to the next thing that is due."""

    def __init__(self):
        super().__init__()
        self.now = 0.0
        self._selector = self

    def time(self):
        return self.now

    def select(self, timeout):
        if timeout is None and not self._ready:
            raise RuntimeError("a coroutine waits for something that never comes")
        self.now += timeout or 0
        return []

    def _process_events(self, events):
        pass

    def _write_to_self(self):
        pass


def run_coroutine(coroutine):
    return VirtualLoop().run_until_complete(coroutine)


def install_event_loop():
    """`asyncio.run` gets a loop that waits for nothing, instead of one that belongs to a browser."""
    asyncio.events._set_running_loop(None)
    asyncio.events._event_loop_policy = None
    asyncio.run = asyncio.runners.run
    asyncio.events.new_event_loop = asyncio.new_event_loop = VirtualLoop
