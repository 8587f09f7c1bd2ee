"""The synthesized template says what the manifest says, nothing wider; each check is shown to find a planted fault."""

import pytest

from functions.manifest import FUNCTIONS
from infra.stage import STAGES
from tests.infra.templates import of_type, text

SERVING = [function for function in FUNCTIONS if function.stack == "api"]
CRITICAL = {function.name for function in SERVING if function.latency == "critical"}


def by_manifest_name(template):
    """Properties of each function under the name that the manifest gives it."""
    prefix = "freehold-launch-"
    functions = of_type(template, "AWS::Lambda::Function").values()
    return {function["FunctionName"].removeprefix(prefix): function for function in functions}


def kept_warm(template):
    """Names of the functions whose version has instances ready, and of the aliases that have some."""
    versions = of_type(template, "AWS::Lambda::Version")
    scaled = {
        text(each["ResourceId"]) for each in of_type(template, "AWS::ApplicationAutoScaling::ScalableTarget").values()
    }
    warm = {
        name_behind(template, found)
        for name, found in versions.items()
        if "ProvisionedConcurrencyConfig" in found and any(f'"{name}"' in each for each in scaled)
    }
    aliases = of_type(template, "AWS::Lambda::Alias").values()
    return warm | {f"{name_behind(template, each)}:live" for each in aliases if "ProvisionedConcurrencyConfig" in each}


def name_behind(template, version):
    return template["Resources"][version["FunctionName"]["Ref"]]["Properties"]["FunctionName"].split("-", 2)[2]


class TestFunctions:
    def test_are_those_of_the_manifest(self, template):
        assert sorted(by_manifest_name(template)) == sorted(function.name for function in SERVING)

    @pytest.mark.parametrize("declared", SERVING, ids=lambda declared: declared.name)
    def test_stand_on_the_product_only_where_declared(self, template, declared):
        layers = [layer["Ref"][: -len("C8879126")] for layer in by_manifest_name(template)[declared.name]["Layers"]]
        product = ["PackagesProduct"] if declared.product else []
        assert layers == ["PackagesDependencies", "PackagesFreehold", *product]

    @pytest.mark.parametrize("declared", SERVING, ids=lambda declared: declared.name)
    def test_are_told_only_what_they_need(self, template, declared):
        told = set(by_manifest_name(template)[declared.name]["Environment"]["Variables"])
        everywhere = {"FREEHOLD_STAGE", "FREEHOLD_KEY_MODE", "POWERTOOLS_SERVICE_NAME", "POWERTOOLS_LOG_LEVEL"}
        database = {"FREEHOLD_DATABASE"} if declared.database else set()
        issuers = {"FREEHOLD_ISSUERS"} if declared.issuers else set()
        files = {"FREEHOLD_FILES"} if "files" in declared.uses else set()
        stripe = {"FREEHOLD_STRIPE", "FREEHOLD_PUBLIC_URL"} if "stripe" in declared.uses else set()
        telemetry = {"FREEHOLD_TELEMETRY"} if "telemetry" in declared.uses else set()
        assert told == everywhere | database | issuers | files | stripe | telemetry

    def test_agree_on_every_value(self, template):
        values = {}
        for function in by_manifest_name(template).values():
            for name, value in function["Environment"]["Variables"].items():
                assert values.setdefault(name, value) == value

    def test_learn_about_the_cell_from_parameters_that_are_read_at_deployment(self, template):
        read = {declared.get("Default") for declared in template["Parameters"].values()}
        assert {"/freehold/launch/cell/pool/conninfo", "/freehold/launch/identity/issuers"} <= read


class TestWarmth:
    def test_is_not_paid_for_before_growth(self):
        assert {name for name, stage in STAGES.items() if stage.warm} == {"growth", "scale"}

    @pytest.mark.parametrize("stage", [STAGES["growth"]], ids=["growth"])
    def test_of_an_alias_would_be_found(self, stacks):
        """Lambda gives one with weights none, and a canary is weights."""
        alias = next(iter(of_type(stacks["api"], "AWS::Lambda::Alias").values()))
        alias["ProvisionedConcurrencyConfig"] = {"ProvisionedConcurrentExecutions": 1}
        assert kept_warm(stacks["api"]) == CRITICAL | {f"{name_behind(stacks['api'], alias)}:live"}

    @pytest.mark.parametrize("stage", [STAGES["growth"]], ids=["growth"])
    def test_is_there_before_the_alias_leads_to_it(self, stacks):
        resources = stacks["api"]["Resources"]
        for alias in (found for found in resources.values() if found["Type"] == "AWS::Lambda::Alias"):
            if name_behind(stacks["api"], alias["Properties"]) in CRITICAL:
                waits = {resources[name]["Type"] for name in alias["DependsOn"]}
                assert "AWS::ApplicationAutoScaling::ScalableTarget" in waits

    @pytest.mark.parametrize("stage", [STAGES["growth"]], ids=["growth"])
    def test_follows_load_and_clock(self, stacks, stage):
        targets = of_type(stacks["api"], "AWS::ApplicationAutoScaling::ScalableTarget").values()
        policies = of_type(stacks["api"], "AWS::ApplicationAutoScaling::ScalingPolicy").values()
        assert len(targets) == len(policies) == len(CRITICAL)
        for target in targets:
            assert (target["MinCapacity"], target["MaxCapacity"]) == (stage.warm.least_by_day, stage.warm.most)
            actions = {action["ScheduledActionName"]: action for action in target["ScheduledActions"]}
            assert actions["Morning"]["ScalableTargetAction"] == {"MinCapacity": stage.warm.least_by_day}
            assert actions["Evening"]["ScalableTargetAction"] == {"MinCapacity": stage.warm.least}
        for policy in policies:
            assert policy["TargetTrackingScalingPolicyConfiguration"]["TargetValue"] < 1


class TestStack:
    def test_leaves_room_below_the_limit_of_resources(self, template):
        assert len(template["Resources"]) < 400
