"""Listeners on loopback that count who connects, and say what a test wants them to say."""

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable
from typing import Self

LOOPBACK = {socket.AF_INET: "127.0.0.1", socket.AF_INET6: "::1"}

type Say = Callable[[socket.socket], object]


def answering(status: str = "200 OK", *headers: str, body: bytes = b"") -> Say:
    """An answer as most servers give it."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
    return lambda connection: connection.sendall("\r\n".join(lines).encode() + body)


class Listener:
    """Accepts, reads one request, lets `say` speak, and closes. Without `say` it closes at once."""

    def __init__(
        self,
        say: Say | None = None,
        *,
        port: int = 0,
        family: socket.AddressFamily = socket.AF_INET,
        tls: ssl.SSLContext | None = None,
        reads: bool = True,
    ) -> None:
        self._say, self._tls, self._reads = say, tls, reads
        self._socket = socket.socket(family)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind((LOOPBACK[family], port))
        self._socket.listen(128)
        self.host, self.port = self._socket.getsockname()[:2]
        self.connections = 0
        self.requests: list[bytes] = []
        self._thread = threading.Thread(target=self._serve, daemon=True)

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}/hook"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.connections += 1
            with connection, contextlib.suppress(OSError):
                self._converse(connection)

    def _converse(self, connection: socket.socket) -> None:
        if self._say is None:
            return
        if self._tls:
            connection = self._tls.wrap_socket(connection, server_side=True)
        with connection:
            if self._reads:
                self.requests.append(_read(connection))
            self._say(connection)


def _read(connection: socket.socket) -> bytes:
    """One request with its Content-Length."""
    head = b""
    while b"\r\n\r\n" not in head:
        piece = connection.recv(65536)
        if not piece:
            return head
        head += piece
    head, _, body = head.partition(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0] or 0)
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body
