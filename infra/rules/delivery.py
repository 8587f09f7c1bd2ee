"""How a new version takes over: a few of the calls first, and back again by itself when an alarm goes off."""

from collections.abc import Iterator

from infra.rules.deployment import Deployment, Finding, Resource
from infra.rules.rule import Rule
from infra.rules.values import said

GROUP, CONFIG, ALIAS = "AWS::CodeDeploy::DeploymentGroup", "AWS::CodeDeploy::DeploymentConfig", "AWS::Lambda::Alias"
ALARMS = ("AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm")
_BACK = {"DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM"}


def _serving(deployed: Deployment) -> Iterator[Resource]:
    """Aliases of the functions that answer requests, the authorizer's among them."""
    names = {
        deployed.named(function) for function in deployed.manifest if function.routes or function.name == "authorizer"
    }
    return (alias for alias in deployed.every(ALIAS) if alias.said("FunctionName") in names)


def _shifting(alias: Resource) -> dict[str, object]:
    return dict(alias.body.get("UpdatePolicy", {}).get("CodeDeployLambdaAliasUpdate", {}))


def _at_once(deployed: Deployment) -> Iterator[Finding]:
    groups = {group.own_name for group in deployed.every(GROUP)}
    for alias in _serving(deployed) if deployed.stage.canary else ():
        if said(_shifting(alias).get("DeploymentGroupName", ""), alias.template) not in groups:
            yield alias.found()


def _untried(deployed: Deployment) -> Iterator[Finding]:
    for alias in deployed.every(ALIAS):
        shifting = _shifting(alias)
        if shifting and not shifting.get("BeforeAllowTrafficHook"):
            yield alias.found()


def _unwatched(deployed: Deployment) -> Iterator[Finding]:
    alarms = {alarm.own_name for alarm in deployed.every(*ALARMS)}
    for group in deployed.every(GROUP):
        watched = group.properties.get("AlarmConfiguration", {})
        named = {said(alarm.get("Name"), group.template) for alarm in watched.get("Alarms", [])}
        deaf = watched.get("IgnorePollAlarmFailure") is True or watched.get("Enabled") is not True
        if deaf or not named or not named <= alarms:
            yield group.found(", ".join(sorted(named - alarms)))


def _one_way(deployed: Deployment) -> Iterator[Finding]:
    for group in deployed.every(GROUP):
        back = group.properties.get("AutoRollbackConfiguration", {})
        if back.get("Enabled") is not True or not set(back.get("Events", [])) >= _BACK:
            yield group.found()


def _at_another_pace(deployed: Deployment) -> Iterator[Finding]:
    canary = deployed.stage.canary
    paces = {each.own_name: _pace(each) for each in deployed.every(CONFIG)}
    for group in deployed.every(GROUP):
        pace = paces.get(group.said("DeploymentConfigName"))
        if not canary or pace != (canary.percent, canary.minutes):
            yield group.found()


def _pace(config: Resource) -> tuple[int, int] | None:
    routing = config.properties.get("TrafficRoutingConfig", {})
    shape = routing.get("TimeBasedCanary", {})
    if routing.get("Type") != "TimeBasedCanary":
        return None
    return int(shape.get("CanaryPercentage", 0)), int(shape.get("CanaryInterval", 0))


RULES = (
    Rule(
        name="canaries-for-who-serves",
        says="At stages with `canary`, each alias of a function that serves requests has a deployment group: give it "
        "one.",
        find=_at_once,
    ),
    Rule(
        name="canaries-are-tried-first",
        says="Before a version gets its first call, a deploy tries it: give the alias a BeforeAllowTrafficHook.",
        find=_untried,
    ),
    Rule(
        name="canaries-are-watched",
        says="A deployment group ends its deployment on an alarm that exists, also where alarms cannot be read: name "
        "one.",
        find=_unwatched,
    ),
    Rule(
        name="canaries-go-back",
        says="A deployment that fails or meets an alarm goes back by itself: enable both in AutoRollbackConfiguration.",
        find=_one_way,
    ),
    Rule(
        name="canaries-keep-the-stages-pace",
        says="A new version gets the share of calls and the minutes that the stage's `canary` says: refer to such a "
        "config.",
        find=_at_another_pace,
    ),
)
