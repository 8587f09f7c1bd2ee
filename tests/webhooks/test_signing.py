"""Secrets, and what is signed with them. What stock verifiers make of it: tests/conformance/test_webhooks.py."""

import base64
from datetime import UTC, datetime

import pytest

from freehold.webhooks.signing import Secret, SecretRefused, signed_headers

AT = datetime(2023, 1, 19, 0, 13, 51, 999_999, tzinfo=UTC)


def written(key: bytes) -> str:
    return f"whsec_{base64.b64encode(key).decode()}"


class TestSecret:
    def test_is_new_each_time(self):
        assert Secret.new() != Secret.new()

    @pytest.mark.parametrize("length", [24, 25, 26, 32, 64])
    def test_reads_as_it_was_written(self, length):
        text = written(bytes(range(length)))
        assert Secret.read(text).text == text

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "whsec_",
            written(b"x" * 23),
            written(b"x" * 65),
            written(b"x" * 24).removeprefix("whsec_"),
            written(b"x" * 25).rstrip("="),
            written(b"x" * 24) + "\n",
            " " + written(b"x" * 24),
            written(b"\xfb" * 24).replace("+", "-"),
            "whsec_" + "é" * 32,
            written(b"x" * 25)[:-3] + "B==",
        ],
    )
    def test_that_is_none_is_refused(self, text):
        with pytest.raises(SecretRefused, match="24 to 64 bytes in base64"):
            Secret.read(text)

    def test_stays_out_of_logs(self):
        secret = Secret.new()
        assert repr(secret) == "Secret()"
        assert secret.text[6:40] not in secret.hint

    def test_is_recognised_by_its_hint(self):
        assert Secret.read(written(b"x" * 24)).hint == "…eHh4"


class TestSignedHeaders:
    def test_have_the_whole_second_and_one_signature_for_each_secret(self):
        headers = signed_headers("evt_1", at=AT, body=b"{}", by=[Secret(b"a" * 24), Secret(b"b" * 24)])
        assert headers["webhook-id"] == "evt_1"
        assert headers["webhook-timestamp"] == "1674087231"
        assert [signature[:3] for signature in headers["webhook-signature"].split(" ")] == ["v1,", "v1,"]

    def test_differ_with_each_part(self):
        def signature(message_id: str = "evt_1", at: datetime = AT, body: bytes = b"{}", key: bytes = b"a" * 24):
            return signed_headers(message_id, at=at, body=body, by=[Secret(key)])["webhook-signature"]

        others = [
            signature("evt_2"),
            signature(at=AT.replace(second=52)),
            signature(body=b"{ }"),
            signature(key=b"b" * 24),
        ]
        assert len({signature(), *others}) == 5

    @pytest.mark.parametrize("message_id", ["", "a.b", "a\r\nb", "a b", "a" * 65])
    def test_have_an_id_that_cannot_be_taken_for_more(self, message_id):
        with pytest.raises(ValueError, match="id without dots"):
            signed_headers(message_id, at=AT, body=b"{}", by=[Secret.new()])

    def test_are_never_without_a_signature(self):
        with pytest.raises(ValueError, match="at least one secret"):
            signed_headers("evt_1", at=AT, body=b"{}", by=[])
