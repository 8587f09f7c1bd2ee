"""Folders of what nobody will miss: in memory where there is room, else where temporary folders are."""

import tempfile
from pathlib import Path

from local.scratch import scratch

PLENTY, MORE_THAN_THERE_IS = 1, 2**62


def test_is_in_memory_where_there_is_room_and_goes(tmp_path: Path):
    with scratch(tmp_path, room=PLENTY) as folder:
        assert folder.parent == tmp_path
        (folder / "a").write_text("b")
    assert not folder.exists()


def test_is_elsewhere_where_there_is_none(tmp_path: Path):
    with scratch(tmp_path, room=MORE_THAN_THERE_IS) as folder:
        assert folder.parent == Path(tempfile.gettempdir())


def test_is_elsewhere_where_that_is_asked_for(tmp_path: Path):
    with scratch(tmp_path, room=PLENTY, in_memory=False) as folder:
        assert folder.parent == Path(tempfile.gettempdir())


def test_is_elsewhere_where_the_system_has_no_such_folder(tmp_path: Path):
    with scratch(tmp_path / "none", room=PLENTY) as folder:
        assert folder.parent == Path(tempfile.gettempdir())


def test_shows_nobody_else_what_is_in_it():
    with scratch() as folder:
        assert not folder.stat().st_mode & 0o066
