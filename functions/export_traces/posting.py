"""One POST, and what its answer means for what was sent."""

import http.client
from collections.abc import Mapping
from http import HTTPStatus
from urllib.parse import urlsplit

from freehold import clock
from freehold.observability import calling_http, logger

TIMEOUT = 10.0  # seconds
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


def post(url: str, headers: Mapping[str, str], body: bytes, *, whom: str) -> bool:
    """Whether it was taken; what is refused for good is a line of the log. Raises Undelivered."""
    where = urlsplit(url)
    kind = http.client.HTTPSConnection if where.scheme == "https" else http.client.HTTPConnection
    with calling_http("POST", whom, where.hostname or "") as call:
        connection = kind(where.netloc, timeout=max(0.1, min(TIMEOUT, clock.seconds_left() - 1)))
        try:
            connection.request("POST", where.path or "/", body, {**headers, "user-agent": "freehold"})
            status = connection.getresponse().status
        except (OSError, http.client.HTTPException) as error:
            raise Undelivered(f"{whom} was not reached: {type(error).__name__}.") from error
        finally:
            connection.close()
        call.answered(status)
    if status in AGAIN:
        raise Undelivered(f"{whom} answered {status}.")
    if not HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        logger.error("not taken", whom=whom, status=status)
        return False
    return True
