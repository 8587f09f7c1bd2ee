"""How a file grows: its pieces with it, so that neither its checkpoint nor its memory outgrows its worker."""

import json
import tracemalloc
from itertools import count
from uuid import uuid4

import pytest

from freehold.jobs.kinds import LARGEST, GiveUp
from freehold.reports.file import LARGEST_PIECE, MIB, MOST_PIECES, SIZES, File, Progress
from freehold.reports.storage import LEAST_PIECE
from tests.reports.conftest import Shelf

TAG = f'"{"0" * 32}"'
"""As S3 writes one."""


def file_after(pieces: int, files: Shelf | None = None) -> File:
    """One that has so many pieces."""
    progress = Progress(upload="u" * 128, tags=(TAG,) * pieces, after=uuid4(), rows=10**9, bytes=pieces * LEAST_PIECE)
    files = files or Shelf(keeps=False)
    files.uploads["u" * 128] = {}
    return File(files=files, key="reports/large.csv", content_type="text/csv", progress=progress)


class TestPieces:
    @pytest.mark.parametrize(
        ("pieces", "least"),
        [(0, 5), (99, 5), (100, 16), (499, 16), (500, 64), (MOST_PIECES - 1, 64)],
    )
    def test_grow_with_the_file(self, pieces, least):
        file = file_after(pieces)
        file.add(bytes(least * MIB - 1))
        assert not file.write_piece(uuid4())
        file.add(b"x")
        assert file.write_piece(uuid4())
        assert len(file.progress.tags) == pieces + 1

    def test_make_a_file_of_69_gib(self):
        """S3 takes no more than 10,000 pieces of one file."""
        before, whole = 0, 0
        for last, size in SIZES:
            whole += (last - before) * size
            before = last
        assert round(whole / 1024 / MIB) == 69
        assert MOST_PIECES < 10_000

    def test_leave_a_checkpoint_that_fits(self):
        progress = file_after(MOST_PIECES).progress
        assert len(json.dumps(progress.model_dump(mode="json"))) < LARGEST
        more = file_after(LARGEST // 32).progress
        assert len(json.dumps(more.model_dump(mode="json"))) > LARGEST, "the control: so many would not"

    def test_one_too_many_gives_up_with_a_reason(self):
        file = file_after(MOST_PIECES)
        file.add(bytes(LARGEST_PIECE))
        with pytest.raises(GiveUp, match="too large for one file"):
            file.write_piece(uuid4())
        with pytest.raises(GiveUp, match="too large for one file"):
            file.finish()

    def test_the_largest_takes_a_quarter_of_the_memory_of_its_worker_at_most(self):
        """Twice its size, once as it waits and once as it is sent, and a page; the worker has 1,024 MiB."""
        file, page = file_after(MOST_PIECES - 2), bytes(MIB)
        tracemalloc.start()
        try:
            pieces = count()
            while next(pieces) < 2 * LARGEST_PIECE // MIB:
                file.add(page)
                file.write_piece(uuid4())
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert len(file.progress.tags) == MOST_PIECES
        assert LARGEST_PIECE < peak < 256 * MIB
