"""The hostile URLs, what their names resolve to, and protected listeners that they aim at."""

import ipaddress
import re
import socket
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from freehold.webhooks.addresses import Address
from tests.webhooks.listeners import Listener

LINE = re.compile(r"(?P<url>\S.*?)(?: -> (?P<addresses>\S+))?  # (?P<why>.+)")
CHARACTERS = {"tab": "\t", "cr": "\r", "lf": "\n", "nul": "\0", "space": " ", "soft": "\N{SOFT HYPHEN}"}


@dataclass(frozen=True)
class HostileUrl:
    """`template` has `{port}` for where the protected listeners wait."""

    template: str
    addresses: tuple[str, ...]
    why: str

    def aimed_at(self, port: int) -> str:
        return self.template.replace("{port}", str(port))


def _read(line: str) -> HostileUrl:
    match = LINE.fullmatch(line)
    assert match, line
    url = match["url"]
    for name, character in CHARACTERS.items():
        url = url.replace(f"{{{name}}}", character)
    return HostileUrl(url, tuple((match["addresses"] or "").split(",")) if match["addresses"] else (), match["why"])


def host_of(url: str) -> str:
    """The host as Python's own parser reads it; nothing where it refuses to."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


HOSTILE = [
    _read(line)
    for line in (Path(__file__).parent / "hostile_urls.txt").read_text().splitlines()
    if line and not line.startswith("#")
]
NAMES = {host_of(url.aimed_at(1)): url.addresses for url in HOSTILE if url.addresses}


def resolve(host: str) -> Sequence[Address]:
    """The names of the list as it says; every way to write an address as the system's own resolver reads it."""
    if written := NAMES.get(host):
        return [ipaddress.ip_address(address) for address in written]
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    except (OSError, UnicodeError):
        return []
    return [ipaddress.ip_address(str(sockaddr[0])) for *_, sockaddr in found]


@dataclass(frozen=True)
class Protected:
    """Listeners on one port of 127.0.0.1 and ::1."""

    listeners: Sequence[Listener]

    @property
    def port(self) -> int:
        return self.listeners[0].port

    @property
    def connections(self) -> int:
        return sum(listener.connections for listener in self.listeners)


@contextmanager
def protected() -> Iterator[Protected]:
    with ExitStack() as stack:
        four = stack.enter_context(Listener())
        six = stack.enter_context(Listener(port=four.port, family=socket.AF_INET6))
        yield Protected([four, six])
