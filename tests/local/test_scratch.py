"""Folders of what nobody will miss: in memory where there is room, else where temporary folders are."""

import tempfile
from pathlib import Path

import pytest

from local import scratch as module
from local.scratch import scratch

TEMPORARY = Path(tempfile.gettempdir())
PLENTY, MORE_THAN_THERE_IS = 1, 2**62


@pytest.fixture(autouse=True)
def memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A system that has a folder in memory, with room."""
    monkeypatch.setattr(module, "MEMORY", tmp_path)
    monkeypatch.setattr(module, "ROOM", PLENTY)
    return tmp_path


def test_is_in_memory_where_there_is_room_and_goes(memory: Path):
    with scratch() as folder:
        assert folder.parent == memory
        (folder / "a").write_text("b")
    assert not folder.exists()


def test_is_elsewhere_where_there_is_none(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "ROOM", MORE_THAN_THERE_IS)
    with scratch() as folder:
        assert folder.parent == TEMPORARY


def test_is_elsewhere_where_that_is_asked_for():
    with scratch(in_memory=False) as folder:
        assert folder.parent == TEMPORARY


def test_is_elsewhere_where_the_system_has_no_such_folder(memory: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "MEMORY", memory / "none")
    with scratch() as folder:
        assert folder.parent == TEMPORARY


def test_shows_nobody_else_what_is_in_it():
    with scratch() as folder:
        assert not folder.stat().st_mode & 0o066
