"""The faults end what they should, and notice what is lost or doubled."""

from faults.points import Point, read_points
from faults.runner import Outcome, run
from faults.world import OURS
from local.project import ROOT

END = Point(
    name="end", function="run_standard", text="state = 'succeeded'", says="a job ends", nth=1
)  # as one of points.toml
EVENT, CHANGE, SEND = (
    point for point in read_points() if point.name in {"stripe, event", "stripe, change", "usage, send"}
)
UNITS = 31


def outcomes(*points: Point, runs: int, **handlers: str) -> list[Outcome]:
    return run(points, runs=runs, seed=1, progress=lambda _done, _of: None, handlers={**OURS, **handlers})


class TestPoints:
    def test_are_enough_and_each_has_a_name_of_its_own(self):
        names = [point.name for point in read_points()]
        assert len(set(names)) == len(names) >= 12

    def test_each_waits_for_a_flight_or_for_a_call(self):
        assert [point.name for point in read_points() if bool(point.text) == bool(point.call)] == []

    def test_each_flight_is_one_that_the_code_still_makes(self):
        code = "".join(path.read_text() for path in (ROOT / "layers").rglob("*") if path.suffix in {".py", ".sql"})
        assert [point.name for point in read_points() if point.text not in code] == []
        assert "update app.usage_unreported u set job_id" not in code, "control: what it was once is not there"

    def test_there_are_some_of_money(self):
        assert {point.function for point in read_points() if point.story == "money"} == {
            "stripe_webhook", "run_billing", "run_payments", "report_usage",
        }  # fmt: skip


class TestRun:
    def test_finds_nothing_where_the_effect_commits_with_the_end_and_money_is_counted_once(self):
        found = outcomes(END, EVENT, CHANGE, SEND, runs=3)
        assert [(each.killed, each.damage.details) for each in found] == [(3, [])] * 4

    def test_the_control_a_careless_worker_webhook_and_reporter_are_noticed(self):
        end, event, send = outcomes(
            END,
            EVENT,
            SEND,
            runs=3,
            run_standard="tests.faults.careless.handler",
            stripe_webhook="tests.faults.careless_webhook.handler",
            run_billing="tests.faults.careless_reporters.marks_first",
        )
        assert end.killed == 3
        assert end.damage.doubled >= 2, "before and within: the effect is there, and comes again"
        assert any(each.startswith("event evt_") for each in event.damage.details), "it was answered, and not written"
        assert send.damage.details.count(f"units that Stripe counts: 0 of {UNITS}") == 2, "before: marked, and not sent"

    def test_the_control_a_reporter_without_identifiers_is_noticed(self):
        [send] = outcomes(SEND, runs=2, run_billing="tests.faults.careless_reporters.nameless")
        assert send.damage.details == [f"units that Stripe counts: {2 * UNITS} instead of {UNITS}"], "after: sent again"
