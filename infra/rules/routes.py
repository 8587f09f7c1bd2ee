"""How calls reach functions: by declared routes, behind the authorizer, and through an alias."""

from collections.abc import Callable, Iterator

from infra.rules.deployment import Deployment, Finding, Resource
from infra.rules.rule import Rule
from infra.rules.values import called, listed, references

ROUTE, INTEGRATION = "AWS::ApiGatewayV2::Route", "AWS::ApiGatewayV2::Integration"
AUTHORIZER, STAGE = "AWS::ApiGatewayV2::Authorizer", "AWS::ApiGatewayV2::Stage"
PERMISSION, MAPPING = "AWS::Lambda::Permission", "AWS::Lambda::EventSourceMapping"
_CREDENTIAL = "$request.header.Authorization"
_PROVIDER = "CustomVpcRestrictDefaultSG"
"""CDK's own function, which a deploy calls; it has no versions."""


def _undeclared(deployed: Deployment) -> Iterator[Finding]:
    made = {route.said("RouteKey"): route for route in deployed.every(ROUTE)}
    declared = {route for function in deployed.manifest for route in function.routes}
    yield from (route.found(key) for key, route in made.items() if key not in declared)
    yield from (Finding(stack="manifest", resource=key) for key in sorted(declared - made.keys()))


def _astray(deployed: Deployment) -> Iterator[Finding]:
    owner = {route: deployed.named(function) for function in deployed.manifest for route in function.routes}
    behind = {(each.stack, each.name): called(each.said("IntegrationUri")) for each in deployed.every(INTEGRATION)}
    for route in deployed.every(ROUTE):
        targets = [behind.get((route.stack, name)) for name in references(route.properties.get("Target"))]
        leads = {target[0] for target in targets if target}
        if route.said("RouteKey") in owner and leads != {owner[route.said("RouteKey")]}:
            yield route.found(", ".join(sorted(leads)))


def _open(deployed: Deployment) -> Iterator[Finding]:
    public = {route for function in deployed.manifest if function.public for route in function.routes}
    for route in deployed.every(ROUTE):
        authorizers = {(route.stack, name) for name in references(route.properties.get("AuthorizerId"))}
        asked = route.said("AuthorizationType") == "CUSTOM" and authorizers & deployed.names(AUTHORIZER)
        if route.said("RouteKey") not in public and not asked:
            yield route.found(route.said("RouteKey"))


def _confused(deployed: Deployment) -> Iterator[Finding]:
    for each in deployed.every(AUTHORIZER):
        if each.properties.get("IdentitySource") != [_CREDENTIAL]:
            yield each.found()


def _past(kind: str, *path: str) -> Callable[[Deployment], Iterator[Finding]]:
    """Whatever of that type does not lead to an alias by the property at the path."""

    def find(deployed: Deployment) -> Iterator[Finding]:
        return (each.found() for each in deployed.every(kind) if not deployed.is_alias(_target(each, path)))

    return find


def _target(each: Resource, path: tuple[str, ...]) -> str:
    qualifier = each.said("Qualifier")
    return each.said(*path) + (f":{qualifier}" if qualifier else "")


def _deploys_past(deployed: Deployment) -> Iterator[Finding]:
    for each in deployed.all():
        token = each.said("ServiceToken") if each.kind.startswith("Custom::") else ""
        if token and not deployed.is_alias(token) and _PROVIDER not in token:
            yield each.found()


def _latest(deployed: Deployment) -> Iterator[Finding]:
    return (each.found() for each in deployed.all() if "$LATEST" in each.words)


def _anybody(deployed: Deployment) -> Iterator[Finding]:
    for each in deployed.every(PERMISSION):
        narrowed = each.properties.keys() & {"SourceArn", "SourceAccount", "PrincipalOrgID"}
        if not narrowed or "*" in listed(each.properties.get("Principal")):
            yield each.found()


def _unthrottled(deployed: Deployment) -> Iterator[Finding]:
    most = deployed.stage.requests_per_second
    for each in deployed.every(STAGE):
        settings = each.properties.get("DefaultRouteSettings", {})
        rate, burst = settings.get("ThrottlingRateLimit"), settings.get("ThrottlingBurstLimit")
        if rate != most or not burst or burst > 2 * most:
            yield each.found(f"{rate} a second, {burst} at once; the stage says {most}")


RULES = (
    Rule(
        name="routes-are-declared",
        says="Each route stands in functions/manifest.py, and each that stands there is deployed: declare it, or "
        "drop it.",
        find=_undeclared,
    ),
    Rule(
        name="routes-lead-to-their-function",
        says="A route leads to the function that declares it: give it that function's integration.",
        find=_astray,
    ),
    Rule(
        name="routes-need-an-identity",
        says="Every route asks the authorizer, but those that the manifest calls public: give it one, or declare it "
        "public.",
        find=_open,
    ),
    Rule(
        name="authorizers-go-by-the-credential",
        says=f"What an authorizer says is kept by {_CREDENTIAL} alone; by anything else, one caller gets another's "
        "answer.",
        find=_confused,
    ),
    Rule(
        name="integrations-call-aliases",
        says="An integration names a function's alias, so that a deploy can shift callers and go back: give it the "
        "alias.",
        find=_past(INTEGRATION, "IntegrationUri"),
    ),
    Rule(
        name="authorizers-call-aliases",
        says="An authorizer is called by its alias, so that a deploy can shift callers and go back: give it the alias.",
        find=_past(AUTHORIZER, "AuthorizerUri"),
    ),
    Rule(
        name="permissions-name-aliases",
        says="A permission to call a function is one to call its alias, so that nobody calls it past that: name the "
        "alias.",
        find=_past(PERMISSION, "FunctionName"),
    ),
    Rule(
        name="mappings-feed-aliases",
        says="A queue feeds a function's alias, so that what it is fed with was let through by a deploy: name the "
        "alias.",
        find=_past(MAPPING, "FunctionName"),
    ),
    Rule(
        name="schedules-call-aliases",
        says="The clock calls a function's alias, so that it calls what a deploy let through: name the alias.",
        find=_past("AWS::Scheduler::Schedule", "Target", "Arn"),
    ),
    Rule(
        name="retries-are-of-aliases",
        says="How often Lambda repeats a call is said of the alias that is called; else its own two retries hold: "
        "name the alias.",
        find=_past("AWS::Lambda::EventInvokeConfig", "FunctionName"),
    ),
    Rule(
        name="deploys-call-aliases",
        says="A deploy calls a function by its alias: name the alias in the resource's ServiceToken.",
        find=_deploys_past,
    ),
    Rule(
        name="nothing-names-latest",
        says="Nothing names $LATEST, which changes before a deploy has let anything through: name the alias.",
        find=_latest,
    ),
    Rule(
        name="permissions-name-the-caller",
        says="Whoever may call a function is named with what it calls for: give the permission a SourceArn.",
        find=_anybody,
    ),
    Rule(
        name="the-api-is-throttled",
        says="The API refuses what goes beyond the stage's requests_per_second, and twice as many at once: set its "
        "throttling.",
        find=_unthrottled,
    ),
)
