"""What API Gateway does to a request: finds the route, asks the authorizer, calls the handler with an event."""

import base64
import gzip
import importlib
import json
import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from functions.declaration import Function
from functions.manifest import AUTHORIZER, FUNCTIONS
from local.errors import LocalError

type Event = dict[str, Any]

ROUTES = {route: function for function in FUNCTIONS for route in function.routes}


@dataclass(frozen=True)
class Answer:
    r"""What a client receives; header names are in lower case.

    A body is unpacked as a client does it; in one that is no text, each byte that is none reads as `\xNN`.
    """

    status: int
    headers: dict[str, str]
    body: str

    @property
    def json(self) -> Any:  # noqa: ANN401 (any JSON value)
        """The body, read."""
        return json.loads(self.body)

    @property
    def code(self) -> str:
        """The problem's code; empty where it is none."""
        found: str = self.json.get("code", "") if self.body else ""
        return found


def call(  # noqa: PLR0913 (what a request can have, by name)
    method: str,
    path: str,
    *,
    token: str | None = None,
    body: object = None,
    raw: bytes | None = None,
    headers: dict[str, str] | None = None,
    query: dict[str, Any] | None = None,
    context: object = None,
) -> Answer:
    """Send a request and read its answer. `body` travels as JSON, `raw` as it is."""
    route, parameters = match(method, path)
    function = ROUTES[route]
    event = make_event(route, path, parameters, query or {})
    if body is not None or raw is not None:
        event["body"] = json.dumps(body)
        event["headers"]["content-type"] = "application/json"
    if raw is not None:
        event |= {"body": base64.b64encode(raw).decode(), "isBase64Encoded": True}
    event["headers"] |= _joined(headers or {})
    if token:
        event["headers"]["authorization"] = f"Bearer {token}"
    if not function.public:
        if "authorization" not in event["headers"]:
            return Answer(HTTPStatus.UNAUTHORIZED, {}, '{"message":"Unauthorized"}')
        event["requestContext"]["authorizer"] = {"lambda": authorize(event)}
    return _received(handler(function)(event, context))


def _joined(headers: dict[str, str]) -> dict[str, str]:
    """What is sent twice, if in another case, arrives once, with a comma between: the gateway's way."""
    joined: dict[str, str] = {}
    for name, value in headers.items():
        known = joined.get(name.lower())
        joined[name.lower()] = value if known is None else f"{known},{value}"
    return joined


def _received(response: Event) -> Answer:
    headers = {name.lower(): value for name, value in response["headers"].items()}
    if cookies := response.get("cookies"):
        headers["set-cookie"] = ", ".join(cookies)
    body = response["body"] or ""
    if response.get("isBase64Encoded"):
        data = base64.b64decode(body)
        body = (gzip.decompress(data) if headers.get("content-encoding") == "gzip" else data).decode(
            errors="backslashreplace"
        )
    return Answer(response["statusCode"], headers, body)


def authorize(event: Event) -> dict[str, Any]:
    """The context that the real authorizer gives for this request. Raises LocalError where it lets nobody pass."""
    answer = handler(AUTHORIZER)({"headers": event["headers"], "routeKey": event["routeKey"]}, None)
    if answer["isAuthorized"] is not True:
        raise LocalError(f"The authorizer refuses by itself, where it should pass a reason on: {answer}")
    context: dict[str, Any] = json.loads(json.dumps(answer["context"]))
    return context


def handler(function: Function) -> Callable[[Event, object], Any]:
    """The code that runs for this function; importing it is its init."""
    found: Callable[[Event, object], Any] = importlib.import_module(f"functions.{function.code}.handler").handler
    return found


def match(method: str, path: str) -> tuple[str, dict[str, str]]:
    """The declared route that a path takes, the most literal one first, as in API Gateway."""
    found = [
        (route.count("{"), route, fits.groupdict())
        for route in ROUTES
        if route.startswith(f"{method} ") and (fits := _pattern(route).fullmatch(path))
    ]
    if not found:
        raise LookupError(f"no route for {method} {path}")
    _, route, parameters = min(found, key=lambda candidate: candidate[:2])
    return route, parameters


@cache
def _pattern(route: str) -> re.Pattern[str]:
    """The paths that take it."""
    template = re.escape(route.partition(" ")[2])
    return re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", template))


def make_event(route: str, path: str, parameters: dict[str, str], query: dict[str, Any]) -> Event:
    """An HTTP API event, payload format 2.0."""
    return {
        "version": "2.0",
        "routeKey": route,
        "rawPath": path,
        "rawQueryString": urlencode(query, doseq=True),
        "headers": {"host": "api.example.test", "user-agent": "tests"},
        "queryStringParameters": {
            name: ",".join(map(str, value)) if isinstance(value, list) else str(value) for name, value in query.items()
        },
        "pathParameters": parameters,
        "requestContext": {
            "accountId": "000000000000",
            "apiId": "test",
            "domainName": "api.example.test",
            "http": {
                "method": route.partition(" ")[0],
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": "192.0.2.1",
                "userAgent": "tests",
            },
            "requestId": str(uuid.uuid4()),
            "routeKey": route,
            "stage": "$default",
            "timeEpoch": 1789000000000,
        },
        "isBase64Encoded": False,
    }
