"""What we read from API Gateway's event (payload format 2.0), checked before anything else looks at it."""

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from freehold.errors import BadRequest, InvalidInput, PayloadTooLarge, UnsupportedMediaType
from freehold.http.strict_json import check_json
from freehold.http.viewer import address_of, host_of

LARGEST_BODY = 1024 * 1024  # bytes
CORRELATION_ID = re.compile(r"[A-Za-z0-9._:/+=-]{1,128}")
WITH_BODY = ("POST", "PUT", "PATCH")


@dataclass(frozen=True)
class Event:
    """One HTTP request as the gateway hands it over; header names are in lower case."""

    raw: Mapping[str, Any]

    @cached_property
    def context(self) -> Mapping[str, Any]:
        """The gateway's own words about the request."""
        context: Mapping[str, Any] = self.raw["requestContext"]
        return context

    @property
    def headers(self) -> Mapping[str, str]:
        """The request's headers."""
        headers: Mapping[str, str] = self.raw.get("headers", {})
        return headers

    @property
    def method(self) -> str:
        """In capitals."""
        return str(self.context["http"]["method"])

    @property
    def path(self) -> str:
        """Without the query."""
        return str(self.raw["rawPath"])

    @property
    def route(self) -> str:
        """The declared route, as in `GET /v1/projects/{project_id}`."""
        return str(self.context.get("routeKey") or self.raw.get("routeKey", ""))

    @property
    def request_id(self) -> str:
        """Unique for each request; API Gateway makes it."""
        return str(self.context["requestId"])

    @property
    def correlation_id(self) -> str:
        """What the caller calls this piece of work, or our request id when they call it nothing usable."""
        given = self.headers.get("x-correlation-id", "")
        return given if CORRELATION_ID.fullmatch(given) else self.request_id

    @property
    def address(self) -> str:
        """The caller's network address."""
        return address_of(self.context, self.headers)

    @property
    def host(self) -> str:
        """The name under which the caller knows us."""
        return host_of(self.context, self.headers)

    @property
    def who(self) -> Mapping[str, Any]:
        """What the authorizer found out; empty on a public route."""
        who: Mapping[str, Any] = self.context.get("authorizer", {}).get("lambda") or {}
        return who

    @cached_property
    def body(self) -> bytes:
        """The request's body. Raises BadRequest, PayloadTooLarge."""
        body = self.raw.get("body") or ""
        try:
            data = base64.b64decode(body, validate=True) if self.raw.get("isBase64Encoded") else body.encode()
        except ValueError as error:  # not base64, or half of a surrogate pair
            raise BadRequest("The request body is not valid UTF-8.") from error
        if len(data) > LARGEST_BODY:
            raise PayloadTooLarge
        return data

    def check(self, reads: tuple[str, ...], *, unread: bool = False) -> None:
        """Refuse a body that is not what it says, before any library reads it. Raises a 4xx ApiError."""
        if any("\0" in text for text in (self.raw.get("queryStringParameters") or {}).values()):
            raise InvalidInput("The query holds a NUL, which no text has.")
        if self.method not in WITH_BODY or not self.body:
            return
        if not _is_one_of(reads, self.headers.get("content-type", "")):
            raise UnsupportedMediaType(f"Send the body as `Content-Type: {reads[0]}`.")
        if not unread:
            check_json(self.body)


def _is_one_of(reads: tuple[str, ...], content_type: str) -> bool:
    media_type, _, parameters = content_type.lower().partition(";")
    charset = parameters.replace('"', "").strip()
    return media_type.strip() in reads and charset in ("", "charset=utf-8", "charset=utf8")
