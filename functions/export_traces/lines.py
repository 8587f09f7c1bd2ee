"""Lines of a log as CloudWatch hands them over: base64 of gzip of JSON.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html
"""

import base64
import gzip
import json
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Line:
    """A line, and its id in CloudWatch: the same however often it is handed over."""

    id: str
    said: dict[str, Any]


def lines_of(event: dict[str, Any]) -> list[Line]:
    """Of one call. CloudWatch also calls to see whether anybody is there, and Lambda's own lines are none of ours."""
    handed = json.loads(gzip.decompress(base64.b64decode(event["awslogs"]["data"])))
    if handed["messageType"] != "DATA_MESSAGE":
        return []
    return [Line(each["id"], said) for each in handed["logEvents"] if (said := _read(each["message"]))]


def _read(message: str) -> dict[str, Any]:
    try:
        said = json.loads(message)
    except ValueError:
        return {}
    return said if isinstance(said, dict) and isinstance(said.get("level"), str) else {}
