"""Whoever is woken finds the alarm's sentence in the runbook, with what to type; and each alarm can ring."""

import re

import pytest

from infra.constructs.queues import JOB_CLASSES
from infra.metrics import NAMESPACE, known
from infra.slos import BEGUN
from tests.infra.conftest import ROOT
from tests.infra.templates import of_type, text

PAGE = ROOT / "docs" / "runbooks" / "alarms.md"
ROW = re.compile(r"^\| `(?P<sentence>[^`]+)` \| (?P<means>[^|]+) \| (?P<command>[^|]*`[^|]+) \|$")
SAID = re.compile(r"(?P<sentence>.+) docs/runbooks/alarms\.md#(?P<section>[a-z-]+)")
VARIABLE = {
    "FUNCTION": r"\w+",
    "QUEUE": r"[\w-]+",
    "OBJECTIVE": r"\w+",
    "TIMES": r"[\d.]+",
    "HOURS": r"\d+",
    "NUMBER": r"\d",
}
LAUNCH_PAYS_FOR = 44
"""Metrics of alarms at launch, a tenth of a dollar a month each. One more needs one less, or a reason here."""


def explained():
    """What each row of the page is about, with the section that it stands in."""
    rows, section = [], ""
    for line in PAGE.read_text().splitlines():
        if line.startswith("## "):
            section = line.removeprefix("## ").lower().replace(" ", "-")
        if match := ROW.match(line):
            rows.append((section, pattern(match["sentence"])))
    return rows


def pattern(sentence):
    escaped = re.escape(sentence)
    for word, meaning in VARIABLE.items():
        escaped = escaped.replace(word, meaning)
    return escaped


def alarms(templates):
    return {
        (stack, name): found
        for stack, template in templates.items()
        for kind in ("AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm")
        for name, found in of_type(template, kind).items()
    }


def said(found):
    """The section and the sentence of an alarm; nothing of one that leads nowhere."""
    match = SAID.fullmatch(found.get("AlarmDescription", ""))
    return match and (match["section"], match["sentence"])


def unexplained(templates, rows):
    """Alarms that end with no place in the runbook where their sentence stands."""
    return {
        name
        for name, found in alarms(templates).items()
        if not (says := said(found))
        or not any(section == says[0] and re.fullmatch(row, says[1]) for section, row in rows)
    }


def measures(alarm):
    """Namespace, name, dimensions of each metric that it asks for."""
    stats = [each["MetricStat"]["Metric"] for each in alarm.get("Metrics", []) if "MetricStat" in each]
    for stat in stats or [alarm]:
        yield stat["Namespace"], stat["MetricName"], [each["Name"] for each in stat.get("Dimensions", [])]


def filtered(templates):
    """The metrics that filters make of log lines."""
    return {
        each["MetricTransformations"][0]["MetricName"]
        for template in templates.values()
        for each in of_type(template, "AWS::Logs::MetricFilter").values()
    }


def silent(templates):
    """Alarms on a metric that nobody reports."""
    ours = filtered(templates)
    return {
        key
        for key, found in alarms(templates).items()
        if "AlarmRule" not in found
        for namespace, name, dimensions in measures(found)
        if not (namespace == NAMESPACE and name in ours) and not is_known(namespace, name, dimensions)
    }


def is_known(namespace, name, dimensions):
    try:
        return bool(known(namespace, name, *dimensions))
    except LookupError:
        return False


class TestRunbook:
    def test_has_a_row_for_each_alarm_of_every_stage_where_the_alarm_says(self, stacks):
        assert unexplained(stacks, explained()) == set()

    def test_has_a_row_for_no_other(self, dial):
        every = "".join(dial.values())
        sentences = {match["sentence"] for match in SAID.finditer(every.replace('"', "\n"))}
        sentences = {each.strip() for each in sentences}
        assert [row for _, row in explained() if not any(re.fullmatch(row, each) for each in sentences)] == []

    def test_that_lacks_a_row_would_be_found(self, templates):
        [lacks, *rows] = explained()
        found = unexplained(templates, rows)
        assert found
        assert all(re.fullmatch(lacks[1], said(alarms(templates)[name])[1]) for name in found)

    @pytest.mark.parametrize("broken", ["", "Something happened.", "Something. docs/runbooks/alarms.md#nowhere"])
    def test_that_an_alarm_does_not_lead_to_would_be_found(self, stacks, stage, broken):
        if stage.watch.wakes:
            [key, found] = next(iter(alarms(stacks).items()))
            found["AlarmDescription"] = broken
            assert unexplained(stacks, explained()) == {key}


class TestMetrics:
    def test_of_alarms_are_reported_by_somebody(self, stacks):
        assert silent(stacks) == set()

    @pytest.mark.parametrize("planted", ["Count5xx", "dimension", "filter"])
    def test_that_nobody_reports_would_be_found(self, stacks, stage, planted):
        if not stage.watch.wakes:
            return
        if planted == "filter":
            [(name, _), *_] = of_type(stacks["workers"], "AWS::Logs::MetricFilter").items()
            metric = stacks["workers"]["Resources"][name]["Properties"]["MetricTransformations"][0]
            gone, metric["MetricName"] = metric["MetricName"], "elsewhere"
            assert silent(stacks) or gone in filtered(stacks), "another function says it too"
            return
        [(key, found)] = [(k, each) for k, each in alarms(stacks).items() if each.get("MetricName") == "Throttles"]
        found |= {"MetricName": planted} if planted == "Count5xx" else {"Dimensions": [{"Name": "ApiId", "Value": "x"}]}
        assert silent(stacks) == {key}

    def test_say_where_they_are_documented(self):
        from infra.metrics import KNOWN  # noqa: PLC0415

        assert all(each.source.startswith(("https://docs.aws.amazon.com/", "layers/", "infra/")) for each in KNOWN)
        assert len({(each.namespace, each.name, each.dimensions) for each in KNOWN}) == len(KNOWN)


class TestWhoIsWoken:
    def test_nobody_where_the_stage_says_so(self, stacks, stage):
        """A metric of an alarm and one of a filter bill by the month."""
        assert bool(alarms(stacks)) is bool(filtered(stacks)) is ("monitoring" in stacks) is stage.watch.wakes
        topics = [name for template in stacks.values() for name in of_type(template, "AWS::SNS::Topic")]
        assert bool(topics) is stage.watch.wakes

    def test_by_as_few_alarms_at_launch_as_are_counted(self, templates):
        pays_for = sum(len(list(measures(each))) for each in alarms(templates).values() if "AlarmRule" not in each)
        assert pays_for <= LAUNCH_PAYS_FOR
        assert len(filtered(templates)) <= 11, "ten of ours are free, and they bill by the hours in which they count"

    def test_by_every_alarm_but_the_legs_of_a_composite_one(self, stacks):
        legs = {
            name
            for found in alarms(stacks).values()
            for name in re.findall(r'\["(\w+)", "Arn"\]', text(found.get("AlarmRule", "")))
        }
        quiet = {name for (_, name), found in alarms(stacks).items() if not found.get("AlarmActions")}
        assert quiet == legs


class TestJobs:
    def test_are_late_by_class_as_the_objectives_say(self, templates):
        patterns = [
            each["FilterPattern"]
            for each in of_type(templates["workers"], "AWS::Logs::MetricFilter").values()
            if each["MetricTransformations"][0]["MetricName"] == "launch-jobs-late"
        ]
        assert len(patterns) == len(BEGUN)
        assert '{ $.message = "dispatched" && $.job_class = "bulk" && $.oldest_seconds >= 900 }' in patterns

    def test_of_every_class_have_an_objective(self):
        assert {*BEGUN} == {*JOB_CLASSES}
