"""CloudFormation's custom resource `Custom::Schema`: the deploy goes on when it succeeds, and back when it fails.

It always answers, whatever happens: CloudFormation would wait for one that died in silence. So everything that could
fail is imported and run inside the attempt, and a watchdog answers, and stops the work, when Lambda is about to end it.
A person may ask the same function (`questions.py`).
"""

import sys
import traceback
from typing import Any

from functions.migrations.answer import Answer
from functions.migrations.questions import answered
from functions.migrations.watchdog import watched


class Outdated(Exception):
    """Another version of this function was to run than the one that did. Deploy again."""


def handler(event: dict[str, Any], context: Any) -> dict[str, Any] | None:  # noqa: ANN401 (Lambda's)
    """Migrate on Create and Update; on Delete leave the data alone."""
    if "ask" in event:
        return answered(event, context)
    answer = Answer(event)
    try:
        with watched(context, answer.failed):
            applied = [] if event["RequestType"] == "Delete" else _migrated(event["ResourceProperties"], context)
    except BaseException as error:  # noqa: BLE001 (the deploy hears of whatever it is)
        traceback.print_exc(file=sys.stderr)
        answer.failed(f"{type(error).__name__}: {error}")
    else:
        answer.succeeded({"Applied": ", ".join(applied) or "nothing was missing"})
    return None


def _migrated(properties: dict[str, Any], context: Any) -> list[str]:  # noqa: ANN401 (Lambda's)
    """An alias moves a moment after CloudFormation believes so; then the version before would find nothing missing."""
    from functions.migrations.steps import migrated  # noqa: PLC0415 (inside the attempt)

    if properties.get("Version", context.function_version) != context.function_version:
        raise Outdated(f"version {properties['Version']} was to run, and {context.function_version} did. Deploy again.")
    return migrated(properties["Phase"])
