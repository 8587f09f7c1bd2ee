"""Lines that CloudWatch counts are as its specification wants them, and their dimensions are bounded.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

import json
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from freehold.messaging.batch import BusMessage, consume
from freehold.observability import metrics, process
from functions import metrics as declared
from functions.manifest import FUNCTIONS
from infra.stage import STAGES
from local.companies import Company
from local.gateway import handler, make_event
from local.lambda_context import Context
from tests.messaging.test_batch import envelope
from tests.observability.conftest import Line, Log, Set
from tests.observability.journey import batch, context

UNITS = {"Milliseconds", "Seconds", "Count", "Percent", "Bytes", "None"}
MOST_METRICS, MOST_DIMENSIONS, MOST_BYTES, LONGEST_NAME = 100, 30, 256 * 1024, 1024
BOUNDED = {"stage": {*STAGES, "test", "local"}, "function": {f.name for f in FUNCTIONS} | {"local"}}
DOCS = (Path(__file__).parents[2] / "docs" / "observability.md").read_text()


def wrong(line: Line) -> Iterator[str]:
    """Where a line differs from the specification; nothing for a line that has no metrics."""
    if "_aws" not in line:
        return
    told = line["_aws"]
    if not isinstance(told["Timestamp"], int) or abs(told["Timestamp"] / 1000 - time.time()) > 14 * 86400:
        yield "the timestamp is not one of the last two weeks, in milliseconds"
    if len(json.dumps(line)) > MOST_BYTES:
        yield "the line is too long"
    for directive in told["CloudWatchMetrics"]:
        yield from _wrong_directive(line, directive)


def _wrong_directive(line: Line, directive: dict[str, Any]) -> Iterator[str]:
    if not 1 <= len(directive["Namespace"]) <= LONGEST_NAME:
        yield "the namespace is no name"
    if not 1 <= len(directive["Metrics"]) <= MOST_METRICS:
        yield "there are too many metrics"
    for metric in directive["Metrics"]:
        if metric["Unit"] not in UNITS or not set(metric) <= {"Name", "Unit", "StorageResolution"}:
            yield f"{metric['Name']} has no unit that CloudWatch knows"
        if isinstance(value := line.get(metric["Name"]), bool) or not isinstance(value, int | float):
            yield f"{metric['Name']} is no number at the root of the line"
    for names in directive["Dimensions"]:
        yield from _wrong_dimensions(line, names)


def _wrong_dimensions(line: Line, names: Sequence[str]) -> Iterator[str]:
    if len(names) > MOST_DIMENSIONS:
        yield "there are too many dimensions"
    for name in names:
        if not isinstance(line.get(name), str) or not 1 <= len(line[name]) <= LONGEST_NAME:
            yield f"{name} is no text at the root of the line"
        if line.get(name) not in BOUNDED.get(name, ()):
            yield f"{name} can be anything: each value of it would be billed"


@pytest.fixture
def counted(told: Set) -> None:
    told(metrics="true")


def the_request(acme: Company, log: Log) -> Line:
    acme.call("GET", "/v1/projects", context=context("projects"))
    [line] = [line for line in log.of("request") if line["route"] == "GET /v1/projects"]
    return line


class TestLines:
    def test_of_requests_are_as_specified(self, counted: None, acme: Company, log: Log):
        line = the_request(acme, log)
        [directive] = line["_aws"]["CloudWatchMetrics"]
        assert list(wrong(line)) == []
        assert directive["Namespace"] == "Freehold"
        assert directive["Dimensions"] == [["stage", "function"]]
        assert {each["Name"] for each in directive["Metrics"]} == set(metrics.OF_REQUESTS)
        assert (line["Latency"], line["DatabaseTime"], line["RoundTrips"]) == (line["ms"], line["db_ms"], 1)
        assert (line["Faults"], line["tenant_id"]) == (0, str(acme.id))

    def test_of_records_are_as_specified(self, counted: None, log: Log):
        bodies = (json.dumps({"detail": envelope()}), "unreadable")
        consume(batch("webhooks", *bodies), context("fan_out"), lambda _: None, body=BusMessage)
        lines = log.of("record")
        assert [fault for line in lines for fault in wrong(line)] == []
        assert [(line["Records"], line["Failures"]) for line in lines] == [(1, 0), (1, 1)]

    def test_of_records_count_how_long_each_waited_and_not_how_long_it_took(self, counted: None, log: Log):
        given = batch("webhooks", json.dumps({"detail": envelope()}))
        given["Records"][0]["attributes"]["SentTimestamp"] = str(time.time_ns() // 1_000_000 - 2000)
        consume(given, context("fan_out"), lambda _: time.sleep(0.7), body=BusMessage)
        [line] = log.of("record")
        assert (line["Age"], line["ms"] > 700) == (pytest.approx(2, abs=0.5), True)

    def test_of_records_that_were_not_begun_count_nothing(self, counted: None, log: Log):
        bodies = [json.dumps({"detail": envelope()})] * 2
        short = Context.in_process("freehold-test-fan_out", timeout_seconds=5)
        consume(batch("webhooks", *bodies), short, lambda _: None, body=BusMessage)
        assert [(line["outcome"], line.get("Records"), "_aws" in line) for line in log.of("record")] == [
            ("done", 1, True),
            ("not_begun", None, False),
        ]

    @pytest.mark.parametrize(("started", "cold"), [("on-demand", 1), ("provisioned-concurrency", 0)])
    def test_of_requests_count_a_cold_start_where_somebody_waited_for_one(
        self, counted: None, log: Log, monkeypatch: pytest.MonkeyPatch, started: str, cold: int
    ):
        monkeypatch.setattr(process, "_untouched", [True])
        monkeypatch.setenv("AWS_LAMBDA_INITIALIZATION_TYPE", started)
        function = next(each for each in FUNCTIONS if each.name == "openapi")
        handler(function)(make_event("GET /openapi.json", "/openapi.json", {}, {}), context("openapi"))
        [line] = log.of("request")
        assert (line["cold_start"], line["ColdStarts"]) == (bool(cold), cold)

    def test_without_metrics_there_are_none(self, told: Set, acme: Company, log: Log):
        told(metrics="false")
        line = the_request(acme, log)
        assert ("_aws" in line, "Latency" in line, "db_ms" in line) == (False, False, True)

    @pytest.mark.parametrize(
        ("broken", "says"),
        [
            ({"Latency": "fast"}, "Latency is no number"),
            ({"Faults": True}, "Faults is no number"),
            ({"function": None}, "function is no text"),
            ({"function": "0199d0c8-1111-7000-8000-000000000001"}, "function can be anything"),
        ],
    )
    def test_the_control_a_line_that_is_not_would_be_found(
        self, counted: None, acme: Company, log: Log, broken: dict[str, Any], says: str
    ):
        assert any(fault.startswith(says) for fault in wrong(the_request(acme, log) | broken))

    def test_the_control_a_tenant_as_a_dimension_would_be_found(self, counted: None, acme: Company, log: Log):
        line = the_request(acme, log)
        line["_aws"]["CloudWatchMetrics"][0]["Dimensions"].append(["tenant_id"])
        assert list(wrong(line)) == ["tenant_id can be anything: each value of it would be billed"]


class TestData:
    def test_what_infrastructure_reads_is_what_functions_write(self):
        assert (declared.NAMESPACE, declared.DIMENSIONS) == (metrics.NAMESPACE, metrics.DIMENSIONS)
        assert declared.OF_REQUESTS == metrics.OF_REQUESTS
        assert declared.OF_RECORDS == metrics.OF_RECORDS

    def test_each_function_writes_those_of_what_calls_it(self):
        by_name = {function.name: declared.metrics_of(function) for function in FUNCTIONS}
        assert by_name["projects"] == metrics.OF_REQUESTS
        assert by_name["fan_out"] == metrics.OF_RECORDS
        assert by_name["upkeep"] == by_name["authorizer"] == {}

    def test_are_few_for_each_bills_by_the_month(self):
        assert max(len(declared.metrics_of(function)) for function in FUNCTIONS) <= 5

    def test_are_all_in_the_docs(self):
        names = {*metrics.OF_REQUESTS, *metrics.OF_RECORDS}
        assert [name for name in names if f"`{name}`" not in DOCS] == []
