"""Stripe's events over EventBridge: the same inbox, by another way in."""

import importlib
import json
from typing import Any
from uuid import uuid4

import pytest

from tests.billing.stripe_events import event, post, stored, written

pytestmark = pytest.mark.usefixtures("stage")

SOURCE = "aws.partner/stripe.com/ed_test_61"


def envelope(told: object, **changes: Any) -> dict[str, Any]:
    """As EventBridge wraps it up."""
    return {
        "version": "0",
        "id": str(uuid4()),
        "detail-type": "customer.subscription.updated",
        "source": SOURCE,
        "account": "000000000000",
        "detail": told,
    } | changes


def taken(*messages: object) -> list[bool]:
    """Which of the messages the queue's function took."""
    records = [
        {
            "messageId": str(number),
            "receiptHandle": "r",
            "body": message if isinstance(message, str) else json.dumps(message),
            "attributes": {"ApproximateReceiveCount": "1"},
            "messageAttributes": {},
            "md5OfBody": "",
            "eventSource": "aws:sqs",
            "eventSourceARN": "arn:aws:sqs:eu-central-1:000000000000:stripe",
            "awsRegion": "eu-central-1",
        }
        for number, message in enumerate(messages)
    ]
    answer = importlib.import_module("functions.stripe_events.handler").handler({"Records": records}, None)
    failed = {each["itemIdentifier"] for each in answer["batchItemFailures"]}
    return [record["messageId"] not in failed for record in records]


class TestTake:
    def test_keeps_what_a_webhook_would_keep(self, superuser: str):
        told = event()
        assert taken(envelope(told)) == [True]
        customer = told["data"]["object"]["customer"]
        assert stored(superuser, told["id"]) == [(customer, "waiting", told["type"], "sub_1", "key-1")]

    def test_what_came_by_webhook_too_is_kept_once(self, superuser: str):
        first, other = event(), event()
        assert post(written(first)).status == 200
        assert taken(envelope(first), envelope(other), envelope(other)) == [True] * 3
        assert post(written(other)).status == 200
        assert [len(stored(superuser, told["id"])) for told in (first, other)] == [1, 1]

    def test_another_version_is_quarantined(self, superuser: str):
        told = event(api_version="2020-08-27")
        assert taken(envelope(told)) == [True]
        assert stored(superuser, told["id"])[0][1] == "quarantined"

    @pytest.mark.parametrize(
        "wrong",
        [
            envelope(event(livemode=True)),
            envelope(event(account="acct_of_another")),
            envelope(event(), source="aws.partner/example.com/ed"),
            envelope(event(), source="stripe.com"),
            envelope({}),
            envelope([1]),
            envelope(None),
            event(),
            "",
            "[" * 5000,
            json.dumps(envelope(event(data={"object": {"id": "x", "amount": 7}}))).replace("7}", "NaN}"),
        ],
        ids=range(11),
    )
    def test_anything_else_comes_again_and_holds_nothing_up(self, superuser: str, wrong: object):
        told = event()
        assert taken(wrong, envelope(told)) == [False, True]
        assert len(stored(superuser, told["id"])) == 1
