"""Serves one run. Called by the program around the interpreter."""

import io
import json
import sys


class BoundedOutput(io.TextIOBase):
    """Keeps what is printed up to a limit and forgets the rest."""

    def __init__(self, limit):
        self.parts = []
        self.room = limit

    def writable(self):
        return True

    def write(self, text):
        if self.room > 0:
            kept = text.encode("utf-8", "replace")[: self.room].decode("utf-8", "ignore")
            self.room -= len(kept.encode("utf-8"))
            if len(kept) < len(text):
                self.room = 0
            self.parts.append(kept)
        return len(text)


class NoBridge:
    """Refuses the modules that lead out of the interpreter; the program around it is emptied too."""

    NAMES = frozenset({"js", "pyodide_js", "pyodide", "_pyodide", "_pyodide_core", "ctypes", "_ctypes"})

    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in self.NAMES:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return None


def close_bridge():
    for name in list(sys.modules):
        if name.split(".")[0] in NoBridge.NAMES:
            del sys.modules[name]
    sys.meta_path[:] = [NoBridge()] + [
        finder for finder in sys.meta_path if "Js" not in type(finder).__name__
    ]


def serve(path, role, output_bytes, value_bytes):
    """Serves commands and asks until `finish`, or until the server goes."""
    close_bridge()
    install_event_loop()
    output = BoundedOutput(output_bytes)
    sys.stdout = sys.stderr = output
    sys.stdin = io.StringIO("")
    channel = Channel(path, value_bytes)
    side = Candidate(channel) if role == "candidate" else Test(channel)
    channel.answer = side.answer
    while True:
        kind, text = channel.read()
        if kind == GONE:
            return
        if kind == ASK:
            channel.answer_ask(text)
        if kind != COMMAND:
            continue
        command = json.loads(text)
        try:
            result = {"ok": perform(side, command, output)}
        except RunFailed as error:
            result = {"failed": error.failure}
        channel.write(RESULT, to_json(result))
        if command["do"] == "finish":
            return


def perform(side, command, output):
    if command["do"] == "load":
        return side.load(command["source"])
    if command["do"] == "prepare":
        return side.prepare(command["source"])
    if command["do"] == "run":
        return side.run(command["names"], command["entryPoint"])
    return "".join(output.parts)
