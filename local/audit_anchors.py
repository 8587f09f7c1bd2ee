"""The anchors of audit trails, read from where they were written: a bucket, or a folder that it was copied to."""

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from uuid import UUID

import boto3

from local import aws, instance
from local.errors import LocalError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

FOLDER = "anchors/"
_AT_ONCE = 16  # requests
_BUCKET = "s3://"


class AnchorsDisagree(Exception):
    """Two anchors of a tenant tell different hashes for the same place in its chain."""


class AnchorStore(Protocol):
    """Where anchors lie."""

    def written(self, tenant: UUID) -> Iterable[bytes]:
        """Each anchor of a tenant, and each version of it."""


@dataclass(frozen=True, slots=True)
class Folder:
    """Copied out of the bucket, with its keys as names."""

    path: Path

    def written(self, tenant: UUID) -> Iterable[bytes]:
        """As `AnchorStore` says."""
        return (file.read_bytes() for file in sorted((self.path / FOLDER / str(tenant)).glob("*.json")))


@dataclass(frozen=True, slots=True)
class AnchorBucket:
    """The bucket itself."""

    client: "S3Client"
    name: str

    def written(self, tenant: UUID) -> Iterable[bytes]:
        """As `AnchorStore` says: whoever wrote over one has made a version of it."""
        pages = self.client.get_paginator("list_object_versions").paginate(
            Bucket=self.name, Prefix=f"{FOLDER}{tenant}/"
        )
        versions = [(found["Key"], found["VersionId"]) for page in pages for found in page.get("Versions", [])]
        with ThreadPoolExecutor(_AT_ONCE) as threads:
            yield from threads.map(self._read, versions)

    def _read(self, version: tuple[str, str]) -> bytes:
        key, number = version
        return self.client.get_object(Bucket=self.name, Key=key, VersionId=number)["Body"].read()


def anchored(store: AnchorStore, tenant: UUID) -> Mapping[int, str]:
    """By place in the tenant's chain, the hash that was written down. Raises AnchorsDisagree."""
    known: dict[int, str] = {}
    for seq, digits in _hashes(store.written(tenant)):
        if known.setdefault(seq, digits) != digits:
            raise AnchorsDisagree(f"Two anchors tell different hashes for {seq}: one of them was not written by us.")
    return known


def _hashes(written: Iterable[bytes]) -> Iterator[tuple[int, str]]:
    for each in written:
        anchor = json.loads(each)
        yield from enumerate(anchor["hashes"], start=anchor["first"])


def store_at(place: str) -> AnchorStore:
    """`s3://bucket` or a folder. Raises LocalError where there is no such folder."""
    if place.startswith(_BUCKET):
        session = boto3.Session(region_name=os.environ.get("AWS_REGION"))
        return AnchorBucket(session.client("s3"), place.removeprefix(_BUCKET).rstrip("/"))
    if not Path(place).is_dir():
        raise LocalError(f"There is no folder {place}. A bucket begins with {_BUCKET}")
    return Folder(Path(place))


def store_on_laptop() -> AnchorStore:
    """Of the running `make dev`."""
    running = instance.require()
    return store_of(aws.session(), running.stage, **aws.at(running.url.partition("/_aws/")[0]))


def store_of(session: boto3.Session, stage: str, **target: Any) -> AnchorStore:  # noqa: ANN401 (arguments of clients)
    """Where the messaging stack says that they are."""
    parameter = session.client("ssm", **target).get_parameter(Name=f"/freehold/{stage}/messaging/anchors")
    return AnchorBucket(session.client("s3", **target), parameter["Parameter"]["Value"])
