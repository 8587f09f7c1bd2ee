"""What the function host does to an event on its way to a handler."""

import json
import math
from datetime import UTC, datetime

from freehold import clock
from local.function_host import invoke
from local.lambda_context import Context
from local.template import UNFILLED
from tests.local import echo


def answered(event):
    status, body = invoke(f"{echo.__name__}.handler", event, Context.in_process("echo", timeout_seconds=5))
    assert status == 200
    return json.loads(body)["event"]


class TestContext:
    def test_is_an_invocations_own(self):
        """Else whoever the clock calls has the deadline of the request that its thread answered before."""
        named = f"{__name__}.in_a_hurry"
        for _ in range(2):
            status, left = invoke(named, {}, Context.in_process("hurry", timeout_seconds=5))
            assert (status, json.loads(left)) == (200, "inf")
        in_a_hurry({}, None)
        assert in_a_hurry({}, None) != "inf", "the control: in one context the deadline stays"
        clock.answer_by.set(math.inf)


def in_a_hurry(_event: object, _context: object) -> str:
    """What is left, before this sets a deadline."""
    left = str(clock.seconds_left())
    clock.allow(1)
    return left


class TestClock:
    def test_a_call_by_it_says_when(self):
        """The emulator leaves that to whoever reads it."""
        before = datetime.now(UTC)
        assert before <= datetime.fromisoformat(answered({"scheduled_at": UNFILLED})["scheduled_at"])

    def test_what_it_says_stays(self):
        event = {"scheduled_at": "2026-01-15T09:00:00Z"}
        assert answered(event) == event

    def test_other_events_stay_as_they_are(self):
        assert answered({"Records": []}) == {"Records": []}
