"""The wire between the product and PostgreSQL: it counts round trips, keeps statements, and can be cut.

Every test talks to the database through it, so what it has seen at the end is what the whole run has sent.
"""

import contextlib
import re
import socket
import struct
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum

PINS_A_PROXY = re.compile(
    r"^\s*(set|reset|prepare|deallocate|discard|declare|listen|unlisten|copy|create\s+temp|lock\s+table)\b"
    r"|\bset_config\s*\(|\bnextval\s*\(|\bpg_advisory_lock\s*\(|\bpg_try_advisory_lock\s*\(",
    re.IGNORECASE,
)
STARTUP_REQUESTS = (80877103, 80877104)  # SSL and GSS encryption: answered with one byte, no startup yet


class Cut(Enum):
    """Where the next flight ends."""

    BEFORE = "the client's bytes never reach the server"
    AFTER = "the server has done everything, and its answer never reaches the client"
    SILENT = "the server has done everything, its answer never comes, and the connection stays open"


class Wire:
    """A proxy on loopback in front of one server."""

    def __init__(self, target_port: int) -> None:
        self._target = ("127.0.0.1", target_port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.round_trips = 0
        self.connections = 0
        self.statements: set[str] = set()
        self.named_statements = 0
        self.flushes = 0
        self._cut: Cut | None = None
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Take no more connections. It is shut down first, or its thread would wait on its number's next owner."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def pinning(self) -> set[str]:
        """What was sent that would pin a session of RDS Proxy."""
        return {statement for statement in self.statements if PINS_A_PROXY.search(statement)}

    @contextmanager
    def counting(self) -> Iterator[list[int]]:
        """How many round trips the block took; read the one number after it."""
        before, counted = self.round_trips, []
        yield counted
        counted.append(self.round_trips - before)

    def cut(self, where: Cut) -> None:
        """Cut the next flight there, once."""
        self._cut = where

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                self.connections += 1
                try:
                    server = socket.create_connection(self._target)
                except OSError as error:  # of this one; who connects next may be luckier, and is not kept waiting
                    sys.stderr.write(f"The wire does not reach the server: {error!r}\n")
                    client.close()
                    continue
                for end in (client, server):
                    end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                link = _Link(self, client, server)
                threading.Thread(target=link.upstream, daemon=True).start()
                threading.Thread(target=link.downstream, daemon=True).start()

    def take_cut(self, where: Cut) -> bool:
        """Whether this is the flight to cut there."""
        if self._cut is not where:
            return False
        self._cut = None
        return True


class _Link:
    """One connection through the wire."""

    def __init__(self, wire: Wire, client: socket.socket, server: socket.socket) -> None:
        self._wire, self._client, self._server = wire, client, server
        self._waiting_for_client = True
        self._started = False
        self._pending = b""
        self._swallowing = False
        self._silent = False
        self._withholding = False

    def upstream(self) -> None:
        with contextlib.suppress(OSError):
            while data := self._client.recv(65536):
                self._count(data)
                self._read(data)
                if self._is_cut_before(data):
                    break
                if self._withholding:
                    continue
                self._swallowing = self._swallowing or (self._started and self._wire.take_cut(Cut.AFTER))
                self._silent = self._silent or (self._started and self._wire.take_cut(Cut.SILENT))
                self._server.sendall(data)
        self._close()

    def downstream(self) -> None:
        with contextlib.suppress(OSError):
            while data := self._server.recv(65536):
                self._waiting_for_client = True
                if self._silent:
                    continue
                if not self._swallowing:
                    self._client.sendall(data)
                elif data[-6:-1] == b"Z\0\0\0\x05":  # ReadyForQuery: the server is done
                    break
        self._close()

    def _is_cut_before(self, data: bytes) -> bool:
        """Withhold the whole flight, and hang up when its COMMIT is there: its sender has sent everything."""
        self._withholding = self._withholding or (self._started and self._wire.take_cut(Cut.BEFORE))
        return self._withholding and b"commit\0" in data

    def _count(self, data: bytes) -> None:
        """A round trip is what is sent after an answer."""
        if self._waiting_for_client and self._started:
            self._wire.round_trips += 1
        self._waiting_for_client = False

    def _read(self, data: bytes) -> None:
        """Keep the text of each Query and Parse message."""
        self._pending += data
        if not self._started:
            self._read_startup()
            return
        while len(self._pending) >= 5:
            length = 1 + struct.unpack_from("!i", self._pending, 1)[0]
            if len(self._pending) < length:
                return
            kind, body = self._pending[:1], self._pending[5:length]
            self._pending = self._pending[length:]
            self._wire.flushes += kind == b"H"
            if kind == b"Q":
                self._wire.statements.add(body.rstrip(b"\0").decode())
            elif kind == b"P":
                name, text = body.split(b"\0")[:2]
                self._wire.statements.add(text.decode())
                self._wire.named_statements += bool(name)

    def _read_startup(self) -> None:
        length, code = struct.unpack_from("!ii", self._pending)
        self._pending = self._pending[length:]
        self._started = code not in STARTUP_REQUESTS

    def _close(self) -> None:
        for end in (self._client, self._server):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
