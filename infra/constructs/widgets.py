"""What stands on a dashboard, as data, and the JSON that CloudWatch draws it from.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from aws_cdk import Stack
from aws_cdk.aws_cloudwatch import CfnDashboard
from constructs import Construct

from infra.metrics import NAMESPACE, known

WIDTH = 24
"""Columns that CloudWatch divides a dashboard into."""

type Properties = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One metric."""

    namespace: str
    name: str
    label: str
    dimensions: Mapping[str, str] = field(default_factory=dict)
    statistic: str = ""
    id: str = ""
    """By which a formula knows it; a line that has one is drawn by its formula alone."""

    def drawn(self) -> list[Any]:
        """As CloudWatch wants it. Raises LookupError for a metric that infra/metrics.py does not know."""
        given = [part for pair in self.dimensions.items() for part in pair]
        options = {"label": self.label} | ({"id": self.id, "visible": False} if self.id else {})
        statistic = self.statistic or known(self.namespace, self.name, *self.dimensions).statistic
        return [self.namespace, self.name, *given, options | {"stat": statistic}]


def of_api(api_id: str, name: str, label: str = "", **different: str) -> Line:
    """One of API Gateway's, of the whole API."""
    return Line(namespace="AWS/ApiGateway", name=name, dimensions={"ApiId": api_id}, label=label, **different)


@dataclass(frozen=True, slots=True, kw_only=True)
class Formula:
    """What is calculated of lines that have an id, or searched for."""

    expression: str
    label: str

    def drawn(self) -> list[Any]:
        """As CloudWatch wants it."""
        return [{"expression": self.expression, "label": self.label}]


@dataclass(frozen=True, slots=True, kw_only=True)
class Graph:
    """Lines over time; with `sums_up`, one number for the whole time that the dashboard shows."""

    title: str
    lines: Sequence[Line | Formula]
    limits: Mapping[str, float] = field(default_factory=dict)
    sums_up: bool = False
    width: int = 8
    height: int = 6

    def drawn(self, region: str) -> Properties:
        """Its type and properties."""
        properties: Properties = {
            "title": self.title,
            "region": region,
            "view": "singleValue" if self.sums_up else "timeSeries",
            "metrics": [line.drawn() for line in self.lines],
            "period": 60,
        }
        if self.sums_up:
            properties["setPeriodToTimeRange"] = True
        if self.limits:
            limits = [{"label": label, "value": value} for label, value in self.limits.items()]
            properties["annotations"] = {"horizontal": limits}
        return {"type": "metric", "properties": properties}


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Text, in Markdown."""

    markdown: str
    width: int = 8
    height: int = 6

    def drawn(self, _region: str) -> Properties:
        """Its type and properties."""
        return {"type": "text", "properties": {"markdown": self.markdown}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarms:
    """How alarms stand, by their names."""

    title: str
    arns: Sequence[str]
    width: int = 8
    height: int = 6

    def drawn(self, _region: str) -> Properties:
        """Its type and properties."""
        return {"type": "alarm", "properties": {"title": self.title, "alarms": [*self.arns]}}


type Widget = Graph | Words | Alarms
type Row = Sequence[Widget]


def dashboard(
    scope: Construct, identifier: str, *, name: str, rows: Iterable[Row], since: Literal["-PT6H", "-P28D"]
) -> None:
    """Draw it. Three of an account cost nothing."""
    stack = Stack.of(scope)
    body = {"start": since, "periodOverride": "inherit", "widgets": [*_placed(rows, stack.region)]}
    CfnDashboard(scope, identifier, dashboard_name=name, dashboard_body=stack.to_json_string(body))


def own(stage_name: str, metric: str, label: str, statistic: str) -> Line:
    """A metric that a filter makes of log lines, in the name of a stage."""
    return Line(namespace=NAMESPACE, name=f"{stage_name}-{metric}", label=label, statistic=statistic)


def _placed(rows: Iterable[Row], region: str) -> Iterable[Properties]:
    """Row under row; what a row holds stands side by side."""
    y = 0
    for row in rows:
        x = 0
        for widget in row:
            place = {"x": x, "y": y, "width": widget.width, "height": widget.height}
            yield widget.drawn(region) | place
            x += widget.width
        if x > WIDTH:
            raise ValueError(f"A row of a dashboard is {x} columns wide, and CloudWatch has {WIDTH}.")
        y += max(widget.height for widget in row)
