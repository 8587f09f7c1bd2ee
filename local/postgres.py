"""PostgreSQL 18 from a wheel, on loopback, as an ordinary process of ours.

Whether a server already runs on a folder is asked of the kernel, not of `postmaster.pid`: the server inherits a lock.
Where the lock is free, a pid file was left behind by a server that was killed, and goes.
"""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from local import reach
from local.errors import LocalError
from local.locks import Lock
from local.passwords import PasswordFile
from local.ports import LOOPBACK, free_port, require_free
from local.processes import Account, Child, environment, unprivileged_account
from local.scratch import scratch

VERSION = "18"
SUPERUSER = "postgres"
_START_SECONDS = 30
_STATE_LINE = 7  # of the pid file; `pg_ctl` reads it too
_SETTINGS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",  # a socket in a shared folder would be open to other users
    "timezone": "UTC",
    "log_timezone": "UTC",
    "max_connections": "200",  # a thread of the function host keeps one for each role that it has been
    "synchronous_commit": "off",  # a power cut loses the last moment, never the consistency
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "log_line_prefix": "%m %q%u ",
}
_THROWAWAY_SETTINGS = {"fsync": "off", "full_page_writes": "off", "scram_iterations": "1"}
"""It keeps nothing, and is connected to so often that the work of a password counts."""


class Postgres:
    """A server whose data lies in a folder and stays there. `durable=False` is for data that nobody will miss."""

    def __init__(self, folder: Path, *, port: int = 0, durable: bool = True, choose: str = "another port") -> None:
        self.folder = folder.absolute()
        self.port = port
        self.passwords = PasswordFile(self.folder / "pgpass")
        self.log = self.folder / "postgres.log"
        self._durable = durable
        self._choose = choose
        self._account = unprivileged_account()
        self._lock = Lock(self.folder / "lock")
        self._server: Child | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Make the cluster where there is none, then start it and wait until it answers."""
        self.folder.mkdir(parents=True, exist_ok=True)
        if not self._lock.acquire(patience_seconds=2):
            raise LocalError(f"PostgreSQL already runs on {self.folder}; stop the `make dev` that started it.")
        try:
            self._run(self._prepare())
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop it, quickly and cleanly. Stopping twice is allowed."""
        if self._server:
            self._server.end()
            self._server = None
        self._lock.release()

    def copy(self, other: "Postgres") -> None:
        """Hold what another server holds that does not run, its passwords too. To be called before the first start.

        Raises LocalError where the other runs: its files are about to change.
        """
        if other.is_alive():
            raise LocalError(f"PostgreSQL runs on {other.folder}: stop it before it is copied.")
        self.folder.mkdir(parents=True)
        shutil.copy2(other.passwords.path, self.passwords.path)
        data = [reach.home(each.folder, self._account) / "data" for each in (other, self)]
        subprocess.run(["/bin/cp", "-Rp", *data], check=True)

    def is_alive(self) -> bool:
        """Whether it was started and has not ended."""
        return self._server is not None and self._server.exit_code() is None

    def conninfo(self, *, user: str, database: str = "postgres") -> str:
        """How one role connects; its password comes from the password file."""
        return f"{self.conninfo_without_user(database=database)} user={user}"

    def conninfo_without_user(self, *, database: str) -> str:
        """How any role connects, once it adds its name."""
        passfile = str(self.passwords.path).replace("\\", r"\\").replace("'", r"\'")
        return f"host={LOOPBACK} port={self.port} dbname={database} passfile='{passfile}'"

    def superuser(self, sql: str) -> None:
        """Run SQL as the cluster's own superuser. Everything of the product's runs as an ordinary role instead."""
        command: list[str | Path] = [reach.binaries(self._account) / "psql", "-XqAt", "-v", "ON_ERROR_STOP=1"]
        target = self.conninfo(user=SUPERUSER)
        result = subprocess.run(
            [*command, "-d", target], input=sql, capture_output=True, text=True, env=environment(), check=False
        )
        if result.returncode:
            raise LocalError(f"PostgreSQL refused its own set-up: {result.stderr.strip()}")

    def _prepare(self) -> Path:
        """The data folder, with a cluster in it and nothing of a killed server."""
        home = reach.home(self.folder, self._account)
        data = home / "data"
        if not data.exists():
            self._create(data)
        if home != self.folder:
            _point(self.folder / "data", data)
        if (found := (data / "PG_VERSION").read_text().strip()) != VERSION:
            raise LocalError(f"The data in {self.folder} is of PostgreSQL {found}; `make reset` starts afresh.")
        (data / "postmaster.pid").unlink(missing_ok=True)
        return data

    def _create(self, data: Path) -> None:
        password = self.passwords.ensure([SUPERUSER])[SUPERUSER]
        partial = data.with_name("data.partial")
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(mode=0o700)
        if self._account:
            os.chown(partial, self._account.uid, self._account.gid)
        with _readable_by(self._account, password, folder=data.parent) as password_file:
            self._initdb(partial, password_file)
        partial.rename(data)

    def _initdb(self, data: Path, password_file: Path) -> None:
        command: list[str | Path] = [
            *(reach.binaries(self._account) / "initdb", "--pgdata", data, "--username", SUPERUSER),
            *("--auth", "scram-sha-256", "--pwfile", password_file, "--encoding", "UTF8", "--no-instructions"),
            *("--locale", "C", "--locale-provider", "builtin", "--builtin-locale", "C.UTF-8"),
            *([] if self._durable else ["--no-sync"]),
        ]
        with self.log.open("ab") as log:
            code = Child(command, output=log.fileno(), folder=data, account=self._account).wait()
        if code:
            raise LocalError(f"PostgreSQL could not be set up in {data}: {self._last_words()}")

    def _run(self, data: Path) -> None:
        self.port = self.port or free_port()
        require_free(self.port, what="PostgreSQL", choose=self._choose)
        settings = _SETTINGS | {"port": str(self.port)} | ({} if self._durable else _THROWAWAY_SETTINGS)
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with self.log.open("ab") as log:
            self._server = Child(
                [reach.binaries(self._account) / "postgres", "-D", data, *options],
                output=log.fileno(),
                folder=data,
                account=self._account,
                descriptors=[self._lock.descriptor],
                stop_signal=signal.SIGINT,  # PostgreSQL's "fast" shutdown
            )
        self._wait_until_ready(data / "postmaster.pid")

    def _wait_until_ready(self, pid_file: Path) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while not _says_ready(pid_file):
            if not self.is_alive() or time.monotonic() > deadline:
                raise LocalError(f"PostgreSQL did not start on port {self.port}: {self._last_words()}")
            time.sleep(0.01)

    def _last_words(self) -> str:
        lines = self.log.read_text(errors="replace").splitlines() if self.log.exists() else []
        return " ".join(lines[-3:]) or "it printed nothing."


def discard(folder: Path) -> None:
    """Delete a server's folder, and what lies elsewhere for it."""
    for path in (reach.elsewhere(folder.absolute()), folder):
        if path.exists():
            shutil.rmtree(path)


@contextmanager
def temporary(copied: Postgres | None = None, *, in_memory: bool = True) -> Iterator[Postgres]:
    """A throwaway server on a free port, for tests; it begins empty, or as a copy of one that does not run.

    What may grow large does not lie in memory.
    """
    with scratch(in_memory=in_memory) as folder:
        server = Postgres(folder / "postgres", durable=False)
        try:
            if copied:
                server.copy(copied)
            with server:
                yield server
        finally:
            discard(server.folder)


def _says_ready(pid_file: Path) -> bool:
    try:
        lines = pid_file.read_text().splitlines()
    except FileNotFoundError:
        return False
    return len(lines) > _STATE_LINE and lines[_STATE_LINE].strip() == "ready"


def _point(link: Path, target: Path) -> None:
    if link.is_symlink():
        link.unlink()
    link.symlink_to(target)


@contextmanager
def _readable_by(account: Account | None, text: str, *, folder: Path) -> Iterator[Path]:
    with tempfile.NamedTemporaryFile("w", dir=folder) as file:
        file.write(text)
        file.flush()
        if account:
            os.fchown(file.fileno(), account.uid, account.gid)
        yield Path(file.name)
