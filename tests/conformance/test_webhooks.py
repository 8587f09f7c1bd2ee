"""What we sign is what the verifiers that customers install believe, and nothing else."""

import json
from datetime import datetime, timedelta

import pytest
import standardwebhooks
import svix.webhooks

from freehold.clock import now
from freehold.webhooks.signing import Secret, signed_headers

BODY = json.dumps({"type": "project.created", "data": {"name": "Büro … 漢字 \U0001f30d"}}, ensure_ascii=False).encode()
EMPTY, NUMBERS = b"{}", b'{"a": 1.0}'
ID = "019a9e1c-5a75-7c3e-8b0a-0a4e6f1f2d3c"

NEW, OLD = Secret.new(), Secret.new()

pytestmark = pytest.mark.parametrize("library", [standardwebhooks, svix.webhooks], ids=["standardwebhooks", "svix"])


def signed(*by: Secret, at: datetime | None = None, body: bytes = BODY) -> dict[str, str]:
    return signed_headers(ID, at=at or now(), body=body, by=by)


class TestSignature:
    @pytest.mark.parametrize("body", [BODY, EMPTY, NUMBERS], ids=["text", "empty", "numbers"])
    def test_is_believed(self, library, body):
        library.Webhook(NEW.text).verify(body, signed(NEW, body=body))

    def test_is_believed_with_headers_as_http_2_writes_them_and_as_others_do(self, library):
        headers = signed(NEW)
        library.Webhook(NEW.text).verify(BODY, {name.title(): value for name, value in headers.items()})
        library.Webhook(NEW.text).verify(BODY, {name.upper(): value for name, value in headers.items()})

    def test_is_the_one_that_the_library_makes(self, library):
        at = now()
        assert signed(NEW, at=at)["webhook-signature"] == library.Webhook(NEW.text).sign(ID, at, BODY.decode())

    @pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp", "webhook-signature"])
    def test_is_not_believed_without_one_header(self, library, name):
        headers = signed(NEW)
        del headers[name]
        with pytest.raises(library.WebhookVerificationError):
            library.Webhook(NEW.text).verify(BODY, headers)

    def test_is_not_believed_for_another_body(self, library):
        with pytest.raises(library.WebhookVerificationError):
            library.Webhook(NEW.text).verify(BODY + b" ", signed(NEW))

    def test_is_not_believed_for_another_id(self, library):
        with pytest.raises(library.WebhookVerificationError):
            library.Webhook(NEW.text).verify(BODY, signed(NEW) | {"webhook-id": "another"})

    def test_is_not_believed_for_another_second(self, library):
        other = str(int(now().timestamp()) + 2)
        with pytest.raises(library.WebhookVerificationError):
            library.Webhook(NEW.text).verify(BODY, signed(NEW) | {"webhook-timestamp": other})

    def test_is_not_believed_with_another_secret(self, library):
        with pytest.raises(library.WebhookVerificationError):
            library.Webhook(OLD.text).verify(BODY, signed(NEW))


class TestAge:
    def test_of_four_minutes_is_believed(self, library):
        library.Webhook(NEW.text).verify(BODY, signed(NEW, at=now() - timedelta(minutes=4)))

    @pytest.mark.parametrize("minutes", [-6, 6, 60])
    def test_of_more_than_five_is_not(self, library, minutes):
        """So each attempt is signed anew: an old signature in a retry would be refused."""
        with pytest.raises(library.WebhookVerificationError):
            library.Webhook(NEW.text).verify(BODY, signed(NEW, at=now() - timedelta(minutes=minutes)))

    def test_of_a_retry_is_its_own_while_the_id_stays(self, library):
        first, retry = signed(NEW, at=now() - timedelta(hours=1)), signed(NEW)
        assert first["webhook-id"] == retry["webhook-id"]
        library.Webhook(NEW.text).verify(BODY, retry)


class TestRotation:
    @pytest.mark.parametrize("kept", [OLD, NEW], ids=["old", "new"])
    def test_is_believed_by_who_has_either_secret(self, library, kept):
        library.Webhook(kept.text).verify(BODY, signed(NEW, OLD))

    def test_is_not_believed_by_who_has_neither(self, library):
        with pytest.raises(library.WebhookVerificationError):
            library.Webhook(Secret.new().text).verify(BODY, signed(NEW, OLD))

    def test_ends_what_the_old_secret_believes(self, library):
        with pytest.raises(library.WebhookVerificationError):
            library.Webhook(OLD.text).verify(BODY, signed(NEW))


class TestSecret:
    @pytest.mark.parametrize("length", [24, 25, 31, 32, 64])
    def test_of_each_length_is_understood(self, library, length):
        secret = Secret(bytes(range(length)))
        library.Webhook(secret.text).verify(BODY, signed(secret))

    def test_is_understood_without_its_prefix_and_as_bytes(self, library):
        library.Webhook(NEW.text.removeprefix("whsec_")).verify(BODY, signed(NEW))
        library.Webhook(NEW.key).verify(BODY, signed(NEW))

    def test_of_characters_that_urls_write_otherwise_is_understood(self, library):
        secret = Secret(b"\xfb\xff\xbe" * 8)
        assert "+" in secret.text
        assert "/" in secret.text
        library.Webhook(secret.text).verify(BODY, signed(secret))
