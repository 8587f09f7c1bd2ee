"""CloudFormation's custom resource `Custom::Schema`: the deploy goes on when it succeeds, and back when it fails.

It always answers, whatever happens: CloudFormation would wait an hour for one that died in silence. So everything that
could fail is imported and run inside the attempt, and a watchdog answers when Lambda is about to end it.
"""

import sys
import traceback
from contextlib import contextmanager
from threading import Timer
from typing import TYPE_CHECKING, Any

from functions.migrations.answer import Answer

if TYPE_CHECKING:
    from collections.abc import Iterator

TO_ANSWER = 20.0  # seconds


def handler(event: dict[str, Any], context: Any) -> None:  # noqa: ANN401 (Lambda's)
    """Migrate on Create and Update; on Delete leave the data alone."""
    answer = Answer(event)
    try:
        with _watched(answer, context):
            applied = [] if event["RequestType"] == "Delete" else _migrated(event["ResourceProperties"])
    except BaseException as error:  # noqa: BLE001 (the deploy hears of whatever it is)
        traceback.print_exc(file=sys.stderr)
        answer.failed(f"{type(error).__name__}: {error}")
    else:
        answer.succeeded({"Applied": ", ".join(applied) or "nothing was missing"})


def _migrated(properties: dict[str, Any]) -> list[str]:
    from freehold.database.migrations.deployment import bring_up_to_date  # noqa: PLC0415 (inside the attempt)
    from functions.migrations.admin_secret import admin_password  # noqa: PLC0415 (likewise)

    return bring_up_to_date(properties["Phase"], admin_password=admin_password())


@contextmanager
def _watched(answer: Answer, context: Any) -> "Iterator[None]":  # noqa: ANN401 (Lambda's)
    left = context.get_remaining_time_in_millis() / 1000 - TO_ANSWER
    watchdog = Timer(left, answer.failed, [f"not done after {left:.0f} s: Lambda ends it, and the migration at work"])
    watchdog.daemon = True
    watchdog.start()
    try:
        yield
    finally:
        watchdog.cancel()
