"""A file that is written piece by piece, in as many invocations as it takes, and never held as a whole.

The later a piece, the larger it is, because the tags of all of them have to fit into what a job leaves for its next
invocation: S3 wants them back at the end, and so refuses a file into which somebody who had lost the job has written.
"""

from contextlib import suppress
from dataclasses import dataclass, field
from uuid import UUID

from pydantic import BaseModel

from freehold.jobs.kinds import GiveUp
from freehold.reports.models import Written
from freehold.reports.storage import LEAST_PIECE, Files

MIB = 1024 * 1024
SIZES = ((100, LEAST_PIECE), (500, 16 * MIB), (1_500, 64 * MIB))
"""How many pieces there may be in all when they are at least so large: about 69 GiB, in a checkpoint below 64 KiB."""
MOST_PIECES, LARGEST_PIECE = SIZES[-1]


class Progress(BaseModel):
    """How far a file is written, as the next invocation has to know it: after its last whole piece."""

    upload: str | None = None
    tags: tuple[str, ...] = ()
    """Of the pieces, in their order."""
    after: UUID | None = None
    """The last row in them."""
    rows: int = 0
    bytes: int = 0


@dataclass(kw_only=True)
class File:
    """What is added waits here until it is a piece."""

    files: Files
    key: str
    content_type: str
    progress: Progress
    is_resumed: bool = field(init=False)
    """Whether somebody else may go on with the upload: its name is in the job."""
    _waiting: bytearray = field(init=False, default_factory=bytearray)
    _rows: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        self.is_resumed = self.progress.upload is not None

    @property
    def rows(self) -> int:
        """All that were added."""
        return self.progress.rows + self._rows

    @property
    def is_empty(self) -> bool:
        """Whether nothing was added yet, by nobody."""
        return not self.progress.bytes and not self._waiting

    def add(self, data: bytes, *, rows: int = 0) -> None:
        """Behind what is there."""
        self._waiting += data
        self._rows += rows

    def write_piece(self, after: UUID) -> bool:
        """Write what waits, if it is enough for a piece, up to the row `after`; whether it was.

        Raises UploadGone, and GiveUp where the file gets too large.
        """
        if len(self._waiting) < _least(len(self.progress.tags) + 1):
            return False
        upload = self.progress.upload or self.files.begin(self.key, self.content_type)
        self.progress = self.progress.model_copy(update={"upload": upload})  # it can be abandoned from here on
        self._add_piece(upload, after)
        return True

    def finish(self) -> Written:
        """The file is there. Raises UploadGone."""
        if self.progress.upload is None:
            self.files.put(self.key, self.content_type, bytes(self._waiting))
            return Written(key=self.key, bytes=len(self._waiting), rows=self.rows)
        if self._waiting:
            self._add_piece(self.progress.upload, self.progress.after)
        self.files.finish(self.key, self.progress.upload, self.progress.tags)
        return Written(key=self.key, bytes=self.progress.bytes, rows=self.progress.rows)

    def abandon(self) -> None:
        """Remove what was written, as far as that is possible now; the bucket removes the rest."""
        if self.progress.upload:
            with suppress(Exception):
                self.files.abandon(self.key, self.progress.upload)

    def _add_piece(self, upload: str, after: UUID | None) -> None:
        if len(self.progress.tags) >= MOST_PIECES:
            raise GiveUp("The report is too large for one file. Ask for a shorter time.")
        tag = self.files.add(self.key, upload, len(self.progress.tags) + 1, bytes(self._waiting))
        self.progress = Progress(
            upload=upload,
            tags=(*self.progress.tags, tag),
            after=after,
            rows=self.rows,
            bytes=self.progress.bytes + len(self._waiting),
        )
        self._waiting.clear()
        self._rows = 0


def _least(number: int) -> int:
    """Bytes of the piece of this number, counted from 1."""
    return next((size for last, size in SIZES if number <= last), LARGEST_PIECE)
