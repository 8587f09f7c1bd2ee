"""Ports on loopback: a free one, or the one that was asked for."""

import socket

from local.errors import LocalError

LOOPBACK = "127.0.0.1"


def listen(port: int = 0) -> socket.socket:
    """A listening socket on loopback; port 0 takes any free one."""
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((LOOPBACK, port))
        listening.listen(128)
    except OSError:
        listening.close()
        raise
    return listening


def free_port() -> int:
    """A port that nobody listens on at this moment."""
    with listen() as listening:
        return port_of(listening)


def port_of(listening: socket.socket) -> int:
    """The port that a socket listens on."""
    port: int = listening.getsockname()[1]
    return port


def require_free(port: int, *, what: str, choose: str) -> None:
    """Refuse a port that is taken. `choose` names the setting that picks another."""
    try:
        listen(port).close()
    except PermissionError:
        raise LocalError(f"Port {port} for {what} needs more rights; choose one above 1023 with {choose}.") from None
    except OverflowError:
        raise LocalError(f"{port} is no port for {what}: choose one from 1024 to 65535 with {choose}.") from None
    except OSError:
        message = f"Port {port} for {what} is in use; stop what listens there, or choose another with {choose}."
        raise LocalError(message) from None
