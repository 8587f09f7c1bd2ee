"""The address of a file is botocore's, bit for bit."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import botocore.auth
import botocore.session
import pytest
from botocore.config import Config
from hypothesis import given, settings
from hypothesis import strategies as st

from freehold.sigv4 import Credentials, file_url

text = st.text(st.characters(codec="ascii", min_codepoint=33), min_size=1, max_size=40)
regions = st.sampled_from(["eu-central-1", "us-east-1", "ap-southeast-2", "us-gov-west-1", "cn-north-1"])
buckets = st.from_regex(r"[a-z0-9][a-z0-9-]{2,30}[a-z0-9]", fullmatch=True).filter(lambda name: "--" not in name)
names = st.from_regex(r"[a-z_]{1,20}-2026-01-[0-9]{2}\.(csv|jsonl)", fullmatch=True)
keys = st.builds(lambda name: f"reports/{uuid4()}/{uuid4()}/{name}", names) | text
moments = st.datetimes(datetime(2020, 1, 1), datetime(2060, 1, 1)).map(lambda moment: moment.replace(microsecond=0))  # noqa: DTZ001 (made aware below)
AT = datetime(2026, 1, 1, tzinfo=UTC)
GIVEN = {
    "bucket": "files",
    "key": "reports/a/b/activity-2026-01-01.csv",
    "filename": "activity-2026-01-01.csv",
    "seconds": 300,
    "credentials": Credentials(
        access_key_id="AKIA", secret_access_key="s/+=", session_token="t/+=", region="eu-west-1"
    ),
    "at": AT,
}


def by_botocore(*, bucket, key, filename, seconds, credentials, endpoint):
    session = botocore.session.Session()
    session.set_credentials(credentials.access_key_id, credentials.secret_access_key, credentials.session_token or None)
    style = {"addressing_style": "path" if endpoint else "virtual", "us_east_1_regional_endpoint": "regional"}
    client = session.create_client(
        "s3",
        region_name=credentials.region,
        endpoint_url=endpoint or None,
        config=Config(signature_version="s3v4", s3=style),
    )
    saved = {"ResponseContentDisposition": f'attachment; filename="{filename}"'}
    return client.generate_presigned_url("get_object", {"Bucket": bucket, "Key": key, **saved}, ExpiresIn=seconds)


@pytest.fixture
def frozen(monkeypatch):
    """Sets botocore's clock."""
    moment = [datetime.now(UTC)]
    monkeypatch.setattr(botocore.auth, "get_current_datetime", lambda **_: moment[0].replace(tzinfo=None))
    return moment


class TestFileUrl:
    @pytest.mark.parametrize("endpoint", ["", "http://127.0.0.1:4566"])
    def test_is_botocores(self, frozen, endpoint):
        @settings(max_examples=40, deadline=None)
        @given(buckets, keys, names, text, text, st.one_of(st.just(""), text), regions, moments, st.integers(1, 604800))
        def same(bucket, key, filename, key_id, secret, session, region, moment, seconds):
            credentials = Credentials(
                access_key_id=key_id, secret_access_key=secret, session_token=session, region=region
            )
            frozen[0] = moment.replace(tzinfo=UTC)
            wanted = {
                "bucket": bucket, "key": key, "filename": filename, "seconds": seconds, "credentials": credentials,
                "endpoint": endpoint,
            }  # fmt: skip
            assert file_url(**wanted, at=frozen[0]) == by_botocore(**wanted)

        same()

    @pytest.mark.parametrize(
        "different",
        [
            {"key": "reports/a/c/activity-2026-01-01.csv"},
            {"bucket": "others"},
            {"filename": "other.csv"},
            {"seconds": 301},
            {"at": AT + timedelta(seconds=1)},
        ],
    )
    def test_covers_all_that_it_says(self, different):
        signature = file_url(**GIVEN).partition("X-Amz-Signature=")[2]
        assert file_url(**(GIVEN | different)).partition("X-Amz-Signature=")[2] != signature
