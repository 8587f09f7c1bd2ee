"""One request's spans, from HTTP to the webhook that was delivered, are one tree; and a broken one is noticed."""

import re
from collections.abc import Iterator

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from freehold.database import Database
from freehold.observability import traces
from functions.export_traces import otlp
from local.companies import Company
from tests.observability.conftest import Log, Set
from tests.observability.journey import Journey
from tests.observability.trees import attributes, below, faults, spans_of
from tests.webhooks.listeners import Listener, answering
from tests.webhooks.office import heard

LINKED = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture
def journey(told: Set, acme: Company, system: Database) -> Iterator[Journey]:
    with Listener(answering("204 No Content")) as receiver:
        journey = Journey(acme, system, receiver)
        journey.subscribe()
        journey.relay()
        journey.fan_out()
        told(traces=1, bus="freehold-test")
        yield journey


def of_request(log: Log, request_id: str) -> list[Span]:
    """As a collector gets them, of the trace that this request began."""
    trace = bytes.fromhex(traces.trace_id(request_id))
    lines = [line for line in log.lines if line["message"] == "span"]
    return [span for span in spans_of(otlp.request(lines)) if span.trace_id == trace]


def by_name(spans: list[Span]) -> dict[str, Span]:
    return {span.name: span for span in spans}


class TestTree:
    def test_from_the_request_to_the_delivered_webhook_is_one(self, journey: Journey, log: Log):
        answer = journey.travel()
        spans = of_request(log, answer.headers["x-request-id"])
        assert faults(spans) == []
        assert below(spans, "POST /v1/projects") == ["insert app.projects", "publish freehold-test", "send deliveries"]
        assert below(spans, "publish freehold-test") == ["process freehold-test-webhooks"]
        assert below(spans, "process freehold-test-webhooks") == ["select app.receive"]
        assert below(spans, "send deliveries") == ["process freehold-test-deliveries"]
        assert "job webhooks.deliver" in below(spans, "process freehold-test-deliveries")
        assert "POST webhook" in below(spans, "job webhooks.deliver")

    def test_the_receiver_can_go_on_with_it(self, journey: Journey, log: Log):
        answer = journey.travel()
        [request] = heard(journey.listener)
        spans = of_request(log, answer.headers["x-request-id"])
        trace, span = traces.read_header(request.headers["traceparent"])
        sent = by_name(spans)["POST webhook"]
        assert (trace, span) == (sent.trace_id.hex(), sent.span_id.hex())
        published = by_name(spans)["publish freehold-test"]
        assert [(link.trace_id, link.span_id) for link in sent.links] == [(published.trace_id, published.span_id)]

    def test_what_was_sent_is_shown_to_the_tenant_as_it_was_sent(self, journey: Journey, log: Log):
        journey.travel()
        [request] = heard(journey.listener)
        [(shown,)] = journey.company.execute(
            "select request_headers ->> 'traceparent' from app.delivery_attempts where tenant_id = %(tenant_id)s"
        )
        assert shown == request.headers["traceparent"]

    def test_says_what_happened_in_the_words_of_opentelemetry(self, journey: Journey, log: Log):
        answer = journey.travel()
        spans = by_name(of_request(log, answer.headers["x-request-id"]))
        tenant = {"freehold.tenant.id": str(journey.company.id)}
        root, unit = attributes(spans["POST /v1/projects"]), attributes(spans["insert app.projects"])
        assert (
            root.items()
            >= {
                "http.request.method": "POST",
                "http.route": "/v1/projects",
                "http.response.status_code": 201,
                "freehold.principal": "person",
                **tenant,
            }.items()
        )
        assert (
            unit.items()
            >= {
                "db.system.name": "postgresql",
                "db.query.summary": "insert app.projects",
                "freehold.db.round_trips": 1,
                **tenant,
            }.items()
        )
        assert unit["freehold.db.statements"][-1] == "insert app.projects"
        sent = attributes(spans["POST webhook"])
        assert sent.items() >= {"server.address": "127.0.0.1", "http.response.status_code": 204}.items()
        for name, kind in (("publish freehold-test", "send"), ("send deliveries", "send")):
            assert attributes(spans[name]).items() >= {"messaging.operation.type": kind, **tenant}.items()
        taken = attributes(spans["process freehold-test-webhooks"])
        assert taken.items() >= {"messaging.operation.type": "process", "messaging.system": "aws.sqs"}.items()
        assert {spans[name].kind for name in ("publish freehold-test", "send deliveries")} == {Span.SPAN_KIND_PRODUCER}
        assert spans["POST /v1/projects"].kind == Span.SPAN_KIND_SERVER

    def test_a_receiver_that_fails_is_an_error_and_the_next_attempt_is_of_the_same_tree(
        self, told: Set, acme: Company, system: Database, log: Log
    ):
        with Listener(answering("500 Internal Server Error")) as receiver:
            journey = Journey(acme, system, receiver)
            journey.subscribe()
            journey.relay()
            told(traces=1, bus="freehold-test")
            answer = journey.travel()
            acme.execute("update app.jobs set due_at = now() where tenant_id = %(tenant_id)s and state = 'scheduled'")
            journey.relay()
            journey.deliver()
        spans = of_request(log, answer.headers["x-request-id"])
        attempts = [span for span in spans if span.name == "POST webhook"]
        assert faults(spans) == []
        assert [attributes(span)["error.type"] for span in attempts] == ["500", "500"]
        assert {span.status.code for span in attempts} == {2}

    @pytest.mark.parametrize("step", ["request", "publish", "send"])
    def test_the_control_a_derivation_that_differs_between_two_hops_is_noticed(
        self, journey: Journey, log: Log, monkeypatch: pytest.MonkeyPatch, step: str
    ):
        real, calls = traces.span_id, []

        def drifting(named: str, of: object) -> str:
            """Of one step, the second time it is asked it answers as another version of the code would."""
            calls.append(named)
            return real(named, f"{of}, differently" if named == step and calls.count(step) % 2 == 0 else of)

        monkeypatch.setattr(traces, "span_id", drifting)
        answer = journey.travel()
        assert any("orphan" in fault for fault in faults(of_request(log, answer.headers["x-request-id"])))


class TestHostile:
    def test_a_caller_names_no_parent_of_ours_but_a_link(self, journey: Journey, log: Log):
        answer = journey.change(headers={"traceparent": LINKED})
        [root] = [s for s in of_request(log, answer.headers["x-request-id"]) if s.name == "POST /v1/projects"]
        assert root.parent_span_id == b""
        assert [(link.trace_id.hex(), link.span_id.hex()) for link in root.links] == [tuple(LINKED.split("-")[1:3])]

    @pytest.mark.parametrize(
        "header",
        [
            *("", "00", "garbage", LINKED.upper(), f" {LINKED}", f"{LINKED},{LINKED}", f"{LINKED}-00", f"{LINKED}\n"),
            LINKED.replace("00-", "ff-", 1),
            LINKED.replace("00-", "01-", 1),
            re.sub(r"-\w{32}-", f"-{'0' * 32}-", LINKED),
            re.sub(r"-\w{16}-", f"-{'0' * 16}-", LINKED),
            LINKED.replace("0af7", "\uff10af7"),
            "00-" + "a" * 100_000,
        ],
    )
    def test_whatever_is_not_exactly_well_formed_is_ignored(self, header: str):
        assert traces.read_header(header) is None

    def test_the_control_a_good_one_is_read(self):
        assert traces.read_header(LINKED) == ("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331")

    def test_what_a_caller_says_does_not_decide_what_is_sampled(self, told: Set, acme: Company, log: Log):
        told(traces=0)
        acme.call("GET", "/v1/projects", headers={"traceparent": LINKED})
        assert log.spans == []

    @pytest.mark.parametrize("given", ["x" * 129, "a b", 'a"b', "{}", "a\nb", "ä"])
    def test_a_correlation_id_that_is_odd_is_not_repeated(self, acme: Company, log: Log, given: str):
        answer = acme.call("GET", "/v1/projects", headers={"x-correlation-id": given})
        [line] = [line for line in log.of("request") if line["route"] == "GET /v1/projects"]
        assert line["correlation_id"] == line["request_id"] == answer.headers["x-request-id"]


class TestSampling:
    SHARE, MANY = 0.05, 20_000

    def test_is_the_share_that_was_asked_for(self):
        taken = sum(traces.is_sampled(traces.trace_id(f"request-{n}"), self.SHARE) for n in range(self.MANY))
        assert taken / self.MANY == pytest.approx(self.SHARE, rel=0.15)

    @pytest.mark.parametrize(("share", "expected"), [(0, False), (1, True)])
    def test_of_nothing_and_of_all(self, share: float, expected: bool):  # noqa: FBT001 (parametrized)
        assert {traces.is_sampled(t, share) for t in ("0" * 32, "f" * 32, traces.trace_id("x"))} == {expected}

    def test_a_larger_share_has_all_of_a_smaller_one(self):
        ids = [traces.trace_id(f"request-{n}") for n in range(self.MANY)]
        assert all(traces.is_sampled(each, 0.5) for each in ids if traces.is_sampled(each, self.SHARE))

    def test_every_hop_says_the_same(self, journey: Journey, told: Set, log: Log):
        """Of several requests, about half: a trace is there with all of its hops, or not at all."""
        told(traces=0.5)
        ids = [journey.travel().headers["x-request-id"] for _ in range(10)]
        found = {request_id: {span.name for span in of_request(log, request_id)} for request_id in ids}
        expected = {request_id: traces.is_sampled(traces.trace_id(request_id), 0.5) for request_id in ids}
        assert {request_id: bool(names) for request_id, names in found.items()} == expected
        assert all({"POST /v1/projects", "POST webhook"} <= names for names in found.values() if names)
        assert len({"traceparent" in request.headers for request in heard(journey.listener)}) <= 2
        sampled = sum("traceparent" in request.headers for request in heard(journey.listener))
        assert sampled == sum(expected.values())

    def test_without_a_share_there_are_no_spans_and_no_header(self, journey: Journey, told: Set, log: Log):
        told(traces=0)
        journey.travel()
        [request] = heard(journey.listener)
        assert (log.spans, "traceparent" in request.headers) == ([], False)
