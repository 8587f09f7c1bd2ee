"""A new version takes over by a canary that is one, and alarms can stop it; planted faults are found."""

import pytest

from functions.declaration import Function, Queue
from functions.manifest import FUNCTIONS
from infra.stage import STAGES
from tests.infra.templates import of_type, only, text

WITH_CANARY = [stage for stage in STAGES.values() if stage.canary]
GROUP = "AWS::CodeDeploy::DeploymentGroup"
ALIAS = "AWS::Lambda::Alias"
SHIFTED = ("api", "workers")
LIMIT = 400


def shifted_at_once(template):
    """Aliases that a deploy moves without CodeDeploy, or without a check before it."""
    groups = [{"Ref": name} for name in of_type(template, GROUP)]
    found = []
    for name, alias in of_type_with_policy(template):
        update = alias.get("UpdatePolicy", {}).get("CodeDeployLambdaAliasUpdate", {})
        checked = update.get("BeforeAllowTrafficHook", "").endswith("-check_release")
        if update.get("DeploymentGroupName") not in groups or not checked:
            found.append(name)
    return found


def of_type_with_policy(template):
    return [(name, found) for name, found in template["Resources"].items() if found["Type"] == ALIAS]


def goes_on_whatever_rings(template, stage):
    """Groups without an alarm on errors, of the newest version where those are compared, or that do not go back."""
    versions = of_type(template, "AWS::Lambda::Version")
    about = (
        {f"freehold-{stage.name}-errors"}
        if not stage.canary.compares
        else {
            alarm["AlarmName"]
            for alarm in of_type(template, "AWS::CloudWatch::Alarm").values()
            if any(f'"{version}"' in text(alarm) for version in versions)
        }
    )
    bad = []
    for name, group in of_type(template, GROUP).items():
        alarms = group.get("AlarmConfiguration", {})
        named = {each["Name"] for each in alarms.get("Alarms", [])}
        rollback = group.get("AutoRollbackConfiguration", {})
        stops = alarms.get("Enabled") and rollback.get("Enabled") and "DEPLOYMENT_STOP_ON_ALARM" in rollback["Events"]
        if not (named & about and stops):
            bad.append(name)
    return bad


def counts_ends(alarm, version):
    """Whether it counts what Lambda does of that version: out of time, out of memory, crashed."""
    asked = [query["MetricStat"]["Metric"] for query in alarm.get("Metrics", ()) if "MetricStat" in query]
    return any(
        (metric["Namespace"], metric["MetricName"]) == ("AWS/Lambda", "Errors") and f'"{version}"' in text(metric)
        for metric in asked
    )


@pytest.fixture(params=WITH_CANARY, ids=lambda stage: stage.name)
def stage(request):
    return request.param


class TestCanary:
    def test_moves_every_alias_that_serves(self, stacks):
        for stack in SHIFTED:
            assert len(of_type(stacks[stack], GROUP)) == len(of_type(stacks[stack], ALIAS))
            assert shifted_at_once(stacks[stack]) == []

    def test_that_exists_in_a_comment_only_would_be_found(self, stacks):
        [name, alias] = of_type_with_policy(stacks["api"])[0]
        alias.pop("UpdatePolicy")
        assert shifted_at_once(stacks["api"]) == [name]

    def test_without_its_check_would_be_found(self, stacks):
        [name, alias] = of_type_with_policy(stacks["workers"])[0]
        alias["UpdatePolicy"]["CodeDeployLambdaAliasUpdate"].pop("BeforeAllowTrafficHook")
        assert shifted_at_once(stacks["workers"]) == [name]

    def test_is_a_few_calls_for_some_minutes(self, stacks, stage):
        routing = only(stacks["delivery"], "AWS::CodeDeploy::DeploymentConfig")["TrafficRoutingConfig"]
        canary = {"CanaryPercentage": 5, "CanaryInterval": 10}
        assert routing == {"Type": "TimeBasedCanary", "TimeBasedCanary": canary}
        assert (stage.canary.percent, stage.canary.minutes) == (5, 10)

    def test_is_stopped_by_an_alarm_of_each_function(self, stacks, stage):
        assert [name for stack in SHIFTED for name in goes_on_whatever_rings(stacks[stack], stage)] == []

    @pytest.mark.parametrize(
        "fault",
        [
            {"AlarmConfiguration": {"Enabled": True, "Alarms": []}},
            {"AlarmConfiguration": {"Enabled": False, "Alarms": []}},
            {"AutoRollbackConfiguration": {"Enabled": False}},
            {"AutoRollbackConfiguration": {"Enabled": True, "Events": ["DEPLOYMENT_FAILURE"]}},
        ],
    )
    def test_that_nothing_stops_would_be_found(self, stacks, stage, fault):
        [name, group] = next(iter(of_type(stacks["api"], GROUP).items()))
        group.update(fault)
        assert goes_on_whatever_rings(stacks["api"], stage) == [name]

    def test_with_an_alarm_on_something_else_alone_would_be_found(self, stacks, stage):
        [name, group] = next(iter(of_type(stacks["workers"], GROUP).items()))
        for each in group["AlarmConfiguration"]["Alarms"]:
            each["Name"] = "freehold-launch-api-faults"
        assert goes_on_whatever_rings(stacks["workers"], stage) == [name]

    def test_hears_of_errors_by_version(self, stacks, stage):
        for stack in SHIFTED:
            filters = [f for f in of_type(stacks[stack], "AWS::Logs::MetricFilter").values() if "ERROR" in text(f)]
            assert len(filters) == len(of_type(stacks[stack], ALIAS))
            for found in filters:
                said = found["FilterPattern"]
                assert '$.level = "ERROR"' in said
                assert ('$.record.status = "timeout"' in said) is not stage.canary.compares
                [transformation] = found["MetricTransformations"]
                keys = {each["Key"] for each in transformation.get("Dimensions", [])}
                assert keys == ({"stage", "function", "version"} if stage.canary.compares else set())
                assert "DefaultValue" not in transformation, "CloudWatch takes none beside dimensions"

    def test_compares_latency_where_the_stage_says_so(self, stacks, stage):
        compared = [a for a in of_type(stacks["api"], "AWS::CloudWatch::Alarm").values() if "newest >= " in text(a)]
        waited_for = [function for function in FUNCTIONS if function.routes]
        assert len(compared) == (len(waited_for) if stage.canary.compares else 0)

    def test_is_stopped_by_the_health_of_the_api_where_somebody_waits(self, stacks, stage):
        for which in ("faults", "latency"):
            named = f"freehold-{stage.name}-api-{which}"
            stopped = [group for group in of_type(stacks["api"], GROUP).values() if named in text(group)]
            assert len(stopped) == len([function for function in FUNCTIONS if function.routes])
        assert "-api-faults" not in text(of_type(stacks["workers"], GROUP))

    def test_is_stopped_by_a_version_that_ends_without_a_line(self, stacks, stage):
        for stack in SHIFTED:
            alarms, groups = of_type(stacks[stack], "AWS::CloudWatch::Alarm").values(), of_type(stacks[stack], GROUP)
            versions = of_type(stacks[stack], "AWS::Lambda::Version")
            counting = [alarm for alarm in alarms for version in versions if counts_ends(alarm, version)]
            assert len(counting) == (len(groups) if stage.canary.compares else 0)
            assert [alarm["AlarmName"] for alarm in counting if f'"{alarm["AlarmName"]}"' not in text(groups)] == []


class TestSandbox:
    def test_moves_at_once(self, dial):
        assert "CodeDeploy" not in dial["sandbox"]


class TestSixtyFunctions:
    def test_leave_room_in_every_stack(self, tree, synthesize):
        """Those of today, and a product of its own kind beside them."""
        wanted = 60 - len(FUNCTIONS)
        more = [
            Function(
                name=f"things{number}",
                folder="projects",
                database="api",
                product=True,
                routes=(f"GET /v1/things{number}", f"POST /v1/things{number}", f"DELETE /v1/things{number}/{{id}}"),
                latency="critical" if number < 3 else "standard",
            )
            for number in range(wanted - 3)
        ]
        workers = [
            Function(name=f"work{number}", folder="run_jobs", database="worker", queue=Queue(name=f"work{number}"))
            for number in range(3)
        ]
        manifest = (*FUNCTIONS, *more, *workers)
        stacks = synthesize(tree, stage=STAGES["scale"], code="placeholder", manifest=manifest)
        assert len(manifest) == 60
        assert {
            name: len(stack["Resources"]) for name, stack in stacks.items() if len(stack["Resources"]) >= LIMIT
        } == {}
        assert len(of_type(stacks["gateway"], "AWS::ApiGatewayV2::Route")) < 300


def test_a_function_that_is_called_by_a_deploy_is_not_shifted(templates):
    assert [name for stack in ("schema", "delivery") for name in of_type(templates[stack], GROUP)] == []
