"""Values on their way between two interpreters: the Python side of guest/value-graph.ts.

Plain values are copied; anything that can act stays where it is and crosses as a reference.
"""

import builtins
import collections
import datetime
import decimal
import fractions
import json
import math
import types

MAX_NODES = 500_000
SAFE_INTEGER = 2**53

# Values of the standard library that are copied: how to take them apart and how to make them again.
CONSTRUCTED = {
    "complex": (complex, lambda x: (x.real, x.imag)),
    "range": (range, lambda x: (x.start, x.stop, x.step)),
    "Decimal": (decimal.Decimal, lambda x: (str(x),)),
    "Fraction": (fractions.Fraction, lambda x: (x.numerator, x.denominator)),
    "deque": (collections.deque, lambda x: (list(x), x.maxlen)),
    "date": (datetime.date, lambda x: (x.year, x.month, x.day)),
    "timedelta": (datetime.timedelta, lambda x: (x.days, x.seconds, x.microseconds)),
}
NAMES_OF_CONSTRUCTED = {maker: name for name, (maker, _) in CONSTRUCTED.items()}

# Dictionaries and lists of the standard library that compare equal to plain ones.
COPIED_AS = {
    list: "list",
    tuple: "tuple",
    set: "set",
    frozenset: "frozenset",
    dict: "map",
    collections.OrderedDict: "map",
    collections.defaultdict: "map",
    collections.Counter: "map",
}


class Border:
    """Encodes and decodes for one side; remembers what was lent and what was borrowed."""

    def __init__(self, side, crosses_by_reference, stand_in_for):
        self.side = side
        self.crosses_by_reference = crosses_by_reference
        self.stand_in_for = stand_in_for
        self.lent = []
        self.lent_ids = {}
        self.borrowed = {}
        self.borrowed_nodes = {}

    def encode(self, root, origins=()):
        """Gives (graph, objects). Origins are (object, index in the request) pairs."""
        objects = []
        indexes = {}
        origin_of = {id(value): index for value, index in origins}

        def leaf(value):
            kind = type(value)
            if value is None or kind is bool or kind is str:
                return value
            if kind is int:
                return value if -SAFE_INTEGER <= value <= SAFE_INTEGER else ["b", str_of_int(value)]
            if kind is float:
                if math.isfinite(value):
                    return value
                text = "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
                return ["n", text]
            if value is NotImplemented:
                return ["y", "NotImplemented"]
            index = indexes.get(id(value))
            if index is None:
                if len(objects) >= MAX_NODES:
                    raise ValueError("the value has too many parts")
                index = len(objects)
                indexes[id(value)] = index
                objects.append(value)
            return ["#", index]

        graph_root = leaf(root)
        for value, _ in origins:
            leaf(value)
        nodes = []
        # Encoding a node finds further objects: the list grows while it is walked.
        for value in objects:
            node = self.node_of(value, leaf)
            origin = origin_of.get(id(value))
            if origin is not None:
                node["o"] = origin
            nodes.append(node)
        return {"r": graph_root, "g": nodes}, objects

    def node_of(self, value, leaf):
        borrowed = self.borrowed_nodes.get(id(value))
        if borrowed is not None:
            return borrowed[1]
        kind = COPIED_AS.get(type(value))
        if kind == "map":
            return {"k": kind, "v": [[leaf(key), leaf(item)] for key, item in value.items()]}
        if kind is not None:
            return {"k": kind, "v": [leaf(item) for item in value]}
        if type(value) in (bytes, bytearray):
            return {"k": "bytes", "v": value.hex(), "c": type(value).__name__}
        name = NAMES_OF_CONSTRUCTED.get(type(value))
        if name is not None:
            return {"k": "py", "c": name, "v": [leaf(part) for part in CONSTRUCTED[name][1](value)]}
        if isinstance(value, BaseException):
            args = [leaf(argument) for argument in value.args]
            message = text_of(value)
            return {"k": "error", "v": [type(value).__name__, message], "c": leaf(type(value)), "a": args}
        if isinstance(value, type) and value.__module__ == "builtins":
            return {"k": "builtin", "n": value.__name__}
        if self.crosses_by_reference(value):
            return self.reference_to(value)
        return {"k": "object", "v": [[key, leaf(item)] for key, item in vars(value).items()]}

    def reference_to(self, value):
        identity = self.lent_ids.get(id(value))
        if identity is None:
            identity = len(self.lent)
            self.lent.append(value)
            self.lent_ids[id(value)] = identity
        node = {"k": "ref", "s": self.side, "i": identity, "w": "object", "n": type(value).__name__}
        if isinstance(value, type) and issubclass(value, BaseException):
            bases = [base.__name__ for base in value.__mro__ if base.__module__ == "builtins"]
            return node | {"w": "error-class", "n": value.__name__, "b": bases}
        if isinstance(value, (types.FunctionType, types.BuiltinFunctionType, type)):
            return node | {"w": "function", "n": value.__name__}
        if isinstance(value, types.CoroutineType):
            return node | {"w": "awaitable"}
        return node

    def decode(self, graph, sent=()):
        """Gives (value, objects). Nodes that name an origin change what was sent, in place."""
        nodes = graph["g"]
        objects = [None] * len(nodes)

        def value_of(leaf):
            if not isinstance(leaf, list):
                return leaf
            tag, content = leaf[0], leaf[1] if len(leaf) > 1 else None
            if tag == "#":
                return made(content)
            if tag == "b":
                return int_of_str(content)
            if tag == "n":
                return float(content.replace("Infinity", "inf"))
            return NotImplemented if tag == "y" else None

        pending = []

        def made(index):
            if objects[index] is None:
                objects[index] = self.shell_of(nodes[index], sent, value_of)
                pending.append(index)
            return objects[index]

        for index in range(len(nodes)):
            made(index)
        # Filling may not make more: every node has been made above, immutable ones with contents.
        for index in pending:
            fill(objects[index], nodes[index], value_of)
        return value_of(graph["r"]), objects

    def shell_of(self, node, sent, value_of):
        kind = node["k"]
        own = sent[node["o"]] if "o" in node and node["o"] < len(sent) else None
        if kind == "list":
            return own if type(own) is list else []
        if kind == "set":
            return own if type(own) is set else set()
        if kind == "map":
            return own if isinstance(own, dict) else {}
        if kind == "tuple":
            return tuple(map(value_of, node["v"]))
        if kind == "frozenset":
            return frozenset(map(value_of, node["v"]))
        if kind == "bytes":
            data = bytes.fromhex(node["v"])
            return bytearray(data) if node["c"] == "bytearray" else data
        if kind == "py":
            maker = CONSTRUCTED[node["c"]][0]
            return maker(*map(value_of, node["v"]))
        if kind == "object":
            return types.SimpleNamespace()
        if kind == "error":
            return error_from(value_of(node["c"]), [value_of(leaf) for leaf in node["a"]])
        if kind == "builtin":
            return getattr(builtins, node["n"])
        if kind == "ref":
            return self.resolve(node)
        raise TypeError("the value has a part of an unknown kind")

    def resolve(self, node):
        if node["s"] == self.side:
            return self.lent[node["i"]]
        if node["i"] not in self.borrowed:
            stand_in = self.stand_in_for(node)
            self.borrowed[node["i"]] = stand_in
            # The object is kept, so that its id stays its own.
            self.borrowed_nodes[id(stand_in)] = (stand_in, node)
        return self.borrowed[node["i"]]


def fill(target, node, value_of):
    kind = node["k"]
    if kind == "list":
        target[:] = map(value_of, node["v"])
    elif kind == "set":
        target.clear()
        target.update(map(value_of, node["v"]))
    elif kind == "map":
        target.clear()
        target.update((value_of(key), value_of(item)) for key, item in node["v"])
    elif kind == "object":
        for key, item in node["v"]:
            setattr(target, key, value_of(item))


def error_from(kind, args):
    if not (isinstance(kind, type) and issubclass(kind, BaseException)):
        kind = Exception
    try:
        return kind(*args)
    except Exception:
        made = kind.__new__(kind)
        made.args = tuple(args)
        return made


def error_class_from(node):
    """A class with the name and the nearest built-in base of a class of the other side."""
    for name in node["b"]:
        base = getattr(builtins, name, None)
        if isinstance(base, type) and issubclass(base, BaseException):
            return type(node["n"], (base,), {})
    return type(node["n"], (Exception,), {})


def text_of(value):
    try:
        return str(value)
    except BaseException:
        return ""


# Decimal text of an int is limited by default; hexadecimal is not.
def str_of_int(value):
    return hex(value)


def int_of_str(text):
    return int(text, 16) if "x" in text else int(text)


def changeable(objects):
    """Pairs for the origins of an answer: what the callee may have changed."""
    return [(value, index) for index, value in enumerate(objects) if type(value) in (list, set, dict)]


def to_json(value):
    return json.dumps(value, separators=(",", ":"))
