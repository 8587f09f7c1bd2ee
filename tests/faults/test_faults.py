"""The faults end what they should, and notice what is lost or doubled."""

from faults.points import Point, read_points
from faults.runner import run

END = Point(
    name="end", function="run_standard", text="state = 'succeeded'", says="a job ends", nth=1
)  # as one of points.toml


class TestPoints:
    def test_are_enough_and_each_has_a_name_of_its_own(self):
        names = [point.name for point in read_points()]
        assert len(set(names)) == len(names) >= 12

    def test_each_waits_for_a_flight_or_for_a_call(self):
        assert [point.name for point in read_points() if bool(point.text) == bool(point.call)] == []


class TestRun:
    def test_finds_nothing_where_the_effect_commits_with_the_end(self):
        [outcome] = run([END], runs=3, seed=1, progress=lambda _done, _of: None)
        assert (outcome.killed, outcome.damage.details) == (3, [])

    def test_the_control_a_careless_worker_is_noticed(self):
        careless = {"run_standard": "tests.faults.careless.handler"}
        [outcome] = run([END], runs=3, seed=1, progress=lambda _done, _of: None, handlers=careless)
        assert outcome.killed == 3
        assert outcome.damage.doubled >= 2, "before and within: the effect is there, and comes again"
