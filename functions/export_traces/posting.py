"""POSTs to one address, and what an answer means for what was sent."""

import http.client
from collections.abc import Mapping
from http import HTTPStatus
from typing import Self
from urllib.parse import urlsplit

from freehold import clock
from freehold.observability import calling_http, logger

TIMEOUT = 10.0  # seconds
LONGEST = 64 * 1024
"""Bytes of an answer; by a connection with more to come nothing else can be posted."""
AGAIN = frozenset(
    {
        HTTPStatus.REQUEST_TIMEOUT,
        HTTPStatus.TOO_MANY_REQUESTS,
        HTTPStatus.INTERNAL_SERVER_ERROR,
        HTTPStatus.BAD_GATEWAY,
        HTTPStatus.SERVICE_UNAVAILABLE,
        HTTPStatus.GATEWAY_TIMEOUT,
    }
)
"""Answers after which the same may succeed: https://opentelemetry.io/docs/specs/otlp/#retryable-response-codes"""


class Undelivered(Exception):
    """What was to be handed on was not taken now. Lambda calls again with the same."""


class Poster:
    """Posts to one address, by one connection for as long as the other side keeps it."""

    def __init__(self, url: str, *, whom: str) -> None:
        """`whom` says in a word what it is to us."""
        self._where, self._whom = urlsplit(url), whom
        self._connection: http.client.HTTPConnection | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._hang_up()

    def post(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Whether it was taken; what is refused for good is a line of the log. Raises Undelivered.

        An error says no more than its type: http.client's own words hold the header that it complains about.
        """
        with calling_http("POST", self._whom, self._where.hostname or "") as call:
            try:
                status = self._status(headers, body)
            except (OSError, http.client.HTTPException, ValueError) as error:
                raise Undelivered(f"{self._whom} was not reached: {type(error).__name__}.") from None
            call.answered(status)
        if status in AGAIN:
            raise Undelivered(f"{self._whom} answered {status}.")
        if not HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
            logger.error("not taken", whom=self._whom, status=status)
            return False
        return True

    def _status(self, headers: Mapping[str, str], body: bytes) -> int:
        """A connection that was kept may have ended meanwhile: then once more, by another."""
        if self._connection:
            try:
                return self._asked(self._connection, headers, body)
            except ConnectionError:
                self._hang_up()
        kind = http.client.HTTPSConnection if self._where.scheme == "https" else http.client.HTTPConnection
        self._connection = kind(self._where.netloc)
        return self._asked(self._connection, headers, body)

    def _asked(self, connection: http.client.HTTPConnection, headers: Mapping[str, str], body: bytes) -> int:
        connection.timeout = max(0.1, min(TIMEOUT, clock.seconds_left() - 1))
        if connection.sock:
            connection.sock.settimeout(connection.timeout)
        connection.request("POST", self._where.path or "/", body, {**headers, "user-agent": "freehold"})
        answer = connection.getresponse()
        answer.read(LONGEST)
        if not answer.isclosed():
            self._hang_up()
        return answer.status

    def _hang_up(self) -> None:
        if self._connection:
            self._connection.close()
        self._connection = None
