"""What CloudFormation hears from a custom resource, and how: one PUT to the address that it gave, once.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-responses.html
"""

import json
import time
from http.client import HTTPException
from threading import Lock
from typing import Any
from urllib.request import Request, urlopen

THE_SAME_ONE = "schema"
"""The physical id. If it changed, CloudFormation would take the old one for replaced and delete it."""
LONGEST = 1000  # bytes of a text, which JSON may double; the whole answer may have 4096
TRIES, PAUSE = 4, 2.0  # seconds
TIMEOUT = 4.0  # seconds


class Answer:
    """To one event. The first one counts."""

    def __init__(self, event: dict[str, Any]) -> None:
        self._event = event
        self._giving, self._given = Lock(), False

    def succeeded(self, data: dict[str, str]) -> None:
        """The deploy goes on; `data` are the resource's attributes."""
        self._give({"Status": "SUCCESS", "Data": {name: _cut(value) for name, value in data.items()}})

    def failed(self, reason: str) -> None:
        """The deploy stops and shows the reason."""
        self._give({"Status": "FAILED", "Reason": _cut(reason)})

    def _give(self, outcome: dict[str, Any]) -> None:
        """Whoever comes while it is being given waits: Lambda stops everything once the handler has returned."""
        repeated = {name: self._event[name] for name in ("StackId", "RequestId", "LogicalResourceId")}
        body = json.dumps({**outcome, **repeated, "PhysicalResourceId": THE_SAME_ONE}, ensure_ascii=False)
        with self._giving:
            if not self._given:
                _put(self._event["ResponseURL"], body.encode())
                self._given = True


def _cut(text: str) -> str:
    """On one line, without what JSON or CloudFormation could not show."""
    line = " ".join("".join(character if character.isprintable() else " " for character in text).split())
    return line.encode(errors="replace")[:LONGEST].decode(errors="ignore")


def _put(url: str, body: bytes) -> None:
    """S3 signed the address for a request without a content type."""
    request = Request(url, body, {"content-type": ""}, method="PUT")  # noqa: S310 (CloudFormation's address)
    for left in reversed(range(TRIES)):
        try:
            urlopen(request, timeout=TIMEOUT).close()  # noqa: S310 (likewise)
        except (OSError, HTTPException):
            if not left:
                raise
            time.sleep(PAUSE)
        else:
            return
