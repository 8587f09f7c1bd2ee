"""What a person asks this function, with `freehold migrate --stage …`, and how it answers.

{"ask": "plan", "phase": "pre"}        {"missing": [{"name": "product/0002_…", "steps": ["build the index"]}]}
{"ask": "migrate", "phase": "pre"}     {"applied": ["product/0002_…"]}
what cannot be done                    {"error": "a sentence"}
"""

import sys
import traceback
from typing import Any

from functions.migrations.watchdog import watched


def answered(event: dict[str, Any], context: Any) -> dict[str, Any]:  # noqa: ANN401 (Lambda's)
    """Always an answer: Lambda's own for an exception would hide the sentence in a traceback."""
    late: list[str] = []
    try:
        with watched(context, late.append):
            return _answer(event)
    except BaseException as error:  # noqa: BLE001 (whoever asks hears of whatever it is)
        traceback.print_exc(file=sys.stderr)
        return {"error": late[0] if late else f"{type(error).__name__}: {error}"}


def _answer(event: dict[str, Any]) -> dict[str, Any]:
    from freehold.database.migrations import deployment  # noqa: PLC0415 (inside the attempt)
    from functions.migrations.steps import migrated  # noqa: PLC0415 (likewise)

    match event:
        case {"ask": "plan", "phase": phase}:
            found = deployment.outlook(phase)
            return {"missing": [{"name": m.migration.name, "steps": [s.title for s in m.steps]} for m in found]}
        case {"ask": "migrate", "phase": phase}:
            return {"applied": migrated(phase)}
        case _:
            return {"error": f"{event!r} is no question: ask for plan or migrate, and name a phase."}
