"""What callers get: one alias for each function, of a version that is new whenever the function is."""

from collections.abc import Iterator

from infra.rules.deployment import Deployment, Finding, Resource
from infra.rules.rule import Rule
from infra.rules.values import references
from infra.target import PYTHON

FUNCTION, VERSION, ALIAS = "AWS::Lambda::Function", "AWS::Lambda::Version", "AWS::Lambda::Alias"
LIVE = "live"
_PROVIDER = "__entrypoint__.handler"
"""The handler of the functions that CDK brings along for a deploy's own use."""
_SAID_BY = {"messaging": "messaging/digest", "mail": "mail/digest", "identity": "identity/issuers-digest"}
"""The parameter that changes with all of one kind: by the word that their names begin with."""


def _undeclared(deployed: Deployment) -> Iterator[Finding]:
    made = {found.said("FunctionName"): found for found in deployed.every(FUNCTION) if not _brought_along(found)}
    delivered = deployed.stage.canary is not None
    names = {deployed.named(each) for each in deployed.manifest if delivered or each.stack != "delivery"}
    yield from (found.found() for name, found in made.items() if name not in names)
    yield from (Finding(stack="manifest", resource=name) for name in sorted(names - made.keys()))


def _brought_along(found: Resource) -> bool:
    return found.said("Handler") == _PROVIDER and "FunctionName" not in found.properties


def _otherwise(deployed: Deployment) -> Iterator[Finding]:
    for declared, found in deployed.functions():
        expected = {
            "Handler": f"functions.{declared.code}.handler.handler",
            "MemorySize": declared.memory_mb,
            "Timeout": declared.timeout_seconds,
        }
        if different := [key for key, value in expected.items() if found.properties.get(key) != value]:
            yield found.found(", ".join(different))


def _otherwise_built(deployed: Deployment) -> Iterator[Finding]:
    layers = {(each.stack, each.name): each for each in deployed.every("AWS::Lambda::LayerVersion")}
    for _, found in deployed.functions():
        stands_on = [layers.get((found.stack, name)) for name in references(found.properties.get("Layers"))]
        fits = all(
            layer is not None
            and layer.properties.get("CompatibleArchitectures") == found.properties.get("Architectures")
            and layer.properties.get("CompatibleRuntimes") == [found.properties.get("Runtime")]
            for layer in stands_on
        )
        if found.said("Runtime") != f"python{PYTHON}" or not found.properties.get("Architectures") or not fits:
            yield found.found()


def _without_alias(deployed: Deployment) -> Iterator[Finding]:
    for _, found in deployed.functions():
        if (found.said("FunctionName"), LIVE) not in deployed.aliases:
            yield found.found()


def _of_another(deployed: Deployment) -> Iterator[Finding]:
    """By hand or by name, an alias would stay where it is, or go where nothing was published."""
    versions = {(each.stack, each.name): each.said("FunctionName") for each in deployed.every(VERSION)}
    for alias in deployed.every(ALIAS):
        leads = {versions.get((alias.stack, name)) for name in references(alias.properties.get("FunctionVersion"))}
        if leads != {alias.said("FunctionName")} or alias.said("Name") != LIVE:
            yield alias.found()


def _left_behind(deployed: Deployment) -> Iterator[Finding]:
    described = {(each.stack, each.said("FunctionName")): each for each in deployed.every(VERSION)}
    for _, function in deployed.functions():
        version = described.get((function.stack, function.said("FunctionName")))
        given = _parameters(function, function.properties)
        says = _parameters(version, version.properties.get("Description")) if version else set()
        if missing := sorted(name for name in given if _SAID_BY.get(name.partition("/")[0], name) not in says):
            yield (version or function).found(", ".join(missing))


def _unchanged(deployed: Deployment) -> Iterator[Finding]:
    """Lambda answers with the version from before where a function is as it was, and CloudFormation fails at that."""
    versions = {(each.stack, each.said("FunctionName")): each for each in deployed.every(VERSION)}
    for declared, function in deployed.functions():
        if not (version := versions.get((function.stack, function.said("FunctionName")))):
            continue
        says = _parameters(function, function.properties.get("Description"))
        waiting = version.properties.get("ProvisionedConcurrencyConfig", {}).get("ProvisionedConcurrentExecutions")
        unsaid = declared.latency == "critical" and waiting and f"warm {waiting}" not in function.said("Description")
        if unsaid or _parameters(version, version.properties.get("Description")) - says:
            yield version.found()


def _parameters(found: Resource, value: object) -> set[str]:
    """Names of the parameters of SSM in it, without their stage."""
    declared = found.template.get("Parameters", {})
    paths = (str(declared[name].get("Default", "")) for name in references(value) if name in declared)
    return {path.split("/", 3)[3] for path in paths if path.startswith("/freehold/")}


RULES = (
    Rule(
        name="functions-are-declared",
        says="Each function stands in functions/manifest.py, and each that stands there is deployed: declare it, or "
        "drop it.",
        find=_undeclared,
    ),
    Rule(
        name="functions-are-as-declared",
        says="A function has the handler, memory and timeout that the manifest gives it: change them there.",
        find=_otherwise,
    ),
    Rule(
        name="functions-run-what-was-built",
        says=f"Bytecode and wheels are built for Python {PYTHON} and one processor: give the function the runtime and "
        "architecture of its layers.",
        find=_otherwise_built,
    ),
    Rule(
        name="functions-have-an-alias",
        says="Each function has the alias `live`, by which alone it is called: give it one.",
        find=_without_alias,
    ),
    Rule(
        name="aliases-lead-to-versions",
        says="An alias is called `live` and leads to a version that this deploy publishes of the same function: "
        "reference it.",
        find=_of_another,
    ),
    Rule(
        name="versions-follow-parameters",
        says="A version's description names each parameter that its function was given, or the digest that changes "
        "with it; else callers go on with the value from before: add it in infra/constructs/needs.py.",
        find=_left_behind,
    ),
    Rule(
        name="versions-are-of-other-functions",
        says="Whatever asks for a new version changes the function too, or Lambda makes none: have its description say "
        "what the version's says, and how many instances wait.",
        find=_unchanged,
    ),
)
