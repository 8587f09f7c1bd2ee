"""The connection of this process: opened at init, checked before each use, replaced when it is gone."""

import math
import select
import time
from typing import Any

import psycopg
from psycopg.abc import PQGen
from psycopg.pq import TransactionStatus

from freehold.database.login import ready
from freehold.errors import Unavailable

LOOK_EVERY = 0.1  # seconds
DEAD_PEER: dict[str, Any] = {
    "tcp_user_timeout": 10_000,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
}
"""After about ten seconds, a peer that answers nothing any more is gone. Milliseconds, then seconds and a count."""


class Connection(psycopg.Connection[Any]):
    """A connection that never waits past its deadline: a peer can be silent and still be there."""

    deadline: float = math.inf
    """On the monotonic clock."""

    def wait[R](self, gen: PQGen[R], interval: float = LOOK_EVERY, timeout: float | None = None) -> R:
        """What psycopg waits with, for every answer."""
        left = self.deadline - time.monotonic()
        try:
            return super().wait(gen, interval, timeout if math.isinf(left) else max(0.0, left))
        except psycopg.OperationalError:
            if time.monotonic() >= self.deadline:
                self.close()  # or psycopg would go on waiting on its way out
            raise


def connect(where: str) -> Connection:
    """Open a connection that suits transaction pooling: no implicit transactions, no prepared statements.

    `where` is what `login.conninfo` made. Raises Unavailable.
    """
    try:
        return Connection.connect(ready(where), autocommit=True, prepare_threshold=None, **DEAD_PEER)
    except psycopg.OperationalError as error:
        raise Unavailable from error


def is_usable(connection: Connection) -> bool:
    """Whether the connection is open and quiet, without a round trip: a server that hung up has said so by now."""
    if connection.closed or connection.info.transaction_status is not TransactionStatus.IDLE:
        return False
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    return not poll.poll(0)
