"""CloudFormation's custom resource `Custom::Schema`: the deploy goes on when it succeeds, and back when it fails.

It always answers, whatever happens: CloudFormation would wait for one that died in silence. So everything that could
fail is imported and run inside the attempt, and a watchdog answers, and stops the work, when Lambda is about to end it.
"""

import _thread
import sys
import threading
import traceback
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from functions.migrations.answer import Answer

if TYPE_CHECKING:
    from collections.abc import Iterator

TO_ANSWER = 30.0  # seconds


class Outdated(Exception):
    """Another version of this function was to run than the one that did. Deploy again."""


def handler(event: dict[str, Any], context: Any) -> None:  # noqa: ANN401 (Lambda's)
    """Migrate on Create and Update; on Delete leave the data alone."""
    answer = Answer(event)
    try:
        with _watched(answer, context):
            applied = [] if event["RequestType"] == "Delete" else _migrated(event["ResourceProperties"], context)
    except BaseException as error:  # noqa: BLE001 (the deploy hears of whatever it is)
        traceback.print_exc(file=sys.stderr)
        answer.failed(f"{type(error).__name__}: {error}")
    else:
        answer.succeeded({"Applied": ", ".join(applied) or "nothing was missing"})


def _migrated(properties: dict[str, Any], context: Any) -> list[str]:  # noqa: ANN401 (Lambda's)
    """An alias moves a moment after CloudFormation believes so; then the version before would find nothing missing."""
    from freehold.database.migrations.deployment import bring_up_to_date  # noqa: PLC0415 (inside the attempt)

    if properties.get("Version", context.function_version) != context.function_version:
        raise Outdated(f"version {properties['Version']} was to run, and {context.function_version} did. Deploy again.")
    return bring_up_to_date(properties["Phase"])


@contextmanager
def _watched(answer: Answer, context: Any) -> "Iterator[None]":  # noqa: ANN401 (Lambda's)
    left = context.get_remaining_time_in_millis() / 1000 - TO_ANSWER
    watchdog = threading.Timer(left, _give_up, [answer, left, threading.current_thread()])
    watchdog.daemon = True
    watchdog.start()
    try:
        yield
    finally:
        watchdog.cancel()


def _give_up(answer: Answer, after: float, worker: threading.Thread) -> None:
    """Interrupted, psycopg cancels what it waits for, and the migration at work is rolled back."""
    answer.failed(f"not done after {after:.0f} s; the migration at work was rolled back")
    if worker is threading.main_thread():
        _thread.interrupt_main()
