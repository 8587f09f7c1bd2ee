"""What CloudFormation hears from a custom resource, and how: one PUT to the address that it gave, once.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-responses.html
"""

import json
import time
from threading import Lock
from typing import Any
from urllib.request import Request, urlopen

THE_SAME_ONE = "schema"
"""The physical id. If it changed, CloudFormation would take the old one for replaced and delete it."""
LONGEST_REASON = 1000  # characters; the whole answer may have 4096 bytes
TRIES, PAUSE = 4, 2.0  # seconds
TIMEOUT = 4.0  # seconds


class Answer:
    """To one event. The first one counts."""

    def __init__(self, event: dict[str, Any]) -> None:
        self._event = event
        self._given = Lock()

    def succeeded(self, data: dict[str, str]) -> None:
        """The deploy goes on; `data` are the resource's attributes."""
        self._give({"Status": "SUCCESS", "Data": {name: value[:LONGEST_REASON] for name, value in data.items()}})

    def failed(self, reason: str) -> None:
        """The deploy stops and shows the reason."""
        self._give({"Status": "FAILED", "Reason": reason[:LONGEST_REASON]})

    def _give(self, outcome: dict[str, Any]) -> None:
        if self._given.acquire(blocking=False):
            repeated = {name: self._event[name] for name in ("StackId", "RequestId", "LogicalResourceId")}
            _put(
                self._event["ResponseURL"],
                json.dumps({**outcome, **repeated, "PhysicalResourceId": THE_SAME_ONE}).encode(),
            )


def _put(url: str, body: bytes) -> None:
    """S3 signed the address for a request without a content type."""
    request = Request(url, body, {"content-type": ""}, method="PUT")  # noqa: S310 (CloudFormation's address)
    for left in reversed(range(TRIES)):
        try:
            urlopen(request, timeout=TIMEOUT).close()  # noqa: S310 (likewise)
        except OSError:
            if not left:
                raise
            time.sleep(PAUSE)
        else:
            return
