"""What a stage costs: sums that add up, a rule for every resource, and answers to nonsense."""

import json
import math
from dataclasses import fields, replace
from datetime import date, timedelta
from functools import partial

import pytest

from infra.cost import database, schedules
from infra.cost.comparison import compare, read_earlier
from infra.cost.estimate import estimate
from infra.cost.lines import Charge, priced, without_free
from infra.cost.prices import FILE, HOURS, OLD_AFTER_DAYS, read_prices
from infra.cost.resources import RULES, rule_for
from infra.cost.template import Resource, resources
from infra.cost.usage import USUAL, Usage
from infra.errors import SynthesisError
from infra.stage import LAUNCH, STAGES, Instance, Serverless
from infra.templates import options_of
from local import cost, cost_reference
from local.errors import LocalError
from local.project import ROOT

PRICES = read_prices()


def one(kind, **properties):
    template = {"Resources": {"Planted": {"Type": kind, "Properties": properties}}}
    return Resource(stack="a-stack", id="Planted", type=kind, properties=properties, template=template)


def month_of(resource):
    lines = priced("fixed", rule_for(resource)(resource, PRICES), PRICES)
    return math.fsum(line.month for line in lines)


def cell_month(cell):
    return {resource.type: month_of(resource) for resource in resources({"cell": database.template_of(cell)})}


@pytest.fixture(scope="module")
def dial(dial, tree, synthesize, tmp_path_factory):
    """As each stage is priced: with its edge, at a name that is nobody's."""
    priced = {
        name: json.dumps(synthesize(tree, **vars_of(options_of(stage, tmp_path_factory.mktemp("priced")))))
        for name, stage in STAGES.items()
        if stage.edge
    }
    return {**dial, **priced}


def vars_of(options):
    return {field.name: getattr(options, field.name) for field in fields(options)}


@pytest.fixture(scope="module")
def estimates(dial):
    templates = {name: json.loads(text) for name, text in dial.items()}
    return {name: estimate(templates[name], stage, USUAL[name], PRICES) for name, stage in STAGES.items()}


@pytest.fixture(scope="module")
def launch(estimates):
    return estimates["launch"]


class TestSums:
    def test_are_those_of_the_lines(self, estimates):
        for each in estimates.values():
            assert each.month == pytest.approx(sum(line.quantity * line.each for line in each.lines))
            assert each.month == pytest.approx(each.fixed + each.use)
            assert each.each_tenant * each.tenants == pytest.approx(each.month)

    def test_are_the_same_as_json(self, launch):
        said = json.loads(json.dumps(launch.as_dict()))
        assert sum(line["month"] for line in said["lines"]) == pytest.approx(said["month"], abs=0.01)

    def test_grow_with_the_dial(self, estimates):
        fixed = [estimates[name].fixed for name in ("sandbox", "launch", "growth", "scale")]
        assert fixed == sorted(fixed)

    def test_of_launch_stay_below_a_hundred_whether_or_not_anybody_calls(self, launch):
        assert launch.fixed < 100

    def test_of_sandbox_stay_below_ten_whether_or_not_anybody_calls(self, estimates):
        assert sum(line.month for line in estimates["sandbox"].of("fixed")) < 10

    def test_double_with_the_requests_where_they_should(self, dial):
        templates = json.loads(dial["launch"])
        once, twice = (
            {line.name: line for line in estimate(templates, LAUNCH, usage, PRICES).lines}
            for usage in (Usage(tenants=10, requests=1000), Usage(tenants=10, requests=2000))
        )
        assert twice["Requests: API Gateway"].month == pytest.approx(2 * once["Requests: API Gateway"].month)
        assert twice["Proxy"] == once["Proxy"]


class TestResources:
    def test_of_every_stage_have_a_rule(self, dial):
        for text in dial.values():
            for resource in resources(json.loads(text)):
                rule_for(resource)

    def test_that_nobody_knows_are_refused_with_what_to_add(self, dial):
        templates = json.loads(dial["launch"])
        templates["api"]["Resources"]["Fleet"] = {"Type": "AWS::GameLift::Fleet", "Properties": {}}
        with pytest.raises(SynthesisError, match=r"AWS::GameLift::Fleet costs \(Fleet of api\): add a rule"):
            estimate(templates, LAUNCH, USUAL["launch"], PRICES)

    def test_of_an_instance_that_has_no_price_are_refused(self):
        planted = one("AWS::RDS::DBInstance", DBInstanceClass="db.x2g.large", Engine="aurora-postgresql")
        with pytest.raises(SynthesisError, match=r"No price is known for aurora\.x2g\.large"):
            month_of(planted)

    @pytest.mark.parametrize(
        ("kind", "properties", "month"),
        [
            ("AWS::CloudWatch::Dashboard", {}, 3.00),
            ("AWS::CloudWatch::CompositeAlarm", {}, 0.50),
            ("AWS::WAFv2::WebACL", {"Rules": [{}, {}, {}]}, 8.00),
            ("AWS::EC2::NatGateway", {}, 0.045 * HOURS),
            ("AWS::EC2::VPCEndpoint", {"VpcEndpointType": "Gateway"}, 0),
            ("AWS::EC2::VPCEndpoint", {"VpcEndpointType": "Interface", "SubnetIds": ["a", "b"]}, 0.02 * HOURS),
            ("AWS::Route53::HostedZone", {}, 0.50),
            ("AWS::CloudFront::Distribution", {}, 0),
            ("AWS::CodeDeploy::DeploymentGroup", {}, 0),
            ("AWS::Logs::SubscriptionFilter", {}, 0),
            ("Custom::Schema", {}, 0),
        ],
    )
    def test_cost_what_their_page_says(self, kind, properties, month):
        assert month_of(one(kind, **properties)) == pytest.approx(month)

    def test_are_priced_by_types_that_cloudformation_spells_so(self):
        assert all(kind.startswith("AWS::") and kind.count("::") == 2 for kind in RULES)


class TestAlarms:
    def test_bill_one_metric(self):
        assert month_of(one("AWS::CloudWatch::Alarm", MetricName="Errors")) == pytest.approx(0.10)

    def test_that_compute_bill_each_metric_they_compute_with(self):
        metrics = [
            {"Id": "e", "Expression": "a / b"},
            {"Id": "a", "MetricStat": {}},
            {"Id": "b", "MetricStat": {}},
        ]
        assert month_of(one("AWS::CloudWatch::Alarm", Metrics=metrics)) == pytest.approx(0.20)


class TestEdge:
    def test_bills_its_firewall_whether_or_not_anybody_calls(self, estimates):
        by_name = {line.name: line for line in estimates["scale"].of("fixed")}
        rules = by_name["Web application firewall: rules"]
        assert by_name["Web application firewall"].month == pytest.approx(5)
        assert rules.quantity >= 2
        assert rules.month == pytest.approx(rules.quantity)

    def test_bills_each_request_three_times(self, estimates):
        edge = {line.name: line.quantity for line in estimates["scale"].of("use") if line.name.startswith("Edge: ")}
        del edge["Edge: bytes"]
        assert list(edge.values()) == [500, 500, 500]

    def test_bills_nothing_where_a_stage_has_none(self, estimates):
        names = {line.name for line in estimates["growth"].lines}
        assert not [name for name in names if name.startswith(("Edge", "Web application"))]

    def test_has_free_amounts(self):
        used = {"cloudfront.gb": 1001, "cloudfront.function": 3, "waf.request": 1}
        charges = [Charge(name=price, price=price, quantity=quantity) for price, quantity in used.items()]
        left = without_free(priced("use", charges, PRICES), PRICES)
        assert [line.quantity for line in left] == pytest.approx([1, 1, 1])


class TestWarmFunctions:
    def test_bill_less_for_the_time_that_they_run(self, dial, estimates):
        cold = replace(STAGES["scale"], warm=None)
        names = ("Requests: functions' time", "Requests: time of warm functions")
        now, then = (
            {line.name: line for line in each.of("use") if line.name in names}
            for each in (estimates["scale"], estimate(json.loads(dial["scale"]), cold, USUAL["scale"], PRICES))
        )
        assert now.keys() == {*names}
        assert then.keys() == {names[0]}
        assert sum(line.quantity for line in now.values()) == pytest.approx(then[names[0]].quantity)
        assert sum(line.month for line in now.values()) < then[names[0]].month


class TestArchive:
    def test_keeps_what_it_took_for_as_long_as_its_template_says(self, dial):
        templates = json.loads(dial["launch"])
        usage = Usage(tenants=1, requests=1_000_000)

        def kept():
            lines = estimate(templates, LAUNCH, usage, PRICES).lines
            return next(line.quantity for line in lines if line.name == "Events: archive, kept")

        once = kept()
        [archive] = [found.properties for found in resources(templates) if found.type == "AWS::Events::Archive"]
        archive["RetentionDays"] *= 2
        assert kept() == pytest.approx(2 * once)


class TestProxy:
    def test_bills_each_processor_behind_it(self):
        grown = cell_month(STAGES["growth"].cell)
        assert grown["AWS::RDS::DBProxy"] == pytest.approx(4 * 0.015 * HOURS)

    def test_bills_at_least_eight_units_of_a_serverless_database(self):
        [small, large] = (
            cell_month(_with(LAUNCH.cell, Serverless(least=least, most=64)))["AWS::RDS::DBProxy"] for least in (0.5, 16)
        )
        assert small == pytest.approx(8 * 0.015 * HOURS)
        assert large == pytest.approx(16 * 0.015 * HOURS)

    def test_is_priced_alike_from_a_cell_and_from_its_template(self, estimates):
        for name, stage in STAGES.items():
            lines = estimates[name].of("fixed")
            synthesized = sum(line.month for line in lines if line.name == "Proxy")
            assert synthesized == pytest.approx(cell_month(stage.cell).get("AWS::RDS::DBProxy", 0))

    def test_and_another_class_cost_more(self):
        now, larger = (sum(cell_month(cell).values()) for cell in (LAUNCH.cell, _with(LAUNCH.cell, _LARGE)))
        assert larger - now == pytest.approx((0.146 - 0.073) * HOURS)


_LARGE = Instance(type="t4g.large")


def _with(cell, compute):
    return type(cell)(**{name: getattr(cell, name) for name in cell.__dataclass_fields__} | {"compute": compute})


class TestSchedules:
    @pytest.mark.parametrize(
        ("expression", "a_day"), [("rate(1 minute)", 1440), ("cron(7 * * * ? *)", 24), ("cron(17 3 * * ? *)", 1)]
    )
    def test_call_as_often_as_they_say(self, expression, a_day):
        assert schedules.calls(expression) == pytest.approx(a_day * HOURS / 24)

    def test_of_another_form_are_refused(self):
        with pytest.raises(SynthesisError, match=r"teach infra/cost/schedules\.py"):
            schedules.calls("cron(0/5 8-18 ? * MON-FRI *)")

    def test_keep_a_database_awake_once_where_two_overlap(self):
        apart = schedules.hours_awake(["cron(0 3 * * ? *)", "cron(0 5 * * ? *)"], seconds=540)
        together = schedules.hours_awake(["cron(0 3 * * ? *)", "cron(0 3 * * ? *)"], seconds=540)
        assert apart == pytest.approx(2 * together) == pytest.approx(18 / 1440 * HOURS)

    def test_that_look_are_woken_by_the_one_of_the_day_and_each_once(self):
        paces = ["cron(17 3 * * ? *)", "cron(0/15 * * * ? *)", "cron(0/15 * * * ? *)", "cron(0 * * * ? *)"]
        hours = schedules.hours_awake_where_calls_look(paces, session=240, pause=300)
        assert hours == pytest.approx((9 + 6 + 6) / 1440 * HOURS)  # at 03:17, 03:30 and 04:00

    def test_that_look_let_it_sleep_where_none_comes_once_a_day(self):
        paces = ["cron(0/15 * * * ? *)", "cron(0 * * * ? *)"]
        assert schedules.hours_awake_where_calls_look(paces, session=240, pause=300) == 0

    def test_keep_instances_warm_in_the_week_alone(self):
        actions = [("cron(0 6 ? * MON-FRI *)", 3.0), ("cron(0 20 ? * MON-FRI *)", 1.0)]
        assert schedules.instance_hours(1, actions) == pytest.approx((168 + 2 * 14 * 5) / 168 * HOURS)

    def test_wake_only_a_database_that_sleeps(self, dial):
        assert database.awake_hours(json.loads(dial["sandbox"])) > 0
        assert database.awake_hours(json.loads(dial["launch"])) == 0


class TestFreeAmounts:
    def test_are_subtracted_once_over_all_lines(self):
        charges = [Charge(name=name, price="sqs", quantity=0.75) for name in ("a", "b")]
        left = [line.quantity for line in without_free(priced("use", charges, PRICES), PRICES)]
        assert left == pytest.approx([0, 0.5])


CHOSEN_IN = {"ec2": ["infra/constructs"], "aurora": ["infra", "infra/advice", "local"], "rds": ["local"]}


def written(*folders):
    return "".join(path.read_text() for folder in folders for path in (ROOT / folder).glob("*.py"))


def unused(names):
    """Prices that no rule names, and machines that no stage, no advice and no page would choose."""
    rules, chosen = written("infra/cost"), {kind: written(*folders) for kind, folders in CHOSEN_IN.items()}

    def is_used(name):
        kind, _, machine = name.partition(".")
        return f'"{name}"' in rules or f'"{machine}"' in chosen.get(kind, "")

    return [name for name in names if not is_used(name)]


class TestPrices:
    def test_have_a_page_each(self):
        assert all(price.page.startswith("https://aws.amazon.com/") for price in PRICES.by_name.values())

    def test_warn_once_they_are_old(self):
        assert PRICES.warning(PRICES.read_on + timedelta(days=OLD_AFTER_DAYS)) is None
        assert "181 days ago" in str(PRICES.warning(PRICES.read_on + timedelta(days=OLD_AFTER_DAYS + 1)))

    def test_of_a_region_that_is_not_there_say_what_to_add(self):
        with pytest.raises(SynthesisError, match="add `ap-south-1 = …` to each entry"):
            read_prices("ap-south-1")

    @pytest.mark.parametrize("price", ["-1", "nan", "inf", '"free"'])
    def test_that_are_none_are_refused(self, tmp_path, price):
        file = tmp_path / "prices.toml"
        file.write_text(FILE.read_text().replace("us-east-1 = 0.073", f"us-east-1 = {price}"))
        with pytest.raises(SynthesisError, match=r"aurora\.t4g\.medium cannot cost"):
            read_prices(file=file)

    def test_are_all_used(self):
        assert unused(PRICES.by_name) == []

    def test_that_nothing_uses_would_be_found(self):
        assert unused([*PRICES.by_name, "sns", "ec2.t4g.small"]) == ["sns", "ec2.t4g.small"]

    def test_are_all_of_one_day(self):
        assert isinstance(PRICES.read_on, date)


class TestComparison:
    def test_names_what_was_added(self, launch, tmp_path):
        earlier = launch.as_dict()
        earlier["lines"] = [line for line in earlier["lines"] if line["name"] != "Proxy"]
        file = tmp_path / "before.json"
        file.write_text(json.dumps(earlier))
        found = compare(read_earlier(file, launch), launch)
        assert [change.name for change in found.changes] == ["Proxy"]
        assert found.added == pytest.approx(21.90)

    def test_with_itself_is_nothing(self, launch, tmp_path):
        file = tmp_path / "before.json"
        file.write_text(json.dumps(launch.as_dict()))
        assert compare(read_earlier(file, launch), launch).added == 0

    @pytest.mark.parametrize(
        "text",
        [
            *("", "[]", "{}", '{"lines": 3}', "\x00", '"launch"', "null"),
            pytest.param("[" * 200_000, id="too deep"),
            pytest.param(f'{{"lines": [{{"name": "Proxy", "month": 1{"0" * 400}}}]}}', id="too large"),
        ],
    )
    def test_with_what_is_no_estimate_is_refused(self, launch, tmp_path, text):
        file = tmp_path / "before.json"
        file.write_text(text)
        with pytest.raises(SynthesisError, match="is no estimate"):
            read_earlier(file, launch)

    @pytest.mark.parametrize("amount", ["NaN", "Infinity", "-1", "1e13", "1e308"])
    def test_with_an_amount_that_is_no_number_is_refused(self, launch, tmp_path, amount):
        file = tmp_path / "before.json"
        file.write_text(json.dumps(launch.as_dict()).replace('"month": 21.9', f'"month": {amount}'))
        with pytest.raises(SynthesisError, match="no number"):
            read_earlier(file, launch)

    def test_with_the_most_that_is_an_amount_is_not_refused(self, launch, tmp_path):
        file = tmp_path / "before.json"
        file.write_text(json.dumps(launch.as_dict()).replace('"month": 21.9', '"month": 1e12'))
        assert compare(read_earlier(file, launch), launch).added == pytest.approx(21.9 - 1e12)

    @pytest.mark.parametrize("name", [3, None, "\ud800", "\x1b[2J"])
    def test_with_a_name_that_nobody_can_read_is_refused(self, launch, tmp_path, name):
        earlier = launch.as_dict()
        earlier["lines"][0]["name"] = name
        file = tmp_path / "before.json"
        file.write_text(json.dumps(earlier))
        with pytest.raises(SynthesisError, match="is no estimate"):
            read_earlier(file, launch)

    def test_with_amounts_that_would_overflow_together_is_refused(self, launch, tmp_path):
        earlier = launch.as_dict()
        earlier["lines"] = [{"name": "Proxy", "month": 1e308}] * 2
        file = tmp_path / "before.json"
        file.write_text(json.dumps(earlier))
        with pytest.raises(SynthesisError, match="no number"):
            read_earlier(file, launch)

    def test_of_what_is_free_with_what_is_not_is_refused(self, dial, tmp_path):
        templates, file = json.loads(dial["launch"]), tmp_path / "before.json"
        paid, freed = (
            estimate(templates, LAUNCH, USUAL["launch"], PRICES, free_tier=free_tier) for free_tier in (False, True)
        )
        file.write_text(json.dumps(freed.as_dict()))
        assert compare(read_earlier(file, freed), freed).added == 0
        with pytest.raises(SynthesisError, match=r"is about another .*free_tier"):
            read_earlier(file, paid)

    def test_with_other_prices_says_so(self, launch, tmp_path):
        file = tmp_path / "before.json"
        file.write_text(json.dumps(launch.as_dict()))
        same = compare(read_earlier(file, launch), launch)
        file.write_text(json.dumps(launch.as_dict() | {"read_on": "2026-01-02"}))
        other = compare(read_earlier(file, launch), launch)
        assert "list prices" not in same.text()
        assert "list prices of 2026-01-02 then" in other.text()
        assert (other.as_dict()["prices_before"], other.as_dict()["prices_after"]) == ("2026-01-02", launch.read_on)

    def test_with_another_stage_is_refused(self, estimates, tmp_path):
        file = tmp_path / "before.json"
        file.write_text(json.dumps(estimates["growth"].as_dict()))
        with pytest.raises(SynthesisError, match="is about another"):
            read_earlier(file, estimates["launch"])


class TestCommand:
    @pytest.mark.parametrize(
        "words",
        [
            ["--stage", "moon"],
            ["--tenants", "-1"],
            ["--requests", "many"],
            ["--requests", "9" * 400],
            ["--most-added", "nan"],
            ["--most-added", "-1"],
        ],
    )
    def test_does_not_understand_nonsense(self, words, capsys):
        with pytest.raises(SystemExit) as ended:
            cost.parse(words)
        assert ended.value.code == 2
        assert capsys.readouterr().err

    def test_refuses_no_tenants(self):
        with pytest.raises(SynthesisError, match="at least one tenant"):
            Usage(tenants=0, requests=1)

    @pytest.mark.parametrize("before", ["[" * 200_000, '{"lines": [{"month": 1e308}]}'], ids=["deep", "large"])
    def test_refuses_what_no_estimate_holds_with_a_sentence(self, tmp_path, monkeypatch, dial, before):
        file = tmp_path / "before.json"
        file.write_text(before)
        ready = partial(cost.run, templates=lambda stage, _root: json.loads(dial[stage.name]))
        monkeypatch.setattr(cost, "run", ready)
        monkeypatch.setattr("sys.argv", ["freehold cost", "--compare", str(file)])
        with pytest.raises(LocalError, match="is no estimate"):
            cost.main()

    def test_fails_where_too_much_was_added(self, dial, launch, tmp_path, capsys):
        def ready(stage, _root):
            return json.loads(dial[stage.name])

        earlier = launch.as_dict()
        earlier["lines"] = [line for line in earlier["lines"] if line["name"] != "Proxy"]
        file = tmp_path / "before.json"
        file.write_text(json.dumps(earlier))
        compared = ["--stage", "launch", "--compare", str(file), "--json"]
        assert cost.run(cost.parse([*compared, "--most-added", "25"]), ready) == 0
        assert json.loads(capsys.readouterr().out)["compared"]["added"] == pytest.approx(21.9)
        assert cost.run(cost.parse([*compared, "--most-added", "20"]), ready) == 1
        assert "21.90 more a month" in capsys.readouterr().err


@pytest.fixture(scope="module")
def said(dial):
    return cost_reference.blocks({name: json.loads(text) for name, text in dial.items()})


class TestPages:
    @pytest.mark.parametrize("path", cost_reference.PAGES)
    def test_say_what_the_command_says(self, said, path):
        written = (ROOT / path).read_text()
        assert written == cost_reference.rendered(written, said), "run `make docs`"

    def test_that_are_stale_would_be_found(self, said):
        written = (ROOT / "docs/cost.md").read_text()
        stale = written.replace("| `launch` | 50 |", "| `launch` | 51 |")
        assert stale != written == cost_reference.rendered(stale, said)

    def test_show_every_table(self, said):
        written = (ROOT / "docs/cost.md").read_text()
        assert all(f"<!-- cost: {name} -->" in written for name in said)

    def test_with_an_unknown_mark_are_refused(self, said):
        with pytest.raises(LocalError, match="No table is called 'moon'"):
            cost_reference.rendered("<!-- cost: moon -->\n", said)
