"""Plain HTTP on loopback, past any proxy of the environment."""

import urllib.error
import urllib.request
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPException

_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass(frozen=True, slots=True)
class Answer:
    """A status and a body; an error status is an answer like any other."""

    status: int
    body: bytes


def get(url: str, *, timeout_seconds: float = 30) -> Answer:
    """Fetch a page. Raises OSError where nobody answers."""
    return _send(urllib.request.Request(url), timeout_seconds)


def post(url: str, body: bytes, *, content_type: str, timeout_seconds: float = 30) -> Answer:
    """Post a body. Raises OSError where nobody answers."""
    return _send(urllib.request.Request(url, body, {"Content-Type": content_type}), timeout_seconds)


def answers(url: str) -> bool:
    """Whether somebody answers 200 there, now."""
    try:
        return get(url, timeout_seconds=2).status == HTTPStatus.OK
    except (OSError, HTTPException):
        return False


def _send(request: urllib.request.Request, timeout_seconds: float) -> Answer:
    try:
        with _opener.open(request, timeout=timeout_seconds) as response:
            return Answer(response.status, response.read())
    except urllib.error.HTTPError as error:
        with error:
            return Answer(error.code, error.read())
