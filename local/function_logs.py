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
        for event in logs.filter_log_events(logGroupName=group)["events"]:
            if not event["message"].startswith(_PLATFORM_LINES):
                yield event["timestamp"], labelled(event["message"].rstrip(), short_name(name))


def _groups(emulator: Emulator) -> Iterator[tuple[str, str]]:
    """Each function's log group, where it has one by now."""
    target = aws.at(emulator.endpoint)
    logs: Any = aws.session().client("logs", **target)
    there = {group["logGroupName"] for group in logs.describe_log_groups()["logGroups"]}
    for function in aws.session().client("lambda", **target).list_functions()["Functions"]:
        name = function["FunctionName"]
        group = function.get("LoggingConfig", {}).get("LogGroup") or f"/aws/lambda/{name}"
        if group in there:
            yield name, group
