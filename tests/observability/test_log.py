"""What lines say and what they do not: whose they are, and nobody's name, address, token or secret."""

import importlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from freehold.database import Database
from freehold.http.frame import framed
from freehold.http.lean import json_response
from freehold.messaging.batch import BusMessage, Unreadable, consume
from freehold.messaging.clockwork import called_by_the_clock
from freehold.observability import Call, calling_http, current, logger
from functions.declaration import Function
from functions.manifest import AUTHORIZER, FUNCTIONS, OPERATORS
from local.companies import Company, People
from local.gateway import handler, make_event
from local.lambda_context import Context
from tests.messaging.test_batch import envelope
from tests.observability.canaries import Canaries, busy, somebody
from tests.observability.conftest import Log, Set
from tests.observability.journey import Journey, batch, context
from tests.webhooks.listeners import Listener, answering

ROOT = Path(__file__).parents[2]
REQUESTED = [function for function in FUNCTIONS if function.routes]
EXAMPLES = sorted(path for f in {f.code for f in REQUESTED} for path in (ROOT / "events" / f).glob("*.json"))


@pytest.fixture
def receiver() -> Iterator[Listener]:
    with Listener(answering("410 Gone")) as receiver:
        yield receiver


def by_the_clock(function: str) -> None:
    run = importlib.import_module(f"functions.{function}.handler").handler
    run({"scheduled_at": "2026-01-15T09:30:00Z"}, Context.in_process(f"freehold-test-{function}", timeout_seconds=60))


def broken(line: object) -> Any:
    """A handler with a mistake that shows its input."""

    def respond(_event: object, _context: object) -> dict[str, Any]:
        logger.info("seen", body=line)
        return json_response("{}")

    return framed(respond)


class TestEveryLine:
    def test_of_a_request_says_whose_it_is(self, acme: Company, log: Log):
        acme.call("GET", "/v1/projects", headers={"x-correlation-id": "their-own"}, context=context("projects"))
        [line] = [line for line in log.of("request") if line["route"] == "GET /v1/projects"]
        assert (
            line.items()
            >= {
                "function": "projects",
                "version": "$LATEST",
                "stage": "test",
                "correlation_id": "their-own",
                "tenant_id": str(acme.id),
                "principal": "person",
                "status": 200,
            }.items()
        )
        assert {"request_id", "ms", "cold_start"} <= line.keys()
        assert (line["round_trips"], [step["step"] for step in line["steps"]]) == (1, ["select app.projects"])
        assert 0 < line["db_ms"] <= line["ms"]

    def test_of_a_key_says_that_it_is_one(self, acme: Company, log: Log):
        key = acme.key("projects:read")["secret"]
        acme.owner.__class__(key, "").call("GET", "/v1/projects")
        [line] = [line for line in log.of("request") if line["route"] == "GET /v1/projects"]
        assert (line["principal"], line["tenant_id"]) == ("api_key", str(acme.id))

    def test_of_a_refused_request_says_the_same(self, acme: Company, globex: Company, log: Log):
        globex.call_as(acme.owner, "GET", "/v1/projects")
        [line] = [line for line in log.of("request") if line["route"] == "GET /v1/projects"]
        assert (line["status"], line["tenant_id"], line["principal"]) == (403, str(globex.id), "person")

    def test_of_a_record_says_how_old_it_is_and_whose(self, log: Log, told: Set):
        told(metrics="true")
        message = json.dumps({"detail": envelope()})
        consume(batch("webhooks", message), context("fan_out"), lambda _: logger.info("within"), body=BusMessage)
        [within], [line] = log.of("within"), log.of("record")
        ids = {"request_id", "correlation_id", "tenant_id", "event_id", "function", "version", "stage", "cold_start"}
        assert ids <= within.keys()
        assert (line["function"], line["outcome"], line["principal"]) == ("fan_out", "done", "worker")
        assert line["Age"] > 0

    def test_of_a_job_says_who_asked_for_it(self, journey: Journey, log: Log):
        journey.travel()
        [line] = log.of("job")
        assert line["principal"].startswith(("system", "worker", "trigger", "member", "api_key")), line["principal"]
        assert {"request_id", "tenant_id", "job_id", "kind", "attempt", "function"} <= line.keys()

    def test_of_the_clock_says_when_it_was_due_and_what_it_took(self, log: Log):
        by_the_clock("upkeep")
        [line] = log.of("schedule")
        assert line["request_id"] == "clock:upkeep:2026-01-15T09:30:00Z"
        assert (line["function"], line["outcome"], line["principal"]) == ("upkeep", "done", "clock")
        assert line["round_trips"] >= 1

    def test_outside_of_everything_says_which_process_it_is(self, log: Log):
        logger.info("alone")
        [line] = log.of("alone")
        assert {"function", "version", "stage"} <= line.keys()
        assert not {"request_id", "tenant_id", "principal"} & line.keys()

    def test_an_error_that_nobody_expected_is_one(self, log: Log):
        framed(lambda *_: 1 / 0)(make_event("GET /health", "/health", {}, {}), context("health"))
        [error], [line] = log.of("unexpected error"), log.of("request")
        assert (error["level"], error["exception_name"], error["function"]) == ("ERROR", "ZeroDivisionError", "health")
        assert line["status"] == 500

    def test_names_of_steps_are_few_and_a_long_list_ends(self, log: Log):
        def respond(_event: object, _context: object) -> dict[str, Any]:
            for _ in range(30):
                with calling_http("GET", "somebody", "127.0.0.1"):
                    pass
            return json_response("{}")

        framed(respond)(make_event("GET /health", "/health", {}, {}), None)
        [line] = log.of("request")
        assert (line["calls"], len(line["steps"])) == (30, 10)


@pytest.fixture
def journey(acme: Company, system: Database, receiver: Listener) -> Journey:
    journey = Journey(acme, system, receiver)
    journey.subscribe()
    journey.relay()
    journey.fan_out()
    return journey


class TestNothingIsCarriedOver:
    KEYS = ("tenant_id", "principal", "request_id", "correlation_id", "event_id", "steps")

    def test_from_a_request_to_what_comes_after_it(self, acme: Company, log: Log):
        acme.call("GET", "/v1/projects")
        logger.info("after")
        [line] = log.of("after")
        assert [key for key in self.KEYS if key in line] == []
        assert current() is None

    def test_from_one_request_to_the_next(self, acme: Company, log: Log):
        acme.call("GET", "/v1/projects")
        handler(next(f for f in FUNCTIONS if f.name == "openapi"))(
            make_event("GET /openapi.json", "/openapi.json", {}, {}), None
        )
        [line] = [line for line in log.of("request") if line["route"] == "GET /openapi.json"]
        assert "tenant_id" not in line
        assert (line["principal"], line["round_trips"], line["db_ms"]) == ("anonymous", 0, 0)

    def test_from_one_record_to_the_next(self, log: Log):
        bodies = (json.dumps({"detail": envelope()}), "unreadable")
        consume(batch("webhooks", *bodies), None, lambda _: None, body=BusMessage)
        assert [{"tenant_id", "event_id"} <= line.keys() for line in log.of("record")] == [True, False]

    def test_from_one_that_raised(self, log: Log):
        @called_by_the_clock("upkeep")
        def fails(_event: object, _context: object) -> None:
            raise ValueError("it fails")

        with pytest.raises(ValueError, match="it fails"):
            fails({"scheduled_at": "now"}, None)
        assert current() is None
        [line] = log.of("schedule")
        assert (line["level"], line["outcome"]) == ("ERROR", "failed")

    def test_the_control_what_is_appended_for_good_would_be_found(self, acme: Company, log: Log):
        logger.append_keys(tenant_id="leaks")
        try:
            logger.info("after")
        finally:
            logger.remove_keys(["tenant_id"])
        assert [key for key in self.KEYS if key in log.of("after")[0]] == ["tenant_id"]


class TestNothingPersonal:
    def test_of_a_broad_run_is_in_the_log(
        self, people: People, system: Database, receiver: Listener, log: Log, told: Set
    ):
        """With every line there is: spans of all requests, metrics, and errors."""
        told(traces=1, metrics="true")
        canaries = Canaries()
        company = people.company("Canaries", somebody(people, canaries))
        busy(company, canaries)
        journey = Journey(company, system, receiver)
        journey.subscribe()
        canaries.add("signing secret", journey.endpoint["secret"])
        journey.travel()
        for function in ("upkeep", "report_usage"):
            by_the_clock(function)
        messages = {line["message"] for line in log.lines}
        assert {"request", "record", "job", "schedule", "span", "published", "dispatched", "refused"} <= messages
        assert len(log.lines) > 100
        assert canaries.found_in(log.text) == []

    @pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: f"{path.parent.name}/{path.stem}")
    def test_of_any_example_is_in_the_log(self, people: People, log: Log, told: Set, path: Path):
        told(traces=1, metrics="true")
        canaries, event = Canaries(), json.loads(path.read_text())
        function: Function = next(each for each in REQUESTED if each.code == path.parent.name)
        who = event["requestContext"].get("authorizer", {}).get("lambda", {})
        for name in {"email", "name", "subject"} & who.keys():
            who[name] = canaries.new(name)
        event["headers"] |= {"cookie": canaries.new("cookie"), "user-agent": canaries.new("agent")}
        if "body" in event and not event.get("isBase64Encoded"):
            try:
                body = json.loads(event["body"])
            except ValueError:
                body = None
            if isinstance(body, dict):
                event["body"] = json.dumps(
                    {**body, **{k: canaries.new(k) for k, v in body.items() if isinstance(v, str)}}
                )
        handler(function)(event, Context.in_process(f"freehold-test-{function.name}", timeout_seconds=28))
        assert log.of("request")
        assert canaries.found_in(log.text) == []

    @pytest.mark.parametrize("place", ["body", "error", "span"])
    def test_the_control_a_leak_is_found(self, log: Log, told: Set, place: str):
        told(traces=1)
        canaries = Canaries()
        text = canaries.new("leak")

        def respond(_event: object, _context: object) -> dict[str, Any]:
            if place == "body":
                logger.info("seen", body={"name": text})
            if place == "error":
                raise Unreadable(f"no such person: {text}")
            with calling_http("GET", "somebody", text) as call:
                assert isinstance(call, Call)
            return json_response("{}")

        framed(respond)(make_event("GET /health", "/health", {}, {}), None)
        assert canaries.found_in(log.text) == ["leak"]

    def test_what_operators_are_called_is_not_in_the_log(self):
        text = (ROOT / "functions" / OPERATORS.code / "handler.py").read_text()
        [line] = [line for line in text.splitlines() if "logger." in line]
        assert "operator=" not in line

    def test_the_authorizer_says_which_request_it_was_asked_about(self, log: Log):
        event = {"headers": {"authorization": "Bearer nonsense"}, "routeKey": "GET /v1/projects"}
        handler(AUTHORIZER)(event | {"requestContext": {"requestId": "asked"}}, context("authorizer"))
        [line] = log.of("refused")
        assert (line["request_id"], line["function"], line["principal"]) == ("asked", "authorizer", "unknown")
