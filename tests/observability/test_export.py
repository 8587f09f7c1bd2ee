"""Spans and errors on their way out: what is posted where, what comes again, and what is left out."""

import base64
import gzip
import importlib
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from freehold import clock
from freehold.http.frame import framed
from freehold.observability.discretion import told as told_error
from freehold.secrets import secret_text
from freehold.settings import settings
from functions.export_traces import otlp, sentry
from functions.export_traces.destinations import Destinations, Kept, NoDestination
from functions.export_traces.lines import Line, lines_of
from functions.export_traces.posting import Poster, Undelivered
from local.companies import Company
from local.gateway import make_event
from local.lambda_context import Context
from tests.observability.conftest import Log, Set
from tests.observability.trees import attributes, parsed, spans_of
from tests.webhooks.listeners import Listener, answering

FOREIGN = {
    "timestamp": "2026-01-15T09:00:00.000Z",
    "level": "ERROR",
    "message": "no such person: ada@example.com",
    "logger": "urllib3.connection",
    "errorType": "OSError",
    "errorMessage": "ada@example.com",
    "stackTrace": ["ada@example.com"],
    "requestId": "r",
}
"""As Lambda's own runtime writes the line of a logger that is not ours."""
EXAMPLE = json.loads((Path(__file__).parents[2] / "events/export_traces/span.json").read_text())


def handed(*lines: dict[str, Any], kind: str = "DATA_MESSAGE") -> dict[str, Any]:
    """As CloudWatch Logs calls."""
    events = [{"id": str(number), "timestamp": 0, "message": json.dumps(line)} for number, line in enumerate(lines)]
    text = json.dumps({"messageType": kind, "logGroup": "g", "logStream": "s", "logEvents": events})
    return {"awslogs": {"data": base64.b64encode(gzip.compress(text.encode())).decode()}}


def read(request: bytes) -> tuple[str, dict[str, str], bytes]:
    """Its first line, headers, and body."""
    head, _, body = request.partition(b"\r\n\r\n")
    first, *rest = head.decode().split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in rest)}
    return first, headers, gzip.decompress(body) if headers.get("content-encoding") == "gzip" else body


class Keeping(BaseHTTPRequestHandler):
    """Keeps its connections, and notes by which one each POST came."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        self.server.posts.append(self.client_address)
        self.send_response(200)
        self.send_header("content-length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: object):
        """Nothing."""


@contextmanager
def keeping() -> Iterator[Any]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Keeping) as server:
        server.daemon_threads, server.posts = True, []
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def collector() -> Iterator[Listener]:
    with Listener(answering()) as listener:
        yield listener


@pytest.fixture
def export(told: Set) -> Callable[..., None]:
    """The function, with these destinations."""

    def run(event: dict[str, Any], **to: object) -> None:
        told(telemetry=json.dumps(to))
        context = Context.in_process("freehold-test-export_traces", timeout_seconds=28)
        importlib.import_module("functions.export_traces.handler").handler(event, context)

    return run


class TestSpans:
    def test_are_posted_as_a_collector_reads_them(
        self, acme: Company, collector: Listener, log: Log, told: Set, export: Callable[..., None]
    ):
        told(traces=1)
        acme.call("GET", "/v1/projects", context=Context.in_process("freehold-test-projects", timeout_seconds=28))
        lines = [line for line in log.lines if line["message"] == "span"]
        export(handed(*lines), otlp_endpoint=f"http://127.0.0.1:{collector.port}", otlp_headers={"x-team": "t"})
        [request] = collector.requests
        first, headers, body = read(request)
        assert first == "POST /v1/traces HTTP/1.1"
        assert (headers["content-type"], headers["x-team"]) == ("application/json", "t")
        posted = parsed(json.loads(body))
        assert sum(len(scope.spans) for each in posted.resource_spans for scope in each.scope_spans) == len(lines)
        assert "freehold-projects" in {attributes(each.resource)["service.name"] for each in posted.resource_spans}
        assert "GET /v1/projects" in {span.name for span in spans_of(json.loads(body))}
        [said] = log.of("exported")
        assert (said["spans"], said["errors"], said["calls"]) == (len(lines), 0, 1)

    def test_of_the_example_is_one(self, collector: Listener, export: Callable[..., None]):
        export(EXAMPLE, otlp_endpoint=f"http://127.0.0.1:{collector.port}/otlp/")
        first, _, body = read(collector.requests[0])
        assert first == "POST /otlp/v1/traces HTTP/1.1"
        assert [span.name for span in spans_of(json.loads(body))] == ["GET /v1/projects"]

    @pytest.mark.parametrize("status", ["429 Too Many Requests", "502 Bad Gateway", "503 Service Unavailable"])
    def test_come_again_where_they_were_not_taken_now(self, status: str, export: Callable[..., None]):
        with Listener(answering(status)) as busy, pytest.raises(Undelivered, match=status[:3]):
            export(EXAMPLE, otlp_endpoint=f"http://127.0.0.1:{busy.port}")

    def test_come_again_where_nobody_answers(self, export: Callable[..., None]):
        with Listener() as silent, pytest.raises(Undelivered, match="not reached"):
            export(EXAMPLE, otlp_endpoint=f"http://127.0.0.1:{silent.port}")

    @pytest.mark.parametrize("status", ["400 Bad Request", "401 Unauthorized", "413 Payload Too Large"])
    def test_that_are_refused_for_good_are_dropped_with_a_line(
        self, status: str, export: Callable[..., None], log: Log
    ):
        with Listener(answering(status)) as refuses:
            export(EXAMPLE, otlp_endpoint=f"http://127.0.0.1:{refuses.port}")
        [line], [said] = log.of("not taken"), log.of("exported")
        assert (line["status"], said["spans"]) == (int(status[:3]), 0)

    def test_go_nowhere_until_somebody_says_where(self, export: Callable[..., None], log: Log):
        export(EXAMPLE)
        [said] = log.of("exported")
        assert (said["lines"], said["spans"]) == (1, 0)

    def test_are_posted_in_parts(self, collector: Listener, monkeypatch: pytest.MonkeyPatch, export):
        monkeypatch.setattr(otlp, "MOST", 2)
        [line] = lines_of(EXAMPLE)
        export(handed(*[line.said] * 5), otlp_endpoint=f"http://127.0.0.1:{collector.port}")
        assert [len(spans_of(json.loads(read(each)[2]))) for each in collector.requests] == [2, 2, 1]


class TestLines:
    def test_that_are_lambdas_own_are_left_alone(self):
        event = handed({"type": "platform.report"}, {"level": "INFO", "message": "request"})
        assert [line.said["message"] for line in lines_of(event)] == ["request"]

    def test_of_a_test_call_there_are_none(self):
        assert lines_of(handed({"level": "INFO"}, kind="CONTROL_MESSAGE")) == []


class TestErrors:
    DSN = "http://public@127.0.0.1:{}/prefix/42"

    @pytest.fixture
    def error(self, log: Log) -> dict[str, Any]:
        """A line about one, as a function writes it."""

        def respond(*_: object) -> dict[str, Any]:
            return {"statusCode": 1 // 0}

        event = make_event("GET /health", "/health", {}, {})
        framed(respond)(event, Context.in_process("freehold-test-health", timeout_seconds=5))
        return log.of("unexpected error")[0]

    def test_are_posted_as_an_envelope(self, error, collector: Listener, export: Callable[..., None]):
        export(handed(error, {"level": "INFO", "message": "request"}), sentry_dsn=self.DSN.format(collector.port))
        [request] = collector.requests
        first, headers, body = read(request)
        assert first == "POST /prefix/api/42/envelope/ HTTP/1.1"
        assert "sentry_key=public" in headers["x-sentry-auth"]
        head, item, event = map(json.loads, body.decode().strip().split("\n"))
        assert (item, head["event_id"]) == ({"type": "event"}, event["event_id"])
        [raised] = event["exception"]["values"]
        assert (raised["type"], raised["stacktrace"]["frames"][-1]["function"]) == ("ZeroDivisionError", "respond")
        assert (event["environment"], event["release"]) == ("test", "health@$LATEST")
        assert event["tags"]["request_id"] == error["request_id"]

    def test_of_a_library_that_logs_by_itself_are_posted_beside_ours_and_without_its_words(
        self, error, collector: Listener, export: Callable[..., None]
    ):
        span = {"level": "INFO", "message": "span", "logger": "theirs"}
        to = {"sentry_dsn": self.DSN.format(collector.port), "otlp_endpoint": f"http://127.0.0.1:{collector.port}"}
        export(handed(FOREIGN, {"level": "CRITICAL"}, span, error), **to)
        events = [json.loads(read(each)[2].decode().strip().split("\n")[2]) for each in collector.requests]
        assert [each["message"]["formatted"] for each in events] == [
            "urllib3.connection: OSError",
            "unknown: an error",
            "unexpected error",
        ]
        assert (events[0]["environment"], events[0]["tags"]) == ("test", {"request_id": "r"})
        assert "ada@example.com" not in json.dumps(events)

    def test_that_come_twice_are_one(self, error):
        first, again, other = (sentry.event(Line(name, error))["event_id"] for name in ("1", "1", "2"))
        assert first == again != other

    def test_hold_ids_of_ours_and_nothing_else_of_the_line(self, error):
        said = json.dumps(sentry.event(Line("1", error | {"tenant_id": "t", "email": "ada@example.com", "body": "b"})))
        assert '"tenant_id": "t"' in said
        assert "ada@example.com" not in said
        assert "user" not in json.loads(said)

    def test_belong_to_the_trace_of_their_request(self, error, told: Set, log: Log):
        told(traces=1)
        framed(lambda *_: 1 / 0)(make_event("GET /health", "/health", {}, {}), None)
        [span], trace = log.spans, sentry.event(Line("1", log.of("unexpected error")[-1]))["contexts"]["trace"]
        assert (trace["trace_id"], trace["span_id"]) == (span["traceId"], span["spanId"])


class TestBoth:
    @pytest.mark.parametrize("down", ["otlp", "sentry"])
    def test_destinations_get_theirs_where_the_other_takes_nothing(
        self, down: str, collector: Listener, export: Callable[..., None], log: Log
    ):
        [span] = lines_of(EXAMPLE)
        with Listener(answering("503 Service Unavailable")) as busy:
            ports = {"otlp": collector.port, "sentry": collector.port} | {down: busy.port}
            with pytest.raises(Undelivered, match=f"^{down} answered 503.$"):
                export(
                    handed(span.said, {"level": "ERROR"}),
                    otlp_endpoint=f"http://127.0.0.1:{ports['otlp']}",
                    sentry_dsn=TestErrors.DSN.format(ports["sentry"]),
                )
        assert len(collector.requests) == 1
        [said] = log.of("exported")
        assert {"otlp": said["spans"], "sentry": said["errors"]} == {"otlp": 1, "sentry": 1} | {down: 0}


class TestConnection:
    ERRORS = ({"level": "ERROR"},) * 3

    def test_is_one_for_all_that_a_batch_posts(self, export: Callable[..., None], log: Log):
        with keeping() as server:
            export(handed(*self.ERRORS), sentry_dsn=TestErrors.DSN.format(server.server_port))
        assert (len(server.posts), len(set(server.posts))) == (3, 1)
        assert log.of("exported")[0]["errors"] == 3

    def test_that_has_ended_is_followed_by_another(self, collector: Listener, export: Callable[..., None]):
        export(handed(*self.ERRORS), sentry_dsn=TestErrors.DSN.format(collector.port))
        assert (collector.connections, len(collector.requests)) == (3, 3)

    def test_is_used_no_more_where_no_time_is_left(self, collector: Listener, told: Set):
        clock.allow(1)
        lines = lines_of(handed(*self.ERRORS))
        with pytest.raises(Undelivered, match="no time for 3 of 3"):
            sentry.deliver(lines, Destinations(sentry_dsn=TestErrors.DSN.format(collector.port)))
        assert collector.requests == []

    def test_that_cannot_carry_a_header_says_so_without_it(self, collector: Listener, told: Set):
        clock.allow(9)
        key = "s3cret"
        with Poster(f"http://127.0.0.1:{collector.port}", whom="otlp") as poster, pytest.raises(Undelivered) as raised:
            poster.post({"x-key": f"{key}\nand more"}, b"")
        assert f"{key}\\n" not in told_error(raised.value)
        assert "ValueError" in str(raised.value)


class TestDestinations:
    def test_are_looked_at_again_after_a_while(self):
        held, now = ['{"sentry_dsn": "https://a@b.test/1"}'], [0.0]
        kept = Kept("name", fetch=lambda _: held[0], clock=lambda: now[0])
        first = kept.read()
        held[0] = '{"sentry_dsn": "https://a@b.test/2"}'
        assert kept.read() == first
        now[0] = 301
        assert kept.read() == Destinations(sentry_dsn="https://a@b.test/2")

    @pytest.mark.parametrize(
        "text",
        [
            '{"otlp_endpoint": "http://example.com"}',
            "{",
            '{"odd": 1}',
            '{"otlp_headers": {"a": "s3cret", "b": 1}}',
            '{"otlp_headers": {"a": "s3cret\\n"}}',
            '{"otlp_headers": {"a": "s3cret\\r\\nx: y"}}',
            '{"otlp_headers": {"a": "s3crét"}}',
            '{"otlp_headers": {"s3cret:": "a"}}',
        ],
    )
    def test_that_make_no_sense_are_refused_in_a_sentence_without_what_they_hold(self, text: str):
        with pytest.raises(NoDestination, match=r"^The secret of telemetry") as refused:
            Kept(text if text != "{" else "name", fetch=lambda _: text).read()
        assert "s3cret" not in str(refused.value)

    def test_that_cannot_be_fetched_raise(self, monkeypatch: pytest.MonkeyPatch):
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION"):
            monkeypatch.delenv(name, raising=False)
        with pytest.raises(NoDestination, match="could not be fetched: NoCredentials"):
            Kept("name", fetch=secret_text).read()

    def test_are_not_shown_with_the_settings(self, told: Set):
        told(telemetry='{"otlp_headers": {"a": "s3cret"}}')
        assert "s3cret" not in repr(settings())
