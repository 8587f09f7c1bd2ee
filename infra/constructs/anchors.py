"""The bucket of the audit trail's anchors: what is written there stays as it is, for a year, whoever asks.

Versions make a second object of whatever is written under the same key, and Object Lock keeps the first. In compliance
mode nobody shortens that, the account's root neither; where a stage keeps no data, an administrator may (governance).
Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html
"""

from aws_cdk import Acknowledgment, Duration, RemovalPolicy, Validations
from aws_cdk.aws_s3 import BlockPublicAccess, Bucket, BucketEncryption, ObjectLockRetention
from constructs import Construct

from infra.stage import Stage

ANCHORS = "anchors/"
"""What stands before the key of every anchor."""
_KEPT = Duration.days(365)


def anchors_bucket(scope: Construct, stage: Stage) -> Bucket:
    """It outlives its stack, because what is locked cannot be deleted."""
    lock = ObjectLockRetention.compliance if stage.cell.keeps_data else ObjectLockRetention.governance
    bucket = Bucket(
        scope,
        "Anchors",
        block_public_access=BlockPublicAccess.BLOCK_ALL,
        encryption=BucketEncryption.S3_MANAGED,
        enforce_ssl=True,
        versioned=True,
        object_lock_enabled=True,
        object_lock_default_retention=lock(_KEPT),
        removal_policy=RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    )
    Validations.of(bucket).acknowledge(
        Acknowledgment(
            id="AwsSolutions::AwsSolutions-S1",
            reason="Nothing in it can be changed, and what is in it tells of nobody: hashes and ids of tenants.",
        )
    )
    return bucket
