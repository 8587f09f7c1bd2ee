"""Whom to wake, about what: no failure stays unseen, and no alarm is silent."""

from collections import Counter
from collections.abc import Iterator

from functions.declaration import JOB_CLASSES
from infra.rules.deployment import Deployment, Finding, Resource
from infra.rules.queues import QUEUE, arn, dead_letters
from infra.rules.rule import Rule
from infra.rules.values import said

ALARM, COMPOSITE = "AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm"
FILTER = "AWS::Logs::MetricFilter"
_OURS = "Freehold"


def _watched(deployed: Deployment, metric: str, dimension: str) -> set[str]:
    """What alarms on this metric are about."""
    return {
        said(each["Value"], alarm.template)
        for alarm in deployed.every(ALARM)
        if alarm.said("MetricName") == metric
        for each in alarm.properties.get("Dimensions", [])
        if each["Name"] == dimension
    }


def _parts(deployed: Deployment) -> set[str]:
    """Alarms that another one is made of, which wakes somebody when they ring together."""
    rules = [each.said("AlarmRule") for each in deployed.every(COMPOSITE)]
    return {alarm.own_name for alarm in deployed.every(ALARM) if any(_names(rule, alarm) for rule in rules)}


def _names(rule: str, alarm: Resource) -> bool:
    return alarm.own_name in rule or f"{alarm.name}." in rule


def _deaf(deployed: Deployment) -> Iterator[Finding]:
    topics = {topic.said("TopicName") for topic in deployed.every("AWS::SNS::Topic")}
    parts = _parts(deployed)
    for alarm in deployed.every(ALARM):
        if alarm.own_name in parts:
            continue
        actions = [said(action, alarm.template) for action in alarm.properties.get("AlarmActions", [])]
        heard = any(action.rpartition(":")[2] in topics for action in actions)
        if not heard or alarm.properties.get("ActionsEnabled") is False:
            yield alarm.found()


def _mute(deployed: Deployment) -> Iterator[Finding]:
    parts = _parts(deployed)
    alarms = [alarm for alarm in deployed.every(ALARM, COMPOSITE) if alarm.own_name not in parts]
    said_by = Counter(alarm.said("AlarmDescription") for alarm in alarms)
    for alarm in alarms:
        sentence = alarm.said("AlarmDescription")
        if not sentence.strip() or said_by[sentence] > 1:
            yield alarm.found(sentence)


def _handed_again(deployed: Deployment, queue: Resource) -> bool:
    """Jobs are rows, which the relay hands over again; an alarm is on their age."""
    purpose = queue.said("QueueName").removeprefix(f"freehold-{deployed.stage.name}-").removesuffix("-dead")
    return purpose in JOB_CLASSES


def _unseen_dead_letters(deployed: Deployment) -> Iterator[Finding]:
    seen = _watched(deployed, "ApproximateNumberOfMessagesVisible", "QueueName")
    dead = dead_letters(deployed)
    for queue in deployed.every(QUEUE) if deployed.stage.watch.wakes else ():
        if arn(queue) in dead and queue.said("QueueName") not in seen and not _handed_again(deployed, queue):
            yield queue.found()


def _patient(deployed: Deployment) -> Iterator[Finding]:
    names = {target.rpartition(":")[2] for target in dead_letters(deployed)}
    for alarm in deployed.every(ALARM):
        about = {said(each["Value"], alarm.template) for each in alarm.properties.get("Dimensions", [])}
        if about & names and not _at_the_first(alarm):
            yield alarm.found()


def _at_the_first(alarm: Resource) -> bool:
    first = {"GreaterThanOrEqualToThreshold": 1, "GreaterThanThreshold": 0}
    limit = first.get(alarm.said("ComparisonOperator"), -1)
    return 0 <= alarm.properties.get("Threshold", 0) <= limit and alarm.properties.get("EvaluationPeriods") == 1


def _unseen_delay(deployed: Deployment) -> Iterator[Finding]:
    seen = _watched(deployed, "ApproximateAgeOfOldestMessage", "QueueName")
    dead = dead_letters(deployed)
    for queue in deployed.every(QUEUE) if deployed.stage.watch.wakes else ():
        if arn(queue) not in dead and queue.said("QueueName") not in seen and not _handed_again(deployed, queue):
            yield queue.found()


def _unseen_clock(deployed: Deployment) -> Iterator[Finding]:
    failed, stopped = (_watched(deployed, metric, "FunctionName") for metric in ("Errors", "Invocations"))
    for declared, function in deployed.functions() if deployed.stage.watch.wakes else ():
        name = function.said("FunctionName")
        if declared.schedule and not (name in failed and name in stopped):
            yield function.found()


def _unfed(deployed: Deployment) -> Iterator[Finding]:
    measured = {
        (each["MetricNamespace"], each["MetricName"])
        for found in deployed.every(FILTER)
        for each in found.properties.get("MetricTransformations", [])
    }
    for alarm in deployed.every(ALARM):
        own = alarm.said("Namespace") == _OURS and not alarm.properties.get("Dimensions")
        if own and (_OURS, alarm.said("MetricName")) not in measured:
            yield alarm.found()


def _unheard(deployed: Deployment) -> Iterator[Finding]:
    """A metric with dimensions is for a dashboard too; these are only for alarms."""
    watched = {alarm.said("MetricName") for alarm in deployed.every(ALARM)}
    for found in deployed.every(FILTER) if deployed.stage.watch.wakes else ():
        names = {each["MetricName"] for each in found.properties.get("MetricTransformations", [])}
        if not names & watched:
            yield found.found(", ".join(sorted(names)))


RULES = (
    Rule(
        name="alarms-wake-somebody",
        says="An alarm tells a topic of this stage, to which whoever is on call subscribes: give it the action.",
        find=_deaf,
    ),
    Rule(
        name="alarms-say-what-they-mean",
        says="An alarm has a sentence of its own, by which docs/runbooks/alarms.md says what to type: describe it.",
        find=_mute,
    ),
    Rule(
        name="dead-letters-are-seen",
        says="Where a stage wakes anybody, it does so for dead letters: make them with dead_letters().",
        find=_unseen_dead_letters,
    ),
    Rule(
        name="dead-letters-are-seen-at-once",
        says="The first message that was given up is an alarm, because it is somebody's mail or payment: lower the "
        "threshold.",
        find=_patient,
    ),
    Rule(
        name="delays-are-seen",
        says="Where a stage wakes anybody, it does so when a queue's oldest message is late: make it with "
        "PurposeQueue.",
        find=_unseen_delay,
    ),
    Rule(
        name="clocks-that-stop-are-seen",
        says="Where a stage wakes anybody, it does so when a scheduled call fails, and when there are none: make it "
        "with Clock.",
        find=_unseen_clock,
    ),
    Rule(
        name="alarms-are-fed",
        says="An alarm on a metric of ours has a filter that counts it, or it never goes off: name the same metric "
        "in both.",
        find=_unfed,
    ),
    Rule(
        name="filters-are-heard",
        says="What a filter counts is an alarm where a stage wakes anybody, or it is counted for nobody: watch it.",
        find=_unheard,
    ),
)
