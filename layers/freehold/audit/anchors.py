"""Where chains end, outside the database: the gateway to a bucket that lets nobody overwrite or delete.

A key is never written twice: the bucket refuses it. What is there already is what was to be written, by a call that
was ended before it could say so.
Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
"""

from functools import cached_property
from typing import Any, Protocol
from uuid import UUID

from freehold.audit.models import Anchor
from freehold.observability import calling_aws
from freehold.settings import settings

FOLDER = "anchors/"
THERE_ALREADY = ("PreconditionFailed", "ConditionalRequestConflict")


class Anchors(Protocol):
    """Where anchors are written."""

    def put(self, anchor: Anchor) -> None:
        """Write it down for good. One that is there already stays as it is."""


def key_of(tenant_id: UUID, seq: int) -> str:
    """Keys of a tenant sort like its chain."""
    return f"{FOLDER}{tenant_id}/{seq:012}.json"


class S3Anchors:
    """The bucket of this stage."""

    def put(self, anchor: Anchor) -> None:
        """As `Anchors` says."""
        try:
            with calling_aws("S3", "PutObject"):
                self._client.put_object(
                    Bucket=settings().anchors,
                    Key=key_of(anchor.tenant_id, anchor.seq),
                    ContentType="application/json",
                    Body=anchor.model_dump_json().encode(),
                    IfNoneMatch="*",
                    ChecksumAlgorithm="SHA256",  # a bucket with Object Lock takes nothing without a checksum
                )
        except self._client.exceptions.ClientError as error:
            if error.response["Error"]["Code"] not in THERE_ALREADY:
                raise

    @cached_property
    def _client(self) -> Any:  # noqa: ANN401 (boto3 makes its classes as it runs)
        import boto3  # noqa: PLC0415 (only whoever seals loads it)
        from botocore.config import Config  # noqa: PLC0415

        config = Config(retries={"mode": "standard", "total_max_attempts": 3}, connect_timeout=2, read_timeout=10)
        return boto3.client("s3", config=config)
