"""A pipeline that leaves in one write and says nothing after its Sync.

psycopg's own writes each statement at once, a packet each, and ends with a Flush behind the Sync. By then the server
may have answered, and a transaction pooler have taken its connection back: it assigns one for the Flush, which nobody
answers, and keeps it for this client until its next request. Here statements gather in libpq's buffer, which goes out
with the Sync, and the Sync is the last word.
"""

import psycopg
from psycopg.abc import PQGen
from psycopg.generators import send


class Flight(psycopg.Pipeline):
    """Overrides what is psycopg's own; tests/database/test_flight.py fails when psycopg changes it."""

    def _communicate_gen(self) -> PQGen[None]:
        """A statement was queued: nothing is sent yet."""
        self._gather()
        yield from ()

    def _sync_gen(self) -> PQGen[None]:
        """Send all, read all answers."""
        self._enqueue_sync()
        self._gather()
        yield from send(self.pgconn)
        yield from self._fetch_gen(flush=False)

    def _exit_gen(self) -> PQGen[None]:
        """Likewise: it is the last Sync."""
        yield from self._sync_gen()

    def _gather(self) -> None:
        """Into libpq's buffer."""
        while self.command_queue:
            self.command_queue.popleft()()
