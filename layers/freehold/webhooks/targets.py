"""What a tenant may name as the address of its endpoint, read so strictly that no two parsers could disagree about it.

Whatever passes here, the addresses that the name resolves to are judged again each time we connect.
"""

import re
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv6Address

from freehold.webhooks.addresses import Address, is_public

LONGEST, LONGEST_NAME = 2048, 253  # characters
PORTS = {"https": 443, "http": 80}
URL = re.compile(
    r"(?P<scheme>https?)://(?P<host>\[[0-9a-f.]*:[0-9a-f:.]*\]|[a-z0-9.-]+)(?::(?P<port>[0-9]{1,5}))?"
    r"(?P<path>/[!$-;=?-\[\]_a-z~]*)?",  # with its query: visible ASCII without " # < > \ ^ ` { | }
    re.IGNORECASE | re.ASCII,
)
LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
FIRST_FREE_PORT, LAST_PORT = 1024, 65535
OF_SOME_NETWORK = re.compile(r"arpa|corp|home|internal|intranet|invalid|lan|local|localdomain|localhost|onion|private")
"""Last labels of names that mean something else, or nothing, in each network."""


class Undeliverable(Exception):
    """One sentence for the tenant: why nothing was delivered. It says nothing about our network."""


class NotPublic(Undeliverable):
    """This address is not public."""

    def __init__(self) -> None:
        super().__init__(self.__doc__)


@dataclass(frozen=True, slots=True)
class Target:
    """Where to connect, and what to ask for there: the path with its query."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def address(self) -> Address | None:
        """The host, where it is an address rather than a name."""
        try:
            return IPv6Address(self.host) if ":" in self.host else IPv4Address(self.host)
        except AddressValueError:
            return None

    @property
    def listener(self) -> str:
        """Host and port."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def host_header(self) -> str:
        """Host and, if it is not the scheme's own, port."""
        return self.listener.removesuffix(f":{PORTS[self.scheme]}")


def read_target(url: str, *, listeners: AbstractSet[str] = frozenset()) -> Target:
    """What the URL names. Raises Undeliverable.

    `listeners` are those of a laptop, as host:port, for which none of the rules about public addresses holds.
    """
    match = URL.fullmatch(url) if len(url) <= LONGEST else None
    if match is None:
        raise Undeliverable(_misread(url))
    scheme, host = match["scheme"].lower(), match["host"].lower().strip("[]")
    target = Target(scheme, host, int(match["port"] or PORTS[scheme]), match["path"] or "/")
    if target.listener not in listeners:
        _require_public(target)
    return target


def _misread(url: str) -> str:
    if len(url) > LONGEST:
        return f"This URL is longer than {LONGEST} characters."
    if not url.isascii():
        return "Write this URL in ASCII: the host as in xn--bcher-kva.example, the path as in /b%C3%BCcher."
    return "Write the URL as https://host/path, without user name, fragment, spaces or backslashes."


def _require_public(target: Target) -> None:
    if target.scheme != "https":
        raise Undeliverable("The URL has to begin with https://.")
    if target.port != PORTS["https"] and not FIRST_FREE_PORT <= target.port <= LAST_PORT:
        raise Undeliverable(f"The port has to be {PORTS['https']}, or one from {FIRST_FREE_PORT} to {LAST_PORT}.")
    if target.address is None:
        _require_public_name(target.host)
    elif not is_public(target.address):
        raise NotPublic


def _require_public_name(host: str) -> None:
    labels = host.split(".")
    if len(host) > LONGEST_NAME or not all(LABEL.fullmatch(label) for label in labels):
        raise Undeliverable("This is no host name: it consists of letters, digits and hyphens between single dots.")
    if NUMBER.fullmatch(labels[-1]):
        raise Undeliverable("Write an IP address in its usual form, as four decimal numbers.")
    if len(labels) == 1 or OF_SOME_NETWORK.fullmatch(labels[-1]):
        raise NotPublic
