"""Child processes that never outlive us: each runs on a leash, in a session that is ended whole."""

import contextlib
import json
import os
import pwd
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from local.errors import LocalError

_LEASH = Path(__file__).with_name("leash.py")
_NOT_INHERITED = ("AWS_", "PYTHON", "VIRTUAL_ENV", "PG", "MINISTACK_", "LAMBDA_", "FREEHOLD_", "POWERTOOLS_", "DOCKER_")


@dataclass(frozen=True, slots=True)
class Account:
    """A user of this machine that a child runs as."""

    name: str
    uid: int
    gid: int


def unprivileged_account() -> Account | None:
    """Whom to run as where root is refused; None where we are not root. A user without a name is refused too."""
    if os.geteuid() != 0:
        _require_a_name(os.geteuid())
        return None
    for name in ("nobody", "daemon"):
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return Account(name, entry.pw_uid, entry.pw_gid)
    raise LocalError("PostgreSQL does not run as root and this machine has no user nobody; run this as another user.")


def _require_a_name(uid: int) -> None:
    try:
        pwd.getpwuid(uid)
    except KeyError:
        message = f"PostgreSQL runs only as a user with a name, and user {uid} has none; add it to /etc/passwd."
        raise LocalError(message) from None


def environment(**values: str) -> dict[str, str]:
    """What a child inherits: nothing that points it at an AWS account, another Python, another database or a proxy."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_NOT_INHERITED)}
    loopback = {"NO_PROXY": "*", "no_proxy": "*"}
    no_account = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
    return kept | loopback | no_account | {"AWS_EC2_METADATA_DISABLED": "true"} | values


class Child:
    """A running command. `stop_signal` asks it to end; whatever is left `grace_seconds` later is killed."""

    def __init__(  # noqa: PLR0913 -- a process has this many properties, all by keyword
        self,
        command: Sequence[str | Path],
        *,
        output: IO[bytes] | int,
        env: Mapping[str, str] | None = None,
        folder: Path | None = None,
        account: Account | None = None,
        descriptors: Sequence[int] = (),
        stop_signal: signal.Signals = signal.SIGTERM,
        grace_seconds: float = 5,
    ) -> None:
        identity = {"user": account.uid, "group": account.gid, "extra_groups": []} if account else {}
        order = {
            "command": [str(part) for part in command],
            "descriptors": list(descriptors),
            "grace_seconds": grace_seconds,
            "identity": identity,
            "stop_signal": int(stop_signal),
        }
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", _LEASH, json.dumps(order)],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=environment() if env is None else env,
            cwd=folder,
            pass_fds=descriptors,
            start_new_session=True,
        )

    @property
    def output(self) -> IO[bytes]:
        """What it prints, where it was started with a pipe."""
        if self._process.stdout is None:
            raise ValueError("this child was not started with output=subprocess.PIPE")
        return self._process.stdout

    def exit_code(self) -> int | None:
        """None while it runs."""
        return self._process.poll()

    def wait(self) -> int:
        """Its exit code, once it has ended by itself."""
        code = self._process.wait()
        self.end()
        return code

    def end(self) -> None:
        """End it and everything it started. Ending twice is allowed."""
        if self._process.stdin:
            self._process.stdin.close()
        self._process.wait()
