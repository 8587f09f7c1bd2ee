"""The one running `make dev`: how other commands find it, and how they know that there is none."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from local.errors import LocalError
from local.locks import Lock
from local.project import DEV

_RUNNING = "`make dev` is running on this folder already; use it, or end it with Ctrl-C."


@dataclass(frozen=True, slots=True)
class Instance:
    """Where everything of it is."""

    url: str
    issuer: str
    database: str
    stage: str
    stripe: str = ""
    """The double of Stripe; empty where it is Stripe itself."""


@contextmanager
def only_one(folder: Path = DEV, *, otherwise: str = _RUNNING) -> Iterator[None]:
    """Hold the folder for as long as the block runs. The kernel frees it however we end."""
    folder.mkdir(parents=True, exist_ok=True)
    lock = Lock(folder.with_suffix(".lock"))
    if not lock.acquire():
        raise LocalError(otherwise)
    try:
        yield
    finally:
        lock.release()


def is_running(folder: Path = DEV) -> bool:
    """Whether somebody holds the folder."""
    try:
        with only_one(folder):
            return False
    except LocalError:
        return True


def publish(instance: Instance, folder: Path = DEV) -> None:
    """Tell other commands where things are."""
    (folder / "instance.json").write_text(json.dumps(asdict(instance)))


def find(folder: Path = DEV) -> Instance | None:
    """The running one; what a killed one left behind does not count."""
    file = folder / "instance.json"
    return Instance(**json.loads(file.read_text())) if file.exists() and is_running(folder) else None


def require(folder: Path = DEV) -> Instance:
    """The running one, or a sentence."""
    instance = find(folder)
    if instance is None:
        raise LocalError("Nothing runs here; start it with `make dev`, in another terminal.")
    return instance
