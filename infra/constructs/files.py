"""The bucket that reports are fetched from: nobody's but the functions', and empty again after a week."""

from aws_cdk import Acknowledgment, Duration, RemovalPolicy, Validations
from aws_cdk.aws_s3 import BlockPublicAccess, Bucket, BucketEncryption, LifecycleRule
from constructs import Construct

REPORTS = "reports/"
"""What stands before the key of every report."""

_RULES = [
    LifecycleRule(id="reports", prefix=REPORTS, expiration=Duration.days(7)),
    LifecycleRule(id="unfinished", abort_incomplete_multipart_upload_after=Duration.days(1)),
]


def files_bucket(scope: Construct) -> Bucket:
    """It outlives its stack, because only an empty bucket can be deleted; what is in it expires by itself."""
    bucket = Bucket(
        scope,
        "Files",
        block_public_access=BlockPublicAccess.BLOCK_ALL,
        encryption=BucketEncryption.S3_MANAGED,
        enforce_ssl=True,
        lifecycle_rules=_RULES,
        removal_policy=RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    )
    Validations.of(bucket).acknowledge(
        Acknowledgment(
            id="AwsSolutions::AwsSolutions-S1",
            reason="Its files are gone after a week, and are fetched by addresses that a logged request gave out.",
        )
    )
    return bucket
