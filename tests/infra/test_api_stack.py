"""The synthesized template says what the manifest says, nothing wider; each check is shown to find a planted fault."""

import json

import pytest

from functions.manifest import AUTHORIZER, FUNCTIONS
from infra.stage import STAGES
from tests.infra.templates import of_type, only

SERVING = [function for function in FUNCTIONS if function.stack == "api"]
CRITICAL = {function.name for function in SERVING if function.latency == "critical"}


def by_manifest_name(template):
    """Properties of each function under the name that the manifest gives it."""
    prefix = "freehold-launch-"
    functions = of_type(template, "AWS::Lambda::Function").values()
    return {function["FunctionName"].removeprefix(prefix): function for function in functions}


def routes(template):
    return {route["RouteKey"]: route for route in of_type(template, "AWS::ApiGatewayV2::Route").values()}


class TestRoutes:
    def test_share_one_integration_and_one_permission_per_function(self, template):
        serving = [function for function in FUNCTIONS if function.routes]
        assert len(of_type(template, "AWS::ApiGatewayV2::Integration")) == len(serving)
        assert len(of_type(template, "AWS::Lambda::Permission")) == len(serving) + len([AUTHORIZER])


class TestAuthorizer:
    def test_answers_simply_from_one_header_and_is_cached_for_a_minute(self, template):
        [authorizer] = of_type(template, "AWS::ApiGatewayV2::Authorizer").values()
        assert authorizer["AuthorizerPayloadFormatVersion"] == "2.0"
        assert authorizer["EnableSimpleResponses"] is True
        assert authorizer["IdentitySource"] == ["$request.header.Authorization"]
        assert authorizer["AuthorizerResultTtlInSeconds"] == 60


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
        assert told == everywhere | database | issuers | files | stripe

    def test_agree_on_every_value(self, template):
        values = {}
        for function in by_manifest_name(template).values():
            for name, value in function["Environment"]["Variables"].items():
                assert values.setdefault(name, value) == value

    def test_learn_about_the_cell_from_parameters_that_are_read_at_deployment(self, template):
        read = {declared.get("Default") for declared in template["Parameters"].values()}
        assert {"/freehold/launch/cell/pool/conninfo", "/freehold/launch/identity/issuers"} <= read


class TestFrontDoor:
    def test_logs_one_json_object_per_request(self, template):
        stage = only(template, "AWS::ApiGatewayV2::Stage")
        assert json.loads(stage["AccessLogSettings"]["Format"])["request_id"] == "$context.requestId"
        assert stage["StageName"] == "$default"

    def test_follows_the_dial(self, stacks, stage):
        settings = only(stacks["api"], "AWS::ApiGatewayV2::Stage")["DefaultRouteSettings"]
        rate = stage.requests_per_second
        assert settings == {"ThrottlingBurstLimit": 2 * rate, "ThrottlingRateLimit": rate}


class TestWarmth:
    def test_is_not_paid_for_before_growth(self):
        assert {name for name, stage in STAGES.items() if stage.warm} == {"growth", "scale"}

    @pytest.mark.parametrize("stage", [STAGES["growth"]], ids=["growth"])
    def test_follows_load_and_clock(self, stacks, stage):
        targets = of_type(stacks["api"], "AWS::ApplicationAutoScaling::ScalableTarget").values()
        policies = of_type(stacks["api"], "AWS::ApplicationAutoScaling::ScalingPolicy").values()
        assert len(targets) == len(policies) == len(CRITICAL)
        for target in targets:
            assert (target["MinCapacity"], target["MaxCapacity"]) == (stage.warm.least, stage.warm.most)
            actions = {action["ScheduledActionName"]: action for action in target["ScheduledActions"]}
            assert actions["Morning"]["ScalableTargetAction"] == {"MinCapacity": stage.warm.least_by_day}
            assert actions["Evening"]["ScalableTargetAction"] == {"MinCapacity": stage.warm.least}
        for policy in policies:
            assert policy["TargetTrackingScalingPolicyConfiguration"]["TargetValue"] < 1


class TestStack:
    def test_tells_where_it_is(self, template):
        assert set(template["Outputs"]) == {"ApiUrl", "ApiId", "StripeWebhookUrl"}
