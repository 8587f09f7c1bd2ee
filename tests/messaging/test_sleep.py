"""A database that sleeps: the clock wakes it for whoever has used it, never for itself, and once a day."""

from datetime import UTC, datetime, timedelta

import pytest

from freehold import clock
from freehold.database import database
from freehold.messaging import clockwork, sleep
from freehold.messaging.clockwork import called_by_the_clock
from freehold.settings import Settings, Sleeper

EVERY = 15
SESSION = timedelta(minutes=4)
"""How long the connection of a function that has answered lives on."""
SLEEPER = Sleeper(cluster="freehold-sandbox-pool", minutes=EVERY)
MIDNIGHT = datetime(2026, 1, 15, tzinfo=UTC)


class CloudWatch:
    """The one metric, a value a minute, and a minute late, as RDS writes it."""

    def __init__(self):
        self.connected = []
        self.asked = []

    def use(self, begin, end):
        self.connected.append((begin, end))

    def get_metric_data(self, **asked):
        self.asked.append(asked)
        minute, values = asked["StartTime"].replace(second=0), []
        while minute + timedelta(minutes=2) <= asked["EndTime"]:
            over = [begin < minute + timedelta(minutes=1) and end > minute for begin, end in self.connected]
            values.append(float(sum(over)))
            minute += timedelta(minutes=1)
        return {"MetricDataResults": [{"Id": "connections", "Values": values}]}


@pytest.fixture
def metrics(monkeypatch):
    metrics = CloudWatch()
    monkeypatch.setattr(sleep, "client", lambda _service: metrics)
    return metrics


@pytest.fixture
def sleeper(monkeypatch):
    given = Settings(sleeper='{"cluster": "freehold-sandbox-pool", "minutes": 15}')
    for module in (sleep, clockwork):
        monkeypatch.setattr(module, "settings", lambda: given)


def ticks(metrics, hours):
    """When the relay connects, for a second or more, in these hours."""
    passes = []
    for number in range(hours * 60 // EVERY):
        called = MIDNIGHT + timedelta(minutes=EVERY * number, seconds=20)
        with clock.moved(called):
            if not sleep.is_left_alone():
                metrics.use(called, called + timedelta(seconds=10))
                passes.append(called)
    return passes


class TestClock:
    @pytest.mark.parametrize("after", range(0, EVERY * 60, 45), ids=lambda seconds: f"{seconds}s")
    def test_finds_whoever_came_between_two_looks_and_sleeps_again(self, sleeper, metrics, after):
        came = MIDNIGHT + timedelta(hours=2, seconds=after)
        metrics.use(came, came + SESSION)
        passes = ticks(metrics, hours=8)
        assert any(came < each < came + timedelta(minutes=2 * EVERY) for each in passes)
        assert len(passes) <= 2

    def test_lets_it_sleep_where_nobody_came(self, sleeper, metrics):
        assert ticks(metrics, hours=24) == []

    def test_that_looked_at_its_own_minute_would_keep_it_awake(self, sleeper, metrics, monkeypatch):
        monkeypatch.setattr(sleep, "PAST_OURS", timedelta(minutes=-1))
        metrics.use(MIDNIGHT + timedelta(minutes=5), MIDNIGHT + timedelta(minutes=9))
        assert len(ticks(metrics, hours=8)) > 20


class TestCall:
    def test_is_not_made_where_it_would_wake_the_database(self, stage, sleeper, metrics):
        called_by_the_clock("upkeep")(lambda _event, _context: pytest.fail("it was woken"))({}, None)
        [asked] = metrics.asked
        assert asked["MetricDataQueries"][0]["MetricStat"]["Metric"]["Dimensions"] == [
            {"Name": "DBClusterIdentifier", "Value": SLEEPER.cluster}
        ]

    def test_of_once_a_day_wakes_it_unasked(self, stage, sleeper, metrics):
        assert called_by_the_clock("partitions", often=False)(lambda _event, _context: "done")({}, None) == "done"
        assert metrics.asked == []

    def test_is_made_where_nobody_knows(self, stage, sleeper, monkeypatch):
        def down(_service):
            raise OSError

        monkeypatch.setattr(sleep, "client", down)
        assert called_by_the_clock("upkeep")(lambda _event, _context: "done")({}, None) == "done"

    def test_is_made_unasked_where_the_database_never_sleeps(self, stage, metrics):
        assert called_by_the_clock("upkeep")(lambda _event, _context: "done")({}, None) == "done"
        assert metrics.asked == []

    @pytest.mark.parametrize("often", [True, False])
    def test_leaves_no_connection_behind(self, stage, sleeper, metrics, often):
        metrics.use(clock.now() - timedelta(minutes=9), clock.now() - timedelta(minutes=5))
        system = database("freehold_system")
        called_by_the_clock("upkeep", often=often)(lambda _event, _context: system.ping())({}, None)
        assert all(each.closed for each in system._opened)  # noqa: SLF001 (what PostgreSQL would count)

    def test_of_a_stage_that_never_sleeps_keeps_its_connection(self, stage):
        system = database("freehold_system")
        called_by_the_clock("upkeep")(lambda _event, _context: system.ping())({}, None)
        assert any(not each.closed for each in system._opened)  # noqa: SLF001 (likewise)
