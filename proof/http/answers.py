"""When two answers are the same: byte for byte, but for the ids of the requests and the ids that were asked for.

And but for the moment at which the address of a file was signed.
"""

import json
import re
from collections.abc import Collection
from typing import Any

from local.gateway import Answer

REQUEST_ID = "x-request-id"
SIGNATURE = "X-Amz-Signature="
SIGNED = re.compile(r'X-Amz-Date=\w+|X-Amz-Signature=\w+|"expires_at":"[^"]+"')

type Normal = tuple[int, tuple[tuple[str, str], ...], str]


def normal(answer: Answer, asked: Collection[str] = ()) -> Normal:
    """The answer with each request id as `<request>` and each asked id as `<asked>`; nothing else is forgiven."""

    def neutral(text: str) -> str:
        for known, name in ((answer.headers.get(REQUEST_ID, ""), "<request>"), *((part, "<asked>") for part in asked)):
            text = text.replace(known, name) if known else text
        return SIGNED.sub("<moment>", text) if SIGNATURE in text else text

    headers = tuple(sorted((name, neutral(value)) for name, value in answer.headers.items()))
    return answer.status, headers, neutral(answer.body)


def difference(one: Normal, other: Normal) -> str:
    """Where two answers differ, in words; nothing where they do not."""
    if one[0] != other[0]:
        return f"status {one[0]} and {other[0]}"
    if one[1] != other[1]:
        return f"headers {sorted(set(one[1]) ^ set(other[1]))}"
    return "" if one[2] == other[2] else f"bodies {shortened(one[2])} and {shortened(other[2])}"


def without(answer: Normal, names: Collection[str]) -> Normal:
    """The answer without these fields of its JSON object, and without its length; where it is none, as it is."""
    status, headers, body = answer
    try:
        found = json.loads(body)
    except ValueError:
        return answer
    if not isinstance(found, dict):
        return answer
    headers = tuple(header for header in headers if header[0] != "content-length")
    return status, headers, json.dumps({name: value for name, value in found.items() if name not in names})


def fields(answer: Answer) -> dict[str, Any]:
    """What its JSON object says; nothing where it is none: an empty answer, a list, a table for a spreadsheet."""
    try:
        found = json.loads(answer.body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def shortened(text: str, longest: int = 200) -> str:
    """Enough of a text to know it again."""
    return text if len(text) <= longest else f"{text[:longest]}…"
