"""Errors from lines to Sentry's envelopes: what went wrong and where, and ids of ours. Nothing else leaves.

An event's id is made of the line's, so that one that is handed over twice is one event.
Sources: https://develop.sentry.dev/sdk/foundations/envelopes/, https://develop.sentry.dev/sdk/foundations/transport/event-payloads/
"""

import hashlib
import json
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from freehold import clock
from freehold.observability import traces
from freehold.settings import settings
from functions.export_traces.destinations import Destinations
from functions.export_traces.lines import Line
from functions.export_traces.posting import Poster, Undelivered

ERRORS = ("ERROR", "CRITICAL")
TAGS = ("function", "request_id", "tenant_id", "principal", "route", "event_type", "job_id", "outcome", "kind")
"""Fields that an issue can be searched by; every other field stays in the log."""
OURS = frozenset({"stage", "function", "version", "message", "timestamp"})
"""Fields that each line of ours has."""
UNKNOWN = "unknown"
FOR_ONE = 2.0  # seconds; to post it, and the answer
CLIENT = "freehold/1"


def deliver(lines: Iterable[Line], to: Destinations) -> int:
    """How many errors were taken. Raises Undelivered."""
    if not to.sentry_dsn:
        return 0
    errors, taken = [line for line in lines if line.said["level"] in ERRORS], 0
    url, key = _address(to.sentry_dsn)
    headers = {
        "content-type": "application/x-sentry-envelope",
        "x-sentry-auth": f"Sentry sentry_version=7, sentry_client={CLIENT}, sentry_key={key}",
    }
    with Poster(url, whom="sentry") as poster:
        for number, line in enumerate(errors):
            if clock.seconds_left() < FOR_ONE:
                raise Undelivered(f"There was no time for {len(errors) - number} of {len(errors)} errors.")
            taken += poster.post(headers, _envelope(line))
    return taken


def event(line: Line) -> dict[str, Any]:
    """As Sentry takes it."""
    made: dict[str, Any] = {
        "event_id": hashlib.sha256(line.id.encode()).hexdigest()[:32],
        "platform": "python",
        "level": "fatal" if line.said["level"] == "CRITICAL" else "error",
    }
    if "timestamp" in line.said:
        made["timestamp"] = line.said["timestamp"]
    return made | (_ours(line.said) if line.said.keys() >= OURS else _anothers(line.said))


def _anothers(said: dict[str, Any]) -> dict[str, Any]:
    """Of a library that logs by itself: whose line it is. What it says stays in the log: nobody has looked at it."""
    whose = str(said.get("logger", UNKNOWN))
    return {
        "logger": whose,
        "message": {"formatted": f"{whose}: {said.get('errorType', 'an error')}"},
        "environment": settings().stage,
        "transaction": UNKNOWN,
        "tags": {"request_id": str(said["requestId"])} if "requestId" in said else {},
    }


def _ours(said: dict[str, Any]) -> dict[str, Any]:
    request_id = str(said.get("request_id", ""))
    made: dict[str, Any] = {
        "logger": "freehold",
        "message": {"formatted": str(said["message"])},
        "environment": said["stage"],
        "release": f"{said['function']}@{said['version']}",
        "transaction": said.get("route") or said["function"],
        "tags": {name: str(said[name]) for name in TAGS if name in said},
    }
    if request_id:
        made["contexts"] = {
            "trace": {
                "trace_id": traces.trace_id(request_id),
                "span_id": traces.span_id("request", request_id),
            }
        }
    if isinstance(trace := said.get("stack_trace"), dict):
        made["exception"] = {"values": [_exception(trace)]}
    return made


def _exception(trace: dict[str, Any]) -> dict[str, Any]:
    frames = [
        {
            "filename": each["file"],
            "lineno": each["line"],
            "function": each["function"],
            "context_line": each["statement"],
            "in_app": "freehold" in each["file"] or "functions" in each["file"],
        }
        for each in trace["frames"]
    ]
    return {
        "type": trace["type"],
        "value": str(trace["value"]),
        "module": trace["module"],
        "stacktrace": {"frames": frames},
    }


def _envelope(line: Line) -> bytes:
    made = event(line)
    return ("\n".join(map(json.dumps, ({"event_id": made["event_id"]}, {"type": "event"}, made))) + "\n").encode()


def _address(dsn: str) -> tuple[str, str]:
    """Where envelopes go, and the key that opens it."""
    where = urlsplit(dsn)
    path, _, project = where.path.rpartition("/")
    host = where.netloc.rpartition("@")[2]
    return f"{where.scheme}://{host}{path}/api/{project}/envelope/", where.username or ""
