"""CloudWatch, as far as our alarms use it: metric math at one moment, and what an alarm makes of a series.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html, alarm-evaluation.html
"""

import ast
import operator
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.infra.templates import of_type, text

type Value = float | None

ARITHMETIC: Mapping[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.GtE: operator.ge,
}
FUNCTIONS = ("IF", "FILL")
MOST_METRICS = 10
MOST_SECONDS = 24 * 60 * 60


@dataclass(frozen=True)
class Minute:
    """What came in a minute: answers by whether they failed and whether they took longer than 200 ms."""

    requests: int = 0
    faults: int = 0
    slow: int = 0
    p95: float = 50


def compute(expression: str, known: Mapping[str, Value]) -> Value:
    """One point. What is not there makes whatever is calculated of it not there, but for FILL."""
    return _compute(ast.parse(expression, mode="eval").body, known)


def _compute(node: ast.AST, known: Mapping[str, Value]) -> Value:
    match node:
        case ast.Constant(value=value):
            return value
        case ast.Name(id=name):
            return known[name]
        case ast.BinOp(left=left, op=op, right=right) | ast.Compare(left=left, ops=[op], comparators=[right]):
            sides = (_compute(left, known), _compute(right, known))
            if None in sides or (isinstance(op, ast.Div) and not sides[1]):
                return None
            return ARITHMETIC[type(op)](*sides)
        case ast.Call(func=ast.Name(id="FILL"), args=[what, other]):
            found = _compute(what, known)
            return _compute(other, known) if found is None else found
        case ast.Call(func=ast.Name(id="IF"), args=[condition, then, other]):
            holds = _compute(condition, known)
            return None if holds is None else _compute(then if holds else other, known)
    raise AssertionError(f"no such thing in metric math that we use: {ast.dump(node)}")


def ids_in(expression: str) -> set[str]:
    """What an expression refers to, but for functions."""
    return {node.id for node in ast.walk(ast.parse(expression)) if isinstance(node, ast.Name)} - set(FUNCTIONS)


def measured(metric: str, statistic: str, minutes: Sequence[Minute]) -> Value:
    """Of the API over these minutes; a metric that nobody reported is not there."""
    requests, faults = sum(each.requests for each in minutes), sum(each.faults for each in minutes)
    match metric, statistic:
        case "Count", "Sum":
            return requests or None
        case "5xx", "Sum":
            return faults or None
        case "Latency", "PR(:200)":
            return 100 * (1 - sum(each.slow for each in minutes) / requests) if requests else None
        case "Latency", "p95":
            return max(each.p95 for each in minutes if each.requests) if requests else None
    raise AssertionError(f"the API has no {metric} {statistic}")


def rings(alarm: Mapping[str, Any], series: Sequence[Minute]) -> bool:
    """Whether an alarm of metric math is on at the end of the series; each period ends where the next one begins."""
    needed = alarm.get("DatapointsToAlarm", alarm["EvaluationPeriods"])
    return sum(_breaching(alarm, series, number) for number in range(alarm["EvaluationPeriods"])) >= needed


def _breaching(alarm: Mapping[str, Any], series: Sequence[Minute], number: int) -> bool:
    assert alarm["ComparisonOperator"] == "GreaterThanOrEqualToThreshold"
    assert alarm["TreatMissingData"] == "notBreaching"
    stats = [each for each in alarm["Metrics"] if "MetricStat" in each]
    [expression] = [each["Expression"] for each in alarm["Metrics"] if "Expression" in each]
    known = {}
    for each in stats:
        minutes = each["MetricStat"]["Period"] // 60
        end = len(series) - number * minutes
        window = series[max(0, end - minutes) : max(0, end)]
        known[each["Id"]] = measured(each["MetricStat"]["Metric"]["MetricName"], each["MetricStat"]["Stat"], window)
    value = compute(expression, known)
    return value is not None and value >= alarm["Threshold"]


def composites(template: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """The alarms that a composite one asks to be on together, by its name."""
    alarms = of_type(template, "AWS::CloudWatch::Alarm")
    found = {}
    for composite in of_type(template, "AWS::CloudWatch::CompositeAlarm").values():
        rule = text(composite["AlarmRule"])
        legs = [alarms[name] for name in re.findall(r'\["(\w+)", "Arn"\]', rule)]
        assert rule.count("ALARM(") == len(legs) == rule.count(" AND ") + 1
        found[composite["AlarmName"].split("-", 2)[2]] = legs
    return found


def ringing(template: Mapping[str, Any], series: Sequence[Minute]) -> set[str]:
    """The composite alarms that are on at the end of the series."""
    return {name for name, legs in composites(template).items() if all(rings(leg, series) for leg in legs)}


def wrong(alarm: Mapping[str, Any]) -> Iterator[str]:
    """What CloudWatch would refuse, or never evaluate, of an alarm of metric math."""
    stats = {each["Id"]: each["MetricStat"] for each in alarm["Metrics"] if "MetricStat" in each}
    returned = [each for each in alarm["Metrics"] if each.get("ReturnData", True)]
    if len(returned) != 1 or "Expression" not in returned[0]:
        yield "it returns another number of series than one expression"
    for each in alarm["Metrics"]:
        if "Expression" in each and (lacks := ids_in(each["Expression"]) ^ stats.keys()):
            yield f"{', '.join(sorted(lacks))}: not both defined and used"
    if len(stats) > MOST_METRICS:
        yield f"it asks for {len(stats)} metrics"
    if len({stat["Period"] for stat in stats.values()}) > 1:
        yield "its metrics have different periods"
    if any(stat["Period"] * alarm["EvaluationPeriods"] > MOST_SECONDS for stat in stats.values()):
        yield "it looks back further than a day"
    if not all(re.fullmatch(r"[a-z]\w*", each["Id"]) for each in alarm["Metrics"]):
        yield "an id does not begin with a small letter"
