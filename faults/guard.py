"""A proxy before PostgreSQL that ends a client at a statement: before the server has it, within, or after its answer.

Nothing in the product knows of it. A point is a text that one of its flights contains; the client is a process that
this one may end, and the connection goes with it, as on a machine that dies.
"""

import contextlib
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

type Moment = Literal["before", "within", "after"]

READY = b"Z\0\0\0\x05"
"""How the server's last word on a flight begins; one byte follows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trap:
    """Where to end a client: the `nth` flight that contains `text`."""

    text: bytes
    moment: Moment
    nth: int
    end: Callable[[], None]


class Guard:
    """In front of one server. Whoever connects to `port` can be ended."""

    def __init__(self, target_port: int) -> None:
        self._target = ("127.0.0.1", target_port)
        self._trap: Trap | None = None
        self._met = 0
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def set(self, trap: Trap | None) -> None:
        """From now on, until it was sprung once."""
        with self._lock:
            self._trap, self._met = trap, 0

    @property
    def was_sprung(self) -> bool:
        """Whether the trap that was set has ended somebody."""
        with self._lock:
            return self._trap is None

    def close(self) -> None:
        """Let nobody else in."""
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                server = socket.create_connection(self._target)
                server.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                _Line(self, client, server).start()

    def sprung_by(self, said: bytes) -> Trap | None:
        """The trap, if these bytes are what it waits for; it is gone then."""
        with self._lock:
            trap = self._trap
            if trap is None or trap.text not in said:
                return None
            self._met += 1
            if self._met < trap.nth:
                return None
            self._trap = None
            return trap


class _Line:
    """One client's connection, both ways."""

    def __init__(self, guard: Guard, client: socket.socket, server: socket.socket) -> None:
        self._guard, self._client, self._server = guard, client, server
        self._silent: Trap | None = None

    def start(self) -> None:
        for work in (self._forth, self._back):
            threading.Thread(target=work, daemon=True).start()

    def _forth(self) -> None:
        with contextlib.suppress(OSError):
            while said := self._client.recv(1 << 20):
                trap = self._guard.sprung_by(said)
                if trap is None:
                    self._server.sendall(said)
                elif trap.moment == "after":
                    self._silent = trap
                    self._server.sendall(said)
                else:
                    if trap.moment == "within":
                        self._server.sendall(said[: said.index(trap.text)])
                    trap.end()
                    break
        _shut(self._client, self._server)

    def _back(self) -> None:
        tail = b""
        with contextlib.suppress(OSError):
            while answer := self._server.recv(1 << 20):
                tail = (tail + answer)[-6:]
                if self._silent is None:
                    self._client.sendall(answer)
                elif tail[:5] == READY:
                    self._silent.end()
                    break
        _shut(self._client, self._server)


def _shut(*ends: socket.socket) -> None:
    for end in ends:
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
        end.close()
