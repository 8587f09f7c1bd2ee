"""The synthesized template says what the manifest says, nothing wider; each check is shown to find a planted fault."""

import json
from copy import deepcopy

import pytest

from functions.manifest import AUTHORIZER, EXPORT_TRACES, FUNCTIONS
from infra.stage import STAGES
from tests.infra.templates import of_type, only, text

SERVING = [function for function in FUNCTIONS if function.stack == "api"]
CRITICAL = {function.name for function in SERVING if function.latency == "critical"}


def by_manifest_name(template):
    """Properties of each function under the name that the manifest gives it."""
    prefix = "freehold-launch-"
    functions = of_type(template, "AWS::Lambda::Function").values()
    return {function["FunctionName"].removeprefix(prefix): function for function in functions}


def routes(template):
    return {route["RouteKey"]: route for route in of_type(template, "AWS::ApiGatewayV2::Route").values()}


def function_behind(template, route):
    """From route to integration to alias to function."""
    integration = template["Resources"][route["Target"]["Fn::Join"][1][1]["Ref"]]["Properties"]
    alias = template["Resources"][integration["IntegrationUri"]["Ref"]]["Properties"]
    return template["Resources"][alias["FunctionName"]["Ref"]]["Properties"]["FunctionName"]


def open_routes(template):
    """Routes that need no identity, or another authorizer than ours."""
    [ours] = of_type(template, "AWS::ApiGatewayV2::Authorizer")
    return {key for key, route in routes(template).items() if route.get("AuthorizerId") != {"Ref": ours}}


def called_past_the_alias(template):
    """Integrations and permissions whose function is not an alias."""
    aliases = [{"Ref": name} for name in of_type(template, "AWS::Lambda::Alias")]
    integrations = of_type(template, "AWS::ApiGatewayV2::Integration")
    permissions = of_type(template, "AWS::Lambda::Permission")
    called = {name: integration["IntegrationUri"] for name, integration in integrations.items()}
    called |= {name: permission["FunctionName"] for name, permission in permissions.items()}
    return [name for name, target in called.items() if target not in aliases]


def kept_warm(template):
    """Names of the functions whose alias has instances ready."""
    aliases = of_type(template, "AWS::Lambda::Alias")
    behind = {text({"Ref": alias}): name_behind(template, found) for alias, found in aliases.items()}
    targets = of_type(template, "AWS::ApplicationAutoScaling::ScalableTarget").values()
    scaled = {name for target in targets for alias, name in behind.items() if alias in text(target["ResourceId"])}
    return scaled | {
        name_behind(template, alias) for alias in aliases.values() if "ProvisionedConcurrencyConfig" in alias
    }


def name_behind(template, alias):
    return template["Resources"][alias["FunctionName"]["Ref"]]["Properties"]["FunctionName"].split("-", 2)[2]


@pytest.fixture
def planted(template):
    """A copy to break."""
    return deepcopy(template)


class TestRoutes:
    def test_are_those_of_the_manifest_one_to_one(self, template):
        declared = [route for function in FUNCTIONS for route in function.routes]
        assert sorted(routes(template)) == sorted(declared)
        assert len(of_type(template, "AWS::ApiGatewayV2::Route")) == len(declared)

    def test_lead_to_the_function_that_declares_them(self, template):
        for function in FUNCTIONS:
            for route in function.routes:
                assert function_behind(template, routes(template)[route]) == f"freehold-launch-{function.name}"

    def test_need_an_identity_unless_declared_public(self, template):
        public = {route for function in FUNCTIONS if function.public for route in function.routes}
        assert open_routes(template) == public

    def test_an_open_route_would_be_found(self, planted):
        routes(planted)["GET /v1/projects"].pop("AuthorizerId")
        assert "GET /v1/projects" in open_routes(planted)

    def test_share_one_integration_and_one_permission_per_function(self, template):
        serving = [function for function in FUNCTIONS if function.routes]
        assert len(of_type(template, "AWS::ApiGatewayV2::Integration")) == len(serving)
        assert len(of_type(template, "AWS::Lambda::Permission")) == len(serving) + len([AUTHORIZER, EXPORT_TRACES])

    def test_reach_functions_through_their_alias_only(self, template):
        assert called_past_the_alias(template) == []
        assert {alias["Name"] for alias in of_type(template, "AWS::Lambda::Alias").values()} == {"live"}

    def test_a_call_past_the_alias_would_be_found(self, planted):
        [name, integration] = next(iter(of_type(planted, "AWS::ApiGatewayV2::Integration").items()))
        integration["IntegrationUri"] = {"Ref": next(iter(of_type(planted, "AWS::Lambda::Function")))}
        assert called_past_the_alias(planted) == [name]


class TestAuthorizer:
    def test_answers_simply_from_one_header_and_is_cached_for_a_minute(self, template):
        [authorizer] = of_type(template, "AWS::ApiGatewayV2::Authorizer").values()
        assert authorizer["AuthorizerPayloadFormatVersion"] == "2.0"
        assert authorizer["EnableSimpleResponses"] is True
        assert authorizer["IdentitySource"] == ["$request.header.Authorization"]
        assert authorizer["AuthorizerResultTtlInSeconds"] == 60

    def test_is_called_through_its_alias(self, template):
        [authorizer] = of_type(template, "AWS::ApiGatewayV2::Authorizer").values()
        called = [part["Ref"] for part in authorizer["AuthorizerUri"]["Fn::Join"][1] if isinstance(part, dict)]
        [alias] = set(called) & set(of_type(template, "AWS::Lambda::Alias"))
        assert alias.startswith("AuthorizerLive")


class TestFunctions:
    def test_are_those_of_the_manifest(self, template):
        assert sorted(by_manifest_name(template)) == sorted(function.name for function in SERVING)

    @pytest.mark.parametrize("declared", SERVING, ids=lambda declared: declared.name)
    def test_are_as_declared(self, template, declared):
        function = by_manifest_name(template)[declared.name]
        assert function["Architectures"] == ["arm64"]
        assert function["Runtime"] == "python3.13"
        assert function["Handler"] == f"functions.{declared.code}.handler.handler"
        assert (function["MemorySize"], function["Timeout"]) == (declared.memory_mb, declared.timeout_seconds)

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

    @pytest.mark.parametrize("declared", SERVING, ids=lambda declared: declared.name)
    def test_are_in_the_network_only_where_they_need_the_database(self, template, declared):
        assert ("VpcConfig" in by_manifest_name(template)[declared.name]) == (declared.database is not None)


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
    def test_is_for_critical_functions_where_the_stage_pays_for_it(self, stacks, stage):
        assert kept_warm(stacks["api"]) == (CRITICAL if stage.warm else set())

    def test_is_not_paid_for_before_growth(self):
        assert {name for name, stage in STAGES.items() if stage.warm} == {"growth"}

    @pytest.mark.parametrize("stage", [STAGES["launch"]], ids=["launch"])
    def test_of_another_function_would_be_found(self, stacks):
        alias = next(iter(of_type(stacks["api"], "AWS::Lambda::Alias").values()))
        alias["ProvisionedConcurrencyConfig"] = {"ProvisionedConcurrentExecutions": 1}
        assert kept_warm(stacks["api"]) == {name_behind(stacks["api"], alias)}

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

    def test_leaves_room_below_the_limit_of_resources(self, template):
        assert len(template["Resources"]) < 400
