"""What nobody gets back: no mistake of a deploy takes it away."""

from collections.abc import Iterator

from infra.rules.deployment import Deployment, Finding, Resource
from infra.rules.rule import Rule

CLUSTER, KEY, BUCKET, SECRET = (
    "AWS::RDS::DBCluster",
    "AWS::KMS::Key",
    "AWS::S3::Bucket",
    "AWS::SecretsManager::Secret",
)
_KEPT = {"Retain", "RetainExceptOnCreate"}
_LEAST_LOCKED = 365
_LEAST_ARCHIVED = 30


def _policies(found: Resource) -> set[str]:
    return {str(found.body.get("DeletionPolicy", "Delete")), str(found.body.get("UpdateReplacePolicy", "Delete"))}


def _deletable(deployed: Deployment) -> Iterator[Finding]:
    for cluster in deployed.every(CLUSTER) if deployed.stage.cell.keeps_data else ():
        if cluster.properties.get("DeletionProtection") is not True or not _policies(cluster) <= {"Snapshot"}:
            yield cluster.found()


def _without_key(deployed: Deployment) -> Iterator[Finding]:
    for key in deployed.every(KEY) if deployed.stage.cell.keeps_data else ():
        if not _policies(key) <= _KEPT:
            yield key.found()


def _emptied(deployed: Deployment) -> Iterator[Finding]:
    return (each.found() for each in deployed.every(BUCKET, SECRET) if not _policies(each) <= _KEPT)


def _too_few_days(deployed: Deployment) -> Iterator[Finding]:
    for cluster in deployed.every(CLUSTER):
        if cluster.properties.get("BackupRetentionPeriod", 1) < deployed.stage.cell.backup_days:
            yield cluster.found(f"the stage says {deployed.stage.cell.backup_days} days")


def _gone_with_the_database(deployed: Deployment) -> Iterator[Finding]:
    for cluster in deployed.every(CLUSTER) if deployed.stage.cell.keeps_data else ():
        if cluster.properties.get("DeleteAutomatedBackups") is not False:
            yield cluster.found()


def _rewritable(deployed: Deployment) -> Iterator[Finding]:
    """Of the bucket that the parameter names, and of each other that is locked at all."""
    mode = "COMPLIANCE" if deployed.stage.cell.keeps_data else "GOVERNANCE"
    named = {
        (parameter.stack, parameter.said("Value"))
        for parameter in deployed.every("AWS::SSM::Parameter")
        if parameter.said("Name").endswith("/messaging/anchors")
    }
    for bucket in deployed.every(BUCKET):
        lock = bucket.properties.get("ObjectLockConfiguration", {}).get("Rule", {}).get("DefaultRetention", {})
        held = lock.get("Mode") == mode and lock.get("Days", 0) >= _LEAST_LOCKED
        if (bucket.stack, bucket.name) in named and not (bucket.properties.get("ObjectLockEnabled") is True and held):
            yield bucket.found()


def _not_archived(deployed: Deployment) -> Iterator[Finding]:
    kept = {
        archive.said("SourceArn")
        for archive in deployed.every("AWS::Events::Archive")
        if archive.properties.get("RetentionDays", _LEAST_ARCHIVED) >= _LEAST_ARCHIVED
    }
    for bus in deployed.every("AWS::Events::EventBus"):
        if "EventSourceName" not in bus.properties and not any(arn.endswith(f"/{bus.said('Name')}") for arn in kept):
            yield bus.found()


RULES = (
    Rule(
        name="databases-cannot-be-deleted",
        says="Where a stage keeps data, its database is protected, and leaves a snapshot when its stack goes: set "
        "both.",
        find=_deletable,
    ),
    Rule(
        name="keys-outlive-their-data",
        says="Where a stage keeps data, its key stays, because a snapshot is worth nothing without it: retain the key.",
        find=_without_key,
    ),
    Rule(
        name="buckets-and-secrets-stay",
        says="A bucket and a secret outlive their stack, because nobody can write again what was in them: retain them.",
        find=_emptied,
    ),
    Rule(
        name="backups-reach-back",
        says="A database can be put back to any second of the stage's backup_days: set BackupRetentionPeriod.",
        find=_too_few_days,
    ),
    Rule(
        name="backups-outlive-the-database",
        says="Where a stage keeps data, backups stay when the database goes: set DeleteAutomatedBackups to false.",
        find=_gone_with_the_database,
    ),
    Rule(
        name="anchors-cannot-be-rewritten",
        says="The bucket of the audit trail's anchors is locked for a year, against the account's root too where a "
        "stage keeps data: lock it.",
        find=_rewritable,
    ),
    Rule(
        name="events-are-archived",
        says=f"A bus of ours keeps what it carried for {_LEAST_ARCHIVED} days, so that a consumer can be fed again: "
        "archive it.",
        find=_not_archived,
    ),
)
