"""Everything that is written to standard output and standard error during a call: log lines, metrics, prints."""

import io
import logging
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout
from typing import Self

STANDARD = (1, 2)


class Output:
    """Takes the place of both streams while a call runs, and keeps them quiet for whoever reads our own output."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 (closed by __exit__)
        self._text = io.TextIOWrapper(io.BufferedWriter(io.FileIO(os.dup(self._file.fileno()), "w")), "utf-8")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._text.close()
        self._file.close()

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Streams, the handlers of loggers that hold one, and the descriptors that other languages write to."""
        with ExitStack() as back:
            for stream in (sys.stdout, sys.stderr):
                stream.flush()
            for descriptor in STANDARD:
                back.enter_context(_instead(descriptor, self._file.fileno()))
            back.enter_context(redirect_stdout(self._text))
            back.enter_context(redirect_stderr(self._text))
            for handler in _handlers():
                back.callback(handler.setStream, handler.setStream(self._text) or handler.stream)
            yield

    def read(self) -> str:
        """What was written since this was asked last."""
        self._text.flush()
        size = os.lseek(self._file.fileno(), 0, os.SEEK_END)
        written = os.pread(self._file.fileno(), size, 0).decode(errors="replace")
        os.ftruncate(self._file.fileno(), 0)
        os.lseek(self._file.fileno(), 0, os.SEEK_SET)
        return written


@contextmanager
def _instead(descriptor: int, other: int) -> Iterator[None]:
    kept = os.dup(descriptor)
    os.dup2(other, descriptor)
    try:
        yield
    finally:
        os.dup2(kept, descriptor)
        os.close(kept)


def _handlers() -> list["logging.StreamHandler[io.TextIOWrapper]"]:
    """Those that hold a stream of their own, and so would not notice another one."""
    named = [logger for logger in logging.root.manager.loggerDict.values() if isinstance(logger, logging.Logger)]
    return [
        handler
        for logger in (logging.root, *named)
        for handler in logger.handlers
        if type(handler) is logging.StreamHandler
    ]
