"""PgBouncer in transaction mode with a single server connection, in front of the bench's PostgreSQL.

It is the local stand-in for RDS Proxy: what it shows is how long each way of working holds the connection.
"""

import os
import shutil
import socket
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.figures import Skipped
from benchmarks.harness.world import API, World
from freehold.database.migrations.bootstrap import DATABASE
from local.ports import LOOPBACK, free_port
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


@contextmanager
def pooled(world: World) -> Iterator[int]:
    """A port that speaks for one connection to the database. Raises Skipped where PgBouncer is not installed."""
    program = shutil.which("pgbouncer", path=_PLACES)
    if program is None:
        raise Skipped("it takes PgBouncer, which is not installed")
    with tempfile.TemporaryDirectory(prefix="freehold-") as folder:
        port = free_port()
        settings = _configure(Path(folder), world, port)
        with (Path(folder) / "log").open("wb") as log:
            child = Child([program, settings], output=log.fileno(), folder=Path(folder), account=unprivileged_account())
            try:
                _wait_until_it_listens(child, port, Path(folder) / "log")
                yield port
            finally:
                child.end()


def _configure(folder: Path, world: World, port: int) -> Path:
    users, settings = folder / "users.txt", folder / "pgbouncer.ini"
    users.write_text(f'"{API}" "{world.server.passwords.read()[API]}"\n')
    settings.write_text(
        _SETTINGS.format(database=DATABASE, host=LOOPBACK, server=world.server.port, port=port, users=users)
    )
    if account := unprivileged_account():
        for path in (folder, users, settings):
            os.chown(path, account.uid, account.gid)
    return settings


def _wait_until_it_listens(child: Child, port: int, log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while not _listens(port):
        if child.exit_code() is not None or time.monotonic() > deadline:
            raise Skipped(f"PgBouncer did not start: {log.read_text().strip()[-300:]}")
        time.sleep(0.02)


def _listens(port: int) -> bool:
    try:
        socket.create_connection((LOOPBACK, port), timeout=1).close()
    except OSError:
        return False
    return True
