"""Each route leads to the alias of the function that declares it, and nowhere else; a planted fault is found."""

import json
from copy import deepcopy

import pytest

from functions.manifest import AUTHORIZER, FUNCTIONS
from tests.infra.templates import of_type, only, text


def routes(template):
    return {route["RouteKey"]: route for route in of_type(template, "AWS::ApiGatewayV2::Route").values()}


def function_behind(template, route):
    """From route to integration to the function and alias that it names."""
    integration = template["Resources"][route["Target"]["Fn::Join"][1][1]["Ref"]]["Properties"]
    return named(integration["IntegrationUri"])


def named(arn):
    """What stands behind `function:` in an ARN that is put together when it is deployed."""
    return arn["Fn::Join"][1][-1].partition(":function:")[2]


def open_routes(template):
    """Routes that need no identity, or another authorizer than ours."""
    [ours] = of_type(template, "AWS::ApiGatewayV2::Authorizer")
    return {key for key, route in routes(template).items() if route.get("AuthorizerId") != {"Ref": ours}}


def called_past_the_alias(template):
    """Integrations and permissions that name a function without its alias."""
    called = {
        name: found["IntegrationUri"] for name, found in of_type(template, "AWS::ApiGatewayV2::Integration").items()
    }
    called |= {name: found["FunctionName"] for name, found in of_type(template, "AWS::Lambda::Permission").items()}
    return [name for name, target in called.items() if not named(target).endswith(":live")]


@pytest.fixture
def template(templates):
    return templates["gateway"]


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
                assert function_behind(template, routes(template)[route]) == f"freehold-launch-{function.name}:live"

    def test_need_an_identity_unless_declared_public(self, template):
        public = {route for function in FUNCTIONS if function.public for route in function.routes}
        assert open_routes(template) == public

    def test_an_open_route_would_be_found(self, planted):
        routes(planted)["GET /v1/projects"].pop("AuthorizerId")
        assert "GET /v1/projects" in open_routes(planted)

    def test_share_one_integration_and_one_permission_per_function(self, template):
        serving = [function for function in FUNCTIONS if function.routes]
        assert len(of_type(template, "AWS::ApiGatewayV2::Integration")) == len(serving)
        assert len(of_type(template, "AWS::Lambda::Permission")) == len(serving) + len([AUTHORIZER])

    def test_reach_functions_through_their_alias_only(self, template):
        assert called_past_the_alias(template) == []

    def test_a_call_past_the_alias_would_be_found(self, planted):
        [name, integration] = next(iter(of_type(planted, "AWS::ApiGatewayV2::Integration").items()))
        integration["IntegrationUri"]["Fn::Join"][1][-1] = ":function:freehold-launch-projects"
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
        assert ":function:freehold-launch-authorizer:live/invocations" in text(authorizer["AuthorizerUri"])


class TestFrontDoor:
    def test_logs_one_json_object_per_request(self, template):
        stage = only(template, "AWS::ApiGatewayV2::Stage")
        assert json.loads(stage["AccessLogSettings"]["Format"])["request_id"] == "$context.requestId"
        assert stage["StageName"] == "$default"

    def test_logs_of_whoever_calls_the_address_alone(self, template):
        logged = json.loads(only(template, "AWS::ApiGatewayV2::Stage")["AccessLogSettings"]["Format"]).values()
        assert [each for each in logged if each.startswith("$context.identity")] == ["$context.identity.sourceIp"]
        assert "$context.routeKey" in logged
        assert not {"$context.path", "$context.authorizer.email", "$context.authorizer.subject"}.intersection(logged)

    def test_follows_the_dial(self, stacks, stage):
        settings = only(stacks["gateway"], "AWS::ApiGatewayV2::Stage")["DefaultRouteSettings"]
        rate = stage.requests_per_second
        assert settings == {"ThrottlingBurstLimit": 2 * rate, "ThrottlingRateLimit": rate}


class TestStack:
    def test_tells_where_it_is(self, template):
        assert set(template["Outputs"]) == {"ApiUrl", "ApiId", "StripeWebhookUrl"}
