"""Of a batch, exactly the messages that failed come again."""

import json
import math
import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from freehold import clock
from freehold.database import Replay, TenantGone
from freehold.errors import Unavailable
from freehold.messaging.batch import BusMessage, consume

SECRET = "hunter2"


class Remaining:
    """Lambda's context, with so much time left."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    def get_remaining_time_in_millis(self) -> int:
        return int(self.seconds * 1000)


def envelope(**different: Any) -> dict[str, Any]:
    return {
        "id": str(uuid4()),
        "type": "project.created",
        "version": 1,
        "tenant_id": str(uuid4()),
        "subject_id": str(uuid4()),
        "occurred_at": "2026-01-15T09:30:00+00:00",
        "request_id": "a-request",
        "data": {"name": SECRET},
    } | different


def on_the_bus(**different: Any) -> str:
    return json.dumps({"version": "0", "source": "freehold", "detail": envelope(**different)})


def batch(*bodies: str) -> dict[str, Any]:
    return {
        "Records": [
            {
                "messageId": f"message-{number}",
                "body": body,
                "attributes": {"ApproximateReceiveCount": "2"},
                "eventSource": "aws:sqs",
            }
            for number, body in enumerate(bodies)
        ]
    }


def failed(*bodies: str, handle: Callable[[BusMessage], object], context: object = None) -> list[int]:
    """The numbers of those that come again."""
    answer = consume(batch(*bodies), context, handle, body=BusMessage)
    return [int(item["itemIdentifier"].removeprefix("message-")) for item in answer["batchItemFailures"]]


def raising(error: Exception, *, of: str) -> Callable[[BusMessage], None]:
    def handle(message: BusMessage) -> None:
        if message.detail.type == of:
            raise error

    return handle


@pytest.fixture(autouse=True)
def no_deadline(stage: None):
    yield
    clock.allow(math.inf)


class TestFailures:
    def test_none_failed(self):
        assert failed(on_the_bus(), on_the_bus(), handle=lambda _: None) == []

    def test_the_ones_that_raised(self):
        bodies = [on_the_bus(type=kind) for kind in ("bad", "good", "bad", "good")]
        assert failed(*bodies, handle=raising(ValueError("no"), of="bad")) == [0, 2]

    def test_all_of_them_without_raising_for_the_batch(self):
        assert failed(on_the_bus(type="bad"), handle=raising(Unavailable(), of="bad")) == [0]

    @pytest.mark.parametrize("done", [Replay(), TenantGone()])
    def test_what_was_done_before_or_is_of_nobody_is_done(self, done: Exception):
        assert failed(on_the_bus(type="bad"), handle=raising(done, of="bad")) == []
        assert failed(on_the_bus(type="bad"), handle=raising(KeyError(), of="bad")) == [0]

    @pytest.mark.parametrize("body", ["", "no json", "[]", "{}", '{"detail": 1}', '{"detail": {}}', "\ud800"])
    def test_what_nobody_can_read(self, body: str):
        handled: list[BusMessage] = []
        assert failed(body, on_the_bus(), handle=handled.append) == [0]
        assert len(handled) == 1


class TestTime:
    def test_each_message_has_what_is_left_for_it(self):
        left: list[float] = []
        failed(
            on_the_bus(),
            handle=lambda _: left.append(clock.deadline(math.inf) - time.monotonic()),
            context=Remaining(20),
        )
        assert 18 < left[0] <= 19

    def test_what_was_not_begun_comes_again(self):
        context = Remaining(60)
        handled: list[str] = []

        def handle(message: BusMessage) -> None:
            handled.append(message.detail.type)
            context.seconds -= 24

        bodies = [on_the_bus(type=kind) for kind in ("a", "b", "c", "d")]
        assert failed(*bodies, handle=handle, context=context) == [2, 3]
        assert handled == ["a", "b"]

    def test_the_first_is_begun_whatever_is_left(self):
        assert failed(on_the_bus(), on_the_bus(), handle=lambda _: None, context=Remaining(5)) == [1]


class TestLog:
    def test_one_line_for_each_says_whose_it_was(self, lines):
        body = on_the_bus()
        detail = json.loads(body)["detail"]
        failed(body, handle=lambda _: None)
        [line] = lines()
        assert (line["message"], line["outcome"], line["receives"]) == ("record", "done", 2)
        assert (line["request_id"], line["event_id"]) == ("a-request", detail["id"])
        assert (line["tenant_id"], line["event_type"]) == (detail["tenant_id"], "project.created")
        assert line["ms"] >= 0

    def test_nothing_is_carried_over_to_the_next(self, lines):
        failed(on_the_bus(), "unreadable", handle=lambda _: None)
        assert [("request_id" in line, line["outcome"]) for line in lines()] == [(True, "done"), (False, "unreadable")]

    def test_what_became_of_it(self, lines):
        handles = (raising(Replay(), of="x"), raising(TenantGone(), of="x"), raising(KeyError("x"), of="x"))
        for handle in handles:
            failed(on_the_bus(type="x"), handle=handle)
        failed(on_the_bus(), on_the_bus(), handle=lambda _: None, context=Remaining(5))
        outcomes = ["replayed", "tenant_gone", "failed", "done", "not_begun"]
        assert [line["outcome"] for line in lines()] == outcomes

    def test_what_nobody_can_read_is_not_shown(self, lines):
        failed(json.dumps({"detail": envelope(version=SECRET)}), f"{{{SECRET}", handle=lambda _: None)
        said = lines()
        assert [line["outcome"] for line in said] == ["unreadable", "unreadable"]
        assert SECRET not in json.dumps(said)
        assert "detail.version" in said[0]["why"]
