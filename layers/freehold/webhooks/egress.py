"""The way out of our network: an HTTPS request that reaches public addresses only, and ends in time whatever answers.

The name is resolved once, each of its addresses is judged, and one of those judged is connected to. So there is no
second answer of a name server, no redirect, no proxy of the environment and no kept connection by which it could
arrive elsewhere.
"""

import io
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse
from queue import Empty, SimpleQueue
from typing import override

from freehold.observability import calling_http, host_of
from freehold.webhooks.addresses import Address, addresses_of, is_public
from freehold.webhooks.targets import NotPublic, Target, Undeliverable, read_target

LONGEST_SECONDS, CONNECT_SECONDS = 15.0, 5.0
LARGEST_ANSWER, EXCERPT = 64 * 1024, 4 * 1024  # bytes
TRIES = 4  # of a name's addresses
FIRST_FINAL = 200  # below are interim answers: https://www.rfc-editor.org/rfc/rfc9110#section-15.2
HEADER, VALUE = re.compile(r"[A-Za-z0-9-]+"), re.compile(r"[\x20-\x7e]*")
UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")

type Resolve = Callable[[str], Sequence[Address]]


@dataclass(frozen=True, slots=True)
class Reply:
    """What a receiver answered: header names in lower case, and the beginning of the body as text that can be shown."""

    status: int
    headers: Mapping[str, str]
    excerpt: str
    milliseconds: int


@dataclass(frozen=True, slots=True)
class Document:
    """What was fetched: the body whole, up to the largest answer."""

    status: int
    body: bytes


class Egress:
    """Posts to what tenants name, and fetches from there.

    `listeners`, as host:port, are on the loopback of a laptop and may be reached by http; deployed, there are none.
    """

    def __init__(
        self,
        *,
        listeners: AbstractSet[str] = frozenset(),
        resolve: Resolve = addresses_of,
        tls: ssl.SSLContext | None = None,
        seconds: float = LONGEST_SECONDS,
    ) -> None:
        self._listeners, self._resolve, self._seconds = listeners, resolve, seconds
        self._tls = tls or ssl.create_default_context()

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """Send it once. Any status is an answer, a redirect too. Raises Undeliverable where there is none."""
        began = time.monotonic()
        status, answered, read = self._exchange("POST", url, headers, body)
        return Reply(status, answered, _shown(read[:EXCERPT]), round(1000 * (time.monotonic() - began)))

    def get(self, url: str) -> Document:
        """Fetch it once, likewise."""
        with calling_http("GET", "provider", host_of(url)) as call:
            status, _, read = self._exchange("GET", url, {"Accept": "application/json"}, b"")
            call.answered(status)
        return Document(status, read)

    def _exchange(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, dict[str, str], bytes]:
        target = read_target(url, listeners=self._listeners)
        request = _request(method, target, headers, body)
        by = time.monotonic() + self._seconds
        with (
            _in_sentences(self._seconds),
            closing(_connect(self._judged(target, by), target.port, by)) as plain,
            closing(self._secured(plain, target, by)) as connection,
        ):
            _send(connection, request, by)
            return _answer(method, connection, by)

    def _judged(self, target: Target, by: float) -> Sequence[Address]:
        """The target's addresses, of which a single bad one condemns all: the next answer might lead with it."""
        addresses = [target.address] if target.address else self._resolved(target.host, by)
        is_good = is_public if target.listener not in self._listeners else _is_loopback
        if not all(is_good(address) for address in addresses):
            raise NotPublic
        return addresses

    def _resolved(self, host: str, by: float) -> Sequence[Address]:
        """In a thread, for a resolver knows no deadline, and a tenant's name server may be slow on purpose."""
        found: SimpleQueue[Sequence[Address]] = SimpleQueue()
        threading.Thread(target=lambda: found.put(self._resolve(host)), daemon=True).start()
        with suppress(Empty):
            if addresses := found.get(timeout=_left(by)):
                return addresses
            raise Undeliverable("No address was found for the host of this URL.")
        raise TimeoutError

    def _secured(self, plain: socket.socket, target: Target, by: float) -> socket.socket:
        if target.scheme == "http":
            return plain
        plain.settimeout(_left(by))
        return self._tls.wrap_socket(plain, server_hostname=target.host)


def _is_loopback(address: Address) -> bool:
    return address.is_loopback


def _left(by: float) -> float:
    """Seconds until then. Raises TimeoutError when there are none."""
    seconds = by - time.monotonic()
    if seconds <= 0:
        raise TimeoutError
    return seconds


def _request(method: str, target: Target, headers: Mapping[str, str], body: bytes) -> bytes:
    """Raises ValueError for a header that would not stay within its line."""
    fields = {
        **headers,
        "Host": target.host_header,
        "Content-Length": str(len(body)),
        "Accept-Encoding": "identity",
        "Connection": "close",
    }
    if not all(HEADER.fullmatch(name) and VALUE.fullmatch(value) for name, value in fields.items()):
        raise ValueError("a header has a name of letters, digits and hyphens, and a value of visible ASCII")
    lines = [f"{method} {target.path} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items()), "", ""]
    return "\r\n".join(lines).encode("ascii") + body


def _connect(addresses: Sequence[Address], port: int, by: float) -> socket.socket:
    """To the first that accepts."""
    silence: TimeoutError | None = None
    for address in addresses[:TRIES]:
        connection = socket.socket(socket.AF_INET6 if address.version == 6 else socket.AF_INET)  # noqa: PLR2004 (IPv6)
        try:
            connection.settimeout(min(CONNECT_SECONDS, _left(by)))
            connection.connect((str(address), port))
        except OSError as fault:
            connection.close()
            silence = fault if isinstance(fault, TimeoutError) else silence
        else:
            return connection
    raise Undeliverable("Nobody accepted a connection at this address.") from silence


def _send(connection: socket.socket, request: bytes, by: float) -> None:
    rest = memoryview(request)
    with suppress(ConnectionError):  # who has read enough may have answered already
        while rest:
            connection.settimeout(_left(by))
            rest = rest[connection.send(rest) :]


def _answer(method: str, connection: socket.socket, by: float) -> tuple[int, dict[str, str], bytes]:
    """Status, headers, and the body as far as it came."""
    answer = _Answer(connection, by)
    with ExitStack() as opened:
        while True:
            response = HTTPResponse(answer, method=method)  # type: ignore[arg-type]  # only makefile is asked
            opened.enter_context(closing(response))
            response.begin()
            if response.status >= FIRST_FINAL:
                break
            response.fp = None  # type: ignore[assignment]  # it would close what the final answer is read from
        headers = {name.lower(): _shown(value.encode("latin-1", "replace")) for name, value in response.getheaders()}
        return response.status, headers, _body(response)


def _body(response: HTTPResponse) -> bytes:
    """The status has decided already: a body that is too long or breaks off is read as far as it goes."""
    body = b""
    with suppress(HTTPException, _TooLong, ConnectionError):
        while piece := response.read1(LARGEST_ANSWER):
            body += piece
    return body


def _shown(text: bytes) -> str:
    return UNSEEN.sub("\N{REPLACEMENT CHARACTER}", text.decode(errors="replace"))


class _TooLong(OSError):
    """This is more than any receiver has to say."""


class _Answer(io.RawIOBase):
    """What comes from a connection, each byte of it before the same moment and all of it within the largest answer."""

    def __init__(self, connection: socket.socket, by: float) -> None:
        self._connection, self._by, self._room = connection, by, LARGEST_ANSWER
        self._reader = io.BufferedReader(self)

    def makefile(self, _mode: str) -> io.BufferedIOBase:
        """As http.client asks a socket: the same each time, for the final answer may be right behind an interim one."""
        return self._reader

    @override
    def readable(self) -> bool:
        return True

    @override
    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # what BufferedReader passes
        if not self._room:
            raise _TooLong
        self._connection.settimeout(_left(self._by))
        length = self._connection.recv_into(buffer, min(len(buffer), self._room))
        self._room -= length
        return length


FAULTS: tuple[tuple[type[Exception], str], ...] = (
    (TimeoutError, "The answer was not there within {seconds:g} seconds."),
    (ssl.SSLCertVerificationError, "The certificate of this host is not valid: {fault.verify_message}."),
    (ssl.SSLError, "No TLS connection could be made to this host."),
    (_TooLong, "The headers of the answer are too long."),
    (ConnectionError, "The connection was closed before there was an answer."),
    (HTTPException, "The answer is not HTTP."),
    (OSError, "The connection broke."),
)
"""The first that fits. http.client says that nothing was answered by an error that is a ConnectionError too."""


@contextmanager
def _in_sentences(seconds: float) -> Iterator[None]:
    try:
        yield
    except (OSError, HTTPException, ValueError) as fault:
        sentence = next((said for kind, said in FAULTS if isinstance(fault, kind)), "The answer is not HTTP.")
        raise Undeliverable(sentence.format(seconds=seconds, fault=fault)) from fault
