"""PgBouncer in transaction mode with a single server connection, in front of a PostgreSQL.

It is the local stand-in for RDS Proxy: clients come and go, and what one leaves on the connection is the next one's.
"""

import os
import shutil
import socket
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from freehold.database.migrations.bootstrap import DATABASE
from local.errors import LocalError
from local.ports import LOOPBACK, free_port
from local.postgres import Postgres
from local.processes import Child, unprivileged_account

_PLACES = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin", "/opt/homebrew/bin"))
_START_SECONDS = 10
_SETTINGS = """\
[databases]
{database} = host={host} port={server} dbname={database} pool_size=1
[pgbouncer]
listen_addr = {host}
listen_port = {port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = {users}
pool_mode = transaction
max_client_conn = 200
ignore_startup_parameters = extra_float_digits
log_connections = 0
log_disconnections = 0
log_stats = 0
"""


class NotInstalled(LocalError):
    """It takes PgBouncer, which is not installed (Debian and Ubuntu: apt install pgbouncer; macOS: brew)."""


@contextmanager
def pooled(server: Postgres, *, role: str) -> Iterator[int]:
    """A port that speaks for one connection to the database, for one role. Raises NotInstalled."""
    program = shutil.which("pgbouncer", path=_PLACES)
    if program is None:
        raise NotInstalled(str(NotInstalled.__doc__))
    with tempfile.TemporaryDirectory(prefix="freehold-") as folder:
        port = free_port()
        settings = _configure(Path(folder), server, role, port)
        with (Path(folder) / "log").open("wb") as log:
            child = Child([program, settings], output=log.fileno(), folder=Path(folder), account=unprivileged_account())
            try:
                _wait_until_it_listens(child, port, Path(folder) / "log")
                yield port
            finally:
                child.end()


def _configure(folder: Path, server: Postgres, role: str, port: int) -> Path:
    users, settings = folder / "users.txt", folder / "pgbouncer.ini"
    users.write_text(f'"{role}" "{server.passwords.read()[role]}"\n')
    settings.write_text(_SETTINGS.format(database=DATABASE, host=LOOPBACK, server=server.port, port=port, users=users))
    if account := unprivileged_account():
        for path in (folder, users, settings):
            os.chown(path, account.uid, account.gid)
    return settings


def _wait_until_it_listens(child: Child, port: int, log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while not _listens(port):
        if child.exit_code() is not None or time.monotonic() > deadline:
            raise LocalError(f"PgBouncer did not start: {log.read_text().strip()[-300:]}")
        time.sleep(0.02)


def _listens(port: int) -> bool:
    try:
        socket.create_connection((LOOPBACK, port), timeout=1).close()
    except OSError:
        return False
    return True
