"""The customer on the laptop: takes what is signed, refuses what is not, and tells of each in the log."""

import json
from datetime import UTC, datetime

import httpx
import pytest

from freehold.webhooks.signing import Secret, signed_headers
from local.customer import Customer
from local.errors import LocalError
from local.log_stream import LogStream
from local.ports import listen, port_of

SECRET, ANOTHER = Secret.new(), Secret.new()
BODY = json.dumps({"id": "e1", "type": "project.created", "data": {"name": "Apollo"}}).encode()


@pytest.fixture
def logs(tmp_path):
    return LogStream(tmp_path / "functions.log")


@pytest.fixture
def customer(logs):
    with Customer(logs) as customer:
        customer.secrets["/acme"] = SECRET.text
        yield customer


def post(customer, path="/acme", *, by=SECRET, body=BODY):
    headers = signed_headers("e1", at=datetime.now(UTC), body=BODY, by=[by])
    return httpx.post(f"{customer.url}{path}", content=body, headers=headers, trust_env=False).status_code


def logged(logs):
    return [json.loads(line) for line in logs.file.read_text().splitlines()]


class TestTake:
    def test_what_is_signed_is_kept_word_for_word(self, customer, logs):
        assert post(customer) == 204
        [webhook] = customer.webhooks
        assert (webhook.path, webhook.body, webhook.event["type"]) == ("/acme", BODY, "project.created")
        assert [(line["message"], line["verified"]) for line in logged(logs)] == [("project.created", True)]

    def test_what_another_secret_signed_is_refused_and_told(self, customer, logs):
        assert post(customer, by=ANOTHER) == 401
        assert customer.webhooks == []
        assert [line["verified"] for line in logged(logs)] == [False]

    def test_what_was_changed_on_its_way_is_refused(self, customer):
        assert post(customer, body=BODY.replace(b"Apollo", b"Forged")) == 401

    def test_without_a_secret_everything_is_taken_and_told_apart(self, customer, logs):
        assert post(customer, "/other", by=ANOTHER) == 204
        assert [line["verified"] for line in logged(logs)] == ["no secret known"]

    @pytest.mark.parametrize("body", [b"", b"[1]", b"\xff"])
    def test_what_is_no_event_is_told_as_such(self, customer, logs, body):
        assert post(customer, "/other", body=body) == 204
        assert [line["message"] for line in logged(logs)] == ["something that is no event"]


class TestWebhook:
    def test_is_of_whoever_has_the_secret(self, customer):
        post(customer)
        [webhook] = customer.webhooks
        assert webhook.is_signed_with(SECRET.text)
        assert not webhook.is_signed_with(ANOTHER.text)
        assert not webhook.with_body(BODY + b" ").is_signed_with(SECRET.text)


def test_a_port_that_is_taken_is_named_with_how_to_choose_another(logs):
    with listen() as taken, pytest.raises(LocalError, match="WEBHOOK_PORT"):
        Customer(logs, port=port_of(taken), choose="WEBHOOK_PORT=…")
