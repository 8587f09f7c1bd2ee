"""What was measured is what is assumed: the bytes of a request's lines in the logs, and the memory of functions."""

import io
import json
import logging
import time
from dataclasses import replace

import pytest

from freehold.http import observed
from freehold.http.events import Event
from freehold.jobs.handed import Handed
from freehold.messaging.batch import consume
from freehold.observability import current, logger, observing
from freehold.settings import settings
from functions.manifest import FUNCTIONS
from infra.cost.assumptions import ASSUMED, of
from infra.cost.usage import Usage, used
from infra.stage import LAUNCH
from local.lambda_context import Context
from local.project import ROOT
from tests.infra.templates import only

TENANT, EVENT = "01990000-0000-7000-8000-000000000001", "01990000-0000-7000-8000-000000000002"
ROUTE = "GET /v1/projects/{project_id}"


@pytest.fixture(params=[False, True], ids=["in lines alone", "as metrics"])
def counts(request, monkeypatch):
    """Whether lines say what CloudWatch is to count, in the environment of a deployed function."""
    monkeypatch.setenv("FREEHOLD_STAGE", "launch")
    monkeypatch.setenv("FREEHOLD_METRICS", str(request.param))
    monkeypatch.delenv("FREEHOLD_TRACES", raising=False)
    settings.cache_clear()
    yield request.param
    monkeypatch.undo()
    settings.cache_clear()


@pytest.fixture
def written():
    """What the product's own logger writes while a test runs."""
    text = io.StringIO()
    handler = logging.StreamHandler(text)
    handler.setFormatter(logger.registered_formatter)
    logger.addHandler(handler)
    yield text
    logger.removeHandler(handler)


def line_of(written, message):
    """The bytes of the one such line, and what it says."""
    [line] = [each for each in written.getvalue().splitlines() if json.loads(each)["message"] == message]
    return len(line.encode()), json.loads(line)


def context(function):
    made = Context.in_process(f"freehold-launch-{function}", timeout_seconds=60)
    return replace(made, function_version="17")


def answer_a_request():
    """Of a person, who reads one row."""
    said = {"requestId": "UOVZ1h9JoAMEV9w=", "routeKey": ROUTE, "authorizer": {"lambda": {"kind": "person"}}}
    request = observed.opened(Event({"requestContext": said, "headers": {}}), context("projects"))
    with observing(request.seen):
        request.seen.belongs_to(TENANT, "person")
        request.seen.unit("select app.projects", seconds=0.0123, round_trips=1, statements=3)
        request.answered(200)


def work_on_a_job():
    """Of a delivery: two units of work, and a call to its receiver."""

    def run(_handed):
        seen = current()
        logger.thread_safe_append_keys(kind="webhooks.deliver", attempt=1)
        seen.unit("select app.start_job", seconds=0.0123, round_trips=1, statements=3)
        seen.call("hooks.example.com", seconds=0.2345)
        seen.unit("select app.finish_job", seconds=0.0123, round_trips=1, statements=3)
        logger.info("job", outcome="succeeded")

    ids = {"tenant_id": TENANT, "job_id": EVENT, "token": EVENT, "request_id": "UOVZ1h9JoAMEV9w="}
    given = {
        "messageId": EVENT,
        "body": json.dumps(ids),
        "attributes": {"ApproximateReceiveCount": "1", "SentTimestamp": str(int(time.time() * 1000))},
        "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:freehold-launch-deliveries",
    }
    answer = consume({"Records": [given]}, context("deliver_webhooks"), run, body=Handed)
    assert answer == {"batchItemFailures": []}


FILLED = {
    "$context.requestId": "UOVZ1h9JoAMEV9w=",
    "$context.requestTimeEpoch": "1795370163331",
    "$context.identity.sourceIp": "203.0.113.100",
    "$context.routeKey": "GET /v1/projects/{project_id}",
    "$context.status": "200",
    "$context.responseLength": "1200",
    "$context.responseLatency": "31",
    "$context.integrationLatency": "28",
    "$context.integrationErrorMessage": "-",
    "$context.authorizer.latency": "3",
    "$context.authorizer.error": "-",
}


class TestLogs:
    def test_of_requests_are_as_long_as_assumed(self, counts, written):
        answer_a_request()
        length, line = line_of(written, "request")
        assert (line["route"], line["tenant_id"], "_aws" in line) == (ROUTE, TENANT, counts)
        assert length == pytest.approx(of("function_log_bytes") + counts * of("function_metrics_bytes"), rel=0.05)

    def test_of_workers_are_as_long_as_assumed(self, counts, written):
        work_on_a_job()
        record, said = line_of(written, "record")
        job, _ = line_of(written, "job")
        assert "_aws" in said or not counts
        assert record == pytest.approx(of("record_log_bytes") + counts * of("record_metrics_bytes"), rel=0.05)
        assert job == pytest.approx(of("job_log_bytes"), rel=0.05)

    def test_with_metrics_are_longer_only_where_a_stage_pays_for_them(self, dial):
        templates = json.loads(dial["launch"])
        counting = replace(LAUNCH, watch=replace(LAUNCH.watch, metrics=True))
        usage = Usage(tenants=1, requests=1_000_000)
        without, counted = (
            sum(charge.quantity for charge in used(templates, stage, usage) if charge.name == "Logs: written")
            for stage in (LAUNCH, counting)
        )
        events = of("writes")
        each = of("function_metrics_bytes") + events * (1 + of("deliveries")) * of("record_metrics_bytes")
        assert counted - without == pytest.approx(each / 1000, rel=0.001)

    def test_of_access_are_as_long_as_assumed(self, dial):
        line = only(json.loads(dial["launch"])["gateway"], "AWS::ApiGatewayV2::Stage")["AccessLogSettings"]["Format"]
        for name in sorted(FILLED, key=len, reverse=True):
            line = line.replace(name, FILLED[name])
        assert "$context" not in line
        assert len(line) == pytest.approx(of("access_log_bytes"), rel=0.1)

    def test_have_a_source_each(self):
        words = ("measured", "documented", "assumed")
        assert all(each.source.startswith(words) for each in ASSUMED.values())


MEASURED = json.loads((ROOT / "benchmarks" / "memory.json").read_text())
STEP, HEADROOM = 16, 1.5
SERVED, LEAN = 512, 256
ALL_DAY = {"relay"}


def least(declared):
    """By the rule of functions/declaration.py."""
    needed = -(-MEASURED[declared.code]["mb"] * HEADROOM // STEP) * STEP
    return int(max(needed, _waited_for(declared)))


def _waited_for(declared):
    if not declared.routes and declared.name != "authorizer":
        return 0
    folder = ROOT / "functions" / declared.code
    return SERVED if (folder / "routes.py").exists() else LEAN


class TestMemory:
    def test_is_measured_of_every_function(self):
        assert {declared.code for declared in FUNCTIONS} == MEASURED.keys()

    @pytest.mark.parametrize("declared", FUNCTIONS, ids=lambda declared: declared.name)
    def test_is_enough(self, declared):
        assert declared.memory_mb >= least(declared)

    @pytest.mark.parametrize("declared", FUNCTIONS, ids=lambda declared: declared.name)
    def test_of_what_runs_all_day_is_no_more(self, declared):
        if declared.name in ALL_DAY:
            assert declared.memory_mb == least(declared)

    def test_that_is_too_little_would_be_found(self):
        assert least(next(each for each in FUNCTIONS if each.name == "relay")) > 128
