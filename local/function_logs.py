"""What functions that run as zips have printed, from the emulator's CloudWatch Logs."""

from collections.abc import Iterator
from typing import Any

from local import aws
from local.emulator import Emulator
from local.function_output import labelled, short_name

_PLATFORM_LINES = ("START RequestId:", "END RequestId:", "REPORT RequestId:")


def function_logs(emulator: Emulator) -> list[str]:
    """Every line of every function, oldest first; not those that Lambda itself writes."""
    return [line for _, line in sorted(_lines(emulator), key=lambda timed: timed[0])]


def _lines(emulator: Emulator) -> Iterator[tuple[int, str]]:
    logs: Any = aws.session().client("logs", **aws.at(emulator.endpoint))
    for name, group in _groups(emulator):
        for page in logs.get_paginator("filter_log_events").paginate(logGroupName=group):
            for event in page["events"]:
                if not event["message"].startswith(_PLATFORM_LINES):
                    yield event["timestamp"], labelled(event["message"].rstrip(), short_name(name))


def _groups(emulator: Emulator) -> Iterator[tuple[str, str]]:
    """Each function's log group, where it has one by now."""
    target = aws.at(emulator.endpoint)
    logs: Any = aws.session().client("logs", **target)
    functions: Any = aws.session().client("lambda", **target)
    there = {
        group["logGroupName"]
        for page in logs.get_paginator("describe_log_groups").paginate()
        for group in page["logGroups"]
    }
    for page in functions.get_paginator("list_functions").paginate():
        for function in page["Functions"]:
            name = function["FunctionName"]
            group = function.get("LoggingConfig", {}).get("LogGroup") or f"/aws/lambda/{name}"
            if group in there:
                yield name, group
