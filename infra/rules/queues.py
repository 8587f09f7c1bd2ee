"""What waits: nothing is lost, nothing is tried for ever, and what was given up is seen."""

from collections.abc import Iterator, Mapping

from infra.rules.deployment import Deployment, Finding, Resource
from infra.rules.rule import Rule
from infra.rules.values import called, listed, said

QUEUE, MAPPING, EVENT_RULE = "AWS::SQS::Queue", "AWS::Lambda::EventSourceMapping", "AWS::Events::Rule"
SCHEDULE = "AWS::Scheduler::Schedule"
LONGEST = 14 * 24 * 3600
"""Seconds that SQS keeps a message at most."""
_DEFAULT_KEPT = 4 * 24 * 3600
_TIMEOUTS = 6
"""Lambda's own advice: time for a try, and for being throttled before it."""
_TENANT = "$.detail.tenant_id"


def arn(queue: Resource) -> str:
    """As others refer to it."""
    return f"arn:aws:sqs:region:account:{queue.said('QueueName') or queue.name}"


def dead_letters(deployed: Deployment) -> Mapping[str, list[Resource]]:
    """By the ARN of a queue of dead letters: whatever puts something there."""
    found: dict[str, list[Resource]] = {}
    for queue in deployed.every(QUEUE):
        if target := queue.said("RedrivePolicy", "deadLetterTargetArn"):
            found.setdefault(target, []).append(queue)
    for schedule in deployed.every(SCHEDULE):
        found.setdefault(schedule.said("Target", "DeadLetterConfig", "Arn"), []).append(schedule)
    return found


def _fed(deployed: Deployment) -> Iterator[tuple[Resource, Resource]]:
    """Each mapping with its queue."""
    queues = {arn(queue): queue for queue in deployed.every(QUEUE)}
    for mapping in deployed.every(MAPPING):
        if queue := queues.get(mapping.said("EventSourceArn")):
            yield mapping, queue


def _seen_too_soon(deployed: Deployment) -> Iterator[Finding]:
    timeouts = {f.said("FunctionName"): f.properties.get("Timeout", 3) for f in deployed.every("AWS::Lambda::Function")}
    for mapping, queue in _fed(deployed):
        target = called(mapping.said("FunctionName"))
        least = _TIMEOUTS * timeouts.get(target[0] if target else "", 0)
        if queue.properties.get("VisibilityTimeout", 30) < least:
            yield queue.found(f"{least} seconds")


def _given_up_too_soon(deployed: Deployment) -> Iterator[Finding]:
    for mapping, queue in _fed(deployed):
        target = called(mapping.said("FunctionName"))
        declared = deployed.declared(target[0]) if target else None
        tries = queue.properties.get("RedrivePolicy", {}).get("maxReceiveCount")
        if tries and declared and declared.queue and tries < declared.queue.receives:
            yield queue.found(f"{tries} of {declared.queue.receives}")


def _unread(deployed: Deployment) -> Iterator[Finding]:
    """Whoever waits for what nobody takes waits for ever; whoever takes from nothing hears nothing."""
    fed, dead = {arn(queue) for _, queue in _fed(deployed)}, dead_letters(deployed)
    yield from (each.found() for each in deployed.every(QUEUE) if arn(each) not in fed and arn(each) not in dead)
    read = {mapping.name for mapping, _ in _fed(deployed)}
    yield from (each.found() for each in deployed.every(MAPPING) if each.name not in read)


def _without_dead_letters(deployed: Deployment) -> Iterator[Finding]:
    dead, queues = dead_letters(deployed), {arn(queue) for queue in deployed.every(QUEUE)}
    for queue in deployed.every(QUEUE):
        policy = queue.properties.get("RedrivePolicy", {})
        kept = queue.said("RedrivePolicy", "deadLetterTargetArn") in queues and policy.get("maxReceiveCount")
        if arn(queue) not in dead and not kept:
            yield queue.found()


def _forgotten(deployed: Deployment) -> Iterator[Finding]:
    dead = dead_letters(deployed)
    for queue in deployed.every(QUEUE):
        if arn(queue) in dead and queue.properties.get("MessageRetentionPeriod") != LONGEST:
            yield queue.found()


def _as_old_as_its_dead_letters(deployed: Deployment) -> Iterator[Finding]:
    dead = dead_letters(deployed)
    for queue in deployed.every(QUEUE):
        if arn(queue) not in dead and queue.properties.get("MessageRetentionPeriod", _DEFAULT_KEPT) > LONGEST / 2:
            yield queue.found()


def _open_dead_letters(deployed: Deployment) -> Iterator[Finding]:
    for target, sources in dead_letters(deployed).items():
        queues = {arn(source) for source in sources if source.kind == QUEUE}
        for dead in (each for each in deployed.every(QUEUE) if arn(each) == target):
            allowed = dead.properties.get("RedriveAllowPolicy", {})
            named = {said(each, dead.template) for each in listed(allowed.get("sourceQueueArns"))}
            if allowed.get("redrivePermission") not in {"byQueue", "denyAll"} or named != queues:
                yield dead.found()


def _all_or_none(deployed: Deployment) -> Iterator[Finding]:
    for mapping in deployed.every(MAPPING):
        if "ReportBatchItemFailures" not in mapping.properties.get("FunctionResponseTypes", []):
            yield mapping.found()


def _unbounded(deployed: Deployment) -> Iterator[Finding]:
    for mapping in deployed.every(MAPPING):
        most = mapping.properties.get("ScalingConfig", {}).get("MaximumConcurrency")
        if most is None or most > deployed.stage.workers_at_once:
            yield mapping.found(f"{most}")


def _dropped_events(deployed: Deployment) -> Iterator[Finding]:
    queues = {arn(queue) for queue in deployed.every(QUEUE)}
    for rule in deployed.every(EVENT_RULE):
        targets = rule.properties.get("Targets", [])
        kept = {said(target.get("DeadLetterConfig", {}).get("Arn", ""), rule.template) for target in targets}
        if not kept <= queues or not all(target.get("RetryPolicy") for target in targets):
            yield rule.found()


def _dropped_calls(deployed: Deployment) -> Iterator[Finding]:
    queues = {arn(queue) for queue in deployed.every(QUEUE)}
    for schedule in deployed.every(SCHEDULE):
        target = schedule.properties.get("Target", {})
        if schedule.said("Target", "DeadLetterConfig", "Arn") not in queues or not target.get("RetryPolicy"):
            yield schedule.found()


def _unfair(deployed: Deployment) -> Iterator[Finding]:
    """Events of others, as SES, know no tenant."""
    for rule in deployed.every(EVENT_RULE):
        ours = rule.properties.get("EventPattern", {}).get("source") == ["freehold"]
        groups = {t.get("SqsParameters", {}).get("MessageGroupId") for t in rule.properties.get("Targets", [])}
        if ours and groups != {_TENANT}:
            yield rule.found()


RULES = (
    Rule(
        name="messages-stay-hidden-for-six-tries",
        says="A message stays hidden for six of its function's timeouts, or two work on it at once: raise "
        "VisibilityTimeout.",
        find=_seen_too_soon,
    ),
    Rule(
        name="messages-are-tried-as-declared",
        says="A message is tried as often as the manifest's `receives` says before it is given up: raise "
        "maxReceiveCount.",
        find=_given_up_too_soon,
    ),
    Rule(
        name="queues-are-read",
        says="Somebody reads each queue that takes messages, and each mapping reads one that there is: pair them.",
        find=_unread,
    ),
    Rule(
        name="queues-have-dead-letters",
        says="What fails again and again goes to dead letters, or it is tried until it is forgotten: give the queue "
        "some.",
        find=_without_dead_letters,
    ),
    Rule(
        name="dead-letters-stay-for-two-weeks",
        says=f"What was given up is kept for as long as SQS keeps anything: set MessageRetentionPeriod to {LONGEST}.",
        find=_forgotten,
    ),
    Rule(
        name="messages-die-young",
        says="A message takes its age with it to the dead letters, which forget it when it is 14 days old: keep a "
        "queue's own for 7 days at most.",
        find=_as_old_as_its_dead_letters,
    ),
    Rule(
        name="dead-letters-are-their-queues-own",
        says="Dead letters take what comes from the queues that name them, and from no others: list these in "
        "RedriveAllowPolicy.",
        find=_open_dead_letters,
    ),
    Rule(
        name="workers-name-what-failed",
        says="Of a batch only what failed comes back, or what was done is done again: ask for ReportBatchItemFailures.",
        find=_all_or_none,
    ),
    Rule(
        name="workers-are-bounded",
        says="No worker runs more often at once than the stage's workers_at_once, which its database can bear: set "
        "MaximumConcurrency.",
        find=_unbounded,
    ),
    Rule(
        name="events-are-kept-for-who-was-away",
        says="What a rule cannot hand over is tried again and then kept: give its target a RetryPolicy and dead "
        "letters.",
        find=_dropped_events,
    ),
    Rule(
        name="calls-are-kept-for-who-was-away",
        says="What the clock cannot hand over is tried again and then kept: give its target a RetryPolicy and dead "
        "letters.",
        find=_dropped_calls,
    ),
    Rule(
        name="events-are-grouped-by-tenant",
        says=f"SQS is fair between tenants when it knows them: let the rule group our events by {_TENANT}.",
        find=_unfair,
    ),
)
