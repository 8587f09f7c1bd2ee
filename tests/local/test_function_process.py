"""A function in a process of its own writes nothing where a person reads, whatever was imported before it began."""

import os
import sys
from pathlib import Path

import pytest

from freehold.observability import logger
from local.transport.processes import FunctionProcess


def talk(_event: object, _context: object) -> str:
    """In that process, in each way that there is."""
    logger.info("logged")
    sys.stdout.write("printed\n")
    os.write(2, b"by a library in C\n")
    return "done"


def test_what_it_says_goes_to_its_log(tmp_path: Path, capfd: pytest.CaptureFixture[str]):
    log = tmp_path / "log"
    with FunctionProcess("talker", f"{__name__}.talk", {}, log=log) as function:
        assert function.invoke({}) == "done"
    written = log.read_text()
    assert [word in written for word in ("logged", "printed", "library in C")] == [True] * 3
    assert capfd.readouterr() == ("", "")
