"""A proxy that cuts a client's first connection at one of its messages: before the server hears it, or its answer."""

import contextlib
import itertools
import socket
import threading
from collections.abc import Callable
from typing import Literal

READY = b"Z\0\0\0\x05"
LOGIN = (b"N", b"R")
"""How an answer begins that the client has to answer in turn: no TLS here; and, show me your password."""


class Scissors:
    """In front of one server. Later connections pass, such as the watch's."""

    def __init__(self, target_port: int, *, at: int, where: Literal["before", "after"]) -> None:
        self.has_cut = False
        self._target, self._at, self._where = ("127.0.0.1", target_port), at, where
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._sockets: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._start(self._accept)

    def close(self) -> None:
        """End every connection."""
        _end(self._listener, *self._sockets)
        for thread in self._threads:
            thread.join()
        for each in (self._listener, *self._sockets):
            each.close()

    def _start(self, work: Callable[..., None], *ends: socket.socket) -> None:
        thread = threading.Thread(target=work, args=ends, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            for number in itertools.count():
                client, _ = self._listener.accept()
                server = socket.create_connection(self._target)
                self._sockets += [client, server]
                self._start(self._pass if number else self._watch, client, server)
                self._start(self._pass if number else self._answer, server, client)

    def _pass(self, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)
        _end(source, sink)

    def _watch(self, client: socket.socket, server: socket.socket) -> None:
        with contextlib.suppress(OSError):
            for number in itertools.count():
                said = client.recv(65536)
                self.has_cut = self.has_cut or (bool(said) and number == self._at)
                if not said or (self.has_cut and self._where == "before"):
                    break
                server.sendall(said)  # also the rest of a long one, after the cut; the answer that nobody hears ends it
        _end(client, server)

    def _answer(self, server: socket.socket, client: socket.socket) -> None:
        tail = b""
        with contextlib.suppress(OSError):
            while answer := server.recv(65536):
                tail = (tail + answer)[-6:]
                if not self.has_cut:
                    client.sendall(answer)
                elif tail[:-1] == READY or answer[:1] in LOGIN:
                    break
        _end(client, server)


def _end(*ends: socket.socket) -> None:
    for end in ends:
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
