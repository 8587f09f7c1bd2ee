"""What was measured is what is assumed: the bytes of a request's lines in the logs, and the memory of functions."""

import json

import pytest

from functions.manifest import FUNCTIONS
from infra.cost.assumptions import ASSUMED, of
from local.project import ROOT
from tests.infra.templates import only

REQUEST = {
    "level": "INFO",
    "location": "frame:42",
    "message": "request",
    "timestamp": "2026-11-22T17:56:03.331+00:00",
    "service": "freehold",
    "stage": "launch",
    "request_id": "UOVZ1h9JoAMEV9w=",
    "correlation_id": "UOVZ1h9JoAMEV9w=",
    "route": "GET /v1/projects/{project_id}",
    "status": 200,
    "ms": 15.3,
    "cold_start": False,
}
"""As functions log it."""

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
    def test_of_functions_are_as_long_as_assumed(self):
        assert len(json.dumps(REQUEST, separators=(",", ":"))) == pytest.approx(of("function_log_bytes"), rel=0.1)

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
