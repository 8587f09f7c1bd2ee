"""A database that sleeps: the clock wakes it for whoever has used it, never for itself, and once a day."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from freehold import clock
from freehold.database import database
from freehold.messaging import clockwork, sleep
from freehold.messaging.clockwork import called_by_the_clock
from freehold.settings import Settings
from infra.constructs.clock import INPUT

EVERY = 15
HOUR = 60
SESSION = timedelta(minutes=4)
"""How long the connection of a function that has answered lives on."""
CLUSTER = "freehold-sandbox-pool"
MIDNIGHT = datetime(2026, 1, 15, tzinfo=UTC)


class CloudWatch:
    """The one metric, a value a minute, and a minute late, as RDS writes it."""

    def __init__(self):
        self.connected = []
        self.asked = []
        self.status = "Complete"

    def use(self, begin, end):
        self.connected.append((begin, end))

    def get_metric_data(self, **asked):
        self.asked.append(asked)
        minute, values = asked["StartTime"].replace(second=0), []
        while minute + timedelta(minutes=2) <= asked["EndTime"]:
            over = [begin < minute + timedelta(minutes=1) and end > minute for begin, end in self.connected]
            values.append(float(sum(over)))
            minute += timedelta(minutes=1)
        return {"MetricDataResults": [{"Id": "connections", "StatusCode": self.status, "Values": values}]}


@pytest.fixture
def metrics(monkeypatch):
    metrics = CloudWatch()
    monkeypatch.setattr(sleep, "client", lambda _service: metrics)
    return metrics


@pytest.fixture
def told(monkeypatch):
    """A function's own pace, from now on."""

    def tell(minutes):
        given = Settings(sleeper=json.dumps(minutes and {"cluster": CLUSTER, "minutes": minutes}))
        for module in (sleep, clockwork):
            monkeypatch.setattr(module, "settings", lambda: given)

    return tell


@pytest.fixture
def sleeper(told):
    told(EVERY)


def due(at):
    """The event of the clock's call."""
    return json.loads(INPUT) | {"scheduled_at": at.isoformat()}


def ticks(metrics, told, hours, paces=(EVERY,)):
    """When what is called at these paces connects, for a second or more, in these hours. Once a day: at 03:17."""
    passes = {pace: [] for pace in paces}
    for minute in range(hours * 60):
        at = MIDNIGHT + timedelta(minutes=minute)
        for pace in paces:
            if minute % (24 * HOUR) == 197 if pace is None else minute % pace == 0:
                told(pace)
                called = at + timedelta(seconds=20)
                with clock.moved(called):
                    left_alone = sleep.is_left_alone(due(at))
                if not left_alone:
                    metrics.use(called, called + (timedelta(seconds=10) if pace else SESSION))
                    passes[pace].append(called)
    return passes


class TestClock:
    @pytest.mark.parametrize("after", range(0, EVERY * 60, 45), ids=lambda seconds: f"{seconds}s")
    def test_finds_whoever_came_between_two_looks_and_sleeps_again(self, told, metrics, after):
        came = MIDNIGHT + timedelta(hours=2, seconds=after)
        metrics.use(came, came + SESSION)
        passes = ticks(metrics, told, hours=8)[EVERY]
        assert any(came < each < came + timedelta(minutes=2 * EVERY) for each in passes)
        assert len(passes) <= 2

    @pytest.mark.parametrize("after", range(0, HOUR, 7), ids=lambda minutes: f"{minutes}min")
    def test_finds_whoever_came_in_the_hour_where_it_looks_once_an_hour(self, told, metrics, after):
        came = MIDNIGHT + timedelta(hours=2, minutes=after)
        metrics.use(came, came + SESSION)
        passes = ticks(metrics, told, hours=8, paces=(EVERY, HOUR))[HOUR]
        assert any(came < each < came + timedelta(minutes=2 * HOUR) for each in passes)
        assert len(passes) <= 2

    def test_wakes_all_once_a_day_where_nobody_comes(self, told, metrics):
        passes = ticks(metrics, told, hours=48, paces=(EVERY, HOUR, None))
        assert {pace: [f"{each:%H:%M}" for each in found] for pace, found in passes.items()} == {
            None: ["03:17", "03:17"],
            EVERY: ["03:30", "03:30"],
            HOUR: ["04:00", "04:00"],
        }

    def test_lets_it_sleep_where_nobody_came(self, told, metrics):
        assert ticks(metrics, told, hours=24, paces=(EVERY, HOUR)) == {EVERY: [], HOUR: []}

    def test_that_looked_at_its_own_minute_would_keep_it_awake(self, told, metrics, monkeypatch):
        monkeypatch.setattr(sleep, "PAST_OURS", timedelta(minutes=-1))
        metrics.use(MIDNIGHT + timedelta(minutes=5), MIDNIGHT + timedelta(minutes=9))
        assert len(ticks(metrics, told, hours=8)[EVERY]) > 20

    def test_that_calls_late_looks_as_far_back_as_if_it_were_in_time(self, sleeper, metrics):
        metrics.use(MIDNIGHT - timedelta(minutes=9), MIDNIGHT - timedelta(minutes=5))
        with clock.moved(MIDNIGHT + timedelta(minutes=14)):
            assert not sleep.is_left_alone(due(MIDNIGHT))


class TestCall:
    def test_is_not_made_where_it_would_wake_the_database(self, stage, sleeper, metrics):
        called_by_the_clock("upkeep")(lambda _event, _context: pytest.fail("it was woken"))(due(clock.now()), None)
        [asked] = metrics.asked
        assert asked["MetricDataQueries"][0]["MetricStat"]["Metric"]["Dimensions"] == [
            {"Name": "DBClusterIdentifier", "Value": CLUSTER}
        ]

    @pytest.mark.parametrize("event", [{}, {"scheduled_at": "2026-01-15T09:00:00Z"}], ids=["bare", "with a time"])
    def test_by_hand_is_made_unasked(self, stage, sleeper, metrics, event):
        assert called_by_the_clock("seal_audit")(lambda _event, _context: "done")(event, None) == "done"
        assert metrics.asked == []

    def test_of_once_a_day_wakes_it_unasked(self, stage, told, metrics):
        told(None)
        assert called_by_the_clock("partitions")(lambda _event, _context: "done")(due(clock.now()), None) == "done"
        assert metrics.asked == []

    def test_is_made_where_nobody_knows(self, stage, sleeper, monkeypatch):
        def down(_service):
            raise OSError

        monkeypatch.setattr(sleep, "client", down)
        assert called_by_the_clock("upkeep")(lambda _event, _context: "done")(due(clock.now()), None) == "done"

    @pytest.mark.parametrize("status", ["InternalError", "Forbidden", "PartialData"])
    def test_is_made_where_the_answer_is_none(self, stage, sleeper, metrics, status):
        metrics.status = status
        assert called_by_the_clock("upkeep")(lambda _event, _context: "done")(due(clock.now()), None) == "done"

    def test_is_made_unasked_where_the_database_never_sleeps(self, stage, metrics):
        assert called_by_the_clock("upkeep")(lambda _event, _context: "done")(due(clock.now()), None) == "done"
        assert metrics.asked == []

    def test_leaves_no_connection_behind(self, stage, sleeper, metrics):
        metrics.use(clock.now() - timedelta(minutes=9), clock.now() - timedelta(minutes=5))
        system = database("freehold_system")
        called_by_the_clock("upkeep")(lambda _event, _context: system.ping())(due(clock.now()), None)
        assert all(each.closed for each in system._opened)  # noqa: SLF001 (what PostgreSQL would count)

    def test_of_once_a_day_keeps_its_connection_for_others_to_find(self, stage, told):
        told(None)
        system = database("freehold_system")
        called_by_the_clock("reconcile_billing")(lambda _event, _context: system.ping())(due(clock.now()), None)
        assert any(not each.closed for each in system._opened)  # noqa: SLF001 (likewise)
