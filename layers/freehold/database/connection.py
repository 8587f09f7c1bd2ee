"""The connection of this process: opened at init, checked before each use, replaced when it is gone."""

import math
import select
import time
from typing import Any

import psycopg
from psycopg.abc import PQGen
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.pq import TransactionStatus

from freehold.errors import Unavailable
from freehold.settings import settings

LOOPBACK = ("127.0.0.1", "localhost", "::1")
CONNECT_TIMEOUT = 3  # seconds
LOOK_EVERY = 0.1  # seconds
DEAD_PEER: dict[str, Any] = {
    "tcp_user_timeout": 10_000,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
}
"""After about ten seconds, a peer that answers nothing any more is gone. Milliseconds, then seconds and a count."""
HIDES_THE_HOST = {"hostaddr", "service"}


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


def conninfo(role: str) -> str:
    """Where to log in as `role`. Raises SystemExit when that would send anything in the clear."""
    given = conninfo_to_dict(settings().database)
    host = str(given.get("host", ""))
    if not host:
        raise SystemExit("FREEHOLD_DATABASE is not set: name the database, as in `host=127.0.0.1 dbname=freehold`.")
    if hidden := sorted(given.keys() & HIDES_THE_HOST):
        raise SystemExit(
            f"FREEHOLD_DATABASE names a {hidden[0]}: name the host, so that its certificate can be verified."
        )
    if host not in LOOPBACK and given.get("sslmode") != "verify-full":
        raise SystemExit(f"FREEHOLD_DATABASE reaches {host} without sslmode=verify-full: its TLS must be verified.")
    return make_conninfo(settings().database, user=role, connect_timeout=CONNECT_TIMEOUT)


def connect(where: str) -> Connection:
    """Open a connection that suits transaction pooling: no implicit transactions, no prepared statements."""
    try:
        return Connection.connect(where, autocommit=True, prepare_threshold=None, **DEAD_PEER)
    except psycopg.OperationalError as error:
        raise Unavailable from error


def is_usable(connection: Connection) -> bool:
    """Whether the connection is open and quiet, without a round trip: a server that hung up has said so by now."""
    if connection.closed or connection.info.transaction_status is not TransactionStatus.IDLE:
        return False
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    return not poll.poll(0)
