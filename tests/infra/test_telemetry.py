"""Lines that leave a function's log: which do, at which stages, and to whom alone."""

import json

import pytest

from functions.manifest import FUNCTIONS
from infra.stage import STAGES
from tests.infra.templates import of_type

WOKEN = [name for name, stage in STAGES.items() if stage.watch.wakes]
MOST = 400
"""Resources of the API's stack at which somebody has to think; CloudFormation refuses at 500."""


def filters(template):
    """Of a stack, by the log group that each reads."""
    found = of_type(template, "AWS::Logs::SubscriptionFilter").values()
    return {json.dumps(each["LogGroupName"]): each for each in found}


@pytest.fixture
def of(dial):
    return lambda name: json.loads(dial[name])


@pytest.mark.parametrize("name", WOKEN)
def test_each_function_but_the_one_that_takes_them_has_one_filter(of, name):
    for stack in ("api", "workers"):
        declared = [function for function in FUNCTIONS if function.stack == stack and not function.logs]
        assert len(filters(of(name)[stack])) == len(declared)


@pytest.mark.parametrize("name", WOKEN)
def test_what_takes_them_never_reads_its_own(of, name):
    assert filters(of(name)["delivery"]) == {}
    made = of_type(of(name)["delivery"], "AWS::Lambda::Function").values()
    assert any(function["FunctionName"].endswith("-export_traces") for function in made)


@pytest.mark.parametrize("name", WOKEN)
def test_spans_leave_only_where_some_are_written(of, name):
    [pattern] = {each["FilterPattern"] for stack in ("api", "workers") for each in filters(of(name)[stack]).values()}
    assert ('$.message = "span"' in pattern) == (STAGES[name].watch.traces > 0)
    assert '$.level = "ERROR"' in pattern


def test_a_stage_that_wakes_nobody_has_none(of):
    assert [filters(of(name)[stack]) for name in STAGES if name not in WOKEN for stack in ("api", "workers")] == [
        {},
        {},
    ]


@pytest.mark.parametrize("name", WOKEN)
def test_logs_of_this_account_and_stage_alone_may_call_it(of, name):
    [may] = [
        permission
        for permission in of_type(of(name)["delivery"], "AWS::Lambda::Permission").values()
        if permission["Principal"] == "logs.amazonaws.com"
    ]
    assert may["SourceAccount"] == {"Ref": "AWS::AccountId"}
    assert json.dumps(may["SourceArn"]).endswith(f':log-group:freehold-{name}-*"]]}}')


@pytest.mark.parametrize("name", WOKEN)
def test_filters_come_when_it_may_be_called(of, name):
    """CloudWatch calls it when a filter is made."""
    order = list(of(name))
    assert order.index("delivery") < min(order.index("api"), order.index("workers"))


@pytest.mark.parametrize("name", STAGES)
def test_functions_are_told_what_their_stage_measures(of, name):
    watch = STAGES[name].watch
    for stack in ("api", "workers"):
        for function in of_type(of(name)[stack], "AWS::Lambda::Function").values():
            told = function.get("Environment", {}).get("Variables", {})
            if "FREEHOLD_STAGE" in told:
                assert (told.get("FREEHOLD_METRICS") == "true") == watch.metrics
                assert float(told.get("FREEHOLD_TRACES", 0)) == watch.traces


@pytest.mark.parametrize("name", STAGES)
def test_the_api_stays_well_below_what_cloudformation_takes(of, name):
    assert len(of(name)["api"]["Resources"]) < MOST


def test_the_control_a_loop_would_be_found(of):
    template = of("growth")["api"]
    first = next(iter(of_type(template, "AWS::Lambda::Function").values()))["LoggingConfig"]["LogGroup"]
    assert json.dumps(first) in filters(template)
