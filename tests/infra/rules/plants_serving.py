"""What breaks the rules about routes, versions, warmth and timeouts."""

from dataclasses import replace

from infra.rules.code import read_limits
from tests.infra.rules.planted import GONE, Place, Planted, Templates, add, append, change, declared, drop, resource

ROUTE, INTEGRATION = "AWS::ApiGatewayV2::Route", "AWS::ApiGatewayV2::Integration"
AUTHORIZER, STAGE = "AWS::ApiGatewayV2::Authorizer", "AWS::ApiGatewayV2::Stage"
PERMISSION, MAPPING = "AWS::Lambda::Permission", "AWS::Lambda::EventSourceMapping"
FUNCTION, VERSION, ALIAS = "AWS::Lambda::Function", "AWS::Lambda::Version", "AWS::Lambda::Alias"
TARGET, POLICY = "AWS::ApplicationAutoScaling::ScalableTarget", "AWS::ApplicationAutoScaling::ScalingPolicy"
PROJECTS = "freehold-launch-projects"


def lead_astray(templates: Templates) -> Place:
    """A route of projects to whoever serves the health check."""
    (_, health), _ = resource(templates, ROUTE, "GET /health")
    place, body = resource(templates, ROUTE, '"GET /v1/projects"')
    stack = templates[place[0]]["Resources"]
    body["Properties"]["Target"] = stack[health]["Properties"]["Target"]
    return place


def undeclared(templates: Templates) -> Place:
    """A function that the manifest knows nothing of."""
    (stack, _), _ = resource(templates, FUNCTION, '"freehold-launch-openapi"')
    (_, logs), _ = resource({stack: templates[stack]}, "AWS::Logs::LogGroup")
    mine = {"FunctionName": "freehold-launch-mine", "LoggingConfig": {"LogGroup": {"Ref": logs}}}
    return add(FUNCTION, mine, stack=stack)(templates)


def forget_an_alias(templates: Templates) -> Place:
    """Of the operators' function, which nothing calls but people."""
    (stack, alias), _ = resource(templates, ALIAS, "Operators")
    del templates[stack]["Resources"][alias]
    return resource(templates, FUNCTION, "freehold-launch-operators")[0]


def lead_to_anothers_version(templates: Templates) -> Place:
    """An alias of one function that leads to a version of another."""
    (_, version), _ = resource(templates, VERSION, "Projects")
    place, body = resource(templates, ALIAS, "Tenants")
    body["Properties"]["FunctionVersion"] = {"Fn::GetAtt": [version, "Version"]}
    return place


def leave_the_function_as_it_was(templates: Templates) -> Place:
    """A function that says nothing of what its version was given."""
    _, body = resource(templates, FUNCTION, PROJECTS)
    body["Properties"]["Description"] = "Projects"
    return resource(templates, VERSION, "Projects")[0]


def say_less(about: str, parameter: str) -> object:
    """A version that says nothing of one of the parameters that its function was given."""

    def fault(templates: Templates) -> Place:
        place, body = resource(templates, VERSION, about)
        said = body["Properties"]["Description"]["Fn::Join"][1]
        [one] = [part for part in said if isinstance(part, dict) and parameter in str(part)]
        said.remove(one)
        return place

    return fault


def warm(kind: str, about: str) -> object:
    """An alias or a version that is paid for."""
    return change(kind, "ProvisionedConcurrencyConfig", {"ProvisionedConcurrentExecutions": 1}, about)


def forget_to_warm(templates: Templates) -> Place:
    """With the policy that goes with it."""
    (stack, target), _ = resource(templates, TARGET, "Usage")
    (_, policy), _ = resource(templates, POLICY, target)
    del templates[stack]["Resources"][target], templates[stack]["Resources"][policy]
    _, version = resource(templates, VERSION, "UsageFunctionCurrentVersion")
    del version["Properties"]["ProvisionedConcurrencyConfig"]
    return resource(templates, FUNCTION, '"freehold-growth-usage"')[0]


def retry_the_latest(templates: Templates) -> Place:
    place, body = resource(templates, "AWS::Lambda::EventInvokeConfig")
    body["Properties"]["Qualifier"] = "1"
    return place


PLANTED = (
    Planted(
        rule="routes-are-declared",
        fault=add(
            ROUTE,
            {
                "RouteKey": "GET /v1/all",
                "AuthorizationType": "CUSTOM",
                "AuthorizerId": {"Ref": "GatewayApiAuthorizer1F180F9A"},
            },
            stack="gateway",
        ),
    ),
    Planted(rule="routes-lead-to-their-function", fault=lead_astray),
    Planted(rule="routes-need-an-identity", fault=change(ROUTE, "AuthorizerId", GONE, '"GET /v1/projects"')),
    Planted(rule="routes-need-an-identity", fault=change(ROUTE, "AuthorizationType", "NONE", '"GET /v1/projects"')),
    Planted(
        rule="authorizers-go-by-the-credential", fault=change(AUTHORIZER, "IdentitySource", ["$request.header.Origin"])
    ),
    Planted(
        rule="authorizers-go-by-the-credential", fault=append(AUTHORIZER, "IdentitySource", "$request.header.Origin")
    ),
    Planted(
        rule="integrations-call-aliases",
        fault=change(INTEGRATION, "IntegrationUri", f"arn:aws:lambda:eu:1:function:{PROJECTS}", "launch-projects:live"),
    ),
    Planted(
        rule="authorizers-call-aliases",
        fault=change(AUTHORIZER, "AuthorizerUri", "arn:aws:lambda:eu:1:function:freehold-launch-authorizer"),
    ),
    Planted(rule="permissions-name-aliases", fault=change(PERMISSION, "FunctionName", PROJECTS, "Projects")),
    Planted(
        rule="mappings-feed-aliases",
        fault=change(MAPPING, "FunctionName", "freehold-launch-run_standard", "RunStandard"),
    ),
    Planted(
        rule="schedules-call-aliases", fault=change("AWS::Scheduler::Schedule", "Target/Arn", {"Ref": "RelayFunction"})
    ),
    Planted(rule="retries-are-of-aliases", fault=retry_the_latest),
    Planted(
        rule="deploys-call-aliases",
        fault=change("Custom::Schema", "ServiceToken", "arn:aws:lambda:eu:1:function:freehold-launch-migrations"),
    ),
    Planted(rule="nothing-names-latest", fault=change(PERMISSION, "EventSourceToken", "$LATEST")),
    Planted(rule="permissions-name-the-caller", fault=change(PERMISSION, "SourceArn", GONE, "execute-api")),
    Planted(rule="permissions-name-the-caller", fault=change(PERMISSION, "Principal", "*")),
    Planted(rule="the-api-is-throttled", fault=change(STAGE, "DefaultRouteSettings", GONE)),
    Planted(rule="the-api-is-throttled", fault=change(STAGE, "DefaultRouteSettings/ThrottlingBurstLimit", 1001)),
    Planted(rule="functions-are-declared", fault=undeclared),
    Planted(rule="functions-are-as-declared", fault=change(FUNCTION, "MemorySize", 128, PROJECTS)),
    Planted(
        rule="functions-are-as-declared",
        fault=change(FUNCTION, "Handler", "functions.health.handler.handler", PROJECTS),
    ),
    Planted(rule="functions-run-what-was-built", fault=change(FUNCTION, "Runtime", "python3.14", PROJECTS)),
    Planted(rule="functions-run-what-was-built", fault=change(FUNCTION, "Architectures", ["x86_64"], PROJECTS)),
    Planted(rule="functions-have-an-alias", fault=forget_an_alias),
    Planted(rule="aliases-lead-to-versions", fault=change(ALIAS, "FunctionVersion", "7", "Operators")),
    Planted(rule="aliases-lead-to-versions", fault=lead_to_anothers_version),
    *(
        Planted(rule="versions-follow-parameters", fault=say_less(*given))
        for given in (
            ("Migrations", "writerconninfo"),
            ("Projects", "poolconninfo"),
            ("Projects", "clients"),
            ("Sso", "issuersdigest"),
            ("RunBulk", "messagingdigest"),
            ("SendMail", "maildigest"),
            ("RunBulk", "readerconninfo"),
        )
    ),
    Planted(rule="versions-follow-parameters", fault=change(VERSION, "Description", GONE, "RunStandard")),
    Planted(rule="versions-are-of-other-functions", fault=leave_the_function_as_it_was),
    Planted(
        rule="versions-are-of-other-functions",
        fault=change(VERSION, "ProvisionedConcurrencyConfig/ProvisionedConcurrentExecutions", 7, "Authorizer"),
        stage="growth",
    ),
    Planted(rule="warm-where-critical", fault=forget_to_warm, stage="growth"),
    Planted(rule="warm-where-critical", fault=warm(VERSION, "Projects"), stage="growth"),
    Planted(rule="warmth-follows-the-load", fault=drop(POLICY, "Usage", found_at=(TARGET, "Usage")), stage="growth"),
    Planted(rule="warmth-follows-the-clock", fault=change(TARGET, "ScheduledActions", []), stage="growth"),
    Planted(rule="warmth-follows-the-clock", fault=change(TARGET, "MaxCapacity", 1000), stage="scale"),
    *(
        Planted(
            rule=rule,
            fault=change(FUNCTION, "Timeout", seconds, f'"freehold-launch-{name}"'),
            manifest=declared(name, timeout_seconds=seconds),
        )
        for rule, name, seconds in (
            ("functions-answer-before-the-gateway", "projects", 30),
            ("functions-answer-before-the-gateway", "authorizer", 10),
            ("functions-outlast-the-database", "projects", 13),
            ("functions-outlast-the-database", "authorizer", 7),
        )
    ),
    Planted(
        rule="functions-outlast-the-database",
        fault=lambda t: resource(t, FUNCTION, '"freehold-launch-authorizer"')[0],
        limits=replace(read_limits(), lookup=8),
    ),
    Planted(
        rule="statements-end-before-transactions",
        fault=lambda t: resource(t, "AWS::RDS::DBCluster")[0],
        limits=replace(read_limits(), statement=10),
    ),
    Planted(
        rule="statements-end-before-transactions",
        fault=lambda t: resource(t, "AWS::RDS::DBCluster")[0],
        limits=replace(read_limits(), transaction=10.5),
    ),
    Planted(
        rule="the-proxy-refuses-first",
        fault=change("AWS::RDS::DBProxyTargetGroup", "ConnectionPoolConfigurationInfo/ConnectionBorrowTimeout", 3),
    ),
    Planted(rule="deploys-hear-of-migrations", fault=change("Custom::Schema", "ServiceTimeout", "900")),
)
