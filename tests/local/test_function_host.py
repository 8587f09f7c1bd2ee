"""What the function host does to an event on its way to a handler."""

import json
from datetime import UTC, datetime

from local.function_host import invoke
from local.lambda_context import Context
from local.template import UNFILLED
from tests.local import echo


def answered(event):
    status, body = invoke(f"{echo.__name__}.handler", event, Context.in_process("echo", timeout_seconds=5))
    assert status == 200
    return json.loads(body)["event"]


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
