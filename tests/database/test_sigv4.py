"""Our signatures are botocore's, bit for bit."""

from datetime import UTC, datetime, timedelta

import botocore.auth
import botocore.awsrequest
import botocore.credentials
import botocore.session
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from freehold.sigv4 import Credentials, NoCredentials, database_token, signed_post

text = st.text(st.characters(codec="ascii", min_codepoint=33), min_size=1, max_size=40)
hosts = st.from_regex(r"[a-z][a-z0-9-]{0,20}(\.[a-z0-9]{1,10}){1,4}", fullmatch=True)
moments = st.datetimes(datetime(2020, 1, 1), datetime(2060, 1, 1)).map(lambda moment: moment.replace(microsecond=0))  # noqa: DTZ001 (made aware below)
regions = st.sampled_from(["eu-central-1", "us-east-1", "ap-southeast-2", "us-gov-west-1", "cn-north-1"])


def by_botocore(host, port, user, credentials):
    session = botocore.session.Session()
    session.set_credentials(credentials.access_key_id, credentials.secret_access_key, credentials.session_token or None)
    client = session.create_client("rds", region_name=credentials.region)
    return client.generate_db_auth_token(host, port, user)


@pytest.fixture
def frozen(monkeypatch):
    """Sets botocore's clock."""
    moment = [datetime.now(UTC)]
    monkeypatch.setattr(botocore.auth, "get_current_datetime", lambda **_: moment[0].replace(tzinfo=None))
    return moment


CREDENTIALS = Credentials(access_key_id="AKIA", secret_access_key="s/+=", session_token="t/+=", region="eu-west-1")


class TestDatabaseToken:
    def test_is_botocores(self, frozen):
        @settings(max_examples=40, deadline=None)
        @given(hosts, st.integers(1, 65535), text, text, text, st.one_of(st.just(""), text), regions, moments)
        def same(host, port, user, key, secret, session, region, moment):
            credentials = Credentials(access_key_id=key, secret_access_key=secret, session_token=session, region=region)
            frozen[0] = moment.replace(tzinfo=UTC)
            ours = database_token(host=host, port=port, user=user, credentials=credentials, at=frozen[0])
            assert ours == by_botocore(host, port, user, credentials)

        same()

    @pytest.mark.parametrize("different", ["secret", "moment", "user"])
    def test_covers_all_that_it_says(self, different):
        at = datetime(2026, 1, 1, tzinfo=UTC)
        given = {"host": "db.example.com", "port": 5432, "user": "a", "credentials": CREDENTIALS, "at": at}
        other = {
            "secret": {
                "credentials": Credentials(
                    access_key_id="AKIA", secret_access_key="x", session_token="t/+=", region="eu-west-1"
                )
            },
            "moment": {"at": at + timedelta(seconds=1)},
            "user": {"user": "b"},
        }[different]
        signature = database_token(**given).partition("X-Amz-Signature=")[2]
        assert database_token(**(given | other)).partition("X-Amz-Signature=")[2] != signature


def post_by_botocore(host, headers, body, credentials):
    request = botocore.awsrequest.AWSRequest("POST", f"https://{host}/", dict(headers), body)
    keys = botocore.credentials.Credentials(
        credentials.access_key_id, credentials.secret_access_key, credentials.session_token or None
    )
    botocore.auth.SigV4Auth(keys, "secretsmanager", credentials.region).add_auth(request)
    return {name.lower(): value for name, value in request.headers.items()}


class TestSignedPost:
    def test_is_botocores(self, frozen):
        @settings(max_examples=40, deadline=None)
        @given(hosts, text, st.binary(max_size=200), text, text, st.one_of(st.just(""), text), regions, moments)
        def same(host, target, body, key, secret, session, region, moment):
            credentials = Credentials(access_key_id=key, secret_access_key=secret, session_token=session, region=region)
            frozen[0] = moment.replace(tzinfo=UTC)
            headers = {"content-type": "application/x-amz-json-1.1", "x-amz-target": target}
            ours = signed_post(host, headers, body, service="secretsmanager", credentials=credentials, at=frozen[0])
            assert {**ours, "host": None} == post_by_botocore(host, headers, body, credentials) | {"host": None}

        same()

    def test_covers_the_body(self):
        at = datetime(2026, 1, 1, tzinfo=UTC)
        one, other = (
            signed_post("example.com", {}, body, service="s", credentials=CREDENTIALS, at=at)["authorization"]
            for body in (b"{}", b"[]")
        )
        assert one != other


class TestCredentials:
    def test_come_from_the_environment(self):
        environment = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_REGION": "eu-west-1"}
        assert Credentials.of_process(environment).session_token == ""
        with pytest.raises(NoCredentials, match="AWS_REGION"):
            Credentials.of_process({"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"})

    def test_are_not_shown(self):
        assert "s/+=" not in repr(CREDENTIALS)
        assert "t/+=" not in repr(CREDENTIALS)
