"""Frames on the device that the program around the interpreter provides. See frames.ts."""

import os
import struct

GONE, COMMAND, RESULT, ASK, ANSWER, FAILED, ABORT = range(7)


class RunFailed(Exception):
    """Ends a run: kind and message go to the server."""

    def __init__(self, kind, message, name=""):
        super().__init__(message)
        self.failure = {"kind": kind, "message": message, "name": name}


class RunAborted(BaseException):
    """The server has ended the run."""


class Channel:
    def __init__(self, path, value_bytes):
        self.descriptor = os.open(path, os.O_RDWR)
        self.value_bytes = value_bytes
        self.answer = None

    def read(self):
        """The next frame as (kind, text); (GONE, "") when the server has gone."""
        header = self.read_bytes(5)
        if header is None:
            return GONE, ""
        length, kind = struct.unpack("<IB", header)
        payload = self.read_bytes(length)
        return (GONE, "") if payload is None else (kind, payload.decode("utf-8"))

    def read_bytes(self, count):
        parts = []
        while count > 0:
            part = os.read(self.descriptor, count)
            if not part:
                return None
            parts.append(part)
            count -= len(part)
        return b"".join(parts)

    def write(self, kind, text):
        payload = text.encode("utf-8")
        frame = memoryview(struct.pack("<IB", len(payload), kind) + payload)
        while frame:
            frame = frame[os.write(self.descriptor, frame) :]

    def ask(self, text):
        """Asks the other side; asks that come back in the meantime are answered from within."""
        self.check_size(text)
        self.write(ASK, text)
        while True:
            kind, payload = self.read()
            if kind == ANSWER:
                return payload
            if kind in (ABORT, GONE):
                raise RunAborted()
            if kind == ASK:
                self.answer_ask(payload)

    def answer_ask(self, payload):
        try:
            text = self.answer(payload)
            self.check_size(text)
        except RunFailed as error:
            self.write(FAILED, to_json(error.failure))
        else:
            self.write(ANSWER, text)

    def check_size(self, text):
        if len(text) > self.value_bytes:
            raise RunFailed("runtime-error", f"a value has more than {self.value_bytes} bytes")
