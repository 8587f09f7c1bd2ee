"""Calls to somebody else, be it AWS, Stripe or a customer: each is measured, and a span where its trace is sampled."""

import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from freehold.observability import traces
from freehold.observability.observation import current
from freehold.observability.spans import Attributes, Span, SpanKind, child


@dataclass(slots=True)
class Call:
    """A call under way."""

    span: Span | None = None
    headers: dict[str, str] = field(default_factory=dict)
    """What it carries so that whoever is called can go on with the trace; nothing where it is not sampled.

    A header that says "not sampled" would keep a customer from sampling what they want to see.
    """

    def answered(self, status: int) -> None:
        """By HTTP."""
        if self.span:
            self.span.attributes["http.response.status_code"] = status
            self.span.error = str(status) if status >= 400 else ""  # noqa: PLR2004 (where HTTP's errors begin)


@contextmanager
def calling(name: str, attributes: Attributes, *, kind: SpanKind = SpanKind.CLIENT) -> Iterator[Call]:
    """Inside, somebody else is called; `name` is one of few: `POST webhook`, `send sqs`."""
    seen, began = current(), time.perf_counter()
    call = Call()
    if seen and seen.trace:
        call.span = child(seen, name, kind, attributes)
        call.headers[traces.HEADER] = traces.header(seen.trace, call.span.id)
    try:
        yield call
    except BaseException as error:
        if call.span:
            call.span.error = type(error).__qualname__
        raise
    finally:
        if seen:
            seen.call(name, seconds=time.perf_counter() - began)
        if call.span:
            call.span.write()


def calling_http(method: str, whom: str, host: str) -> AbstractContextManager[Call]:
    """Inside, this host is called by HTTP; `whom` says what it is to us, in a word."""
    return calling(f"{method} {whom}", {"http.request.method": method, "server.address": host})


def calling_aws(service: str, operation: str) -> AbstractContextManager[Call]:
    """Inside, AWS is called, as its own API names it: `S3`, `PutObject`.

    Source: https://opentelemetry.io/docs/specs/semconv/cloud-providers/aws-sdk/
    """
    said: Attributes = {"rpc.system.name": "aws-api", "rpc.method": f"{service}/{operation}"}
    return calling(f"{service}.{operation}", said)


def host_of(url: str) -> str:
    """For a span; nothing where the address is none, which whoever calls it says in its own words."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
