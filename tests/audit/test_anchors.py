"""The gateway to the bucket of anchors, with real bytes, against the emulator; and the anchors read back."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from freehold.audit.anchors import S3Anchors, key_of
from freehold.audit.models import Anchor
from freehold.settings import settings
from local import aws
from local.audit_anchors import AnchorBucket, AnchorsDisagree, Folder, anchored, store_at, store_of
from local.emulator import Emulator
from local.errors import LocalError

BUCKET = "anchors"


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    with Emulator(tmp_path_factory.mktemp("emulator")) as emulator:
        yield emulator


@pytest.fixture
def client(emulator: Emulator):
    client = aws.session().client("s3", **aws.at(emulator.endpoint))
    client.create_bucket(Bucket=BUCKET, ObjectLockEnabledForBucket=True)
    client.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    return client


@pytest.fixture
def anchors(stage: None, emulator: Emulator, client, monkeypatch: pytest.MonkeyPatch) -> S3Anchors:
    """As a deployed function reaches it: by the environment alone."""
    for name, value in {**aws.CREDENTIALS, "AWS_REGION": aws.REGION, "AWS_DEFAULT_REGION": aws.REGION}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_ENDPOINT_URL", emulator.endpoint)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    assert settings().anchors == BUCKET
    return S3Anchors()


def anchor(tenant: UUID, first: int, *hashes: str) -> Anchor:
    return Anchor(
        tenant_id=tenant,
        first=first,
        seq=first + len(hashes) - 1,
        hash=hashes[-1],
        hashes=hashes,
        anchored_at=datetime.now(UTC),
    )


class TestPut:
    def test_is_read_back_by_whoever_verifies(self, anchors: S3Anchors, client):
        tenant = uuid4()
        anchors.put(anchor(tenant, 1, "aa", "bb"))
        anchors.put(anchor(tenant, 3, "cc"))
        anchors.put(anchor(uuid4(), 1, "dd"))
        assert anchored(AnchorBucket(client, BUCKET), tenant) == {1: "aa", 2: "bb", 3: "cc"}

    def test_never_writes_over_one(self, anchors: S3Anchors, client):
        tenant = uuid4()
        anchors.put(anchor(tenant, 1, "aa"))
        anchors.put(anchor(tenant, 1, "ff"))
        assert anchored(AnchorBucket(client, BUCKET), tenant) == {1: "aa"}

    def test_keys_sort_like_the_chain(self):
        tenant = uuid4()
        assert sorted([key_of(tenant, 10), key_of(tenant, 9)]) == [key_of(tenant, 9), key_of(tenant, 10)]


class TestAnchored:
    def test_one_that_somebody_wrote_over_is_noticed(self, anchors: S3Anchors, client):
        tenant = uuid4()
        anchors.put(anchor(tenant, 1, "aa"))
        forged = anchor(tenant, 1, "ff").model_dump_json().encode()
        client.put_object(Bucket=BUCKET, Key=key_of(tenant, 1), Body=forged)
        with pytest.raises(AnchorsDisagree):
            anchored(AnchorBucket(client, BUCKET), tenant)

    def test_is_the_same_from_a_folder_that_it_was_copied_to(self, tmp_path: Path):
        tenant = uuid4()
        file = tmp_path / key_of(tenant, 2)
        file.parent.mkdir(parents=True)
        file.write_text(anchor(tenant, 1, "aa", "bb").model_dump_json())
        assert anchored(store_at(str(tmp_path)), tenant) == {1: "aa", 2: "bb"}
        assert store_at(str(tmp_path)) == Folder(tmp_path)

    def test_a_folder_that_is_not_there_is_said(self, tmp_path: Path):
        with pytest.raises(LocalError, match="no folder"):
            store_at(str(tmp_path / "nowhere"))

    def test_the_bucket_of_a_stage_is_where_its_messaging_stack_says(self, emulator: Emulator):
        emulator.put_parameter("/freehold/sandbox/messaging/anchors", BUCKET)
        found = store_of(aws.session(), "sandbox", **aws.at(emulator.endpoint))
        assert isinstance(found, AnchorBucket)
        assert found.name == BUCKET
