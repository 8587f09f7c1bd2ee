"""Burn rates and the API's health: what rings, and how soon, in simulated hours."""

import json

import pytest

from infra.slos import AVAILABILITY, BURNS
from tests.infra.cloudwatch import Minute, composites, ringing, rings, wrong
from tests.infra.templates import of_type

QUIET = [Minute()] * 1440
BUSY = Minute(requests=100)
DAY = [BUSY] * 1440


@pytest.fixture
def growth(dial):
    """A copy, to break."""
    return json.loads(dial["growth"])


@pytest.fixture
def burning(growth):
    return growth["monitoring"]


@pytest.fixture
def health(growth):
    """The two that gate a canary, by the last word of their names."""
    alarms = of_type(growth["gateway"], "AWS::CloudWatch::Alarm").values()
    return {each["AlarmName"].rpartition("-")[2]: each for each in alarms if "AlarmName" in each}


def first(template, name, before, minute, most):
    """After how many such minutes it rings; None if it does not by then."""
    series = list(before)
    for number in range(1, most + 1):
        series.append(minute)
        if name in ringing(template, series):
            return number
    return None


class TestBurnRates:
    def test_are_those_of_the_workbook_for_both_objectives(self, burning):
        names = {f"{objective}-{burn.name.lower()}" for objective in ("availability", "latency") for burn in BURNS}
        assert composites(burning).keys() == names
        legs = composites(burning)["availability-fast"]
        assert [leg["Metrics"][1]["MetricStat"]["Period"] for leg in legs] == [3600, 300]
        assert {leg["Threshold"] for leg in legs} == {1.44}

    @pytest.mark.parametrize(("burn", "spent"), [*zip(BURNS, (0.021, 0.054, 0.107), strict=True)])
    def test_ring_when_a_known_share_of_the_budget_is_gone(self, burn, spent):
        assert burn.spends == pytest.approx(spent, abs=0.001)

    def test_an_outage_wakes_somebody_within_five_minutes(self, burning):
        assert first(burning, "availability-fast", DAY, Minute(requests=100, faults=100), 5) is not None

    def test_an_outage_at_night_wakes_somebody_as_soon(self, burning):
        """A request a minute."""
        assert first(burning, "availability-fast", [Minute(requests=1)] * 1440, Minute(requests=1, faults=1), 5) == 3

    def test_half_of_the_budget_never_rings(self, burning):
        twenty = [BUSY] * 19 + [Minute(requests=100, faults=1)]
        series = twenty * 144  # 0.05 percent, two days
        assert {name for end in range(1440, 2880, 7) for name in ringing(burning, series[:end])} == set()

    def test_one_failure_among_three_requests_at_night_wakes_nobody(self, burning, health):
        series = [*QUIET, Minute(requests=3, faults=1)]
        assert ringing(burning, series) == set()
        assert not any(rings(each, series) for each in health.values())

    def test_without_its_guard_it_would(self, burning):
        for legs in composites(burning).values():
            for leg in legs:
                for each in leg["Metrics"]:
                    each["Expression"] = each.get("Expression", "").replace(">= 3", ">= 1")
                    if not each["Expression"]:
                        del each["Expression"]
        assert "availability-fast" in ringing(burning, [*QUIET, Minute(requests=3, faults=1)])

    def test_one_percent_rings_within_hours_and_not_as_an_outage(self, burning):
        series = DAY + [Minute(requests=100, faults=1)] * 240
        assert ringing(burning, series) == {"availability-slow"}

    def test_what_creeps_waits_until_the_morning(self, burning):
        four = [Minute(requests=250, faults=1)]  # 0.4 percent
        assert ringing(burning, four * 1440) == {"availability-creeping"}
        [creeping] = [
            each
            for each in of_type(burning, "AWS::CloudWatch::CompositeAlarm").values()
            if each["AlarmName"].endswith("availability-creeping")
        ]
        assert "it can wait until the morning" in creeping["AlarmDescription"]

    def test_end_soon_after_the_outage(self, burning):
        outage = DAY + [Minute(requests=100, faults=100)] * 10
        assert "availability-fast" in ringing(burning, outage)
        assert "availability-fast" not in ringing(burning, outage + [BUSY] * 5)

    def test_slow_answers_spend_a_budget_too(self, burning):
        assert first(burning, "latency-fast", DAY, Minute(requests=100, slow=100), 60) == 44
        assert ringing(burning, [Minute(requests=100, slow=4)] * 1440) == set()

    def test_are_watched_only_where_the_stage_says_so(self, stacks, stage):
        has = "monitoring" in stacks and bool(of_type(stacks["monitoring"], "AWS::CloudWatch::CompositeAlarm"))
        assert has is stage.watch.burn_rates

    def test_legs_alone_wake_nobody(self, burning):
        assert all("AlarmActions" not in leg for legs in composites(burning).values() for leg in legs)
        assert all(each["AlarmActions"] for each in of_type(burning, "AWS::CloudWatch::CompositeAlarm").values())


class TestHealth:
    def test_an_outage_rings_within_five_minutes(self, health):
        assert rings(health["faults"], [*DAY, Minute(requests=100, faults=100)])

    def test_a_canary_that_fails_at_every_call_rings(self, health):
        assert rings(health["faults"], DAY + [Minute(requests=100, faults=5)] * 5)

    def test_what_the_objective_allows_does_not(self, health):
        assert AVAILABILITY.budget == pytest.approx(0.001)
        assert not rings(health["faults"], [Minute(requests=1000, faults=1)] * 60)

    def test_three_slow_minutes_ring_and_two_do_not(self, health):
        slow = Minute(requests=100, p95=1200)
        assert rings(health["latency"], [*DAY, slow, BUSY, slow, slow])
        assert not rings(health["latency"], [*DAY, slow, BUSY, slow])

    def test_a_cold_start_in_a_quiet_minute_does_not(self, health):
        assert not rings(health["latency"], DAY + [Minute(requests=4, p95=2500)] * 5)


class TestExpressions:
    def test_are_such_as_cloudwatch_takes(self, stacks):
        assert {name: found for name, found in all_wrong(stacks).items() if found} == {}

    @pytest.mark.parametrize("broken", ["unknown", "unused", "periods", "many", "long", "two"])
    def test_that_it_refuses_would_be_found(self, growth, broken):
        alarm = next(
            each for each in of_type(growth["monitoring"], "AWS::CloudWatch::Alarm").values() if "Metrics" in each
        )
        stats = [each for each in alarm["Metrics"] if "MetricStat" in each]
        [expression] = [each for each in alarm["Metrics"] if "Expression" in each]
        match broken:
            case "unknown":
                expression["Expression"] += " + others"
            case "unused":
                expression["Expression"] = "1"
            case "periods":
                stats[0]["MetricStat"] = stats[0]["MetricStat"] | {"Period": 120}
            case "many":
                alarm["Metrics"] += [stats[0] | {"Id": f"m{number}"} for number in range(10)]
            case "long":
                alarm["EvaluationPeriods"] = 100_000
            case "two":
                stats[0]["ReturnData"] = True
        assert list(wrong(alarm))


def all_wrong(stacks):
    return {
        name: list(wrong(alarm))
        for template in stacks.values()
        for name, alarm in of_type(template, "AWS::CloudWatch::Alarm").items()
        if "Metrics" in alarm
    }
