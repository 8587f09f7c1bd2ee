"""Instances that wait for callers: where the manifest asks for them, at stages that pay for them, and nowhere else."""

from collections import defaultdict
from collections.abc import Iterator, Mapping

from infra.rules.deployment import Deployment, Finding, Resource
from infra.rules.rule import Rule
from infra.rules.values import called, references

TARGET, POLICY = "AWS::ApplicationAutoScaling::ScalableTarget", "AWS::ApplicationAutoScaling::ScalingPolicy"
ALIAS, VERSION = "AWS::Lambda::Alias", "AWS::Lambda::Version"
_FOLLOWED = "LambdaProvisionedConcurrencyUtilization"


def warm_functions(deployed: Deployment) -> Mapping[str, list[Resource]]:
    """By the function's name, what keeps its instances: of an alias or of a version, by a figure or by a target."""
    found: dict[str, list[Resource]] = defaultdict(list)
    for each in deployed.every(ALIAS, VERSION):
        if "ProvisionedConcurrencyConfig" in each.properties:
            found[each.said("FunctionName")].append(each)
    for each in _targets(deployed):
        target = called(each.said("ResourceId"))
        found[target[0] if target else each.name].append(each)
    return found


def _targets(deployed: Deployment) -> Iterator[Resource]:
    return (each for each in deployed.every(TARGET) if each.said("ServiceNamespace") == "lambda")


def _elsewhere(deployed: Deployment) -> Iterator[Finding]:
    wanted = {f.name for f in deployed.manifest if f.latency == "critical"} if deployed.stage.warm else set()
    warm = warm_functions(deployed)
    for declared, function in deployed.functions():
        if declared.name in wanted and function.said("FunctionName") not in warm:
            yield function.found("it waits for a cold start")
    paid = {deployed.named(f) for f in deployed.manifest if f.name in wanted}
    yield from (each.found("nobody asked for it") for name in sorted(warm.keys() - paid) for each in warm[name])


def _of_aliases(deployed: Deployment) -> Iterator[Finding]:
    versions = {each.name for each in deployed.every(VERSION)}
    for each in (found for kept in warm_functions(deployed).values() for found in kept):
        target = called(each.said("ResourceId"))
        if each.kind == ALIAS or (each.kind == TARGET and not (target and target[1] in versions)):
            yield each.found()


def _stiff(deployed: Deployment) -> Iterator[Finding]:
    following = {
        (policy.stack, name)
        for policy in deployed.every(POLICY)
        for name in references(policy.properties.get("ScalingTargetId"))
        if _follows(policy)
    }
    yield from (each.found() for each in _targets(deployed) if (each.stack, each.name) not in following)


def _follows(policy: Resource) -> bool:
    tracked = policy.properties.get("TargetTrackingScalingPolicyConfiguration", {})
    metric = tracked.get("PredefinedMetricSpecification", {}).get("PredefinedMetricType")
    return bool(metric == _FOLLOWED and 0 < tracked.get("TargetValue", 1) < 1)


def _by_another_clock(deployed: Deployment) -> Iterator[Finding]:
    if not (warm := deployed.stage.warm):
        return
    first, last = warm.day
    expected = {(first, warm.least_by_day), (last, warm.least)}
    for each in _targets(deployed):
        actions = each.properties.get("ScheduledActions", [])
        acts = {(_hour(a.get("Schedule", "")), a.get("ScalableTargetAction", {}).get("MinCapacity")) for a in actions}
        bounds = each.properties.get("MinCapacity"), each.properties.get("MaxCapacity")
        if acts != expected or bounds != (warm.least_by_day, warm.most):
            yield each.found()


def _hour(schedule: str) -> int | None:
    """Of `cron(0 6 ? * MON-FRI *)`."""
    words = schedule.removeprefix("cron(").split()
    return int(words[1]) if len(words) > 1 and words[1].isdigit() else None


RULES = (
    Rule(
        name="warm-where-critical",
        says='Instances wait for the functions that the manifest calls latency="critical", at stages with `warm`, and '
        "for no others: declare it, or take them away.",
        find=_elsewhere,
    ),
    Rule(
        name="warm-by-version",
        says="Instances are kept for a version, because Lambda refuses them for an alias that shares its calls out: "
        "name it.",
        find=_of_aliases,
    ),
    Rule(
        name="warmth-follows-the-load",
        says="How many instances wait follows how many are in use, below 1 of them: give the target a policy that "
        "tracks it.",
        find=_stiff,
    ),
    Rule(
        name="warmth-follows-the-clock",
        says="Least and most instances are the stage's, by night and by day, as which a version begins: take them "
        "from its `warm`.",
        find=_by_another_clock,
    ),
)
