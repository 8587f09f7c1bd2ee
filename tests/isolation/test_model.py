"""Units of work against a model of each tenant: whatever is thrown at them, the database holds what it must.

    MODEL_EXAMPLES=2000 .venv/bin/python -m pytest tests/isolation/test_model.py

runs so many examples, other ones each time, and prints how to repeat one that fails.
"""

import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from local.postgres import Postgres
from tests.isolation import faulty_doors as faulty
from tests.isolation.bench import Bench, Watched
from tests.isolation.steps import follow, steps

LONGER = os.environ.get("MODEL_EXAMPLES")
USUAL = settings(
    max_examples=int(LONGER or 24),
    derandomize=not LONGER,
    database=None,
    deadline=None,
    print_blob=bool(LONGER),
    suppress_health_check=list(HealthCheck),
)
UNTIL_FOUND = settings(USUAL, max_examples=200, derandomize=True, phases=[Phase.generate], report_multiple_bugs=False)
TRIED = {
    *(
        "Create done",
        "Create OutcomeUnknown",
        "Create PermissionDenied",
        "Update NotFound",
        "MakeKey done",
        "read done",
    ),
    *("unit done", "unit OutcomeUnknown", "unit Unavailable", "unit PermissionDenied", "unit SystemExit"),
    *("move nest", "move save", "move back", "move recover", "move look", "move intrude", "move interrupt"),
    *("NONE", "TERMINATED", "BEFORE", "AFTER"),
}
"""Of what there is to meet, what no two dozen runs should miss: acts with their ends, moves, mishaps."""


@pytest.fixture(scope="module")
def bench(server: Postgres) -> Iterator[Bench]:
    bench = Bench(server)
    yield bench
    bench.close()


def run(bench: Bench, door: type[Watched], how: settings) -> None:
    """So many runs as `how` says, each of so many steps."""

    @how
    @given(st.lists(steps, min_size=20, max_size=40))
    def always(script):
        follow(script, bench, door)

    always()


def test_the_database_is_always_as_the_model_says(bench: Bench):
    run(bench, Watched, USUAL)
    assert bench.met.keys() >= TRIED, "the runs have not tried what they are for"


@pytest.mark.parametrize(
    ("door", "says"),
    [
        (faulty.KeepsTheTenant, "is left behind|cannot read it any more.*already_entered"),
        (faulty.ForgetsWhose, "sees what is not its own"),
        (faulty.RemembersWhoMayEnter, "must end with|is shown otherwise"),
        (faulty.NeverRollsBack, "the connection is left"),
        (faulty.CommitsWhatever, "not what the model says|must end with .*ValueError"),
        (faulty.RepeatsChanges, "not what the model says|was made 2 times|said to have been done"),
    ],
)
def test_a_planted_fault_is_found(bench: Bench, door: type[Watched], says: str):
    with pytest.raises(AssertionError, match=says):
        run(bench, door, UNTIL_FOUND)
