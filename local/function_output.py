"""What functions print, line by line, each line with the name of the function that printed it."""

import io
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TextIO, override

type Record = dict[str, Any]


def parse(line: str) -> Record | None:
    """The line as a log record; None where it is anything else."""
    try:
        record = json.loads(line)
    except ValueError:
        return None
    return record if isinstance(record, dict) and "level" in record else None


def is_request(record: Record) -> bool:
    """Whether the record is the one line that each request leaves."""
    return record.get("message") == "request" and "ms" in record


def labelled(line: str, function: str) -> str:
    """The line with the function's name in it, where there is a place for it."""
    record = parse(line)
    return json.dumps({"function": function} | record | {"function": function}, ensure_ascii=False) if record else line


def short_name(function_name: str) -> str:
    """`projects` for `freehold-sandbox-projects`."""
    return function_name.rpartition("-")[2]


class FunctionOutput(io.TextIOBase):
    """A stdout that many functions share, each in its thread: lines stay whole and say whose they are."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._mine = threading.local()
        self._writing = threading.Lock()

    @contextmanager
    def of(self, function: str) -> Iterator[None]:
        """What this thread prints within the block is the function's."""
        self._mine.function, self._mine.left_request_line = function, False
        try:
            yield
        finally:
            self._mine.function = None

    @property
    def has_request_line(self) -> bool:
        """Whether the handler has logged its request by itself."""
        return getattr(self._mine, "left_request_line", False)

    @override
    def write(self, text: str, /) -> int:
        """Hold back what is not a whole line yet."""
        *lines, rest = (getattr(self._mine, "rest", "") + text).split("\n")
        self._mine.rest = rest
        for line in lines:
            self._write_line(line)
        return len(text)

    def _write_line(self, line: str) -> None:
        function = getattr(self._mine, "function", None) or _whose(threading.current_thread())
        if record := parse(line):
            self._mine.left_request_line = self.has_request_line or is_request(record)
        with self._writing:
            self._stream.write(f"{labelled(line, function) if function else line}\n")
            self._stream.flush()


def _whose(thread: threading.Thread) -> str:
    """The function that named this thread of its own after itself; nobody's where Python did."""
    prefix = thread.name.rpartition("_")[0]
    return "" if "-" in prefix else prefix
