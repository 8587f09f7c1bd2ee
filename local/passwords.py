"""One password file for all database roles, in libpq's own format, so that no conninfo carries a password."""

import os
import secrets
from collections.abc import Iterable
from pathlib import Path

from local.ports import LOOPBACK


class PasswordFile:
    """`pgpass`: one line for each role, valid for any port, readable by its owner alone."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> dict[str, str]:
        """Password by role."""
        if not self.path.exists():
            return {}
        lines = (line.split(":") for line in self.path.read_text().splitlines())
        return {role: password for _host, _port, _database, role, password in lines}

    def ensure(self, roles: Iterable[str]) -> dict[str, str]:
        """Password by role, for all of these at least; what exists stays."""
        known = self.read()
        passwords = {role: secrets.token_urlsafe(24) for role in roles} | known
        if passwords != known:
            self._write(passwords)
        return passwords

    def _write(self, passwords: dict[str, str]) -> None:
        partial = self.path.with_suffix(".partial")
        partial.unlink(missing_ok=True)
        lines = "".join(f"{LOOPBACK}:*:*:{role}:{password}\n" for role, password in passwords.items())
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(lines)
        partial.replace(self.path)
