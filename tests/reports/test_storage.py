"""The gateway to S3, with real bytes, against the emulator; and a report from the order to the download."""

import csv
import io
from collections.abc import Iterator
from urllib.request import urlopen

import pytest

from freehold.reports.storage import LEAST_PIECE, S3, UploadGone
from freehold.settings import settings
from local import aws
from local.companies import Company
from local.emulator import Emulator
from tests.reports.conftest import MANY, Office

BUCKET = "files"


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    with Emulator(tmp_path_factory.mktemp("emulator")) as emulator:
        yield emulator


@pytest.fixture
def s3(stage: None, emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> S3:
    """As a deployed function reaches it: by the environment alone."""
    aws.session().client("s3", **aws.at(emulator.endpoint)).create_bucket(Bucket=BUCKET)
    for name, value in {**aws.CREDENTIALS, "AWS_REGION": aws.REGION, "AWS_DEFAULT_REGION": aws.REGION}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_ENDPOINT_URL", emulator.endpoint)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    assert settings().files == BUCKET
    return S3()


def stored(emulator: Emulator, key: str) -> dict:
    return aws.session().client("s3", **aws.at(emulator.endpoint)).get_object(Bucket=BUCKET, Key=key)


def uploads(emulator: Emulator) -> list[str]:
    found = aws.session().client("s3", **aws.at(emulator.endpoint)).list_multipart_uploads(Bucket=BUCKET)
    return [upload["UploadId"] for upload in found.get("Uploads", [])]


class TestFiles:
    def test_a_small_one_is_written_in_one(self, s3: S3, emulator: Emulator):
        s3.put("reports/small.csv", "text/csv; charset=utf-8", "Zoë\r\n".encode())
        found = stored(emulator, "reports/small.csv")
        assert found["Body"].read().decode() == "Zoë\r\n"
        assert found["ContentType"] == "text/csv; charset=utf-8"

    def test_a_large_one_is_put_together_from_its_pieces(self, s3: S3, emulator: Emulator):
        upload = s3.begin("reports/large.jsonl", "application/x-ndjson")
        pieces = [b"a" * LEAST_PIECE, b"b" * LEAST_PIECE, b"the rest"]
        tags = [s3.add("reports/large.jsonl", upload, number, data) for number, data in enumerate(pieces, start=1)]
        s3.finish("reports/large.jsonl", upload, tags)
        found = stored(emulator, "reports/large.jsonl")
        assert found["Body"].read() == b"".join(pieces)
        assert found["ContentType"] == "application/x-ndjson"

    def test_a_piece_that_comes_twice_counts_once(self, s3: S3, emulator: Emulator):
        upload = s3.begin("reports/twice", "text/csv")
        s3.add("reports/twice", upload, 1, b"x" * LEAST_PIECE)
        tag = s3.add("reports/twice", upload, 1, b"y" * LEAST_PIECE)
        s3.finish("reports/twice", upload, [tag])
        assert stored(emulator, "reports/twice")["Body"].read() == b"y" * LEAST_PIECE

    def test_an_upload_that_is_abandoned_is_gone(self, s3: S3, emulator: Emulator):
        upload = s3.begin("reports/none", "text/csv")
        s3.add("reports/none", upload, 1, b"x")
        assert upload in uploads(emulator)
        s3.abandon("reports/none", upload)
        assert upload not in uploads(emulator)
        s3.abandon("reports/none", upload)
        with pytest.raises(UploadGone):
            s3.add("reports/none", upload, 2, b"x")
        with pytest.raises(UploadGone):
            s3.finish("reports/none", upload, ['"x"'])


class TestDownload:
    def test_of_a_large_report_is_what_was_written(self, s3: S3, big_company: Company):
        office = Office(big_company, s3)
        job = office.ask(report="activity", format="jsonl")
        assert office.write() == "succeeded"
        answer = big_company.call("GET", f"/v1/jobs/{job['id']}/result")
        assert answer.status == 200, answer
        with urlopen(answer.json["url"]) as file:
            data = file.read()
        assert len(data) == answer.json["bytes"] > LEAST_PIECE
        assert data.count(b"\n") == answer.json["rows"] >= MANY

    def test_of_a_small_one_is_saved_under_its_name(self, s3: S3, acme: Company):
        project = acme.project("=Apollo")
        office = Office(acme, s3)
        job = office.ask(format="csv")
        assert office.write() == "succeeded"
        shown = acme.call("GET", f"/v1/jobs/{job['id']}/result").json
        with urlopen(shown["url"]) as file:
            [row] = csv.DictReader(io.StringIO(file.read().decode(), newline=""))
            assert file.headers["content-disposition"] == f'attachment; filename="{shown["filename"]}"'
        assert (row["id"], row["name"]) == (project["id"], "'=Apollo")
