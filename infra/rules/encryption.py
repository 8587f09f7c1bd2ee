"""Nothing lies on a disk or travels in the clear."""

from collections.abc import Iterator

from infra.rules.deployment import Deployment, Finding
from infra.rules.rule import Rule
from infra.rules.values import listed, references

QUEUE, BUCKET, TOPIC = "AWS::SQS::Queue", "AWS::S3::Bucket", "AWS::SNS::Topic"
_POLICIES = {
    QUEUE: ("AWS::SQS::QueuePolicy", "Queues"),
    BUCKET: ("AWS::S3::BucketPolicy", "Bucket"),
    TOPIC: ("AWS::SNS::TopicPolicy", "Topics"),
}
_IN_THE_CLEAR = {"Bool": {"aws:SecureTransport": "false"}}


def _readable_queue(deployed: Deployment) -> Iterator[Finding]:
    for queue in deployed.every(QUEUE):
        if not (queue.properties.get("SqsManagedSseEnabled") or queue.properties.get("KmsMasterKeyId")):
            yield queue.found()


def _readable_bucket(deployed: Deployment) -> Iterator[Finding]:
    return (bucket.found() for bucket in deployed.every(BUCKET) if not bucket.properties.get("BucketEncryption"))


def _readable_database(deployed: Deployment) -> Iterator[Finding]:
    keys = deployed.names("AWS::KMS::Key")
    for cluster in deployed.every("AWS::RDS::DBCluster"):
        given = cluster.properties
        used = [given.get("KmsKeyId")] + [given.get("PerformanceInsightsKmsKeyId")] * bool(
            given.get("PerformanceInsightsEnabled")
        )
        own = not deployed.stage.cell.own_key or all(
            {(cluster.stack, name) for name in references(key)} & keys for key in used
        )
        if given.get("StorageEncrypted") is not True or not own:
            yield cluster.found()


def _readable_disk(deployed: Deployment) -> Iterator[Finding]:
    for machine in deployed.every("AWS::EC2::Instance", "AWS::EC2::Volume"):
        devices = machine.properties.get("BlockDeviceMappings", [])
        disks = [device.get("Ebs", {}) for device in devices] or [machine.properties]
        if not all(disk.get("Encrypted") is True for disk in disks):
            yield machine.found()


def _old_key(deployed: Deployment) -> Iterator[Finding]:
    return (
        key.found() for key in deployed.every("AWS::KMS::Key") if key.properties.get("EnableKeyRotation") is not True
    )


def _takes_plain_text(deployed: Deployment) -> Iterator[Finding]:
    for kind, (policy_kind, place) in _POLICIES.items():
        refusing = {
            (policy.stack, name)
            for policy in deployed.every(policy_kind)
            if any(_refuses(statement) for statement in listed(policy.properties["PolicyDocument"]["Statement"]))
            for name in references(policy.properties.get(place))
        }
        yield from (each.found() for each in deployed.every(kind) if (each.stack, each.name) not in refusing)


def _refuses(statement: dict[str, object]) -> bool:
    return statement.get("Effect") == "Deny" and statement.get("Condition") == _IN_THE_CLEAR and _all(statement)


def _all(statement: dict[str, object]) -> bool:
    return statement.get("Principal") in ("*", {"AWS": "*"})


def _mail_in_the_clear(deployed: Deployment) -> Iterator[Finding]:
    for mail in deployed.every("AWS::SES::ConfigurationSet"):
        if mail.said("DeliveryOptions", "TlsPolicy") != "REQUIRE":
            yield mail.found()


RULES = (
    Rule(
        name="queues-are-encrypted",
        says="What waits in a queue is encrypted: set SqsManagedSseEnabled.",
        find=_readable_queue,
    ),
    Rule(
        name="buckets-are-encrypted",
        says="What lies in a bucket is encrypted: say how in BucketEncryption.",
        find=_readable_bucket,
    ),
    Rule(
        name="databases-are-encrypted",
        says="A database and its statements' statistics are encrypted with a key of this stage: set StorageEncrypted "
        "and keys.",
        find=_readable_database,
    ),
    Rule(
        name="disks-are-encrypted",
        says="A machine's disks are encrypted: list each with Encrypted.",
        find=_readable_disk,
    ),
    Rule(name="keys-rotate", says="A key is renewed by itself each year: set EnableKeyRotation.", find=_old_key),
    Rule(
        name="plain-text-is-refused",
        says="Queues, buckets and topics refuse everybody who comes without TLS: make them with enforce_ssl.",
        find=_takes_plain_text,
    ),
    Rule(
        name="mail-travels-encrypted",
        says="SES hands mail over by TLS or not at all, because invitations are keys: set TlsPolicy to REQUIRE.",
        find=_mail_in_the_clear,
    ),
)
