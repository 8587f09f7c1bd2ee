"""Files in pieces: the gateway to S3.

A piece is 5 MiB or more, but for the last one. An upload that nobody finishes is removed by the bucket's own rule.
Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import Any, Protocol

from freehold.observability import calling_aws
from freehold.settings import settings

LEAST_PIECE = 5 * 1024 * 1024  # bytes


class UploadGone(Exception):
    """The upload was finished or removed. The file has to be written from its beginning."""


class Files(Protocol):
    """Where files are written."""

    def put(self, key: str, content_type: str, data: bytes) -> None:
        """Write a file in one."""

    def begin(self, key: str, content_type: str) -> str:
        """Begin a file in pieces; the name of the upload."""

    def add(self, key: str, upload: str, number: int, data: bytes) -> str:
        """Write a piece, counted from 1, or write it again; its tag. Raises UploadGone."""

    def finish(self, key: str, upload: str, tags: Sequence[str]) -> None:
        """The file is there, made of these pieces. Raises UploadGone."""

    def abandon(self, key: str, upload: str) -> None:
        """Remove what was written. One that is gone already is no error."""


class S3:
    """The bucket of this stage, which is not asked for before something is written."""

    def put(self, key: str, content_type: str, data: bytes) -> None:
        """As `Files` says."""
        with calling_aws("S3", "PutObject"):
            self._client.put_object(Bucket=self._bucket, Key=key, ContentType=content_type, Body=data)

    def begin(self, key: str, content_type: str) -> str:
        """As `Files` says."""
        with calling_aws("S3", "CreateMultipartUpload"):
            begun = self._client.create_multipart_upload(Bucket=self._bucket, Key=key, ContentType=content_type)
        return str(begun["UploadId"])

    def add(self, key: str, upload: str, number: int, data: bytes) -> str:
        """As `Files` says."""
        with self._upload_gone(), calling_aws("S3", "UploadPart"):
            piece = self._client.upload_part(
                Bucket=self._bucket, Key=key, UploadId=upload, PartNumber=number, Body=data
            )
        return str(piece["ETag"])

    def finish(self, key: str, upload: str, tags: Sequence[str]) -> None:
        """As `Files` says."""
        pieces = [{"PartNumber": number, "ETag": tag} for number, tag in enumerate(tags, start=1)]
        with self._upload_gone(), calling_aws("S3", "CompleteMultipartUpload"):
            self._client.complete_multipart_upload(
                Bucket=self._bucket, Key=key, UploadId=upload, MultipartUpload={"Parts": pieces}
            )

    def abandon(self, key: str, upload: str) -> None:
        """As `Files` says."""
        try:
            with self._upload_gone(), calling_aws("S3", "AbortMultipartUpload"):
                self._client.abort_multipart_upload(Bucket=self._bucket, Key=key, UploadId=upload)
        except UploadGone:
            pass

    @contextmanager
    def _upload_gone(self) -> Iterator[None]:
        try:
            yield
        except self._client.exceptions.ClientError as error:
            if error.response["Error"]["Code"] == "NoSuchUpload":
                raise UploadGone(UploadGone.__doc__) from error
            raise

    @property
    def _bucket(self) -> str:
        return settings().files

    @cached_property
    def _client(self) -> Any:  # noqa: ANN401 (boto3 makes its classes as it runs)
        import boto3  # noqa: PLC0415 (whoever only names a file never loads it)
        from botocore.config import Config  # noqa: PLC0415

        config = Config(
            retries={"mode": "standard", "total_max_attempts": 4},
            connect_timeout=3,
            read_timeout=30,
            request_checksum_calculation="when_required",  # or finishing would have to repeat each piece's
        )
        return boto3.client("s3", config=config)
