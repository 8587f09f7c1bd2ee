"""What is advised: a field and its price where a threshold is passed, nothing to buy where none is."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import boto3
import pytest
from botocore.stub import Stubber

from infra.advice.advice import Pricing, advise, text
from infra.advice.cloudwatch import measure, queries
from infra.advice.measurements import Measurements, read_measurements
from infra.advice.thresholds import THRESHOLDS, Threshold
from infra.cost.estimate import estimate
from infra.cost.prices import HOURS, read_prices
from infra.cost.usage import USUAL
from infra.errors import SynthesisError
from infra.stage import GROWTH, LAUNCH, SANDBOX, SCALE, STAGES, Instance, Serverless
from local.advise import cell_price, relay_price
from local.project import ROOT

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def advised(stage=LAUNCH, **measured):
    """Each stage priced by how often it is asked for: what is asked here is only who asks."""
    pricing = Pricing(stage=lambda other: 10.0 if other == stage else 35.0, cell=lambda _: 7.0, relay=lambda _: 5.0)
    return advise(stage, Measurements(**measured), pricing)


class TestAbove:
    def test_the_next_class_is_named_with_its_price(self):
        [item] = advised(database_cpu_percent=71).turn
        assert item.do.startswith('cell.compute = Instance(type="t4g.large")')
        assert item.adds == 25.0

    def test_a_serverless_database_may_grow(self):
        [item] = advised(SCALE, acu_percent=99).turn
        assert item.do.startswith("cell.compute.most = 128")

    def test_the_largest_class_has_another_way_out(self):
        largest = replace(LAUNCH, cell=replace(LAUNCH.cell, compute=Instance(type="r8g.4xlarge")))
        [item] = advised(largest, database_cpu_percent=90).turn
        assert "cell of their own" in item.do
        assert item.adds == 7.0

    def test_a_database_without_a_proxy_gets_one_for_its_connections(self):
        [item] = advised(SANDBOX, connections=201).turn
        assert item.do.startswith("cell.proxy = True")

    def test_connections_are_held_against_what_the_database_allows(self):
        assert advised(connections=100, connections_allowed=120).turn
        assert not advised(connections=90, connections_allowed=120).turn

    def test_pinned_sessions_are_nothing_to_buy_for(self):
        advice = advised(pinned_sessions=1)
        assert advice.turn[0].free
        assert "costs nothing" in text(advice)

    def test_a_tenant_of_a_hundred_gets_a_cell_of_its_own(self):
        [item] = advised(largest_tenant_times=101).turn
        assert item.adds == 7.0

    def test_a_relay_that_cannot_come_sooner_is_priced_by_its_memory(self):
        advice = advised(relay_late_seconds=61)
        assert advice.turn[0].do.startswith("double the memory_mb of RELAY")
        assert "+5.00 a month" in text(advice)

    def test_what_has_no_price_is_not_said_to_be_free(self):
        largest = replace(LAUNCH, cell=replace(LAUNCH.cell, compute=Instance(type="r8g.4xlarge")))
        advice = advised(largest, connections=201)
        assert advice.turn[0].adds is None
        assert "not priced" in text(advice)
        assert "costs nothing" not in text(advice)

    def test_a_higher_ceiling_is_free_only_until_it_is_used(self):
        pricing = Pricing(stage=lambda _: 10.0, cell=lambda _: 7.0, relay=lambda _: 5.0)
        said = text(advise(SCALE, Measurements(acu_percent=99), pricing))
        assert "costs nothing as long as nobody uses it" in said

    def test_a_gateway_is_not_held_to_what_a_small_machine_carries(self):
        [item] = advised(LAUNCH, egress_mbit=26).turn
        assert item.do.startswith('egress = "gateway"')
        beyond = advised(GROWTH, egress_mbit=26)
        assert (beyond.turn, beyond.leave) == ((), ())
        assert "egress_mbit" not in beyond.unmeasured

    def test_one_field_is_turned_once_and_priced_once(self):
        items = advised(SCALE, warm_utilization=0.9, warm_spillovers=3).turn
        assert {item.do for item in items} == {"warm.least_by_day = 40   of SCALE in infra/stage.py"}

    def test_a_relay_that_lets_a_database_sleep_is_never_told_to_look_each_minute(self):
        rare = replace(LAUNCH, relay=SANDBOX.relay)
        [asleep] = advised(SANDBOX, relay_late_seconds=1000).turn
        [awake] = advised(rare, relay_late_seconds=1000).turn
        assert "every_minutes" not in asleep.do
        assert awake.do.startswith("relay.every_minutes = 1")

    def test_a_relay_that_lets_a_database_sleep_may_be_as_late_as_its_pace(self):
        assert not advised(SANDBOX, relay_late_seconds=900).turn
        assert advised(SANDBOX, relay_late_seconds=961).turn

    @pytest.mark.parametrize(
        ("stage", "threshold"),
        [(stage, threshold) for stage in STAGES.values() for threshold in THRESHOLDS if threshold.concerns(stage)],
        ids=lambda each: each.measured if isinstance(each, Threshold) else each.name,
    )
    def test_every_threshold_says_something_to_do(self, stage, threshold):
        most = {"warm_utilization": 1.0, "database_cpu_percent": 100, "acu_percent": 100}
        [item] = advised(stage, **{threshold.measured: most.get(threshold.measured, 1e6)}).turn
        assert item.do


class TestBelow:
    def test_it_is_said_what_to_leave_alone(self):
        advice = advised(database_cpu_percent=70, throttles=0)
        assert not advice.turn
        assert [item.measured for item in advice.leave] == ["database_cpu_percent", "throttles"]
        assert "Turn nothing." in text(advice)

    def test_what_nobody_measured_is_named_and_advises_nothing(self):
        advice = advised()
        assert not advice.turn
        assert not advice.leave
        assert set(advice.unmeasured) == {threshold.measured for threshold in THRESHOLDS}


class TestPrices:
    def test_of_a_turn_are_those_of_the_stage_that_has_it(self, dial, tree, synthesize):
        prices, usage = read_prices(), USUAL["launch"]
        changed = replace(LAUNCH, cell=replace(LAUNCH.cell, compute=Instance(type="t4g.large")))
        now = estimate(json.loads(dial["launch"]), LAUNCH, usage, prices).fixed
        then = estimate(synthesize(tree, stage=changed, code="placeholder"), changed, usage, prices).fixed
        assert then - now == pytest.approx((0.146 - 0.073) * HOURS)

    def test_of_a_cell_are_its_database_and_proxy(self):
        assert cell_price(LAUNCH, read_prices()) == pytest.approx((0.073 + 2 * 0.015) * HOURS)

    def test_of_a_relay_double_with_its_memory(self, dial):
        now, doubled = json.loads(dial["launch"]), json.loads(dial["launch"])
        for found in doubled["workers"]["Resources"].values():
            if found["Properties"].get("FunctionName") == "freehold-launch-relay":
                found["Properties"]["MemorySize"] *= 2
        once, twice = (relay_price(templates, LAUNCH, read_prices()) for templates in (now, doubled))
        assert twice == pytest.approx(2 * once)
        assert once > 4


class TestFile:
    def test_of_the_documentation_is_read(self):
        measured = read_measurements(ROOT / "docs" / "metrics.example.json")
        assert advise(LAUNCH, measured, Pricing(stage=lambda _: 0, cell=lambda _: 0, relay=lambda _: 0)).turn

    def test_may_be_toml(self, tmp_path):
        file = tmp_path / "metrics.toml"
        file.write_text("p99_ms = 501\n")
        assert read_measurements(file).p99_ms == 501

    @pytest.mark.parametrize(
        ("written", "said"),
        [
            ('{"p99_ms": NaN}', "p99_ms cannot be nan"),
            ('{"p99_ms": Infinity}', "p99_ms cannot be inf"),
            ('{"p99_ms": -1}', "p99_ms cannot be -1"),
            ('{"p99_ms": "slow"}', "p99_ms cannot be 'slow'"),
            ('{"database_cpu_percent": 101}', "database_cpu_percent cannot be 101"),
            ('{"connections_allowed": 0}', "connections_allowed cannot be 0"),
            ('{"cpu": 3}', "cpu is nothing that is measured"),
            ("[]", "holds no measurements"),
            ("null", "holds no measurements"),
            ("{", "cannot be read as json"),
            pytest.param('{"p99_ms": ' + "[" * 200_000, "lie too deep in one another", id="too deep"),
            ('{"p99_ms": 1e400}', "p99_ms cannot be inf"),
            pytest.param(f'{{"p99_ms": 1{"0" * 400}}}', "p99_ms cannot be 1", id="too large"),
        ],
    )
    def test_with_a_mistake_is_refused_in_a_sentence(self, tmp_path, written, said):
        file = tmp_path / "metrics.json"
        file.write_text(written)
        with pytest.raises(SynthesisError, match=said):
            read_measurements(file)

    @pytest.mark.parametrize("ending", ["json", "toml"])
    def test_that_is_nested_too_deep_is_refused(self, tmp_path, ending):
        deep = "[" * 100_000 + "]" * 100_000
        file = tmp_path / f"metrics.{ending}"
        file.write_text(f"p99_ms = {deep}\n" if ending == "toml" else f'{{"p99_ms": {deep}}}')
        with pytest.raises(SynthesisError, match="lie too deep"):
            read_measurements(file)

    def test_that_is_not_there_is_refused(self, tmp_path):
        with pytest.raises(SynthesisError, match="cannot be read"):
            read_measurements(tmp_path / "nothing.json")


class TestCloudWatch:
    """Against botocore's description of the service: it checks what is asked, and what is answered."""

    @pytest.fixture
    def client(self):
        return boto3.client(
            "cloudwatch", region_name="us-east-1", aws_access_key_id="none", aws_secret_access_key="none"
        )

    def answer(self, values, *, token=None, status="Complete"):
        results = [
            {
                "Id": identifier,
                "Label": identifier,
                "Timestamps": [NOW] * len(found),
                "Values": found,
                "StatusCode": status,
            }
            for identifier, found in values.items()
        ]
        return {"MetricDataResults": results} | ({"NextToken": token} if token else {})

    def measured(self, client, asked, *answers):
        with Stubber(client) as stub:
            for answer in answers:
                stub.add_response("get_metric_data", answer)
            found = measure(client, asked, until=NOW, days=7)
            stub.assert_no_pending_responses()
        return found

    def test_becomes_the_most_of_each_hour(self, client):
        asked = queries(LAUNCH, "api")
        number = {query.measurement: f"q{index}" for index, query in reversed([*enumerate(asked)])}
        answer = self.answer(
            {number["database_cpu_percent"]: [40.0, 80.5, 3.0], number["slowest_job_seconds"]: [9000.0]}
        )
        found = self.measured(client, asked, answer)
        assert (found.database_cpu_percent, found.slowest_job_seconds, found.p99_ms) == (80.5, 9.0, None)

    def test_is_read_to_the_last_page_and_summed_over_functions(self, client):
        asked = queries(LAUNCH, "api")
        [first, second, *_] = [f"q{index}" for index, query in enumerate(asked) if query.measurement == "throttles"]
        pages = [self.answer({first: [1.0, 2.0]}, token="more"), self.answer({second: [4.0]})]
        assert self.measured(client, asked, *pages).throttles == 7

    def test_that_fails_is_not_taken_for_silence(self, client):
        with pytest.raises(SynthesisError, match="InternalError"):
            self.measured(client, queries(LAUNCH, "api"), self.answer({"q0": []}, status="InternalError"))

    @pytest.mark.parametrize("stage", STAGES.values(), ids=STAGES)
    def test_is_asked_at_once(self, stage):
        assert len(queries(stage, "api")) <= 500

    def test_of_a_stage_without_warm_instances_is_not_asked_about_them(self):
        assert not [query for query in queries(LAUNCH, "api") if query.measurement.startswith("warm")]
        assert [query for query in queries(SCALE, "api") if query.measurement.startswith("warm")]


class TestServerless:
    def test_ceilings_double(self):
        small = replace(SANDBOX, cell=replace(SANDBOX.cell, compute=Serverless(least=0, most=2)))
        [item] = advised(small, acu_percent=96).turn
        assert item.do.startswith("cell.compute.most = 4")
